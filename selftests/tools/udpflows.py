#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Many UDP flows of the same rate.

usage: udpflows.py send ADDRESS FLOWS PACKETS BYTES MILLISECONDS
       udpflows.py receive SECONDS

Each flow has a port of its own at the sender, and sends a packet of so many
bytes every so many milliseconds. The receiver counts packets by flow until
none has come for that long, and prints how many flows and packets there were.
"""

import collections
import socket
import sys
import time

PORT = 5201


def send(address, flows, packets, size, milliseconds):
    """Send all."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sockets = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(flows)]
    for flow in sockets:
        flow.connect((address, PORT))
    due = time.monotonic()
    for _ in range(packets):
        for flow in sockets:
            flow.send(bytes(size))
        due += milliseconds / 1000
        time.sleep(max(0, due - time.monotonic()))


def receive(seconds):
    """Count all."""
    counts = collections.Counter()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("::", PORT))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.settimeout(seconds)
        try:
            while True:
                counts[sock.recvfrom(65536)[1]] += 1
        except TimeoutError:
            pass
    print(len(counts), counts.total())


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(sys.argv[2], *map(int, sys.argv[3:7]))
    else:
        receive(float(sys.argv[2]))
