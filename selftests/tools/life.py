#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""A peer at the client's end, to see how the server's end ends a connection.

usage: life.py violations     print how many rules can be broken
       life.py violate        break each, in a connection of its own; print its
                              number, the rule, and what the server says
       life.py late COUNT     wait for the server to close, go on regardless;
                              print how many answers each packet had
       life.py close COUNT    close, go on regardless; print the answers
       life.py send HEX...    send packets with these frames; print the largest
                              number that is acknowledged
       life.py from NUMBER HEX...  likewise, from this packet number on
       life.py listen MS      send a PING and be silent; print when that was,
                              in us, and what comes when, in ms
"""

import select
import sys
import time

import hostile


def varints(data, count):
    """The first integers, and what is left."""
    numbers = []
    for _ in range(count):
        length = 1 << (data[0] >> 6)
        numbers.append(int.from_bytes(data[:length], "big")
                       & (1 << 8 * length - 2) - 1)
        data = data[length:]
    return numbers, data


class Peer(hostile.Peer):
    """One that looks at frames."""

    def receive(self, seconds):
        """Frames of the next packet, None if there is none."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        opened = self.server.open(self.socket.recv(65536), 0)
        if opened is None:
            sys.exit("the server sent what does not open")
        return opened[2]

    def until_close(self, seconds):
        """The next CONNECTION_CLOSE: is the code the application's, code,
        frame type, reason phrase; None if there is none."""
        while (frames := self.receive(seconds)) is not None:
            if frames[0] not in (0x1c, 0x1d):
                continue
            app = frames[0] == 0x1d
            numbers, rest = varints(frames[1:], 2 if app else 3)
            length = numbers[-1]
            if len(rest) != length:
                sys.exit("something follows CONNECTION_CLOSE")
            return app, numbers[0], 0 if app else numbers[1], rest.decode()
        return None


# What breaks a rule, the error code and the type that are to be blamed. The
# first connection is without multipath.
VIOLATIONS = {
    "not-negotiated": (b"\x3e\0\0\0\0\0", 0x0a, 0x3e),
    "empty": (b"", 0x0a, 0),
    "unknown": (b"\x21", 0x07, 0x21),
    "unknown-late": (b"\1\1\x21", 0x07, 0x21),
    "unknown-long": (b"\x80\0\x40\0", 0x07, 0x4000),
    "type-too-long": (b"\x40\x1f", 0x0a, 0x1f),
    "crypto-cut": (b"\x06\0\5x", 0x07, 0x06),
    "datagram-cut": (b"\x31\x20\0\0", 0x07, 0x31),
    "type-cut": (b"\xff", 0x07, 0xff),
    "ack-below-zero": (b"\x02\x05\0\0\x06", 0x07, 0x02),
    "ack-never-sent": (b"\x02\x3f\0\0\0", 0x0a, 0x02),
    "path-ack-never-sent": (b"\x3e\0\x3f\0\0\0", 0x0a, 0x3e),
    "datagram-long": (b"\x30" + bytes(1300), 0x0a, 0x30),
    "reserved-bits": (b"\1", 0x0a, 0),
}


def violate():
    """See the top."""
    for number, name in enumerate(VIOLATIONS, 1):
        # the last bytes of an ID are the number
        peer = Peer(0, hostile.SERVER_CID[:-4] + number.to_bytes(4, "big"))
        frames, code, frame_type = VIOLATIONS[name]
        how = {"first": 0x58} if name == "reserved-bits" else {}
        peer.send(frames, **how)
        closed = peer.until_close(1)
        if closed is None:
            sys.exit(f"{name}: the server does not close")
        if closed[:3] != (False, code, frame_type) or not closed[3]:
            sys.exit(f"{name}: the server closes with {closed}")
        print(number, name, closed[3])
        peer.socket.close()


def answers(peer, count):
    """Send PINGs, one after the other; for each, what came."""
    for _ in range(count):
        peer.send(b"\1")
        had = 0
        while peer.receive(0.01) is not None:
            had += 1
        print(had, end=" ")
    print()


def late(count):
    """See the top."""
    peer = Peer(0)
    peer.send(b"\1")
    closed = peer.until_close(5)
    if closed is None:
        sys.exit("the server does not close")
    answers(peer, count)


def close(count):
    """See the top."""
    peer = Peer(0)
    peer.send(b"\x1c\x0c\0\3now")
    answers(peer, count)


def send(number, packets):
    """See the top."""
    peer = Peer(number)
    largest = None
    for frames in packets:
        peer.send(bytes.fromhex(frames))
    while (frames := peer.receive(0.2)) is not None:
        if frames[0] == 2:
            largest = varints(frames[1:], 1)[0][0]
    print(largest)


def listen(milliseconds):
    """See the top."""
    peer = Peer(0)
    peer.send(b"\1")
    start = time.monotonic()
    print("start", round(time.time() * 1e6))
    while (left := start + milliseconds / 1000 - time.monotonic()) > 0:
        frames = peer.receive(left)
        if frames is not None:
            print(round((time.monotonic() - start) * 1000), frames.hex())


def main():
    """See the top."""
    if sys.argv[1] == "violations":
        print(len(VIOLATIONS))
    elif sys.argv[1] == "violate":
        violate()
    elif sys.argv[1] == "send":
        send(0, sys.argv[2:])
    elif sys.argv[1] == "from":
        send(int(sys.argv[2]), sys.argv[3:])
    else:
        {"late": late, "close": close, "listen": listen}[sys.argv[1]](
            int(sys.argv[2]))


if __name__ == "__main__":
    main()
