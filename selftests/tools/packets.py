#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Datagrams to the server's port that are no packets of a tunnel, and back.

usage: packets.py send FAMILY PORT ECN HEX|HEX*SIZE...   from a port
       packets.py gate           what a server has to answer and what not;
                                 print "NUMBER COUNTER" for each that counts
                                 them, and "up" for those that pass
       packets.py flood COUNT    Initial packets, as fast as it goes
       packets.py many COUNT     0-RTT packets from ports of their own, 2,000 a
                                 second
       packets.py ask tx|rx DEVICE   the command without being the owner; print
                                 the errno
       packets.py lost COUNT     packets of connections that are none
       packets.py watch PORT COUNT   print the next datagrams to a port, as
                                 "SOURCE PORT DF ECN HEX"
       packets.py early          an echo request before the key is there; the
                                 packet in hex, and whether it is answered
       packets.py ping PORT CID SECRET   a 1-RTT packet from a port
       packets.py reset HOW TOKEN    end with a token; from the path's port, or
                                 from another one
"""

import collections
import random
import socket
import struct
import sys
import time

import hostile
import quic

SERVER = {socket.AF_INET: "10.0.1.2", socket.AF_INET6: "fd00:1::2"}
STRANGER = bytes(range(8, 16))


def open_socket(family, port, ecn=0):
    """A UDP socket of the client's."""
    one = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, ecn)
        one.bind((hostile.CLIENT[0], port))
    else:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, ecn)
        one.bind(("::", port))
    return one


def unpack(text):
    """Bytes in hex; HEX*SIZE is filled up with zeros."""
    text, _, size = text.partition("*")
    return bytes.fromhex(text).ljust(int(size or 0), b"\0")


def send(family, port, ecn, datagrams):
    """See the top; the family is 4, 6, or the device of a link-local one."""
    if family == "4":
        one = open_socket(socket.AF_INET, port, ecn)
        target = (SERVER[socket.AF_INET], 4433)
    else:
        one = open_socket(socket.AF_INET6, port, ecn)
        target = (SERVER[socket.AF_INET6], 4433)
        if family != "6":
            address, device = family.split("%")
            target = (address, 4433, 0, socket.if_nametoindex(device))
    for datagram in datagrams:
        one.sendto(unpack(datagram), target)


def long_header(first, version=1, dcid=STRANGER, scid=bytes(8), size=1200):
    """A packet that is nothing but a header."""
    return (struct.pack(">BIB", first, version, len(dcid)) + dcid
            + bytes([len(scid)]) + scid).ljust(size, b"\1")


def known():
    """A connection ID of the server's."""
    return hostile.SERVER_CID


def gate():
    """See the top."""
    one = open_socket(socket.AF_INET, 5555)
    rules = [
        # whole Initials, with IDs of all lengths that a client may choose
        (long_header(0xc0), "up"),
        (long_header(0xcf, dcid=bytes(20), scid=bytes(20)), "up"),
        (long_header(0xc0, scid=b""), "up"),
        (long_header(0xc0, size=1199), "rx_small"),
        (long_header(0xc0, size=60), "rx_small"),
        (long_header(0xc0, dcid=bytes(7)), "rx_malformed"),
        (long_header(0xc0, dcid=b""), "rx_malformed"),
        (long_header(0xc0, dcid=bytes(21)), "rx_malformed"),
        (long_header(0xc0, scid=bytes(21)), "rx_malformed"),
        (long_header(0xc0, scid=bytes(255)), "rx_malformed"),
        # without the fixed bit
        (long_header(0x80), "rx_malformed"),
        (long_header(0xa0, dcid=known(), size=100), "rx_malformed"),
        # 0-RTT and Handshake need not fill a datagram
        (long_header(0xd0, size=100), "up"),
        (long_header(0xd0, dcid=bytes(7), size=100), "rx_malformed"),
        (long_header(0xe0, dcid=known(), size=100), "up"),
        # what only servers send
        (long_header(0xf0), "rx_servers_only"),
        (long_header(0xc0, version=0), "rx_servers_only"),
        (long_header(0x80, version=0, size=60), "rx_servers_only"),
        # versions to negotiate, of which only the invariants are known
        (long_header(0xc0, version=0x1a2a3a4a), "up"),
        (long_header(0x80, version=0x6b3343cf, dcid=b""), "up"),
        (long_header(0x80, version=2, dcid=bytes(255), scid=bytes(255)), "up"),
        (long_header(0xc0, version=2, size=1199), "rx_small"),
        # no room for their IDs
        (b"\xc0" + bytes(27), "rx_servers_only"),
        (b"\xc0\0\0\0\1\x14" + bytes(20) + b"\5" + bytes(4), "rx_malformed"),
        (b"\xc0\0\0\0\2\xff" + bytes(1000), "rx_small"),
        (b"\xc0\0\0\0\2\xff" + bytes(250), "rx_malformed"),
        (b"\xc0\0\0\0\1", "rx_malformed"),
        # short headers of connections that are lost
        (b"\x40" + STRANGER + bytes(30), "up"),
        (b"\x00" + STRANGER + bytes(30), "rx_malformed"),
        (b"\x40" + STRANGER + bytes(19), "rx_malformed"),
    ]
    counters = collections.Counter()
    # the longest that is handed up, in fragments
    rules += [(long_header(0xc0, size=16384), "up"),
              (long_header(0xc0, size=16385), "rx_up_limit")]
    # to all, and from where no answer arrives
    one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    one.sendto(long_header(0xc0), ("10.0.1.255", hostile.SERVER[1]))
    hostile.Stranger().send(long_header(0xc0), port=0)
    counters["rx_malformed"] += 2
    for packet, counter in rules:
        one.sendto(packet, hostile.SERVER)
        counters[counter] += 1
    for counter, number in counters.items():
        print(number, counter)


def flood(count):
    """See the top."""
    one = open_socket(socket.AF_INET, 5555)
    packet = long_header(0xc0)
    for _ in range(count):
        one.sendto(packet, hostile.SERVER)


def lost(count):
    """See the top."""
    one = open_socket(socket.AF_INET, 5555)
    for _ in range(count):
        one.sendto(b"\x40" + STRANGER + bytes(50), hostile.SERVER)


def many(count):
    """See the top."""
    packet = long_header(0xd0, size=40)
    one = hostile.Stranger()
    for port in range(10000, 10000 + count):
        one.send(packet, port=port)
        if not port % 200:
            time.sleep(0.1)


def attribute(number, data):
    """A netlink attribute."""
    return (struct.pack("=HH", 4 + len(data), number) + data
            + bytes(-len(data) % 4))


def request(netlink, family, command, attributes):
    """Send a generic netlink request; the answer."""
    data = struct.pack("=BBH", command, 1, 0) + attributes
    netlink.send(struct.pack("=IHHII", 16 + len(data), family, 5, 1, 0) + data)
    return netlink.recv(65536)


def number(name):
    """What a name of the interface stands for."""
    value = 0
    with open(f"{sys.path[0]}/../../uapi/linux/mqvpn.h",
              encoding="ascii") as file:
        for line in file:
            words = line.strip().rstrip(",").split()
            value = 1 if words[-1:] == ["1"] else value + 1
            if words[:1] == [name]:
                return value
    return None


def ask(command, device):
    """See the top."""
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    answer = request(netlink, 16, 3, attribute(2, b"mqvpn\0"))
    netlink.recv(65536)
    # its second attribute is the family's number
    at = 20 + (struct.unpack("=H", answer[20:22])[0] + 3 & ~3)
    family = struct.unpack("=H", answer[at + 4:at + 6])[0]
    packet = b"".join(attribute(number, data) for number, data in (
        (1, struct.pack("=I", 1)), (2, bytes((10, 0, 1, 2))),
        (5, struct.pack(">H", 4433)), (10, b"\xc0" + bytes(40))))
    answer = request(netlink, family, number(f"MQVPN_CMD_PACKET_{command.upper()}"), attribute(
        1, struct.pack("=I", socket.if_nametoindex(device)))
        + attribute(0x8000 | number("MQVPN_A_PACKET"), packet))
    print(-struct.unpack("=i", answer[16:20])[0])


def watch(port, count):
    """See the top."""
    one = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    one.bind(("veth-a", 3))
    print("watching", flush=True)
    while count:
        packet = one.recv(65536)
        if packet[0] >> 4 == 4 and packet[9] == 17:
            source = socket.inet_ntop(socket.AF_INET, packet[12:16])
            fragment, ecn = struct.unpack(">H", packet[6:8])[0], packet[1]
            udp = packet[20:]
        elif packet[0] >> 4 == 6 and packet[6] == 17:
            source = socket.inet_ntop(socket.AF_INET6, packet[8:24])
            fragment, ecn = 0x4000, packet[1] >> 4
            udp = packet[40:]
        else:
            continue
        ports = struct.unpack(">HHH", udp[:6])
        if ports[1] != port:
            continue
        count -= 1
        print(source, ports[0], "df" if fragment == 0x4000 else hex(fragment),
              ecn, udp[8:ports[2]].hex(), flush=True)


def early():
    """See the top."""
    peer = hostile.Peer(0)
    packet = peer.keys.seal(peer.cid, 0, 0, quic.datagram(
        hostile.ipv4(hostile.echo(1))))
    print(packet.hex(), flush=True)
    peer.socket.send(packet)
    print(len(peer.replies(3)), "answered", flush=True)


def ping(port, cid, secret):
    """See the top."""
    keys = quic.Keys(bytes.fromhex(secret))
    open_socket(socket.AF_INET, port).sendto(
        keys.seal(bytes.fromhex(cid), 0, 0, b"\1" + bytes(20)), hostile.SERVER)


def reset(how, token):
    """See the top."""
    token = bytes.fromhex(token)
    noise = random.Random(1)
    one = open_socket(socket.AF_INET, 5555 if how == "elsewhere"
                      else hostile.CLIENT[1])
    head = {"shortest": b"\x40" + noise.randbytes(4),
            "too-short": b"\x40" + noise.randbytes(3),
            "known": b"\x40" + hostile.SERVER_CID + noise.randbytes(60),
            "long": long_header(0xc0, size=1184),
            }.get(how, b"\x40" + noise.randbytes(60))
    one.sendto(head + token, hostile.SERVER)


def main():
    """See the top."""
    command, args = sys.argv[1], sys.argv[2:]
    if command == "send":
        send(args[0], int(args[1]), int(args[2]), args[3:])
    elif command == "gate":
        gate()
    elif command == "flood":
        flood(int(args[0]))
    elif command == "lost":
        lost(int(args[0]))
    elif command == "many":
        many(int(args[0]))
    elif command == "ask":
        ask(*args)
    elif command == "watch":
        watch(int(args[0]), int(args[1]))
    elif command == "early":
        early()
    elif command == "ping":
        ping(int(args[0]), *args[1:])
    else:
        reset(*args)


if __name__ == "__main__":
    main()
