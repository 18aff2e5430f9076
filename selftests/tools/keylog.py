#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Make a capture of a tunnel with hand-installed secrets readable for tshark.

usage: keylog.py IN OUT KEYLOG AEAD CLIENT-SECRET SERVER-SECRET CLIENT-CID SERVER-CID

tshark takes the connection IDs from the Initial packets, and the cipher suite
and the name of a key log line from the handshake in them. A tunnel that was
set up by hand has none, so OUT begins with the two that it would have had:
ClientHello and ServerHello, between the addresses of the first packet of IN,
which has to be the client's. Ethernet and IPv4 only.
"""

import struct
import sys

import quic

RANDOM = bytes(range(32))
SUITES = {"aes-128-gcm": 0x1301, "aes-256-gcm": 0x1302,
          "chacha20-poly1305": 0x1303}


def extension(number, data):
    """One extension of a hello message (RFC 8446 section 4.2)."""
    return struct.pack(">HH", number, len(data)) + data


def crypto(kind, body):
    """A CRYPTO frame with a whole handshake message."""
    message = bytes([kind]) + struct.pack(">I", len(body))[1:] + body
    return b"\x06\0" + quic.varint(len(message)) + message


def client_hello(suite):
    """As short as tshark likes it."""
    extensions = extension(43, b"\2\3\4") + extension(57, b"")
    return crypto(1, b"\3\3" + RANDOM + b"\0" + struct.pack(">HH", 2, suite)
                  + b"\1\0" + struct.pack(">H", len(extensions)) + extensions)


def server_hello(suite):
    """It picks the cipher suite."""
    extensions = extension(43, b"\3\4")
    return crypto(2, b"\3\3" + RANDOM[::-1] + b"\0" + struct.pack(">H", suite)
                  + b"\0" + struct.pack(">H", len(extensions)) + extensions)


def frame(like, payload, back):
    """An Ethernet frame with the addresses of another one, or the way back."""
    mac, ip, udp = like[:14], like[14:34], like[34:42]
    if back:
        mac = mac[6:12] + mac[:6] + mac[12:]
        ip = ip[:12] + ip[16:20] + ip[12:16]
        udp = udp[2:4] + udp[:2] + udp[4:]
    size = 8 + len(payload)
    ip = ip[:2] + struct.pack(">H", 20 + size) + ip[4:10] + b"\0\0" + ip[12:]
    return mac + ip + udp[:4] + struct.pack(">HH", size, 0) + payload


def record(stamp, data):
    """One packet of a capture file."""
    return stamp + struct.pack("=II", len(data), len(data)) + data


def main():
    """See the top."""
    source, target, keylog, aead = sys.argv[1:5]
    client, server, ccid, scid = (bytes.fromhex(a) for a in sys.argv[5:])
    with open(source, "rb") as file:
        capture = file.read()
    stamp, length = capture[24:32], struct.unpack("=I", capture[32:36])[0]
    like = capture[40:40 + length]
    suite, original = SUITES[aead], b"original"
    up, down = quic.initial_keys(original)
    up = quic.initial(up, original, ccid, 0,
                      client_hello(suite).ljust(1200 - 41 - 16, b"\0"))
    down = quic.initial(down, ccid, scid, 0, server_hello(suite))
    with open(target, "wb") as file:
        file.write(capture[:24] + record(stamp, frame(like, up, False))
                   + record(stamp, frame(like, down, True)) + capture[24:])
    with open(keylog, "w", encoding="ascii") as file:
        for who, secret in ("CLIENT", client), ("SERVER", server):
            print(f"{who}_TRAFFIC_SECRET_0 {RANDOM.hex()} {secret.hex()}",
                  file=file)


if __name__ == "__main__":
    main()
