# SPDX-License-Identifier: GPL-2.0
"""QUIC packet protection, made of nothing but Python's integers and hashes.

A second opinion for the selftests: it shares no line with the module, so what
both agree on is RFC 9001 and RFC 10069. It is slow, and takes no care to run
in constant time: only for keys that protect nothing.
"""

import hashlib
import hmac
import struct

TAG_LEN = 16
CID_LEN = 8
PN_LEN = 4
INITIAL_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")


def _sbox():
    """The AES substitution box (FIPS 197 section 5.1.1)."""
    box, p, q = [0] * 256, 1, 1
    while True:
        p ^= (p << 1) ^ (0x11b if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        if q & 0x80:
            q ^= 0x09
        x = q | q << 8
        box[p] = (q ^ x >> 7 ^ x >> 6 ^ x >> 5 ^ x >> 4 ^ 0x63) & 0xff
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _sbox()


def _rounds():
    """SubBytes and MixColumns of one byte as a table of words, per row."""
    first = []
    for s in SBOX:
        d = s << 1 ^ (0x11b if s & 0x80 else 0)
        first.append(d << 24 | s << 16 | s << 8 | d ^ s)
    return [[w >> 8 * r | w << 32 - 8 * r & 0xffffffff for w in first]
            for r in range(4)]


T0, T1, T2, T3 = _rounds()


class Aes:
    """AES encryption of single blocks."""

    def __init__(self, key):
        words = list(struct.unpack(f">{len(key) // 4}I", key))
        nk, rcon = len(words), 1
        for i in range(nk, 4 * (nk + 7)):
            t = words[-1]
            if i % nk == 0:
                t = self._sub(t << 8 & 0xffffffff | t >> 24) ^ rcon << 24
                rcon = rcon << 1 ^ (0x11b if rcon & 0x80 else 0)
            elif nk == 8 and i % nk == 4:
                t = self._sub(t)
            words.append(words[i - nk] ^ t)
        self.keys = words

    @staticmethod
    def _sub(w):
        return (SBOX[w >> 24] << 24 | SBOX[w >> 16 & 255] << 16
                | SBOX[w >> 8 & 255] << 8 | SBOX[w & 255])

    def block(self, data):
        """Encrypt 16 bytes."""
        k = self.keys
        s = [w ^ k[i] for i, w in enumerate(struct.unpack(">4I", data))]
        for r in range(4, len(k) - 4, 4):
            s = [T0[s[i] >> 24] ^ T1[s[(i + 1) & 3] >> 16 & 255]
                 ^ T2[s[(i + 2) & 3] >> 8 & 255] ^ T3[s[(i + 3) & 3] & 255]
                 ^ k[r + i] for i in range(4)]
        s = [(SBOX[s[i] >> 24] << 24 | SBOX[s[(i + 1) & 3] >> 16 & 255] << 16
              | SBOX[s[(i + 2) & 3] >> 8 & 255] << 8 | SBOX[s[(i + 3) & 3] & 255])
             ^ k[i - 4] for i in range(4)]
        return struct.pack(">4I", *s)


class AesGcm:
    """AEAD_AES_128_GCM and AEAD_AES_256_GCM with a nonce of 12 bytes."""

    def __init__(self, key):
        self.aes = Aes(key)
        # multiples of the hash key by each bit, most significant first
        h = int.from_bytes(self.aes.block(bytes(16)), "big")
        self.table = []
        for _ in range(128):
            self.table.append(h)
            h = h >> 1 ^ (0xe1 << 120 if h & 1 else 0)

    def _ghash(self, data):
        y = 0
        for i in range(0, len(data), 16):
            y ^= int.from_bytes(data[i:i + 16], "big")
            z = 0
            for bit in range(128):
                if y >> 127 - bit & 1:
                    z ^= self.table[bit]
            y = z
        return y

    def _tag(self, nonce, aad, text):
        data = (aad + bytes(-len(aad) % 16) + text + bytes(-len(text) % 16)
                + struct.pack(">QQ", 8 * len(aad), 8 * len(text)))
        mask = int.from_bytes(self.aes.block(nonce + b"\0\0\0\1"), "big")
        return (self._ghash(data) ^ mask).to_bytes(16, "big")

    def _stream(self, nonce, text):
        out = b"".join(self.aes.block(nonce + struct.pack(">I", i + 2))
                       for i in range((len(text) + 15) // 16))[:len(text)]
        return bytes(a ^ b for a, b in zip(text, out))

    def seal(self, nonce, aad, text):
        """Return the ciphertext with its tag."""
        text = self._stream(nonce, text)
        return text + self._tag(nonce, aad, text)

    def open(self, nonce, aad, text):
        """Return the plaintext, or None when it is not authentic."""
        text, tag = text[:-TAG_LEN], text[-TAG_LEN:]
        if self._tag(nonce, aad, text) != tag:
            return None
        return self._stream(nonce, text)


def hkdf_extract(salt, key):
    """HKDF-Extract with SHA-256 (RFC 5869)."""
    return hmac.new(salt, key, hashlib.sha256).digest()


def expand_label(secret, label, length):
    """HKDF-Expand-Label with no context (RFC 8446 section 7.1)."""
    digest = hashlib.sha384 if len(secret) == 48 else hashlib.sha256
    label = b"tls13 " + label.encode()
    info = struct.pack(">HB", length, len(label)) + label + b"\0"
    out, t, i = b"", b"", 1
    while len(out) < length:
        t = hmac.new(secret, t + info + bytes([i]), digest).digest()
        out, i = out + t, i + 1
    return out[:length]


def varint(n):
    """Encode a variable-length integer (RFC 9000 section 16)."""
    for bits, prefix, form in ((6, 0, ">B"), (14, 1, ">H"), (30, 2, ">I")):
        if n < 1 << bits:
            return struct.pack(form, n | prefix << bits)
    return struct.pack(">Q", n | 3 << 62)


class Keys:
    """What protects packets of one direction, AES only (RFC 9001 section 5)."""

    def __init__(self, secret):
        length = 32 if len(secret) == 48 else 16
        self.secret = secret
        self.aead = AesGcm(expand_label(secret, "quic key", length))
        self.iv = expand_label(secret, "quic iv", 12)
        self.hp = Aes(expand_label(secret, "quic hp", length))

    def updated(self):
        """Those of the next generation (RFC 9001 section 6.1)."""
        keys = Keys(expand_label(self.secret, "quic ku", len(self.secret)))
        keys.hp = self.hp
        return keys

    def nonce(self, path, pn):
        """RFC 10069 section 2.4; with path 0 that of RFC 9001."""
        n = struct.pack(">IQ", path, pn)
        return bytes(a ^ b for a, b in zip(self.iv, n))

    def mask(self, packet, at):
        """Header protection of a packet whose number starts at a place."""
        return self.hp.block(packet[at + 4:at + 20])

    def protect(self, header, at, path, pn, payload):
        """Seal a packet; the header ends with its packet number, at a place."""
        packet = bytearray(header + self.aead.seal(self.nonce(path, pn), header,
                                                   payload))
        mask = self.mask(bytes(packet), at)
        packet[0] ^= mask[0] & (0x0f if packet[0] & 0x80 else 0x1f)
        for i in range(len(header) - at):
            packet[at + i] ^= mask[1 + i]
        return bytes(packet)

    def seal(self, cid, path, pn, payload, first=0x40, pn_len=PN_LEN):
        """A short-header packet; padded, so that there is a sample in it."""
        payload = payload.ljust(4 - pn_len, b"\0")
        header = (bytes([first | pn_len - 1]) + cid
                  + struct.pack(">I", pn & 0xffffffff)[4 - pn_len:])
        return self.protect(header, 1 + len(cid), path, pn, payload)

    def open(self, packet, path, cid_len=CID_LEN):
        """Open a short-header packet; (number, first byte, frames) or None.

        The number is taken as it is on the wire: right for the first 2^32.
        """
        at = 1 + cid_len
        if len(packet) < at + 4 + TAG_LEN:
            return None
        mask = self.mask(packet, at)
        first = packet[0] ^ mask[0] & 0x1f
        end = at + (first & 3) + 1
        pn = bytes(a ^ b for a, b in zip(packet[at:end], mask[1:]))
        number = int.from_bytes(pn, "big")
        frames = self.aead.open(self.nonce(path, number),
                                bytes([first]) + packet[1:at] + pn, packet[end:])
        return None if frames is None else (number, first, frames)


def initial_keys(dcid):
    """Keys of both directions for Initial packets (RFC 9001 section 5.2)."""
    secret = hkdf_extract(INITIAL_SALT, dcid)
    return (Keys(expand_label(secret, "client in", 32)),
            Keys(expand_label(secret, "server in", 32)))


def initial(keys, dcid, scid, pn, payload):
    """A protected Initial packet without a token."""
    head = (b"\xc3\0\0\0\1" + bytes([len(dcid)]) + dcid + bytes([len(scid)])
            + scid + b"\0")
    head += struct.pack(">H", 0x4000 | PN_LEN + len(payload) + TAG_LEN)
    return keys.protect(head + struct.pack(">I", pn), len(head), 0, pn, payload)


def datagram(packet, quarter=0, context=0):
    """A DATAGRAM frame that ends its packet (RFC 9221, RFC 9297)."""
    return b"\x30" + varint(quarter) + varint(context) + packet
