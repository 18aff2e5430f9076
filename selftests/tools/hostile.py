#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send what a stranger, or a peer gone bad, would send to the server's end.

usage: hostile.py GROUP,... CAPTURE|NUMBER

Runs at the client's end. Prints how many packets it sent and which of the
server's counters may count them, as "NUMBER NAME,NAME", one line for each set
of counters. Groups in capitals are a peer with keys; the others have none,
and take what they send from CAPTURE: packets of the client's that the server
has not seen, unless they are replayed. A peer's packet numbers start at NUMBER.
"""

import collections
import random
import select
import socket
import struct
import sys

import quic

CLIENT, SERVER = ("10.0.1.1", 4600), ("10.0.1.2", 4433)
INNER_CLIENT, INNER_SERVER = "192.168.9.1", "192.168.9.2"
INNER_CLIENT6, INNER_SERVER6 = "fd09::1", "fd09::2"
with open("/run/mqvpn-tunnel", encoding="ascii") as number:
    TUNNEL = int(number.read())
CLIENT_CID, SERVER_CID = (bytes.fromhex(f"{end}{TUNNEL:06x}{0:08x}")
                          for end in ("c1", "5e"))
SERVER_CID_1 = SERVER_CID[:-1] + b"\1"
CLIENT_SECRET, SERVER_SECRET = (end * 28 + struct.pack(">I", TUNNEL)
                                for end in (b"\xc1", b"\x5e"))

PN_AT = 1 + quic.CID_LEN
SAMPLE_AT = PN_AT + 4
SHORTEST = SAMPLE_AT + 16


def read_capture(name):
    """UDP payloads of an Ethernet and IPv4 capture, with their direction."""
    with open(name, "rb") as file:
        data = file.read()
    at, to_server, to_client = 24, [], []
    while at + 16 <= len(data):
        length = struct.unpack("=I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        source, target = struct.unpack(">HH", frame[34:38])
        if target == SERVER[1]:
            to_server.append(frame[42:])
        elif source == SERVER[1]:
            to_client.append(frame[42:])
    return to_server, to_client


class Stranger:
    """Sends with the client's address, whose port the client's kernel has."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                    socket.IPPROTO_UDP)
        self.socket.bind((CLIENT[0], 0))
        self.sent = collections.Counter()

    def send(self, packet, *counters, port=CLIENT[1]):
        """Send; the counters are those that may count it."""
        self.socket.sendto(struct.pack(">HHHH", port, SERVER[1],
                                       8 + len(packet), 0) + packet, SERVER)
        self.sent[counters] += 1


class Peer:
    """The client's end of the connection, in place of the client."""

    def __init__(self, number, cid=SERVER_CID):
        self.cid = cid
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(CLIENT)
        self.socket.connect(SERVER)
        self.keys = quic.Keys(CLIENT_SECRET)
        self.server = quic.Keys(SERVER_SECRET)
        self.sent = collections.Counter()
        self.number = number

    def send(self, frames, *counters, **how):
        """Seal frames and send them."""
        self.socket.send(self.keys.seal(self.cid, 0, self.number, frames,
                                        **how))
        self.number += 1
        self.sent[counters] += 1

    def replies(self, seconds):
        """Inner packets that come within a time."""
        inner = []
        while select.select([self.socket], [], [], seconds)[0]:
            opened = self.server.open(self.socket.recv(65536), 0)
            if opened is None:
                sys.exit("the server sent what does not open")
            # the inner packet is the last frame; what precedes it are
            # acknowledgements, which have no 0x30 0x00 0x00 0x45 in them here
            at = opened[2].find(b"\x30\0\0\x45")
            if at >= 0:
                inner.append(opened[2][at + 3:])
        return inner


## Inner packets

def checksum(data):
    """The Internet checksum (RFC 1071)."""
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(payload, source=INNER_CLIENT, first=0x45, length=None,
         target=INNER_SERVER):
    """An IPv4 packet with ICMP in it."""
    head = struct.pack(">BBHHHBBH4s4s", first, 0,
                       20 + len(payload) if length is None else length, 0,
                       0x4000, 64, 1, 0, socket.inet_aton(source),
                       socket.inet_aton(target))
    return (head[:10] + struct.pack(">H", checksum(head)) + head[12:]
            + payload)


def ipv6(payload, source=INNER_CLIENT6, length=None, target=INNER_SERVER6):
    """An IPv6 packet with no next header."""
    return struct.pack(">IHBB16s16s", 6 << 28,
                       len(payload) if length is None else length, 59, 64,
                       socket.inet_pton(socket.AF_INET6, source),
                       socket.inet_pton(socket.AF_INET6, target)
                       ) + payload


def echo(number):
    """An echo request."""
    body = struct.pack(">BBHHH", 8, 0, 0, 4711, number) + b"is it still there?"
    return body[:2] + struct.pack(">H", checksum(body)) + body[4:]


## Strangers

def flip(stranger, packet, where, *counters):
    """Each bit in a range of bytes, one a packet."""
    for i in where:
        for bit in range(8):
            bad = bytearray(packet)
            bad[i] ^= 1 << bit
            if bad[1:PN_AT] != SERVER_CID_1:
                stranger.send(bytes(bad), *counters)


def flip_first(stranger, capture):
    """Bits of the first byte mean different things."""
    packet = capture[0][0]
    for bit, *counters in ((0x80, "rx_long_header"), (0x40, "rx_malformed"),
                           (0x20, "rx_auth"), (0x10, "rx_auth"),
                           (0x08, "rx_auth"), (0x04, "rx_auth"),
                           # another length is another number
                           (0x02, "rx_auth", "rx_duplicate"),
                           (0x01, "rx_auth", "rx_duplicate")):
        stranger.send(bytes([packet[0] ^ bit]) + packet[1:], *counters)


def flip_cid(stranger, capture):
    """No other connection ID is known."""
    flip(stranger, capture[0][0], range(1, PN_AT), "rx_unknown_cid")


def flip_number(stranger, capture):
    """Another number may be one that was."""
    flip(stranger, capture[0][0], range(PN_AT, SAMPLE_AT), "rx_auth",
         "rx_duplicate")


def flip_sample(stranger, capture):
    """What unmasks the header: any header may come out."""
    flip(stranger, capture[0][0], range(SAMPLE_AT, SHORTEST), "rx_auth",
         "rx_duplicate")


def flip_rest(stranger, capture):
    """Ciphertext and tag."""
    packet = capture[0][0]
    flip(stranger, packet, range(SHORTEST, len(packet)), "rx_auth")


def truncate(stranger, capture):
    """To each length; shorter ones have no sample to unmask the header."""
    packet = capture[0][0]
    for length in range(len(packet)):
        stranger.send(packet[:length], "rx_auth" if length >= SHORTEST
                      else "rx_malformed")


def extend(stranger, capture):
    """Something behind the tag."""
    for length in range(1, 40):
        stranger.send(capture[0][0] + bytes(length), "rx_auth")


def replay(stranger, capture):
    """What the server has seen, twice, and from another port."""
    for packet in 2 * capture[0]:
        stranger.send(packet, "rx_duplicate")
        stranger.send(packet, "rx_duplicate", port=CLIENT[1] + 1)


def reflect(stranger, capture):
    """The server's own packets, as they are and with the ID that it expects."""
    for packet in capture[1]:
        stranger.send(packet, "rx_unknown_cid")
        stranger.send(packet[:1] + SERVER_CID + packet[PN_AT:], "rx_auth",
                      "rx_duplicate")


def other_path(stranger, capture):
    """A packet of path 0 with the connection ID of path 1."""
    for packet in capture[0]:
        stranger.send(packet[:1] + SERVER_CID_1 + packet[PN_AT:], "rx_auth")


def long_header(stranger, _):
    """Of all kinds, right and wrong."""
    client, server = quic.initial_keys(SERVER_CID)
    for keys in client, server:
        stranger.send(quic.initial(keys, SERVER_CID, CLIENT_CID, 0,
                                   bytes(1162)), "rx_long_header")
    for first in range(0xc0, 0x100):
        for version in 0, 1, 2, 0xff00001d, 0x1a2a3a4a:
            stranger.send(struct.pack(">BIB", first, version, 8) + SERVER_CID
                          + bytes(30), "rx_long_header")


def garbage(stranger, _):
    """Of every length up to the largest packet, always the same."""
    source = random.Random(1)
    for length in range(1, 1473):
        packet = source.randbytes(length)
        if packet[0] & 0x80:
            stranger.send(packet, "rx_long_header", "rx_malformed")
        elif length < SHORTEST or not packet[0] & 0x40:
            stranger.send(packet, "rx_malformed")
        else:
            stranger.send(packet, "rx_unknown_cid")


def foreign(stranger, _):
    """Of another connection that happens to have our ID."""
    keys = quic.Keys(bytes(32))
    for number in range(10, 60):
        stranger.send(keys.seal(SERVER_CID, 0, number,
                                quic.datagram(ipv4(echo(number)))),
                      "rx_auth", "rx_duplicate")


def genuine(stranger, capture):
    """The packet itself, to be accepted: proof that the others were not."""
    stranger.send(capture[0][0])


## A peer

def alive(peer):
    """Packet numbers of all lengths, answered."""
    for length in 4, 3, 2, 1:
        peer.send(quic.datagram(ipv4(echo(length))), pn_len=length)
    if len(peer.replies(0.2)) != 4:
        sys.exit("not all echoes were answered")


def context(peer):
    """Datagrams that belong to something else are dropped (RFC 9297)."""
    packet = ipv4(echo(1))
    peer.send(quic.datagram(packet, context=1), "rx_context")
    peer.send(quic.datagram(packet, quarter=1), "rx_context")
    peer.send(quic.datagram(packet, context=2 ** 40), "rx_context")


def inner(peer):
    """Nothing, or no whole IP packet."""
    for packet in (b"", b"\x45", bytes(40), b"\x55" * 60, ipv4(b"")[:19],
                   ipv4(echo(1), first=0x44), ipv4(echo(1), length=19),
                   ipv4(echo(1), length=200), ipv6(b"")[:39],
                   ipv6(bytes(8), length=9)):
        peer.send(quic.datagram(packet), "rx_inner")


def source(peer):
    """Inner addresses that are not the client's."""
    for address in "192.168.9.3", "0.0.0.0", "127.0.0.1", INNER_SERVER:
        peer.send(quic.datagram(ipv4(echo(1), source=address)), "rx_source")
    for address in "fd09::3", "::", "::1", INNER_SERVER6:
        peer.send(quic.datagram(ipv6(bytes(8), source=address)), "rx_source")


def group(peer):
    """Inner packets to more than one host."""
    for address in "224.0.0.1", "239.1.2.3", "255.255.255.255":
        peer.send(quic.datagram(ipv4(echo(1), target=address)), "rx_multicast")
    for address in "ff02::1", "ff0e::1":
        peer.send(quic.datagram(ipv6(bytes(8), target=address)),
                  "rx_multicast")


def no_owner(peer):
    """Control frames that nobody takes: the credit is 64 messages."""
    for _ in range(64):
        peer.send(b"\x10\x05")
    for _ in range(10):
        peer.send(b"\x10\x05", "rx_no_credit")


def no_key(peer):
    """Before the key is there."""
    for _ in range(3):
        peer.send(b"\1", "rx_no_key")


STRANGERS = [flip_first, flip_cid, flip_number, flip_sample, flip_rest,
             truncate, extend, replay, reflect, other_path, long_header,
             garbage, foreign, genuine]
PEERS = [alive, context, inner, source, group, no_owner, no_key]


def main():
    """See the top."""
    groups = {f.__name__: f for f in STRANGERS}
    groups.update({f.__name__.upper(): f for f in PEERS})
    chosen = [groups[name] for name in sys.argv[1].split(",")]
    if chosen[0] in STRANGERS:
        sender, capture = Stranger(), read_capture(sys.argv[2])
        for attack in chosen:
            attack(sender, capture)
    else:
        sender = Peer(int(sys.argv[2]))
        for attack in chosen:
            attack(sender)
    for counters, number in sender.sent.items():
        print(number, ",".join(counters))


if __name__ == "__main__":
    main()
