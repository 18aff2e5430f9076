// SPDX-License-Identifier: GPL-2.0
/* libFuzzer target for the codec: an input is the payload of a 1-RTT packet,
 * and its bytes serve once more as packet numbers and varints. What the codec
 * reads has to lie within the input, and has to come back from what it writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>

#include "../../kmod/frame.c"

/* Also with NDEBUG, and with the input in libFuzzer's hands afterwards. */
#define MUST(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: %s\n", __FILE__,	\
				__LINE__, #condition);			\
			abort();					\
		}							\
	} while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A copy that ends where its memory does, so that reading on is noticed. */
static u8 *copy_of(const u8 *bytes, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	return copy;
}

static bool within(const struct mqvpn_frame *frame, const u8 *pos, size_t len)
{
	return pos >= frame->start && len <= frame->len &&
	       (size_t)(pos - frame->start) <= frame->len - len;
}

static bool is_ack(u64 type)
{
	return type == MQVPN_FRAME_ACK || type == MQVPN_FRAME_ACK_ECN ||
	       type == MQVPN_FRAME_PATH_ACK || type == MQVPN_FRAME_PATH_ACK_ECN;
}

/* Frames whose end is the packet's, or that of a run of zeros. */
static bool is_open(u64 type)
{
	return type == MQVPN_FRAME_PADDING || type == MQVPN_FRAME_DATAGRAM ||
	       ((type & ~FRAME_STREAM_BITS) == MQVPN_FRAME_STREAM &&
		!(type & FRAME_STREAM_LEN));
}

static void check_varint(const u8 *data, size_t size)
{
	struct mqvpn_reader r = { data, data + size };
	u64 value, again;
	size_t used;
	u8 bytes[8];
	u8 *end;

	if (mqvpn_varint_get(&r, &value)) {
		MUST(!size || size < 1U << (*data >> 6));
		MUST(r.pos == data);
		return;
	}
	used = r.pos - data;
	MUST(used == 1U << (*data >> 6) && used <= size);
	MUST(value <= MQVPN_VARINT_MAX);
	MUST(mqvpn_varint_len(value) <= used);
	end = mqvpn_varint_put(bytes, value);
	MUST(end == bytes + mqvpn_varint_len(value));
	MUST(used != mqvpn_varint_len(value) || !memcmp(bytes, data, used));
	r.pos = bytes;
	r.end = end;
	MUST(!mqvpn_varint_get(&r, &again) && again == value && r.pos == end);
}

/* The nearest number with these low bits, among those that there are. */
static void check_pn(const u8 *data, size_t size)
{
	unsigned int len;
	u64 next, pn, win;
	u32 truncated;
	u8 bytes[4];

	if (size < sizeof(next) + sizeof(bytes))
		return;
	len = 1 + *data % 4;
	memcpy(&next, data, sizeof(next));
	next >>= 2 + next % 61;
	win = 1ULL << (8 * len);
	truncated = mqvpn_pn_get(data + sizeof(next), len);
	MUST(truncated < win);
	pn = mqvpn_pn_decode(next, truncated, len);
	MUST(pn <= MQVPN_PN_MAX);
	MUST((pn & (win - 1)) == truncated);
	if (pn < next)
		MUST(next - pn < win / 2 || pn + win > MQVPN_PN_MAX);
	else
		MUST(pn - next <= win / 2 || pn < win);
	mqvpn_pn_put(bytes, pn);
	MUST(mqvpn_pn_get(bytes + sizeof(bytes) - len, len) == truncated);
}

/* Two numbers of two paths never share a nonce; xor twice is nothing. */
static void check_nonce(const u8 *data, size_t size)
{
	static const u8 none[MQVPN_IV_LEN];
	u8 nonce[MQVPN_IV_LEN];
	u32 path_id;
	u64 pn;

	if (size < MQVPN_IV_LEN)
		return;
	memcpy(&path_id, data, sizeof(path_id));
	memcpy(&pn, data + sizeof(path_id), sizeof(pn));
	mqvpn_nonce(data, path_id, pn, nonce);
	mqvpn_nonce(nonce, path_id, pn, nonce);
	MUST(!memcmp(nonce, data, sizeof(nonce)));
	mqvpn_nonce(none, path_id, pn, nonce);
	MUST(mqvpn_pn_get(nonce, 4) == path_id);
	MUST(mqvpn_pn_get(nonce + 4, 4) == pn >> 32);
	MUST(mqvpn_pn_get(nonce + 8, 4) == (u32)pn);
}

static void same_ranges(struct mqvpn_ack_frame ack,
			const struct mqvpn_ack_range *ranges,
			unsigned int count)
{
	struct mqvpn_ack_range range;
	unsigned int i;

	for (i = 0; i < count; i++) {
		MUST(!mqvpn_ack_frame_next(&ack, &range));
		MUST(range.first == ranges[i].first);
		MUST(range.last == ranges[i].last);
	}
	MUST(mqvpn_ack_frame_next(&ack, &range) == -ENODATA);
}

/* Our writer, given what was read and so much room, writes what reads alike. */
static void rewrite_ack(const struct mqvpn_frame *frame,
			const struct mqvpn_ack_range *ranges,
			unsigned int count, size_t room)
{
	bool path = frame->type >= MQVPN_FRAME_PATH_ACK;
	u8 *bytes = malloc(room ? room : 1);
	struct mqvpn_reader r = { bytes, bytes };
	struct mqvpn_frame again;
	unsigned int len;

	len = mqvpn_ack_frame_put(bytes, room, path, frame->ack.path_id,
				  frame->ack.delay, ranges, count);
	MUST(len <= room);
	if (len) {
		r.end += len;
		MUST(!mqvpn_frame_next(&r, &again) && r.pos == r.end);
		MUST(again.type == (path ? MQVPN_FRAME_PATH_ACK :
					   MQVPN_FRAME_ACK));
		MUST(again.ack.path_id == frame->ack.path_id);
		MUST(again.ack.delay == frame->ack.delay);
		MUST(again.ack.range_count < count);
		same_ranges(again.ack, ranges, again.ack.range_count + 1);
	}
	/* No varint gets longer, so what was read fits where it came from. */
	if (room >= frame->len && count <= MQVPN_ACK_RANGES_RX)
		MUST(len && again.ack.range_count == count - 1);
	free(bytes);
}

static void check_ack(const struct mqvpn_frame *frame)
{
	struct mqvpn_ack_range ranges[MQVPN_ACK_RANGES_RX + 1];
	struct mqvpn_ack_frame ack = frame->ack;
	struct mqvpn_ack_range range = { MQVPN_PN_MAX + 2, 0 };
	u64 count = 0, below;

	MUST(ack.path_id <= MQVPN_PATH_ID_MAX);
	MUST(ack.largest <= MQVPN_PN_MAX);
	MUST(within(frame, ack.ranges.pos, ack.ranges.end - ack.ranges.pos));
	below = range.first;
	while (!mqvpn_ack_frame_next(&ack, &range)) {
		MUST(range.first <= range.last && range.last + 1 < below);
		below = range.first;
		if (count < ARRAY_SIZE(ranges))
			ranges[count] = range;
		count++;
	}
	MUST(count == frame->ack.range_count + 1);
	MUST(ranges[0].last == frame->ack.largest);
	if (count > ARRAY_SIZE(ranges))
		count = ARRAY_SIZE(ranges);
	rewrite_ack(frame, ranges, count, frame->len);
	rewrite_ack(frame, ranges, count, frame->len / 2);
	rewrite_ack(frame, ranges, count, frame->ack.delay % 64);
}

/* What precedes an IP packet: from our writer for any stream, and read. */
static void check_datagram(const struct mqvpn_frame *frame)
{
	struct mqvpn_reader r = { frame->data, frame->data + frame->data_len };
	u8 head[MQVPN_DATAGRAM_HEAD_MAX];
	struct mqvpn_frame again;
	u64 stream, context;
	unsigned int len;

	MUST(within(frame, frame->data, frame->data_len));
	MUST(frame->data + frame->data_len == frame->start + frame->len);
	if (mqvpn_http_datagram_get(&r, &stream, &context))
		return;
	MUST(r.pos > frame->data && r.pos <= r.end);
	len = mqvpn_datagram_head_put(head, stream);
	MUST(len <= sizeof(head));
	r.pos = head;
	r.end = head + len;
	MUST(!mqvpn_frame_next(&r, &again));
	MUST(again.type == MQVPN_FRAME_DATAGRAM && again.len == len);
	r.pos = again.data;
	MUST(!mqvpn_http_datagram_get(&r, &context, &context) && !context);
	r.pos = again.data;
	MUST(!mqvpn_varint_get(&r, &context) && context == stream);
}

static void check_content(const struct mqvpn_frame *frame)
{
	if (is_ack(frame->type))
		check_ack(frame);
	switch (frame->type) {
	case MQVPN_FRAME_DATAGRAM:
	case MQVPN_FRAME_DATAGRAM_LEN:
		check_datagram(frame);
		break;
	case MQVPN_FRAME_PATH_CHALLENGE:
	case MQVPN_FRAME_PATH_RESPONSE:
		MUST(frame->data_len == FRAME_PATH_DATA_LEN);
		MUST(within(frame, frame->data, frame->data_len));
		break;
	case MQVPN_FRAME_CONNECTION_CLOSE:
	case MQVPN_FRAME_CONNECTION_CLOSE_APP:
		MUST(within(frame, frame->close.reason,
			    frame->close.reason_len));
		break;
	}
}

/* A frame reads alike without its neighbours, and is none without its end. */
static void check_alone(const struct mqvpn_frame *frame, size_t cut)
{
	u8 *copy = copy_of(frame->start, frame->len - cut);
	struct mqvpn_reader r = { copy, copy + frame->len - cut };
	struct mqvpn_frame again;
	int err = mqvpn_frame_next(&r, &again);

	if (!cut) {
		MUST(!err && again.type == frame->type);
		MUST(again.len == frame->len && r.pos == r.end);
	} else if (!is_open(frame->type)) {
		MUST(err == (frame->len == cut ? -ENODATA : -EINVAL));
	}
	free(copy);
}

static void check_type(const struct mqvpn_frame *frame)
{
	u8 bytes[8];
	size_t len;

	MUST(frame->type <= MQVPN_FRAME_PATH_CIDS_BLOCKED);
	len = mqvpn_varint_put(bytes, frame->type) - bytes;
	MUST(len <= frame->len && !memcmp(bytes, frame->start, len));
	if (is_ack(frame->type) || frame->type == MQVPN_FRAME_PADDING)
		MUST(!mqvpn_frame_ack_eliciting(frame->type));
}

static void check_frames(const u8 *data, size_t size)
{
	struct mqvpn_reader r = { data, data + size };
	const u8 *pos = data;
	struct mqvpn_frame frame;
	int err;

	while (!(err = mqvpn_frame_next(&r, &frame))) {
		MUST(frame.start == pos && frame.len > 0);
		MUST(r.end == data + size && r.pos <= r.end);
		MUST(frame.start + frame.len == r.pos);
		pos = r.pos;
		check_type(&frame);
		check_content(&frame);
		check_alone(&frame, 0);
		check_alone(&frame, 1);
		check_alone(&frame, frame.len / 2 + 1);
	}
	MUST(err == -ENODATA || err == -EINVAL || err == -EPROTO);
	MUST((err == -ENODATA) == (pos == data + size));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	check_varint(data, size);
	check_pn(data, size);
	check_nonce(data, size);
	check_frames(data, size);
	return 0;
}
