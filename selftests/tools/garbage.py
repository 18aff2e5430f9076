#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Datagrams for a server's port that are not worth much, and some that are.

usage: garbage.py FILE BYTES COUNT SECRET CID KIND...

Writes COUNT datagrams of each kind, of BYTES each, one of each kind after the
other. SECRET and CID, in hex, are those of an open path 0. Kinds:

    good        a genuine packet with an inner UDP packet from 10.64.0.1 to
                10.128.0.1, port 9; the first number is 0
    tag         the same with numbers that good has not, and a wrong tag
    known       the known connection ID, and chance
    unknown     an unknown connection ID, and chance
    initial 0rtt handshake retry version
                long headers of QUIC version 1, and of no version
    unfixed     a short header without the fixed bit
"""

import hashlib
import struct
import sys

import quic

LONG = {"initial": 0xc0, "0rtt": 0xd0, "handshake": 0xe0, "retry": 0xf0}
HEAD = 1 + quic.CID_LEN + quic.PN_LEN + quic.TAG_LEN + 3


def inner(length):
    """An IPv4 packet with UDP."""
    udp = struct.pack(">HHHH", 9, 9, length - 20, 0).ljust(length - 20, b"\0")
    head = struct.pack(">BBHIBBHII", 0x45, 0, length, 0, 64, 17, 0,
                       0x0a400001, 0x0a800001)
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack(">H", ~total & 0xffff) + head[12:] + udp


def make(kind, number, size, keys, cid):
    """One datagram."""
    chance = hashlib.shake_128(f"{kind} {number}".encode()).digest(size)
    if kind in ("good", "tag"):
        packet = keys.seal(cid, 0, number + 100000 * (kind == "tag"),
                           quic.datagram(inner(size - HEAD)))
        return packet if kind == "good" else (packet[:-1]
                                              + bytes([packet[-1] ^ 1]))
    if kind == "known":
        return bytes([0x40 | chance[0] & 0x3f]) + cid + chance[9:]
    if kind == "unknown":
        return bytes([0x40 | chance[0] & 0x3f]) + chance[1:]
    if kind == "unfixed":
        return bytes([chance[0] & 0x3f]) + cid + chance[9:]
    first = LONG.get(kind, 0x80) | chance[0] & 0x0f
    version = 0 if kind == "version" else 1
    return (struct.pack(">BIB", first, version, 8) + cid + b"\x08"
            + chance[15:])


def main():
    """See the top."""
    name, size, count, secret, cid, *kinds = sys.argv[1:]
    keys, cid = quic.Keys(bytes.fromhex(secret)), bytes.fromhex(cid)
    with open(name, "wb") as out:
        for number in range(int(count)):
            for kind in kinds:
                out.write(make(kind, number, int(size), keys, cid))


if __name__ == "__main__":
    main()
