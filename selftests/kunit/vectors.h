/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the codec and packet protection must give, for the unit tests on the
 * host and for KUnit alike.
 */
#ifndef MQVPN_VECTORS_H
#define MQVPN_VECTORS_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

#define V8(b)	b b b b b b b b		/* eight times the same byte */
#define V16(b)	V8(b) V8(b)
#define V20(b)	V16(b) b b b b

/* The largest varint, 2^62 - 1, and the first path identifier too large. */
#define VMAX	"\xff\xff\xff\xff\xff\xff\xff\xff"
#define V2_60	"\xd0\x00\x00\x00\x00\x00\x00\x00"
#define V2_60_1	"\xd0\x00\x00\x00\x00\x00\x00\x01"
#define V2_32	"\xc0\x00\x00\x01\x00\x00\x00\x00"
#define V2_32M1	"\xc0\x00\x00\x00\xff\xff\xff\xff"

/* RFC 9000 appendix A.1, the bounds of each length, a longer encoding */
static const struct vector_varint {
	const char *bytes;
	unsigned int len;
	u64 value;
	bool shortest;
} vector_varints[] = {
	{ "\xc2\x19\x7c\x5e\xff\x14\xe8\x8c", 8, 151288809941952652ULL, true },
	{ "\x9d\x7f\x3e\x7d", 4, 494878333, true },
	{ "\x7b\xbd", 2, 15293, true },
	{ "\x25", 1, 37, true },
	{ "\x40\x25", 2, 37, false },
	{ "\x00", 1, 0, true },
	{ "\x3f", 1, 63, true },
	{ "\x40\x40", 2, 64, true },
	{ "\x7f\xff", 2, 16383, true },
	{ "\x80\x00\x40\x00", 4, 16384, true },
	{ "\xbf\xff\xff\xff", 4, 1073741823, true },
	{ "\xc0\x00\x00\x00\x40\x00\x00\x00", 8, 1073741824, true },
	{ VMAX, 8, MQVPN_VARINT_MAX, true },
};

/* RFC 9000 appendix A.2 and A.3, and around the edges of the window */
static const struct vector_pn {
	u64 next;
	u32 truncated;
	unsigned int len;
	u64 pn;
} vector_pns[] = {
	{ 0xa82f30ebULL, 0x9b32, 2, 0xa82f9b32ULL },
	{ 0xabe8b3ULL + 1, 0x5c02, 2, 0xac5c02ULL },
	{ 0xabe8b3ULL + 1, 0xace8fe, 3, 0xace8feULL },
	{ 0, 0, 1, 0 },
	{ 0, 0xff, 1, 0xff },
	{ 0, 0xffffffff, 4, 0xffffffffULL },
	{ 0x80, 0x00, 1, 0x100 },
	{ 0x7f, 0x00, 1, 0x00 },
	{ 0x81, 0x00, 1, 0x100 },
	{ 0x100, 0x80, 1, 0x180 },
	{ 0x100, 0x81, 1, 0x81 },
	{ 0x100, 0xff, 1, 0xff },
	{ 0xffff, 0x0000, 2, 0x10000 },
	{ 0xffffffffULL, 0x00000000, 4, 0x100000000ULL },
	{ 0x100000000ULL, 0xffffffff, 4, 0xffffffffULL },
	{ 0x180000000ULL, 0x80000000, 4, 0x180000000ULL },
	{ 0x180000000ULL, 0x00000000, 4, 0x200000000ULL },
	{ 0x180000000ULL, 0x00000001, 4, 0x100000001ULL },
	/* no number is above 2^62 - 1 */
	{ MQVPN_PN_MAX, 0xff, 1, MQVPN_PN_MAX },
	{ MQVPN_PN_MAX, 0x00, 1, MQVPN_PN_MAX - 0xff },
	{ MQVPN_PN_MAX + 1, 0x00, 1, MQVPN_PN_MAX - 0xff },
	{ MQVPN_PN_MAX + 1, 0xffffffff, 4, MQVPN_PN_MAX },
};

/* RFC 10069 section 2.4 (with 54321, and as its drafts had it with 0xaead);
 * RFC 9001 appendix A.5, which has no path
 */
static const struct vector_nonce {
	const char *iv;
	u32 path_id;
	u64 pn;
	const char *nonce;
} vector_nonces[] = {
	{ "\x6b\x26\x11\x4b\x9c\xba\x2b\x63\xa9\xe8\xdd\x4f", 3, 54321,
	  "\x6b\x26\x11\x48\x9c\xba\x2b\x63\xa9\xe8\x09\x7e" },
	{ "\x6b\x26\x11\x4b\x9c\xba\x2b\x63\xa9\xe8\xdd\x4f", 3, 0xaead,
	  "\x6b\x26\x11\x48\x9c\xba\x2b\x63\xa9\xe8\x73\xe2" },
	{ "\xe0\x45\x9b\x34\x74\xbd\xd0\xe4\x4a\x41\xc1\x44", 0, 654360564,
	  "\xe0\x45\x9b\x34\x74\xbd\xd0\xe4\x6d\x41\x7e\xb0" },
	{ "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 0x01020304,
	  0x05060708090a0b0cULL,
	  "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c" },
};

/* RFC 9001 appendix A.1 */
static const struct vector_label {
	const char *name;
	unsigned int out_len;
	const char *bytes;
	unsigned int len;
} vector_labels[] = {
	{ "client in", 32, "\x00\x20\x0f\x74\x6c\x73\x31\x33\x20\x63\x6c\x69"
	  "\x65\x6e\x74\x20\x69\x6e\x00", 19 },
	{ "quic key", 16, "\x00\x10\x0e\x74\x6c\x73\x31\x33\x20\x71\x75\x69"
	  "\x63\x20\x6b\x65\x79\x00", 18 },
	{ "quic iv", 12, "\x00\x0c\x0d\x74\x6c\x73\x31\x33\x20\x71\x75\x69"
	  "\x63\x20\x69\x76\x00", 17 },
	{ "quic hp", 16, "\x00\x10\x0d\x74\x6c\x73\x31\x33\x20\x71\x75\x69"
	  "\x63\x20\x68\x70\x00", 17 },
};

/*
 * One frame each. Of those that are not @open no part is a frame, and what
 * follows is another; the others end where the packet does.
 */
static const struct vector_frame {
	const char *name;
	const char *bytes;
	unsigned int len;
	u64 type;
	bool eliciting;
	bool open;
} vector_frames[] = {
#define FRAME(name, type, bytes) \
	{ name, bytes, sizeof(bytes) - 1, type, true, false }
#define OPEN_FRAME(name, type, bytes) \
	{ name, bytes, sizeof(bytes) - 1, type, true, true }
#define QUIET_FRAME(name, type, bytes) \
	{ name, bytes, sizeof(bytes) - 1, type, false, false }
	{ "PADDING", "\x00", 1, 0x00, false, true },
	{ "PADDING, a run", V8("\x00"), 8, 0x00, false, true },
	FRAME("PING", 0x01, "\x01"),
	QUIET_FRAME("ACK", 0x02, "\x02\x0a\x05\x00\x03"),
	QUIET_FRAME("ACK of number 0", 0x02, "\x02\x00\x00\x00\x00"),
	QUIET_FRAME("ACK, three ranges", 0x02,
		    "\x02\x40\x64\x00\x02\x05\x00\x01\x03\x00"),
	QUIET_FRAME("ACK, ranges down to 0", 0x02,
		    "\x02\x0a\x00\x01\x02\x01\x05"),
	QUIET_FRAME("ACK of every number", 0x02,
		    "\x02" VMAX VMAX "\x00" VMAX),
	QUIET_FRAME("ACK_ECN", 0x03, "\x03\x0a\x05\x00\x03\x01\x02\x40\x41"),
	QUIET_FRAME("ACK_ECN, two ranges", 0x03,
		    "\x03\x0a\x05\x01\x03\x00\x01" VMAX VMAX VMAX),
	FRAME("RESET_STREAM", 0x04, "\x04\x08\x05\x40\x64"),
	FRAME("RESET_STREAM, extremes", 0x04, "\x04" VMAX VMAX VMAX),
	FRAME("STOP_SENDING", 0x05, "\x05\x08\x05"),
	FRAME("CRYPTO", 0x06, "\x06\x00\x03\xaa\xbb\xcc"),
	FRAME("CRYPTO, empty", 0x06, "\x06\x00\x00"),
	FRAME("CRYPTO, at the end", 0x06, "\x06" VMAX "\x00"),
	FRAME("CRYPTO, the last byte", 0x06,
	      "\x06\xff\xff\xff\xff\xff\xff\xff\xfe\x01\xaa"),
	FRAME("NEW_TOKEN", 0x07, "\x07\x02\xaa\xbb"),
	OPEN_FRAME("STREAM", 0x08, "\x08\x04\xaa\xbb"),
	OPEN_FRAME("STREAM, fin", 0x09, "\x09\x04\xaa\xbb"),
	FRAME("STREAM, length", 0x0a, "\x0a\x04\x02\xaa\xbb"),
	FRAME("STREAM, length, fin", 0x0b, "\x0b\x04\x00"),
	OPEN_FRAME("STREAM, offset", 0x0c, "\x0c\x04\x40\x80\xaa\xbb"),
	OPEN_FRAME("STREAM, offset, fin", 0x0d, "\x0d\x04\x40\x80"),
	FRAME("STREAM, offset, length", 0x0e, "\x0e\x04\x40\x80\x01\xaa"),
	FRAME("STREAM, offset, length, fin", 0x0f, "\x0f\x04\x40\x80\x01\xaa"),
	FRAME("STREAM, at the end", 0x0f, "\x0f\x04" VMAX "\x00"),
	FRAME("STREAM, the last byte", 0x0f,
	      "\x0f\x04\xff\xff\xff\xff\xff\xff\xff\xfe\x01\xaa"),
	FRAME("MAX_DATA", 0x10, "\x10" VMAX),
	FRAME("MAX_STREAM_DATA", 0x11, "\x11\x04" VMAX),
	FRAME("MAX_STREAMS, bidirectional", 0x12, "\x12\x40\x64"),
	FRAME("MAX_STREAMS, bidirectional, most", 0x12, "\x12" V2_60),
	FRAME("MAX_STREAMS, unidirectional, most", 0x13, "\x13" V2_60),
	FRAME("DATA_BLOCKED", 0x14, "\x14\x40\x64"),
	FRAME("STREAM_DATA_BLOCKED", 0x15, "\x15\x04\x40\x64"),
	FRAME("STREAMS_BLOCKED, bidirectional", 0x16, "\x16" V2_60),
	FRAME("STREAMS_BLOCKED, unidirectional", 0x17, "\x17" V2_60),
	FRAME("NEW_CONNECTION_ID", 0x18,
	      "\x18\x05\x05\x08" V8("\xc1") V16("\x70")),
	FRAME("NEW_CONNECTION_ID, shortest", 0x18,
	      "\x18\x05\x00\x01\xc1" V16("\x70")),
	FRAME("NEW_CONNECTION_ID, longest", 0x18,
	      "\x18\x05\x04\x14" V20("\xc1") V16("\x70")),
	FRAME("RETIRE_CONNECTION_ID", 0x19, "\x19\x05"),
	FRAME("PATH_CHALLENGE", 0x1a, "\x1a\x01\x02\x03\x04\x05\x06\x07\x08"),
	FRAME("PATH_RESPONSE", 0x1b, "\x1b\x01\x02\x03\x04\x05\x06\x07\x08"),
	QUIET_FRAME("CONNECTION_CLOSE", 0x1c, "\x1c\x0a\x18\x02\x6e\x6f"),
	QUIET_FRAME("CONNECTION_CLOSE, no reason", 0x1c, "\x1c\x0a\x00\x00"),
	QUIET_FRAME("CONNECTION_CLOSE, application", 0x1d,
		    "\x1d\x41\x00\x02\x6e\x6f"),
	FRAME("HANDSHAKE_DONE", 0x1e, "\x1e"),
	OPEN_FRAME("DATAGRAM", 0x30, "\x30\x00\x00\x45\x00"),
	OPEN_FRAME("DATAGRAM, empty", 0x30, "\x30"),
	FRAME("DATAGRAM, length", 0x31, "\x31\x04\x00\x00\x45\x00"),
	FRAME("DATAGRAM, length 0", 0x31, "\x31\x00"),
	QUIET_FRAME("PATH_ACK", 0x3e, "\x3e\x03\x0a\x05\x00\x03"),
	QUIET_FRAME("PATH_ACK, largest path", 0x3e,
		    "\x3e" V2_32M1 "\x0a\x05\x01\x03\x00\x00"),
	QUIET_FRAME("PATH_ACK_ECN", 0x3f,
		    "\x3f\x03\x0a\x05\x00\x03\x01\x02\x03"),
	FRAME("PATH_ABANDON", 0x3e75, "\x7e\x75\x01\x7e\x76"),
	FRAME("PATH_STATUS_BACKUP", 0x3e76, "\x7e\x76" V2_32M1 "\x01"),
	FRAME("PATH_STATUS_AVAILABLE", 0x3e77, "\x7e\x77\x01" VMAX),
	FRAME("PATH_NEW_CONNECTION_ID", 0x3e78,
	      "\x7e\x78\x03\x01\x01\x14" V20("\xc1") V16("\x70")),
	FRAME("PATH_NEW_CONNECTION_ID, shortest", 0x3e78,
	      "\x7e\x78" V2_32M1 "\x01\x00\x01\xc1" V16("\x70")),
	FRAME("PATH_RETIRE_CONNECTION_ID", 0x3e79, "\x7e\x79\x03\x01"),
	FRAME("MAX_PATH_ID", 0x3e7a, "\x7e\x7a" V2_32M1),
	FRAME("PATHS_BLOCKED", 0x3e7b, "\x7e\x7b\x03"),
	FRAME("PATH_CIDS_BLOCKED", 0x3e7c, "\x7e\x7c\x03\x04"),
#undef QUIET_FRAME
#undef OPEN_FRAME
#undef FRAME
};

/* Whole, but nobody may send them. */
static const struct vector_bad_frame {
	const char *name;
	const char *bytes;
	unsigned int len;
	int err;
} vector_bad_frames[] = {
#define BAD(name, bytes)	{ name, bytes, sizeof(bytes) - 1, -EINVAL }
#define LONG_TYPE(name, bytes)	{ name, bytes, sizeof(bytes) - 1, -EPROTO }
	BAD("ACK, first range below 0", "\x02\x03\x00\x00\x04"),
	BAD("ACK, gap below 0", "\x02\x0a\x00\x01\x02\x07\x00"),
	BAD("ACK, gap to -1", "\x02\x0a\x00\x01\x0a\x00\x00"),
	BAD("ACK, second range below 0", "\x02\x0a\x00\x01\x02\x01\x06"),
	BAD("ACK, third range below 0",
	    "\x02\x0a\x00\x02\x00\x00\x00\x00\x07"),
	BAD("ACK, gap too large for 64 bits",
	    "\x02" VMAX "\x00\x01\x00" VMAX VMAX),
	BAD("ACK, range count beyond the packet",
	    "\x02" VMAX "\x00" VMAX "\x00\x00\x00\x00\x00"),
	BAD("PATH_ACK, path 2^32", "\x3e" V2_32 "\x0a\x05\x00\x03"),
	BAD("PATH_ACK, second range below 0",
	    "\x3e\x01\x0a\x00\x01\x02\x01\x06"),
	BAD("PATH_ACK_ECN, path 2^32",
	    "\x3f" V2_32 "\x0a\x05\x00\x03\x01\x02\x03"),
	BAD("CRYPTO, beyond the end", "\x06" VMAX "\x01\xaa"),
	BAD("CRYPTO, length beyond the packet", "\x06\x00" VMAX "\xaa"),
	BAD("NEW_TOKEN, empty", "\x07\x00"),
	BAD("STREAM, beyond the end", "\x0f\x04" VMAX "\x01\xaa"),
	BAD("STREAM, open, beyond the end", "\x0c\x04" VMAX "\xaa"),
	BAD("MAX_STREAMS, bidirectional, too many", "\x12" V2_60_1),
	BAD("MAX_STREAMS, unidirectional, too many", "\x13" V2_60_1),
	BAD("STREAMS_BLOCKED, bidirectional, too many", "\x16" V2_60_1),
	BAD("STREAMS_BLOCKED, unidirectional, too many", "\x17" V2_60_1),
	BAD("NEW_CONNECTION_ID, retires later ones",
	    "\x18\x05\x06\x08" V8("\xc1") V16("\x70")),
	BAD("NEW_CONNECTION_ID, no ID", "\x18\x05\x05\x00" V16("\x70")),
	BAD("NEW_CONNECTION_ID, 21 bytes",
	    "\x18\x05\x05\x15" V20("\xc1") "\xc1" V16("\x70")),
	BAD("NEW_CONNECTION_ID, 64 bytes as varint",
	    "\x18\x05\x05\x40\x08" V8("\xc1") V16("\x70")),
	BAD("CONNECTION_CLOSE, reason beyond the packet",
	    "\x1c\x0a\x00" VMAX "\x6e\x6f"),
	BAD("DATAGRAM, length beyond the packet", "\x31" VMAX "\x00\x00"),
	BAD("PATH_ABANDON, path 2^32", "\x7e\x75" V2_32 "\x00"),
	BAD("PATH_STATUS_BACKUP, path 2^32", "\x7e\x76" V2_32 "\x00"),
	BAD("PATH_STATUS_AVAILABLE, path 2^32", "\x7e\x77" V2_32 "\x00"),
	BAD("PATH_NEW_CONNECTION_ID, path 2^32",
	    "\x7e\x78" V2_32 "\x01\x00\x01\xc1" V16("\x70")),
	BAD("PATH_NEW_CONNECTION_ID, retires later ones",
	    "\x7e\x78\x03\x01\x02\x01\xc1" V16("\x70")),
	BAD("PATH_NEW_CONNECTION_ID, no ID",
	    "\x7e\x78\x03\x01\x01\x00" V16("\x70")),
	BAD("PATH_RETIRE_CONNECTION_ID, path 2^32", "\x7e\x79" V2_32 "\x00"),
	BAD("MAX_PATH_ID, 2^32", "\x7e\x7a" V2_32),
	BAD("PATHS_BLOCKED, 2^32", "\x7e\x7b" V2_32),
	BAD("PATH_CIDS_BLOCKED, path 2^32", "\x7e\x7c" V2_32 "\x00"),
	BAD("type 0x1f", "\x1f\x00\x00"),
	BAD("type 0x20", "\x20\x00\x00"),
	BAD("type 0x2f", "\x2f\x00\x00"),
	BAD("type 0x32", "\x32\x00\x00"),
	BAD("type 0x3d", "\x3d\x00\x00"),
	BAD("type 0x40", "\x40\x40\x00"),
	BAD("type 0x3e74", "\x7e\x74\x00\x00"),
	BAD("type 0x3e7d", "\x7e\x7d\x00\x00"),
	BAD("type 2^32 + 1, no PING", "\xc0\x00\x00\x01\x00\x00\x00\x01"),
	BAD("type 2^62 - 1", VMAX "\x00"),
	BAD("half a type", "\x7e"),
	LONG_TYPE("PING in 2 bytes", "\x40\x01"),
	LONG_TYPE("PING in 8 bytes", "\xc0\x00\x00\x00\x00\x00\x00\x01"),
	LONG_TYPE("PATH_ACK in 2 bytes", "\x40\x3e\x03\x0a\x05\x00\x03"),
	LONG_TYPE("DATAGRAM in 2 bytes", "\x40\x30\x00\x00"),
	LONG_TYPE("PATH_ABANDON in 4 bytes", "\x80\x00\x3e\x75\x01\x00"),
#undef LONG_TYPE
#undef BAD
};

/*
 * RFC 9001 appendix A.1 to A.3: Initial keys, of which the cryptography is that
 * of 1-RTT packets with AES-128-GCM; A.5: ChaCha20-Poly1305.
 */
static const struct vector_keys {
	const char *name;
	unsigned int aead;	/* enum mqvpn_aead */
	const char *secret;	/* 32 bytes */
	unsigned int key_len;
	const char *key;
	const char *iv;
	const char *hp;
	const char *sample;
	const char *mask;
} vector_keys[] = {
	{ "A.2, client", 1,
	  "\xc0\x0c\xf1\x51\xca\x5b\xe0\x75\xed\x0e\xbf\xb5\xc8\x03\x23\xc4"
	  "\x2d\x6b\x7d\xb6\x78\x81\x28\x9a\xf4\x00\x8f\x1f\x6c\x35\x7a\xea",
	  16,
	  "\x1f\x36\x96\x13\xdd\x76\xd5\x46\x77\x30\xef\xcb\xe3\xb1\xa2\x2d",
	  "\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c",
	  "\x9f\x50\x44\x9e\x04\xa0\xe8\x10\x28\x3a\x1e\x99\x33\xad\xed\xd2",
	  "\xd1\xb1\xc9\x8d\xd7\x68\x9f\xb8\xec\x11\xd2\x42\xb1\x23\xdc\x9b",
	  "\x43\x7b\x9a\xec\x36" },
	{ "A.3, server", 1,
	  "\x3c\x19\x98\x28\xfd\x13\x9e\xfd\x21\x6c\x15\x5a\xd8\x44\xcc\x81"
	  "\xfb\x82\xfa\x8d\x74\x46\xfa\x7d\x78\xbe\x80\x3a\xcd\xda\x95\x1b",
	  16,
	  "\xcf\x3a\x53\x31\x65\x3c\x36\x4c\x88\xf0\xf3\x79\xb6\x06\x7e\x37",
	  "\x0a\xc1\x49\x3c\xa1\x90\x58\x53\xb0\xbb\xa0\x3e",
	  "\xc2\x06\xb8\xd9\xb9\xf0\xf3\x76\x44\x43\x0b\x49\x0e\xea\xa3\x14",
	  "\x2c\xd0\x99\x1c\xd2\x5b\x0a\xac\x40\x6a\x58\x16\xb6\x39\x41\x00",
	  "\x2e\xc0\xd8\x35\x6a" },
	{ "A.5, ChaCha20-Poly1305", 3,
	  "\x9a\xc3\x12\xa7\xf8\x77\x46\x8e\xbe\x69\x42\x27\x48\xad\x00\xa1"
	  "\x54\x43\xf1\x82\x03\xa0\x7d\x60\x60\xf6\x88\xf3\x0f\x21\x63\x2b",
	  32,
	  "\xc6\xd9\x8f\xf3\x44\x1c\x3f\xe1\xb2\x18\x20\x94\xf6\x9c\xaa\x2e"
	  "\xd4\xb7\x16\xb6\x54\x88\x96\x0a\x7a\x98\x49\x79\xfb\x23\xe1\xc8",
	  "\xe0\x45\x9b\x34\x74\xbd\xd0\xe4\x4a\x41\xc1\x44",
	  "\x25\xa2\x82\xb9\xe8\x2f\x06\xf2\x1f\x48\x89\x17\xa4\xfc\x8f\x1b"
	  "\x73\x57\x36\x85\x60\x85\x97\xd0\xef\xcb\x07\x6b\x0a\xb7\xa7\xa4",
	  "\x5e\x5c\xd5\x5c\x41\xf6\x90\x80\x57\x5d\x79\x99\xc2\x5a\x5b\xfb",
	  "\xae\xfe\xfe\x7d\x03" },
};

/*
 * Whole packets: RFC 9001 appendix A.3 and A.5; and one of path 3 with
 * AES-256-GCM, of which the specification has none: test-protect confirms that
 * another implementation makes the same of it.
 */
static const struct vector_packet {
	const char *name;
	unsigned int aead;	/* enum mqvpn_aead */
	unsigned int path_id;
	u64 pn;
	const char *secret;
	unsigned int secret_len;
	const char *header;
	unsigned int header_len;
	const char *payload;
	unsigned int payload_len;
	const char *packet;
} vector_packets[] = {
#define PACKET(name, aead, path_id, pn, secret, header, payload, packet)	\
	{ name, aead, path_id, pn, secret, sizeof(secret) - 1,		\
	  header, sizeof(header) - 1, payload, sizeof(payload) - 1, packet }
	PACKET("A.3, server's Initial", 1, 0, 1,
	       "\x3c\x19\x98\x28\xfd\x13\x9e\xfd\x21\x6c\x15\x5a\xd8\x44\xcc"
	       "\x81\xfb\x82\xfa\x8d\x74\x46\xfa\x7d\x78\xbe\x80\x3a\xcd\xda"
	       "\x95\x1b",
	       "\xc1\x00\x00\x00\x01\x00\x08\xf0\x67\xa5\x50\x2a\x42\x62\xb5"
	       "\x00\x40\x75\x00\x01",
	       "\x02\x00\x00\x00\x00\x06\x00\x40\x5a\x02\x00\x00\x56\x03\x03"
	       "\xee\xfc\xe7\xf7\xb3\x7b\xa1\xd1\x63\x2e\x96\x67\x78\x25\xdd"
	       "\xf7\x39\x88\xcf\xc7\x98\x25\xdf\x56\x6d\xc5\x43\x0b\x9a\x04"
	       "\x5a\x12\x00\x13\x01\x00\x00\x2e\x00\x33\x00\x24\x00\x1d\x00"
	       "\x20\x9d\x3c\x94\x0d\x89\x69\x0b\x84\xd0\x8a\x60\x99\x3c\x14"
	       "\x4e\xca\x68\x4d\x10\x81\x28\x7c\x83\x4d\x53\x11\xbc\xf3\x2b"
	       "\xb9\xda\x1a\x00\x2b\x00\x02\x03\x04",
	       "\xcf\x00\x00\x00\x01\x00\x08\xf0\x67\xa5\x50\x2a\x42\x62\xb5"
	       "\x00\x40\x75\xc0\xd9\x5a\x48\x2c\xd0\x99\x1c\xd2\x5b\x0a\xac"
	       "\x40\x6a\x58\x16\xb6\x39\x41\x00\xf3\x7a\x1c\x69\x79\x75\x54"
	       "\x78\x0b\xb3\x8c\xc5\xa9\x9f\x5e\xde\x4c\xf7\x3c\x3e\xc2\x49"
	       "\x3a\x18\x39\xb3\xdb\xcb\xa3\xf6\xea\x46\xc5\xb7\x68\x4d\xf3"
	       "\x54\x8e\x7d\xde\xb9\xc3\xbf\x9c\x73\xcc\x3f\x3b\xde\xd7\x4b"
	       "\x56\x2b\xfb\x19\xfb\x84\x02\x2f\x8e\xf4\xcd\xd9\x37\x95\xd7"
	       "\x7d\x06\xed\xbb\x7a\xaf\x2f\x58\x89\x18\x50\xab\xbd\xca\x3d"
	       "\x20\x39\x8c\x27\x64\x56\xcb\xc4\x21\x58\x40\x7d\xd0\x74\xee"),
	PACKET("A.5, ChaCha20-Poly1305", 3, 0, 654360564,
	       "\x9a\xc3\x12\xa7\xf8\x77\x46\x8e\xbe\x69\x42\x27\x48\xad\x00"
	       "\xa1\x54\x43\xf1\x82\x03\xa0\x7d\x60\x60\xf6\x88\xf3\x0f\x21"
	       "\x63\x2b",
	       "\x42\x00\xbf\xf4", "\x01",
	       "\x4c\xfe\x41\x89\x65\x5e\x5c\xd5\x5c\x41\xf6\x90\x80\x57\x5d"
	       "\x79\x99\xc2\x5a\x5b\xfb"),
	PACKET("path 3, AES-256-GCM", 2, 3, 0x1122334455ULL,
	       "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"
	       "\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d"
	       "\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c"
	       "\x2d\x2e\x2f",
	       "\x43\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\x22\x33\x44\x55",
	       "\x3e\x03\x0a\x05\x00\x03\x30\x00\x00\x45\x00",
	       "\x5c\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xfa\x3a\x93\x20\x2e\x49"
	       "\xcd\x88\x46\xf5\x7d\x85\xd8\xfa\xed\x67\xd7\xcd\x1a\x8e\xa7"
	       "\x16\x21\xaf\x22\xb6\x50\x21\xbd\xd1\xa7"),
#undef PACKET
};

#define VECTOR_PACKET_MAX	(20 + 99 + MQVPN_TAG_LEN)

#endif
