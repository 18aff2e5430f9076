// SPDX-License-Identifier: GPL-2.0
/*
 * Header and frame codec of QUIC 1-RTT packets: RFC 9000, RFC 9221, RFC 10069.
 *
 * Everything here reads or writes bytes that the caller holds and nothing else:
 * no allocation, no lock, no sleep. All functions may run in any context.
 */
#include "frame.h"

/* RFC 9000 section 4.6 and 19.11: more streams have no identifier */
#define FRAME_STREAMS_MAX	0x1000000000000000ULL

/* RFC 9000 section 19.8: bits of a STREAM frame's type */
#define FRAME_STREAM_BITS	0x07ULL
#define FRAME_STREAM_LEN	0x02
#define FRAME_STREAM_OFF	0x04

#define FRAME_PATH_DATA_LEN	8	/* PATH_CHALLENGE, PATH_RESPONSE */

static inline size_t reader_left(const struct mqvpn_reader *r)
{
	return r->end - r->pos;
}

static int varint_get_long(struct mqvpn_reader *r, u64 *value)
{
	unsigned int len = 1U << (*r->pos >> 6);
	u64 v = *r->pos & 0x3f;
	unsigned int i;

	if (reader_left(r) < len)
		return -EINVAL;
	for (i = 1; i < len; i++)
		v = v << 8 | r->pos[i];
	r->pos += len;
	*value = v;
	return 0;
}

/* Nearly all varints of a data packet have one byte: those cost no call. */
static inline int varint_get(struct mqvpn_reader *r, u64 *value)
{
	if (r->pos == r->end)
		return -EINVAL;
	if (*r->pos >= 0x40)
		return varint_get_long(r, value);
	*value = *r->pos++;
	return 0;
}

/**
 * mqvpn_varint_get() - read a variable-length integer, RFC 9000 section 16
 * @r: reader; moves behind the integer, or stays where it is on an error
 * @value: the integer
 *
 * All encodings are accepted, not only the shortest.
 *
 * Context: any.
 * Return: 0, or -EINVAL when it is not there as a whole.
 */
int mqvpn_varint_get(struct mqvpn_reader *r, u64 *value)
{
	return varint_get(r, value);
}

static inline unsigned int varint_len(u64 value)
{
	if (value < 1ULL << 6)
		return 1;
	if (value < 1ULL << 14)
		return 2;
	return value < 1ULL << 30 ? 4 : 8;
}

/**
 * mqvpn_varint_len() - bytes of an integer's shortest encoding
 * @value: the integer, at most MQVPN_VARINT_MAX
 *
 * Context: any.
 * Return: 1, 2, 4 or 8.
 */
unsigned int mqvpn_varint_len(u64 value)
{
	return varint_len(value);
}

/**
 * mqvpn_varint_put() - write a variable-length integer, RFC 9000 section 16
 * @to: where to; there is room for mqvpn_varint_len() bytes
 * @value: the integer, at most MQVPN_VARINT_MAX
 *
 * Context: any.
 * Return: one past the last byte written.
 */
u8 *mqvpn_varint_put(u8 *to, u64 value)
{
	static const u8 prefix[] = { [2] = 0x40, [4] = 0x80, [8] = 0xc0 };
	unsigned int len = varint_len(value);
	unsigned int i;

	if (len == 1) {
		*to = value;
		return to + 1;
	}
	for (i = len; i--; value >>= 8)
		to[i] = value;
	*to |= prefix[len];
	return to + len;
}

/**
 * mqvpn_pn_decode() - complete a packet number, RFC 9000 appendix A.3
 * @next: largest packet number received in this space plus one, 0 for none
 * @truncated: the number as in the packet, without header protection
 * @len: bytes it had there, 1 to 4
 *
 * Context: any.
 * Return: the candidate that is nearest to @next.
 */
u64 mqvpn_pn_decode(u64 next, u32 truncated, unsigned int len)
{
	u64 win = 1ULL << (8 * len);
	u64 pn = (next & ~(win - 1)) | truncated;

	if (pn + win / 2 <= next && pn + win <= MQVPN_PN_MAX)
		return pn + win;
	if ((pn > next + win / 2 || pn > MQVPN_PN_MAX) && pn >= win)
		return pn - win;
	return pn;
}

/**
 * mqvpn_pn_put() - write the low MQVPN_PN_LEN bytes of a packet number
 * @to: where to
 * @pn: packet number
 *
 * Four bytes serve as long as fewer than 2^31 packets are unacknowledged, RFC
 * 9000 section 17.1.
 *
 * Context: any.
 */
void mqvpn_pn_put(u8 *to, u64 pn)
{
	to[0] = pn >> 24;
	to[1] = pn >> 16;
	to[2] = pn >> 8;
	to[3] = pn;
}

/**
 * mqvpn_pn_get() - read a truncated packet number
 * @from: its first byte, without header protection
 * @len: bytes, 1 to 4
 *
 * Context: any.
 * Return: the number to be given to mqvpn_pn_decode().
 */
u32 mqvpn_pn_get(const u8 *from, unsigned int len)
{
	u32 pn = 0;

	while (len--)
		pn = pn << 8 | *from++;
	return pn;
}

/**
 * mqvpn_nonce() - AEAD nonce of a packet, RFC 10069 section 2.4
 * @iv: "quic iv" of RFC 9001 section 5.1
 * @path_id: path identifier; with 0 it is the nonce of RFC 9001 section 5.3
 * @pn: packet number, whole
 * @nonce: result: @iv xor (@path_id in 32 bits, @pn in 64 bits, big endian)
 *
 * Context: any.
 */
void mqvpn_nonce(const u8 iv[MQVPN_IV_LEN], u32 path_id, u64 pn,
		 u8 nonce[MQVPN_IV_LEN])
{
	int i;

	for (i = 0; i < 4; i++)
		nonce[i] = iv[i] ^ (u8)(path_id >> (24 - 8 * i));
	for (i = 0; i < 8; i++)
		nonce[4 + i] = iv[4 + i] ^ (u8)(pn >> (56 - 8 * i));
}

/**
 * mqvpn_hkdf_label() - the info of HKDF-Expand-Label, RFC 8446 section 7.1
 * @to: where to; room for MQVPN_HKDF_LABEL_MAX bytes
 * @out_len: bytes that will be derived
 * @label: label without "tls13 ", at most MQVPN_HKDF_NAME_MAX characters
 *
 * QUIC's labels have an empty context, RFC 9001 section 5.1.
 *
 * Context: any.
 * Return: bytes written.
 */
unsigned int mqvpn_hkdf_label(u8 *to, u16 out_len, const char *label)
{
	static const char prefix[6] = { 't', 'l', 's', '1', '3', ' ' };
	size_t len = strlen(label);

	to[0] = out_len >> 8;
	to[1] = out_len;
	to[2] = sizeof(prefix) + len;
	memcpy(to + 3, prefix, sizeof(prefix));
	memcpy(to + 3 + sizeof(prefix), label, len);
	to[3 + sizeof(prefix) + len] = 0;
	return 4 + sizeof(prefix) + len;
}

static int skip_bytes(struct mqvpn_reader *r, u64 len)
{
	if (reader_left(r) < len)
		return -EINVAL;
	r->pos += len;
	return 0;
}

static int skip_varints(struct mqvpn_reader *r, unsigned int count)
{
	u64 ignored;

	while (count--)
		if (varint_get(r, &ignored))
			return -EINVAL;
	return 0;
}

/* RFC 10069: a path identifier has 32 bits though its varint has 62. */
static int path_id_get(struct mqvpn_reader *r, u64 *path_id)
{
	if (varint_get(r, path_id) || *path_id > MQVPN_PATH_ID_MAX)
		return -EINVAL;
	return 0;
}

/* A path identifier and @count more varints, RFC 10069 section 4. */
static int path_frame(struct mqvpn_reader *r, unsigned int count)
{
	u64 path_id;

	return path_id_get(r, &path_id) ?: skip_varints(r, count);
}

static void padding_frame(struct mqvpn_reader *r)
{
	while (r->pos != r->end && *r->pos == MQVPN_FRAME_PADDING)
		r->pos++;
}

/* One more range below @smallest, RFC 9000 section 19.3.1. */
static inline int ack_range_get(struct mqvpn_reader *r, u64 smallest,
				struct mqvpn_ack_range *range)
{
	u64 gap, len;

	if (varint_get(r, &gap) || varint_get(r, &len))
		return -EINVAL;
	/* Neither sum can overflow: varints have 62 bits. */
	if (gap + 2 + len > smallest)
		return -EINVAL;
	range->last = smallest - gap - 2;
	range->first = range->last - len;
	return 0;
}

static int ack_ranges_check(struct mqvpn_reader *r, struct mqvpn_ack_frame *ack)
{
	struct mqvpn_ack_range range;
	u64 i;

	if (ack->first_range > ack->largest)
		return -EINVAL;
	/* A range has two bytes at least: do not start what cannot end. */
	if (ack->range_count > reader_left(r) / 2)
		return -EINVAL;
	range.first = ack->largest - ack->first_range;
	ack->ranges.pos = r->pos;
	for (i = 0; i < ack->range_count; i++)
		if (ack_range_get(r, range.first, &range))
			return -EINVAL;
	ack->ranges.end = r->pos;
	return 0;
}

static int ecn_get(struct mqvpn_reader *r, u64 ecn[3])
{
	int i;

	for (i = 0; i < 3; i++)
		if (varint_get(r, &ecn[i]))
			return -EINVAL;
	return 0;
}

static int ack_frame(struct mqvpn_reader *r, struct mqvpn_ack_frame *ack,
		     bool path, bool ecn)
{
	ack->path_id = 0;
	ack->returned = 0;
	ack->has_ecn = ecn;
	if (path && path_id_get(r, &ack->path_id))
		return -EINVAL;
	if (varint_get(r, &ack->largest) || varint_get(r, &ack->delay) ||
	    varint_get(r, &ack->range_count) ||
	    varint_get(r, &ack->first_range) || ack_ranges_check(r, ack))
		return -EINVAL;
	return ecn ? ecn_get(r, ack->ecn) : 0;
}

/* Bytes at @offset of a stream must not end above the largest offset. */
static int stream_bytes(struct mqvpn_reader *r, u64 offset, u64 len)
{
	if (offset + len > MQVPN_VARINT_MAX)
		return -EINVAL;
	return skip_bytes(r, len);
}

static int stream_frame(struct mqvpn_reader *r, u64 type)
{
	u64 offset = 0;
	u64 len;

	if (skip_varints(r, 1))
		return -EINVAL;
	if ((type & FRAME_STREAM_OFF) && varint_get(r, &offset))
		return -EINVAL;
	if (!(type & FRAME_STREAM_LEN))
		len = reader_left(r);
	else if (varint_get(r, &len))
		return -EINVAL;
	return stream_bytes(r, offset, len);
}

static int crypto_frame(struct mqvpn_reader *r)
{
	u64 offset, len;

	if (varint_get(r, &offset) || varint_get(r, &len))
		return -EINVAL;
	return stream_bytes(r, offset, len);
}

static int new_token_frame(struct mqvpn_reader *r)
{
	u64 len;

	if (varint_get(r, &len) || !len)
		return -EINVAL;
	return skip_bytes(r, len);
}

static int stream_count_frame(struct mqvpn_reader *r)
{
	u64 count;

	if (varint_get(r, &count) || count > FRAME_STREAMS_MAX)
		return -EINVAL;
	return 0;
}

/* RFC 9000 section 19.15, RFC 10069 section 4.5 */
static int new_cid_frame(struct mqvpn_reader *r, bool path)
{
	u64 path_id, seq, retire;
	unsigned int len;

	if (path && path_id_get(r, &path_id))
		return -EINVAL;
	if (varint_get(r, &seq) || varint_get(r, &retire) || retire > seq)
		return -EINVAL;
	if (r->pos == r->end)
		return -EINVAL;
	len = *r->pos++;
	if (!len || len > MQVPN_CID_MAX)
		return -EINVAL;
	return skip_bytes(r, len + MQVPN_RESET_TOKEN_LEN);
}

static int data_get(struct mqvpn_reader *r, struct mqvpn_frame *frame, u64 len)
{
	frame->data = r->pos;
	frame->data_len = len;
	return skip_bytes(r, len);
}

static int datagram_len_frame(struct mqvpn_reader *r, struct mqvpn_frame *frame)
{
	u64 len;

	if (varint_get(r, &len))
		return -EINVAL;
	return data_get(r, frame, len);
}

static int close_frame(struct mqvpn_reader *r, struct mqvpn_close_frame *close,
		       bool app)
{
	u64 len;

	close->frame_type = 0;
	if (varint_get(r, &close->code) ||
	    (!app && varint_get(r, &close->frame_type)) || varint_get(r, &len))
		return -EINVAL;
	close->reason = r->pos;
	close->reason_len = len;
	return skip_bytes(r, len);
}

/* Types of RFC 9000 that the data path seldom sees. */
static int rare_frame(struct mqvpn_reader *r, struct mqvpn_frame *frame)
{
	switch (frame->type) {
	case MQVPN_FRAME_HANDSHAKE_DONE:
		return 0;
	case MQVPN_FRAME_MAX_DATA:
	case MQVPN_FRAME_DATA_BLOCKED:
		return skip_varints(r, 1);
	case MQVPN_FRAME_RETIRE_CONNECTION_ID:
		frame->retire.path_id = 0;
		return varint_get(r, &frame->retire.sequence);
	case MQVPN_FRAME_STOP_SENDING:
	case MQVPN_FRAME_MAX_STREAM_DATA:
	case MQVPN_FRAME_STREAM_DATA_BLOCKED:
		return skip_varints(r, 2);
	case MQVPN_FRAME_RESET_STREAM:
		return skip_varints(r, 3);
	case MQVPN_FRAME_MAX_STREAMS_BIDI:
	case MQVPN_FRAME_MAX_STREAMS_UNI:
	case MQVPN_FRAME_STREAMS_BLOCKED_BIDI:
	case MQVPN_FRAME_STREAMS_BLOCKED_UNI:
		return stream_count_frame(r);
	case MQVPN_FRAME_CRYPTO:
		return crypto_frame(r);
	case MQVPN_FRAME_NEW_TOKEN:
		return new_token_frame(r);
	case MQVPN_FRAME_NEW_CONNECTION_ID:
		return new_cid_frame(r, false);
	case MQVPN_FRAME_CONNECTION_CLOSE:
	case MQVPN_FRAME_CONNECTION_CLOSE_APP:
		return close_frame(r, &frame->close, frame->type ==
				   MQVPN_FRAME_CONNECTION_CLOSE_APP);
	default:
		return -EINVAL;
	}
}

/* Types of RFC 10069 but PATH_ACK. */
static int multipath_frame(struct mqvpn_reader *r, struct mqvpn_frame *frame)
{
	switch (frame->type) {
	case MQVPN_FRAME_PATH_ABANDON:
	case MQVPN_FRAME_PATH_STATUS_BACKUP:
	case MQVPN_FRAME_PATH_STATUS_AVAILABLE:
	case MQVPN_FRAME_PATH_CIDS_BLOCKED:
		return path_frame(r, 1);
	case MQVPN_FRAME_PATH_RETIRE_CONNECTION_ID:
		return path_id_get(r, &frame->retire.path_id) ?:
		       varint_get(r, &frame->retire.sequence);
	case MQVPN_FRAME_PATH_NEW_CONNECTION_ID:
		return new_cid_frame(r, true);
	case MQVPN_FRAME_MAX_PATH_ID:
	case MQVPN_FRAME_PATHS_BLOCKED:
		return path_frame(r, 0);
	default:
		return -EINVAL;
	}
}

static int frame_body(struct mqvpn_reader *r, struct mqvpn_frame *frame)
{
	u64 type = frame->type;

	switch (type) {
	case MQVPN_FRAME_PADDING:
		padding_frame(r);
		return 0;
	case MQVPN_FRAME_PING:
		return 0;
	case MQVPN_FRAME_ACK:
	case MQVPN_FRAME_ACK_ECN:
	case MQVPN_FRAME_PATH_ACK:
	case MQVPN_FRAME_PATH_ACK_ECN:
		return ack_frame(r, &frame->ack, type >= MQVPN_FRAME_PATH_ACK,
				 type & 1);
	case MQVPN_FRAME_DATAGRAM_LEN:
		return datagram_len_frame(r, frame);
	case MQVPN_FRAME_PATH_CHALLENGE:
	case MQVPN_FRAME_PATH_RESPONSE:
		return data_get(r, frame, FRAME_PATH_DATA_LEN);
	}
	if ((type & ~FRAME_STREAM_BITS) == MQVPN_FRAME_STREAM)
		return stream_frame(r, type);
	if (type >= MQVPN_FRAME_PATH_ABANDON)
		return multipath_frame(r, frame);
	return rare_frame(r, frame);
}

/* RFC 9000 section 12.4: a type has its shortest encoding. */
static int type_get_long(struct mqvpn_reader *r, u64 *type)
{
	const u8 *start = r->pos;

	if (varint_get(r, type))
		return -EINVAL;
	return r->pos - start == varint_len(*type) ? 0 : -EPROTO;
}

/**
 * mqvpn_frame_next() - read one frame of a 1-RTT packet
 * @r: rest of the packet's payload; moves behind the frame, undefined on error
 * @frame: the frame; pointers in it point into the payload
 *
 * The frame is checked to be whole and legal in itself, for every type of RFC
 * 9000, RFC 9221 and RFC 10069 that a 1-RTT packet may carry. What depends on
 * the connection is the caller's: role, limits, negotiation, and how many
 * ranges of an acknowledgment it is willing to look at (@frame->ack.range_count
 * is bounded by the bytes there are, not by MQVPN_ACK_RANGES_RX).
 *
 * Context: any; the data path in softirq.
 * Return:
 * * 0 - @frame is filled
 * * -ENODATA - there is no further frame
 * * -EINVAL - malformed or of unknown type, FRAME_ENCODING_ERROR
 * * -EPROTO - type not in its shortest encoding, PROTOCOL_VIOLATION
 */
int mqvpn_frame_next(struct mqvpn_reader *r, struct mqvpn_frame *frame)
{
	int err;

	if (r->pos == r->end)
		return -ENODATA;
	frame->start = r->pos;
	frame->type = *r->pos;
	if (frame->type < 0x40) {
		r->pos++;
	} else {
		err = type_get_long(r, &frame->type);
		if (err)
			return err;
	}
	if (frame->type == MQVPN_FRAME_DATAGRAM)
		err = data_get(r, frame, reader_left(r));
	else
		err = frame_body(r, frame);
	frame->len = r->pos - frame->start;
	return err;
}

/**
 * mqvpn_frame_ack_eliciting() - whether a frame wants an acknowledgment
 * @type: a type that mqvpn_frame_next() gave
 *
 * RFC 9002 section 2, and RFC 10069 for PATH_ACK.
 *
 * Context: any.
 * Return: false for PADDING, all acknowledgments and CONNECTION_CLOSE.
 */
bool mqvpn_frame_ack_eliciting(u64 type)
{
	switch (type) {
	case MQVPN_FRAME_PADDING:
	case MQVPN_FRAME_ACK:
	case MQVPN_FRAME_ACK_ECN:
	case MQVPN_FRAME_PATH_ACK:
	case MQVPN_FRAME_PATH_ACK_ECN:
	case MQVPN_FRAME_CONNECTION_CLOSE:
	case MQVPN_FRAME_CONNECTION_CLOSE_APP:
		return false;
	default:
		return true;
	}
}

/**
 * mqvpn_frame_probing() - tell whether a frame leaves open where the peer is
 * @type: frame type
 *
 * RFC 9000 section 9.1; the sender tries an address, and may be elsewhere.
 *
 * Context: any.
 * Return: true if so.
 */
bool mqvpn_frame_probing(u64 type)
{
	return type == MQVPN_FRAME_PADDING ||
	       type == MQVPN_FRAME_PATH_CHALLENGE ||
	       type == MQVPN_FRAME_PATH_RESPONSE ||
	       type == MQVPN_FRAME_NEW_CONNECTION_ID ||
	       type == MQVPN_FRAME_PATH_NEW_CONNECTION_ID;
}

/**
 * mqvpn_frame_multipath() - whether a frame is one of RFC 10069
 * @type: a type that mqvpn_frame_next() gave
 *
 * Context: any.
 * Return: true for those that are illegal unless multipath was negotiated.
 */
bool mqvpn_frame_multipath(u64 type)
{
	return type == MQVPN_FRAME_PATH_ACK ||
	       type == MQVPN_FRAME_PATH_ACK_ECN ||
	       (type >= MQVPN_FRAME_PATH_ABANDON &&
		type <= MQVPN_FRAME_PATH_CIDS_BLOCKED);
}

/**
 * mqvpn_frame_kernels() - whether frames of a type are dealt with in the kernel
 * @type: a type that mqvpn_frame_next() gave
 *
 * Context: any.
 * Return: false for those that are the owner's.
 */
bool mqvpn_frame_kernels(u64 type)
{
	switch (type) {
	case MQVPN_FRAME_PADDING:
	case MQVPN_FRAME_PING:
	case MQVPN_FRAME_ACK:
	case MQVPN_FRAME_ACK_ECN:
	case MQVPN_FRAME_PATH_ACK:
	case MQVPN_FRAME_PATH_ACK_ECN:
	case MQVPN_FRAME_PATH_CHALLENGE:
	case MQVPN_FRAME_PATH_RESPONSE:
	case MQVPN_FRAME_CONNECTION_CLOSE:
	case MQVPN_FRAME_CONNECTION_CLOSE_APP:
	case MQVPN_FRAME_DATAGRAM:
	case MQVPN_FRAME_DATAGRAM_LEN:
		return true;
	default:
		return false;
	}
}

/**
 * mqvpn_frame_servers() - whether only a server sends frames of a type
 * @type: a type that mqvpn_frame_next() gave
 *
 * RFC 9000 sections 19.7 and 19.20.
 *
 * Context: any.
 * Return: true if so.
 */
bool mqvpn_frame_servers(u64 type)
{
	return type == MQVPN_FRAME_NEW_TOKEN ||
	       type == MQVPN_FRAME_HANDSHAKE_DONE;
}

/**
 * mqvpn_frame_retires() - whether a frame retires a connection ID
 * @type: a type that mqvpn_frame_next() gave
 *
 * Context: any.
 * Return: true if so.
 */
bool mqvpn_frame_retires(u64 type)
{
	return type == MQVPN_FRAME_RETIRE_CONNECTION_ID ||
	       type == MQVPN_FRAME_PATH_RETIRE_CONNECTION_ID;
}

/**
 * mqvpn_frame_open_ended() - whether a frame goes to the end of its packet
 * @type: a type that mqvpn_frame_next() gave
 *
 * Context: any.
 * Return: true for DATAGRAM and STREAM frames without a length.
 */
bool mqvpn_frame_open_ended(u64 type)
{
	return type == MQVPN_FRAME_DATAGRAM ||
	       ((type & ~FRAME_STREAM_BITS) == MQVPN_FRAME_STREAM &&
		!(type & FRAME_STREAM_LEN));
}

/**
 * mqvpn_ack_frame_next() - next range of an acknowledgment, largest first
 * @ack: as mqvpn_frame_next() filled it; remembers what was returned
 * @range: in: the range of the call before, untouched; out: the next one
 *
 * Context: any.
 * Return: 0, or -ENODATA after the last range.
 */
int mqvpn_ack_frame_next(struct mqvpn_ack_frame *ack,
			 struct mqvpn_ack_range *range)
{
	if (ack->returned > ack->range_count)
		return -ENODATA;
	if (!ack->returned++) {
		range->last = ack->largest;
		range->first = ack->largest - ack->first_range;
		return 0;
	}
	return ack_range_get(&ack->ranges, range->first, range) ? -ENODATA : 0;
}

/* Ranges below the first, as many as fit between @to and @end. */
static u8 *ack_ranges_put(u8 *to, const u8 *end,
			  const struct mqvpn_ack_range *range,
			  unsigned int count, u8 *written)
{
	u64 gap, len;

	for (; count--; range++) {
		gap = range[-1].first - range->last - 2;
		len = range->last - range->first;
		if (end - to < (s64)varint_len(gap) + varint_len(len))
			break;
		to = mqvpn_varint_put(to, gap);
		to = mqvpn_varint_put(to, len);
		++*written;
	}
	return to;
}

/**
 * mqvpn_ack_frame_put() - write an ACK or PATH_ACK frame
 * @to: where to
 * @room: bytes there
 * @multipath: PATH_ACK with @path_id, RFC 10069 section 4.1; else ACK, RFC 9000
 *	section 19.3
 * @path_id: path whose packets are acknowledged
 * @delay: ACK Delay as on the wire: us, shifted by our ack_delay_exponent
 * @ranges: descending, with at least one number missing between two of them
 * @count: ranges there, at least 1; those beyond MQVPN_ACK_RANGES_RX are left
 *	out, because the deployed peers accept no more
 *
 * Writes as many ranges as fit, from the largest.
 *
 * Context: any.
 * Return: bytes written, 0 if @room does not do for the first range.
 */
unsigned int mqvpn_ack_frame_put(u8 *to, unsigned int room, bool multipath,
				 u32 path_id, u64 delay,
				 const struct mqvpn_ack_range *ranges,
				 unsigned int count)
{
	u64 first = ranges->last - ranges->first;
	unsigned int need = 2;
	u8 *pos = to;
	u8 *counter;

	need += multipath ? varint_len(path_id) : 0;
	need += varint_len(ranges->last) + varint_len(delay);
	need += varint_len(first);
	if (room < need)
		return 0;
	*pos++ = multipath ? MQVPN_FRAME_PATH_ACK : MQVPN_FRAME_ACK;
	if (multipath)
		pos = mqvpn_varint_put(pos, path_id);
	pos = mqvpn_varint_put(pos, ranges->last);
	pos = mqvpn_varint_put(pos, delay);
	/* Fewer than 64 more ranges: the count always has one byte. */
	counter = pos++;
	*counter = 0;
	pos = mqvpn_varint_put(pos, first);
	if (count > MQVPN_ACK_RANGES_RX)
		count = MQVPN_ACK_RANGES_RX;
	pos = ack_ranges_put(pos, to + room, ranges + 1, count - 1, counter);
	return pos - to;
}

/**
 * mqvpn_close_frame_put() - write a CONNECTION_CLOSE frame
 * @to: where to; room for MQVPN_CLOSE_FRAME_MAX bytes
 * @app: the error code is the application's, type 0x1d
 * @close: the frame; at most MQVPN_CLOSE_REASON_MAX bytes of its reason phrase
 *	are written
 *
 * RFC 9000 section 19.19.
 *
 * Context: any.
 * Return: bytes written.
 */
unsigned int mqvpn_close_frame_put(u8 *to, bool app,
				   const struct mqvpn_close_frame *close)
{
	size_t len = close->reason_len;
	u8 *pos = to;

	if (len > MQVPN_CLOSE_REASON_MAX)
		len = MQVPN_CLOSE_REASON_MAX;
	*pos++ = app ? MQVPN_FRAME_CONNECTION_CLOSE_APP :
		       MQVPN_FRAME_CONNECTION_CLOSE;
	pos = mqvpn_varint_put(pos, close->code);
	if (!app)
		pos = mqvpn_varint_put(pos, close->frame_type);
	pos = mqvpn_varint_put(pos, len);
	memcpy(pos, close->reason, len);
	return pos + len - to;
}

/**
 * mqvpn_datagram_head_put() - write what precedes an IP packet
 * @to: where to; room for MQVPN_DATAGRAM_HEAD_MAX bytes
 * @quarter_stream_id: request stream's identifier divided by four
 *
 * A DATAGRAM frame without length (RFC 9221 section 4: the packet's last),
 * quarter stream ID (RFC 9297 section 2.1), context ID 0 (RFC 9484 section 6).
 *
 * Context: any.
 * Return: bytes written.
 */
unsigned int mqvpn_datagram_head_put(u8 *to, u64 quarter_stream_id)
{
	u8 *pos = to;

	*pos++ = MQVPN_FRAME_DATAGRAM;
	pos = mqvpn_varint_put(pos, quarter_stream_id);
	*pos++ = 0;
	return pos - to;
}

/**
 * mqvpn_http_datagram_get() - read what precedes an IP packet in a DATAGRAM
 * @r: the frame's data; moves to the IP packet, undefined on error
 * @quarter_stream_id: RFC 9297 section 2.1
 * @context_id: RFC 9484 section 6
 *
 * Context: any.
 * Return: 0, or -EINVAL when truncated.
 */
int mqvpn_http_datagram_get(struct mqvpn_reader *r, u64 *quarter_stream_id,
			    u64 *context_id)
{
	if (varint_get(r, quarter_stream_id) || varint_get(r, context_id))
		return -EINVAL;
	return 0;
}
