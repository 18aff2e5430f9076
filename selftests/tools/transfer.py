#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""A TCP stream whose every byte is checked.

usage: transfer.py receive PORT
       transfer.py send ADDRESS PORT SECONDS

The sender sends for so long, says how many bytes, and that they are all the
other has got: it reads back their number and digest. The receiver serves one
connection. A stream that ends early, by whatever, is a failure.
"""

import hashlib
import socket
import sys
import time

CHUNK = 65536


def receive(port):
    """Take one stream and answer with its length and digest."""
    with socket.create_server(("::", port), family=socket.AF_INET6,
                              dualstack_ipv6=True) as listener:
        stream, _ = listener.accept()
    digest, count = hashlib.sha256(), 0
    with stream:
        while data := stream.recv(CHUNK):
            digest.update(data)
            count += len(data)
        stream.sendall(f"{count} {digest.hexdigest()}".encode())


def send(address, port, seconds):
    """Send, and compare what the receiver has got."""
    data, digest, count = hashlib.shake_128().digest(CHUNK), hashlib.sha256(), 0
    with socket.create_connection((address, port), timeout=30) as stream:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            # no two blocks of the stream are alike
            block = data[count % CHUNK:] + data[:count % CHUNK] + b"."
            stream.sendall(block)
            digest.update(block)
            count += len(block)
        stream.shutdown(socket.SHUT_WR)
        answer = stream.recv(200).decode()
    if answer != f"{count} {digest.hexdigest()}":
        sys.exit(f"sent {count} {digest.hexdigest()}, received {answer}")
    print(count)


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]))
    else:
        send(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
