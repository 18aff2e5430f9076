#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""A peer at the client's end that updates its keys, well and badly.

usage: rekey.py CASE

Fails if the server's end does not do what the case wants:

       follow     update, be followed, and again
       led        be updated by the server at any time, and follow
       late SECONDS  what is of the old phase is taken until then, not later
       forged     the phase bit alone is no update
       hasty      update again before the first one was acknowledged
       behind     old keys behind new ones
       spend      take what it sends, acknowledge nothing; it closes
       spoil      packets that do not authenticate; it closes
"""

import struct
import sys
import time

import hostile
import life

PING = b"\1"
PHASE = 0x04
KEY_UPDATE_ERROR, AEAD_LIMIT_REACHED = 0x0e, 0x0f


class Peer(life.Peer):
    """One with all generations of keys."""

    def __init__(self):
        super().__init__(0)
        self.ours, self.theirs = [self.keys], [self.server]
        self.generation = self.heard = 0

    def send_with(self, generation, frames, number=None, phase=None):
        """Send with keys of a generation, with the phase bit of another."""
        while generation >= len(self.ours):
            self.ours.append(self.ours[-1].updated())
        self.keys = self.ours[generation]
        if number is not None:
            self.number = number
        phase = generation if phase is None else phase
        self.send(frames, first=0x40 | (PHASE if phase & 1 else 0))

    def update(self):
        """From now on."""
        self.generation += 1
        self.ping()

    def ping(self, number=None):
        """With the keys of today."""
        self.send_with(self.generation, PING, number)

    def receive(self, seconds):
        """Frames of the next packet, None if there is none."""
        if not life.select.select([self.socket], [], [], seconds)[0]:
            return None
        packet = self.socket.recv(65536)
        if self.heard + 2 > len(self.theirs):
            self.theirs.append(self.theirs[-1].updated())
        for generation in self.heard, self.heard + 1:
            opened = self.theirs[generation].open(packet, 0)
            if opened is None:
                continue
            if (opened[1] & PHASE != 0) != bool(generation & 1):
                sys.exit(f"generation {generation} with the wrong phase")
            self.heard = generation
            self.last = opened[0]
            return opened[2]
        sys.exit(f"it sends what generations {self.heard} and the next "
                 "do not open")

    def acked(self, seconds=0.1):
        """Largest packet number acknowledged by what comes within a time."""
        largest = None
        while (frames := self.receive(seconds)) is not None:
            if frames[0] == 2:
                largest = life.varints(frames[1:], 1)[0][0]
            seconds = 0.02
        return largest

    def answered(self):
        """The last packet was acknowledged, and with which generation."""
        largest = self.acked()
        if largest != self.number - 1:
            sys.exit(f"packet {self.number - 1}: {largest} is acknowledged")
        return self.heard

    def closed_with(self, code):
        """It closes the connection."""
        closed = self.until_close(1)
        if closed is None or closed[:2] != (False, code):
            sys.exit(f"it closes with {closed}, not {code}")
        print(closed[3])


def want(value, wanted):
    """They are the same."""
    if value != wanted:
        sys.exit(f"{value}, wanted {wanted}")


def follow(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    for generation in range(1, 6):
        peer.update()
        want(peer.answered(), generation)
        peer.ping()
        want(peer.answered(), generation)


def led(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    open("/run/led", "w", encoding="ascii").close()
    deadline = time.monotonic() + 10
    while peer.heard == 0:
        if time.monotonic() > deadline:
            sys.exit("it does not update")
        time.sleep(0.02)
        peer.ping()
        peer.answered()
    # the one before is still good
    peer.ping()
    want(peer.answered(), 1)
    peer.update()
    want(peer.answered(), 1)


def late(peer):
    """See the top."""
    span = float(sys.argv[2])
    peer.ping(10)
    want(peer.answered(), 0)
    peer.generation = 1
    peer.ping(50)
    want(peer.answered(), 1)
    start = time.monotonic()
    # 11 to 40 are late, and so is the rest of the new phase
    for number in range(11, 40):
        peer.send_with(0, PING, number)
        if peer.acked(0.02) is None:
            break
        time.sleep(span / 20)
    taken = time.monotonic() - start
    peer.ping(45)
    if peer.acked() is None:
        sys.exit("what is late of the new phase is not taken")
    print(number - 11, "were taken, until", round(taken * 1000), "ms")
    if not span * 0.95 <= taken <= span * 1.15 + 0.05:
        sys.exit(f"wanted {span * 1000:.0f} ms")


def forged(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    for number in range(5, 55):
        peer.send_with(0, PING, number, phase=1)
    want(peer.acked(), None)
    peer.ping(55)
    want(peer.answered(), 0)


def hasty(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    peer.update()
    peer.update()
    peer.closed_with(KEY_UPDATE_ERROR)


def behind(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    peer.generation = 1
    peer.ping(10)
    want(peer.answered(), 1)
    peer.send_with(0, PING, 8)
    if peer.acked() is None:
        sys.exit("what is late of the old phase is not taken")
    peer.ping(7)
    peer.closed_with(KEY_UPDATE_ERROR)


def spend(peer):
    """A number left out makes it answer at once."""
    counts = {}
    for number in range(0, 2000, 2):
        peer.ping(number)
        frames = peer.receive(0.02)
        if frames is None:
            break
        counts[peer.heard] = counts.get(peer.heard, 0) + 1
        if frames[0] in (0x1c, 0x1d):
            code = life.varints(frames[1:], 1)[0][0]
            want(code, AEAD_LIMIT_REACHED)
            print(*counts.values())
            return
    sys.exit(f"it does not close: {counts}")


def spoil(peer):
    """See the top."""
    peer.ping()
    want(peer.answered(), 0)
    for number in range(100, 400):
        peer.socket.send(b"\x40" + hostile.SERVER_CID
                         + struct.pack(">I", number) + bytes(40))
    peer.closed_with(AEAD_LIMIT_REACHED)


def main():
    """See the top."""
    cases = [follow, led, late, forged, hasty, behind, spend, spoil]
    {case.__name__: case for case in cases}[sys.argv[1]](Peer())


if __name__ == "__main__":
    main()
