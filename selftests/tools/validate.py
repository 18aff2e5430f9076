#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""A peer at the client's end that is asked whether it is there, and asks.

usage: validate.py watch PATH SECONDS      answer nothing
       validate.py echo PATH NUMBER        three challenges in one packet
       validate.py flood PATH NUMBER COUNT small packets with a challenge each;
                                           print how many answers came
       validate.py respond PATH NUMBER right|wrong|elsewhere
                                           to the next challenge; elsewhere is
                                           on path 0
       validate.py open PATH NUMBER HEX SECONDS
                                           send a packet with these frames
       validate.py small PATH NUMBER       a challenge in a small datagram;
                                           answer what comes for a second
       validate.py forge PATH              what does not authenticate
       validate.py move PATH NUMBER ADDRESS PORT SECONDS WORD...
                                           send a PING, or a "challenge", from
                                           there; "answer" challenges,
                                           "acknowledge" packets

What comes is printed, one packet a line: the time since it began in ms, bytes
of the UDP payload, frames. "sent BYTES" is what was sent. A path's packets come
from port 4600 + PATH, and their numbers start at NUMBER.
"""

import select
import socket
import sys
import time

import hostile
import quic

CHALLENGE, RESPONSE = b"\x1a", b"\x1b"
SMALLEST = 1200


def varint_len(data):
    """Bytes of the integer that data starts with."""
    return 1 << (data[0] >> 6)


def ack_len(data, numbers):
    """Bytes of an acknowledgement: so many integers, then count, first range."""
    at = 1
    for _ in range(numbers):
        at += varint_len(data[at:])
    count = data[at]
    if count > 63:
        sys.exit("more ranges than this program knows")
    at += 1
    for _ in range(1 + 2 * count):
        at += varint_len(data[at:])
    return at


def frames_of(data):
    """The frames of a packet, as (name, data)."""
    frames = []
    while data:
        if data[0] in (0x1a, 0x1b):
            frames.append(("challenge" if data[0] == 0x1a else "response",
                           data[1:9]))
            length = 9
        elif data[0] in (0x02, 0x3e):
            frames.append(("ack", b""))
            length = ack_len(data, 3 if data[0] == 0x3e else 2)
        elif data[0] == 0:
            frames.append(("padding", b""))
            length = len(data) - len(data.lstrip(b"\0"))
        elif data[0] == 1:
            frames.append(("ping", b""))
            length = 1
        else:
            sys.exit(f"unexpected frame {data.hex()}")
        data = data[length:]
    return frames


class Path:
    """The client's end of a path."""

    def __init__(self, path, number=0, address=None):
        self.id = path
        self.number = number
        self.cid = hostile.SERVER_CID[:-4] + path.to_bytes(4, "big")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(address or
                         (hostile.CLIENT[0], hostile.CLIENT[1] + path))
        self.socket.connect(hostile.SERVER)
        self.keys = quic.Keys(hostile.CLIENT_SECRET)
        self.server = quic.Keys(hostile.SERVER_SECRET)
        self.start = time.monotonic()
        self.newest = None

    def send(self, frames, size=0):
        """Send frames in a datagram of at least a size."""
        overhead = 1 + quic.CID_LEN + quic.PN_LEN + quic.TAG_LEN
        packet = self.keys.seal(self.cid, self.id, self.number,
                                frames.ljust(size - overhead, b"\0"))
        self.number += 1
        try:
            self.socket.send(packet)
        except ConnectionRefusedError:
            # of an earlier packet, which met no socket
            self.socket.send(packet)
        print("sent", len(packet))

    def receive(self, seconds):
        """The frames of the next packet, None if there is none."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        packet = self.socket.recv(65536)
        opened = self.server.open(packet, self.id)
        if opened is None:
            sys.exit("the server sent what does not open")
        self.newest = opened[0]
        frames = frames_of(opened[2])
        print(round((time.monotonic() - self.start) * 1000), len(packet),
              *(f"{name}={data.hex()}" if data else name
                for name, data in frames), flush=True)
        return frames

    def challenge(self, seconds):
        """Data of the next challenge, None if there is none in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for name, data in self.receive(left) or []:
                if name == "challenge":
                    return data
        return None

    def watch(self, seconds):
        """Print what comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.receive(left)


def echo(path):
    """See the top."""
    path.send(b"".join(CHALLENGE + bytes([c]) * 8 for c in b"abc"), SMALLEST)
    path.watch(0.3)


def flood(path, count):
    """See the top."""
    answers = 0
    for i in range(count):
        path.send(CHALLENGE + i.to_bytes(8, "big"))
    while (frames := path.receive(0.3)) is not None:
        answers += sum(name == "response" for name, _ in frames)
    print("answers", answers)


def respond(path, how):
    """See the top."""
    # the kernel refuses what comes while nobody listens
    data = path.challenge(6)
    if data is None:
        sys.exit("no challenge came")
    if how == "wrong":
        data = bytes([data[0] ^ 1]) + data[1:]
    (Path(0) if how == "elsewhere" else path).send(RESPONSE + data)


def small(path):
    """See the top."""
    path.send(CHALLENGE + b"12345678")
    while (data := path.challenge(1)) is not None:
        path.send(RESPONSE + data)


def move(path, number, address, port, seconds, words):
    """See the top."""
    path = Path(path, number, (address, port))
    end = time.monotonic() + seconds
    path.send(CHALLENGE + b"12345678" if "challenge" in words else b"\x01")
    while (left := end - time.monotonic()) > 0:
        frames = path.receive(left) or []
        reply = b"".join(RESPONSE + data for name, data in frames
                         if name == "challenge" and "answer" in words)
        if "acknowledge" in words and any(n in ("ping", "challenge")
                                          for n, _ in frames):
            reply += (b"\x3e" + quic.varint(path.id) + quic.varint(path.newest)
                      + b"\0\0\0")
        if reply:
            path.send(reply)


def forge(path):
    """See the top."""
    path.keys = quic.Keys(bytes(32))
    # one in 32 has the bits that a short header must not have
    for _ in range(20):
        path.send(CHALLENGE + b"12345678", SMALLEST)


def main():
    """See the top."""
    what, number, *rest = sys.argv[1:]
    if what == "move":
        move(int(number), int(rest[0]), rest[1], int(rest[2]), float(rest[3]),
             rest[4:])
        return
    if what in ("watch", "forge"):
        path = Path(int(number))
    else:
        path = Path(int(number), int(rest.pop(0)))
    if what == "watch":
        path.watch(float(rest[0]))
    elif what == "flood":
        flood(path, int(rest[0]))
    elif what == "respond":
        respond(path, rest[0])
    elif what == "open":
        path.send(bytes.fromhex(rest[0]))
        path.watch(float(rest[1]))
    else:
        {"echo": echo, "small": small, "forge": forge}[what](path)


if __name__ == "__main__":
    main()
