/* SPDX-License-Identifier: GPL-2.0 */
/* What the codec must give, for the unit tests on the host and for KUnit. */
#ifndef MQVPN_VECTORS_FRAME_H
#define MQVPN_VECTORS_FRAME_H

/* Connection IDs and a reset token */
#define CID_8	"\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8"
#define CID_20	CID_8 CID_8 "\xd1\xd2\xd3\xd4"
#define TOKEN	"\x70\x71\x72\x73\x74\x75\x76\x77" \
		"\x78\x79\x7a\x7b\x7c\x7d\x7e\x7f"

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
	{ "PADDING, a run", "\x00\x00\x00\x00\x00\x00\x00\x00", 8, 0x00, false, true },
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
	      "\x18\x05\x05\x08" CID_8 TOKEN),
	FRAME("NEW_CONNECTION_ID, shortest", 0x18,
	      "\x18\x05\x00\x01\xc1" TOKEN),
	FRAME("NEW_CONNECTION_ID, longest", 0x18,
	      "\x18\x05\x04\x14" CID_20 TOKEN),
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
	      "\x7e\x78\x03\x01\x01\x14" CID_20 TOKEN),
	FRAME("PATH_NEW_CONNECTION_ID, shortest", 0x3e78,
	      "\x7e\x78" V2_32M1 "\x01\x00\x01\xc1" TOKEN),
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
	    "\x18\x05\x06\x08" CID_8 TOKEN),
	BAD("NEW_CONNECTION_ID, no ID", "\x18\x05\x05\x00" TOKEN),
	BAD("NEW_CONNECTION_ID, 21 bytes",
	    "\x18\x05\x05\x15" CID_20 "\xc1" TOKEN),
	BAD("NEW_CONNECTION_ID, 64 bytes as varint",
	    "\x18\x05\x05\x40\x08" CID_8 TOKEN),
	BAD("CONNECTION_CLOSE, reason beyond the packet",
	    "\x1c\x0a\x00" VMAX "\x6e\x6f"),
	BAD("DATAGRAM, length beyond the packet", "\x31" VMAX "\x00\x00"),
	BAD("PATH_ABANDON, path 2^32", "\x7e\x75" V2_32 "\x00"),
	BAD("PATH_STATUS_BACKUP, path 2^32", "\x7e\x76" V2_32 "\x00"),
	BAD("PATH_STATUS_AVAILABLE, path 2^32", "\x7e\x77" V2_32 "\x00"),
	BAD("PATH_NEW_CONNECTION_ID, path 2^32",
	    "\x7e\x78" V2_32 "\x01\x00\x01\xc1" TOKEN),
	BAD("PATH_NEW_CONNECTION_ID, retires later ones",
	    "\x7e\x78\x03\x01\x02\x01\xc1" TOKEN),
	BAD("PATH_NEW_CONNECTION_ID, no ID",
	    "\x7e\x78\x03\x01\x01\x00" TOKEN),
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

#endif
