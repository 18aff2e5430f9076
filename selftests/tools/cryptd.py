#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Put the asynchronous cryptd(gcm(aes)) in place of gcm(aes), or take it away.

usage: cryptd.py add|del

Over the kernel's netlink interface to its crypto algorithms. cryptd's instance
takes a higher priority than what it wraps, so whoever asks for gcm(aes) from
then on gets it.
"""

import errno
import os
import re
import socket
import struct
import sys

NETLINK_CRYPTO = 21
CRYPTO_MSG_NEWALG, CRYPTO_MSG_DELALG = 0x10, 0x11
NLM_F_REQUEST, NLM_F_ACK = 1, 4
CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK = 3, 15


def drivers():
    """Names of the drivers for gcm(aes), those asked for first."""
    with open("/proc/crypto", encoding="ascii") as file:
        algorithms = [dict(re.findall(r"^(\w+) *: (.*)$", entry, re.M))
                      for entry in file.read().split("\n\n")]
    return [a["driver"] for a in sorted(
        (a for a in algorithms if a.get("name") == "gcm(aes)"),
        key=lambda a: -int(a["priority"]))]


def request(kind, driver):
    """Ask the kernel for something with an algorithm."""
    algorithm = struct.pack("64s64s64sIIII", b"gcm(aes)", driver.encode(), b"",
                            CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       NETLINK_CRYPTO) as netlink:
        netlink.bind((0, 0))
        error = errno.EAGAIN
        # the kernel says so while it puts the algorithm together
        while error == errno.EAGAIN:
            netlink.send(struct.pack("=IHHII", 16 + len(algorithm), kind,
                                     NLM_F_REQUEST | NLM_F_ACK, 1, 0)
                         + algorithm)
            error = -struct.unpack("=i", netlink.recv(4096)[16:20])[0]
    # the first attempt may have had success after it said EAGAIN
    if error and error != errno.EEXIST:
        sys.exit(f"{driver}: {os.strerror(error)}")


def main():
    """See the top."""
    if sys.argv[1] == "add":
        request(CRYPTO_MSG_NEWALG, "cryptd(gcm(aes))")
        if not drivers()[0].startswith("cryptd("):
            sys.exit(f"gcm(aes) is {drivers()[0]}")
        return
    for driver in drivers():
        if driver.startswith("cryptd("):
            request(CRYPTO_MSG_DELALG, driver)


if __name__ == "__main__":
    main()
