/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header and frame codec: pure functions on bytes. The same file is compiled
 * into the module, into mqvpnctl, into unit tests and into fuzzers.
 */
#ifndef MQVPN_FRAME_H
#define MQVPN_FRAME_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <linux/errno.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
#endif

#include "limits.h"

/* RFC 9000 section 19, RFC 9221 section 4, RFC 10069 section 4 */
enum mqvpn_frame_type {
	MQVPN_FRAME_PADDING			= 0x00,
	MQVPN_FRAME_PING			= 0x01,
	MQVPN_FRAME_ACK				= 0x02,
	MQVPN_FRAME_ACK_ECN			= 0x03,
	MQVPN_FRAME_RESET_STREAM		= 0x04,
	MQVPN_FRAME_STOP_SENDING		= 0x05,
	MQVPN_FRAME_CRYPTO			= 0x06,
	MQVPN_FRAME_NEW_TOKEN			= 0x07,
	MQVPN_FRAME_STREAM			= 0x08,	/* to 0x0f */
	MQVPN_FRAME_MAX_DATA			= 0x10,
	MQVPN_FRAME_MAX_STREAM_DATA		= 0x11,
	MQVPN_FRAME_MAX_STREAMS_BIDI		= 0x12,
	MQVPN_FRAME_MAX_STREAMS_UNI		= 0x13,
	MQVPN_FRAME_DATA_BLOCKED		= 0x14,
	MQVPN_FRAME_STREAM_DATA_BLOCKED		= 0x15,
	MQVPN_FRAME_STREAMS_BLOCKED_BIDI	= 0x16,
	MQVPN_FRAME_STREAMS_BLOCKED_UNI		= 0x17,
	MQVPN_FRAME_NEW_CONNECTION_ID		= 0x18,
	MQVPN_FRAME_RETIRE_CONNECTION_ID	= 0x19,
	MQVPN_FRAME_PATH_CHALLENGE		= 0x1a,
	MQVPN_FRAME_PATH_RESPONSE		= 0x1b,
	MQVPN_FRAME_CONNECTION_CLOSE		= 0x1c,
	MQVPN_FRAME_CONNECTION_CLOSE_APP	= 0x1d,
	MQVPN_FRAME_HANDSHAKE_DONE		= 0x1e,
	MQVPN_FRAME_DATAGRAM			= 0x30,
	MQVPN_FRAME_DATAGRAM_LEN		= 0x31,
	MQVPN_FRAME_PATH_ACK			= 0x3e,
	MQVPN_FRAME_PATH_ACK_ECN		= 0x3f,
	MQVPN_FRAME_PATH_ABANDON		= 0x3e75,
	MQVPN_FRAME_PATH_STATUS_BACKUP		= 0x3e76,
	MQVPN_FRAME_PATH_STATUS_AVAILABLE	= 0x3e77,
	MQVPN_FRAME_PATH_NEW_CONNECTION_ID	= 0x3e78,
	MQVPN_FRAME_PATH_RETIRE_CONNECTION_ID	= 0x3e79,
	MQVPN_FRAME_MAX_PATH_ID			= 0x3e7a,
	MQVPN_FRAME_PATHS_BLOCKED		= 0x3e7b,
	MQVPN_FRAME_PATH_CIDS_BLOCKED		= 0x3e7c,
};

/**
 * struct mqvpn_reader - what is left of a packet's payload
 * @pos: next byte
 * @end: one past the last byte
 */
struct mqvpn_reader {
	const u8 *pos;
	const u8 *end;
};

/**
 * struct mqvpn_ack_frame - an ACK or PATH_ACK frame, RFC 9000 section 19.3
 * @path_id: path whose packets it acknowledges; 0 for ACK
 * @largest: largest packet number acknowledged
 * @delay: ACK Delay as on the wire, before the exponent
 * @range_count: ACK Range Count, without the first range
 * @first_range: length of the first range
 * @ranges: range_count pairs {gap, length} of varints, checked to be whole
 *	and to stay above zero
 * @has_ecn: whether @ecn is present
 * @ecn: ECT(0), ECT(1) and CE counts
 * @returned: ranges that mqvpn_ack_frame_next() gave
 */
struct mqvpn_ack_frame {
	u64 path_id;
	u64 largest;
	u64 delay;
	u64 range_count;
	u64 first_range;
	struct mqvpn_reader ranges;
	bool has_ecn;
	u64 ecn[3];
	u64 returned;
};

/**
 * struct mqvpn_close_frame - a CONNECTION_CLOSE frame, RFC 9000 section 19.19
 * @code: error code
 * @frame_type: type of the frame that caused it, 0 when unknown or 0x1d
 * @reason: reason phrase, not terminated
 * @reason_len: bytes in @reason
 */
struct mqvpn_close_frame {
	u64 code;
	u64 frame_type;
	const u8 *reason;
	size_t reason_len;
};

/**
 * struct mqvpn_retire_frame - a connection ID is no longer used
 * @path_id: its path, 0 without multipath
 * @sequence: its number
 */
struct mqvpn_retire_frame {
	u64 path_id;
	u64 sequence;
};

/**
 * struct mqvpn_frame - one frame of a packet
 * @type: frame type; PADDING stands for a whole run of it
 * @start: first byte, type included
 * @len: bytes from @start
 * @ack: of ACK and PATH_ACK, with and without ECN
 * @close: of both CONNECTION_CLOSE forms
 * @retire: of RETIRE_CONNECTION_ID and PATH_RETIRE_CONNECTION_ID
 * @data: of DATAGRAM: payload; PATH_CHALLENGE and PATH_RESPONSE: 8 bytes
 * @data_len: bytes in @data
 *
 * All other types are only checked to be whole and legal in themselves;
 * @start and @len say where they are.
 */
struct mqvpn_frame {
	u64 type;
	const u8 *start;
	size_t len;
	union {
		struct mqvpn_ack_frame ack;
		struct mqvpn_close_frame close;
		struct mqvpn_retire_frame retire;
		struct {
			const u8 *data;
			size_t data_len;
		};
	};
};

/**
 * struct mqvpn_ack_range - packet numbers that arrived
 * @first: smallest
 * @last: largest
 */
struct mqvpn_ack_range {
	u64 first;
	u64 last;
};

/* HkdfLabel: length, length of label, label, length of context */
#define MQVPN_HKDF_NAME_MAX	12
#define MQVPN_HKDF_LABEL_MAX	(2 + 1 + 6 + MQVPN_HKDF_NAME_MAX + 1)

/* varints, RFC 9000 section 16 */
int mqvpn_varint_get(struct mqvpn_reader *r, u64 *value);
unsigned int mqvpn_varint_len(u64 value);
u8 *mqvpn_varint_put(u8 *to, u64 value);

/* packet numbers and nonce */
u64 mqvpn_pn_decode(u64 next, u32 truncated, unsigned int len);
void mqvpn_pn_put(u8 *to, u64 pn);
u32 mqvpn_pn_get(const u8 *from, unsigned int len);
void mqvpn_nonce(const u8 iv[MQVPN_IV_LEN], u32 path_id, u64 pn,
		 u8 nonce[MQVPN_IV_LEN]);
unsigned int mqvpn_hkdf_label(u8 *to, u16 out_len, const char *label);

/* frames */
int mqvpn_frame_next(struct mqvpn_reader *r, struct mqvpn_frame *frame);
bool mqvpn_frame_ack_eliciting(u64 type);
bool mqvpn_frame_multipath(u64 type);
bool mqvpn_frame_probing(u64 type);
bool mqvpn_frame_kernels(u64 type);
bool mqvpn_frame_servers(u64 type);
bool mqvpn_frame_retires(u64 type);
bool mqvpn_frame_open_ended(u64 type);
int mqvpn_ack_frame_next(struct mqvpn_ack_frame *ack,
			 struct mqvpn_ack_range *range);
unsigned int mqvpn_ack_frame_put(u8 *to, unsigned int room, bool multipath,
				 u32 path_id, u64 delay,
				 const struct mqvpn_ack_range *ranges,
				 unsigned int count);
unsigned int mqvpn_close_frame_put(u8 *to, bool app,
				   const struct mqvpn_close_frame *close);
unsigned int mqvpn_datagram_head_put(u8 *to, u64 quarter_stream_id);
int mqvpn_http_datagram_get(struct mqvpn_reader *r, u64 *quarter_stream_id,
			    u64 *context_id);

#endif
