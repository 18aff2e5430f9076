// SPDX-License-Identifier: GPL-2.0
/* The codec against the examples of the RFCs, against every way to cut a frame
 * short, and acknowledgments against sets of numbers counted one by one.
 */
#include <stdlib.h>
#include <linux/kernel.h>

#include "../../kmod/frame.c"

#include "ktap.h"
#include "../kunit/vectors-frame.h"

#define UNIVERSE	600	/* packet numbers in a random acknowledgment */

/* A copy that ends where its memory does, so that reading on is noticed. */
static u8 *copy_of(const void *bytes, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	return copy + !len;
}

static void copy_free(u8 *copy, size_t len)
{
	free(copy - !len);
}

/* The first frame of @len bytes; what is left goes to @left. */
static int parse(const void *bytes, size_t len, struct mqvpn_frame *frame,
		 size_t *left)
{
	u8 *copy = copy_of(bytes, len);
	struct mqvpn_reader r = { copy, copy + len };
	int err = mqvpn_frame_next(&r, frame);

	if (!err) {
		EXPECT(frame->start == copy);
		EXPECT(frame->start + frame->len == r.pos);
		EXPECT(r.pos <= r.end);
	}
	*left = r.end - r.pos;
	copy_free(copy, len);
	return err;
}

static void varints(void)
{
	const struct vector_varint *v;
	u8 bytes[8];
	unsigned int i, cut;
	u64 value;

	for (i = 0; i < ARRAY_SIZE(vector_varints); i++) {
		v = &vector_varints[i];
		for (cut = 0; cut <= v->len; cut++) {
			u8 *copy = copy_of(v->bytes, cut);
			struct mqvpn_reader r = { copy, copy + cut };
			int err = mqvpn_varint_get(&r, &value);

			EXPECT_EQ(err, cut < v->len ? -EINVAL : 0);
			EXPECT(r.pos == (err ? copy : copy + cut));
			copy_free(copy, cut);
		}
		EXPECT(value == v->value);
		if (!v->shortest) {
			EXPECT(mqvpn_varint_len(value) < v->len);
			continue;
		}
		EXPECT_EQ(mqvpn_varint_len(value), v->len);
		EXPECT(mqvpn_varint_put(bytes, value) == bytes + v->len);
		EXPECT(!memcmp(bytes, v->bytes, v->len));
	}
}

static void pn_decoding(void)
{
	const struct vector_pn *v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_pns); i++) {
		v = &vector_pns[i];
		EXPECT_EQ(mqvpn_pn_decode(v->next, v->truncated, v->len),
			  v->pn);
	}
}

/* Whatever is within half a window of what is expected is decoded right. */
static void pn_round_trip(void)
{
	unsigned int i, len;
	u8 bytes[4];

	srandom(9000);
	for (i = 0; i < 200000; i++) {
		u64 pn = ((u64)random() << 31 | random()) >> (random() % 62);
		s64 half, off;
		u64 next;

		len = 1 + random() % 4;
		half = 1LL << (8 * len - 1);
		off = (s64)(((u64)random() << 1) % (2 * half)) - half;
		next = pn + off;
		if (off < 0 && (u64)-off > pn)
			next = 0;
		if (!next && pn >= (u64)half)
			continue;
		if (next == pn + half)
			continue;
		mqvpn_pn_put(bytes, pn);
		EXPECT_EQ(mqvpn_pn_decode(next, mqvpn_pn_get(bytes + 4 - len,
							     len), len), pn);
	}
}

static void nonces(void)
{
	const struct vector_nonce *v;
	u8 nonce[MQVPN_IV_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_nonces); i++) {
		v = &vector_nonces[i];
		mqvpn_nonce((const u8 *)v->iv, v->path_id, v->pn, nonce);
		EXPECT(!memcmp(nonce, v->nonce, sizeof(nonce)));
	}
}

static void labels(void)
{
	const struct vector_label *v;
	u8 bytes[MQVPN_HKDF_LABEL_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_labels); i++) {
		v = &vector_labels[i];
		EXPECT_EQ(mqvpn_hkdf_label(bytes, v->out_len, v->name), v->len);
		EXPECT(!memcmp(bytes, v->bytes, v->len));
	}
	EXPECT_EQ(mqvpn_hkdf_label(bytes, 0x1234, "twelve chars"),
		  MQVPN_HKDF_LABEL_MAX);
	EXPECT(bytes[0] == 0x12 && bytes[1] == 0x34);
}

static void good_frames(void)
{
	const struct vector_frame *v;
	struct mqvpn_frame frame;
	unsigned int i;
	size_t left;

	for (i = 0; i < ARRAY_SIZE(vector_frames); i++) {
		v = &vector_frames[i];
		if (parse(v->bytes, v->len, &frame, &left) || left ||
		    frame.type != v->type || frame.len != v->len)
			printf("# %s\n", v->name), ktap_failed = true;
		EXPECT_EQ(mqvpn_frame_ack_eliciting(v->type), v->eliciting);
	}
}

static void truncated_frames(void)
{
	const struct vector_frame *v;
	struct mqvpn_frame frame;
	unsigned int i, cut;
	size_t left;
	int want;

	for (i = 0; i < ARRAY_SIZE(vector_frames); i++) {
		v = &vector_frames[i];
		for (cut = 0; !v->open && cut < v->len; cut++) {
			want = cut ? -EINVAL : -ENODATA;
			if (parse(v->bytes, cut, &frame, &left) == want)
				continue;
			printf("# %s, %u bytes\n", v->name, cut);
			ktap_failed = true;
		}
	}
}

static void frames_in_sequence(void)
{
	const struct vector_frame *v;
	struct mqvpn_reader r;
	struct mqvpn_frame frame;
	u8 bytes[4096];
	unsigned int i;
	size_t len = 0;

	for (i = 0; i < ARRAY_SIZE(vector_frames); i++) {
		v = &vector_frames[i];
		if (v->open && v->type)
			continue;
		memcpy(bytes + len, v->bytes, v->len);
		len += v->len;
	}
	r.pos = bytes;
	r.end = bytes + len;
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT_EQ(frame.type, MQVPN_FRAME_PADDING);
	EXPECT_EQ(frame.len, 1 + 8);
	for (i = 2; i < ARRAY_SIZE(vector_frames); i++) {
		v = &vector_frames[i];
		if (v->open)
			continue;
		EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
		EXPECT_EQ(frame.type, v->type);
		EXPECT_EQ(frame.len, v->len);
	}
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), -ENODATA);
}

static void bad_frames(void)
{
	const struct vector_bad_frame *v;
	struct mqvpn_frame frame;
	unsigned int i;
	size_t left;
	int err;

	for (i = 0; i < ARRAY_SIZE(vector_bad_frames); i++) {
		v = &vector_bad_frames[i];
		err = parse(v->bytes, v->len, &frame, &left);
		if (err != v->err)
			printf("# %s: %d\n", v->name, err), ktap_failed = true;
	}
}

/* No other type of one or two bytes is known. */
static void unknown_types(void)
{
	u8 bytes[64] = { 0 };
	struct mqvpn_frame frame;
	struct mqvpn_reader r;
	unsigned int type, i;
	bool known;
	int err;

	for (type = 0; type < 1 << 14; type++) {
		known = false;
		for (i = 0; i < ARRAY_SIZE(vector_frames); i++)
			known |= vector_frames[i].type == type;
		mqvpn_varint_put(bytes, type);
		r.pos = bytes;
		r.end = bytes + sizeof(bytes);
		err = mqvpn_frame_next(&r, &frame);
		/* Zeros do for all but an empty token and an empty ID. */
		if (type == MQVPN_FRAME_NEW_TOKEN ||
		    type == MQVPN_FRAME_NEW_CONNECTION_ID ||
		    type == MQVPN_FRAME_PATH_NEW_CONNECTION_ID)
			known = false;
		EXPECT_EQ(err, known ? 0 : -EINVAL);
	}
}

static void frame_contents(void)
{
	struct mqvpn_frame frame;
	struct mqvpn_reader r;

#define PARSE(bytes) \
	(r.pos = (const u8 *)(bytes), r.end = r.pos + sizeof(bytes) - 1, \
	 mqvpn_frame_next(&r, &frame))
	EXPECT_EQ(PARSE("\x30\x00\x00\x45\x00"), 0);
	EXPECT(frame.data_len == 4 && frame.data[2] == 0x45);
	EXPECT_EQ(PARSE("\x31\x02\x00\x45\x00"), 0);
	EXPECT(frame.data_len == 2 && frame.data[1] == 0x45);
	EXPECT_EQ(PARSE("\x1a\x01\x02\x03\x04\x05\x06\x07\x08"), 0);
	EXPECT(frame.data_len == 8 && frame.data[7] == 8);
	EXPECT_EQ(PARSE("\x1c\x0a\x18\x02\x6e\x6f"), 0);
	EXPECT(frame.close.code == 10 && frame.close.frame_type == 0x18);
	EXPECT(frame.close.reason_len == 2 && frame.close.reason[1] == 'o');
	EXPECT_EQ(PARSE("\x1d\x41\x00\x01\x6e"), 0);
	EXPECT(frame.close.code == 256 && frame.close.frame_type == 0);
	EXPECT(frame.close.reason_len == 1 && frame.close.reason[0] == 'n');
	EXPECT_EQ(PARSE("\x3f\x03\x0a\x05\x00\x03\x01\x02\x40\x41"), 0);
	EXPECT(frame.ack.path_id == 3 && frame.ack.largest == 10);
	EXPECT(frame.ack.delay == 5 && frame.ack.first_range == 3);
	EXPECT(frame.ack.range_count == 0 && frame.ack.has_ecn);
	EXPECT(frame.ack.ecn[0] == 1 && frame.ack.ecn[1] == 2);
	EXPECT(frame.ack.ecn[2] == 65);
	EXPECT_EQ(PARSE("\x02\x0a\x05\x00\x03"), 0);
	EXPECT(frame.ack.path_id == 0 && !frame.ack.has_ecn);
#undef PARSE
}

/* RFC 9000 section 19.3.1 by hand: 95..100, 92..93, 87. */
static void ack_iterates(void)
{
	static const u8 bytes[] = { 2, 0x40, 100, 0, 2, 5, 0, 1, 3, 0 };
	struct mqvpn_reader r = { bytes, bytes + sizeof(bytes) };
	struct mqvpn_ack_range range;
	struct mqvpn_frame frame;

	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), 0);
	EXPECT(range.first == 95 && range.last == 100);
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), 0);
	EXPECT(range.first == 92 && range.last == 93);
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), 0);
	EXPECT(range.first == 87 && range.last == 87);
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), -ENODATA);
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), -ENODATA);
}

/* Bytes of the frame with @count of @ranges, counted from the RFC's layout. */
static unsigned int ack_size(bool multipath, u32 path_id, u64 delay,
			     const struct mqvpn_ack_range *ranges,
			     unsigned int count)
{
	unsigned int size = 1 + 1, i;

	size += multipath ? mqvpn_varint_len(path_id) : 0;
	size += mqvpn_varint_len(ranges[0].last) + mqvpn_varint_len(delay);
	size += mqvpn_varint_len(ranges[0].last - ranges[0].first);
	for (i = 1; i < count; i++) {
		size += mqvpn_varint_len(ranges[i - 1].first - ranges[i].last -
					 2);
		size += mqvpn_varint_len(ranges[i].last - ranges[i].first);
	}
	return size;
}

/* Ranges of a random set, descending; returns how many. */
static unsigned int random_ranges(struct mqvpn_ack_range *ranges)
{
	u64 base = ((u64)random() << 31 | random()) >> (random() % 62);
	unsigned int density = 1 + random() % 100;
	unsigned int count = 0;
	bool in = false;
	int i;

	if (base > MQVPN_PN_MAX - UNIVERSE)
		base = MQVPN_PN_MAX - UNIVERSE;
	for (i = UNIVERSE; i >= 0; i--) {
		bool set = random() % 100 < density;

		if (set && !in)
			ranges[count++].last = base + i;
		if (set)
			ranges[count - 1].first = base + i;
		in = set;
	}
	return count;
}

static void ack_check(const u8 *bytes, unsigned int len, bool multipath,
		      u32 path_id, u64 delay,
		      const struct mqvpn_ack_range *ranges, unsigned int count)
{
	struct mqvpn_reader r = { bytes, bytes + len };
	struct mqvpn_ack_range range;
	struct mqvpn_frame frame;
	unsigned int i;

	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT(r.pos == r.end);
	EXPECT_EQ(frame.type, multipath ? 0x3e : 0x02);
	EXPECT_EQ(frame.ack.path_id, multipath ? path_id : 0);
	EXPECT_EQ(frame.ack.delay, delay);
	EXPECT_EQ(frame.ack.largest, ranges[0].last);
	EXPECT_EQ(frame.ack.range_count, count - 1);
	for (i = 0; i < count; i++) {
		EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), 0);
		EXPECT_EQ(range.last, ranges[i].last);
		EXPECT_EQ(range.first, ranges[i].first);
	}
	EXPECT_EQ(mqvpn_ack_frame_next(&frame.ack, &range), -ENODATA);
}

static void ack_round_trip(void)
{
	struct mqvpn_ack_range ranges[UNIVERSE];
	unsigned int turn, count, fit, room, len;

	srandom(13);
	for (turn = 0; turn < 20000; turn++) {
		bool multipath = random() % 2;
		u32 path_id = (u32)random() >> (random() % 31);
		u64 delay = random() >> (random() % 31);
		u8 *bytes;

		count = random_ranges(ranges);
		if (!count)
			continue;
		room = random() % (random() % 2 ? 300 : 40);
		bytes = copy_of(ranges, room);
		len = mqvpn_ack_frame_put(bytes, room, multipath, path_id,
					  delay, ranges, count);
		fit = 0;
		while (fit < count && fit < MQVPN_ACK_RANGES_RX &&
		       ack_size(multipath, path_id, delay, ranges, fit + 1) <=
		       room)
			fit++;
		EXPECT_EQ(len, fit ? ack_size(multipath, path_id, delay, ranges,
					      fit) : 0);
		if (len)
			ack_check(bytes, len, multipath, path_id, delay, ranges,
				  fit);
		copy_free(bytes, room);
	}
}

/* Damaged frames: no byte beyond the end is read, nothing wraps. */
static void damaged_frames(void)
{
	const struct vector_frame *v;
	struct mqvpn_ack_range range, last;
	struct mqvpn_frame frame;
	unsigned int turn, len;
	u8 bytes[64], *copy;

	srandom(42);
	for (turn = 0; turn < 300000; turn++) {
		struct mqvpn_reader r;
		unsigned int hits = random() % 4;

		v = &vector_frames[random() % ARRAY_SIZE(vector_frames)];
		len = v->len < sizeof(bytes) ? v->len : sizeof(bytes);
		memcpy(bytes, v->bytes, len);
		while (hits--)
			bytes[random() % len] = random();
		copy = copy_of(bytes, len);
		r.pos = copy;
		r.end = copy + len;
		while (!mqvpn_frame_next(&r, &frame)) {
			EXPECT(frame.len && r.pos <= r.end);
			if (frame.type != MQVPN_FRAME_ACK &&
			    frame.type != MQVPN_FRAME_PATH_ACK)
				continue;
			last.first = MQVPN_PN_MAX + 2;
			while (!mqvpn_ack_frame_next(&frame.ack, &range)) {
				EXPECT(range.first <= range.last);
				EXPECT(range.last + 1 < last.first);
				last = range;
			}
		}
		copy_free(copy, len);
	}
}

static void datagram_heads(void)
{
	static const u64 ids[] = { 0, 1, 63, 64, 16384, MQVPN_VARINT_MAX };
	u8 bytes[MQVPN_DATAGRAM_HEAD_MAX];
	struct mqvpn_reader r, data;
	struct mqvpn_frame frame;
	u64 stream, context;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		len = mqvpn_datagram_head_put(bytes, ids[i]);
		EXPECT_EQ(len, 2 + mqvpn_varint_len(ids[i]));
		r.pos = bytes;
		r.end = bytes + len;
		EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
		EXPECT_EQ(frame.type, MQVPN_FRAME_DATAGRAM);
		data.pos = frame.data;
		data.end = frame.data + frame.data_len;
		EXPECT_EQ(mqvpn_http_datagram_get(&data, &stream, &context), 0);
		EXPECT_EQ(stream, ids[i]);
		EXPECT_EQ(context, 0);
		EXPECT(data.pos == data.end);
		data.pos = frame.data;
		data.end--;
		EXPECT_EQ(mqvpn_http_datagram_get(&data, &stream, &context),
			  -EINVAL);
		data.end = data.pos;
		EXPECT_EQ(mqvpn_http_datagram_get(&data, &stream, &context),
			  -EINVAL);
	}
}

static void close_check(bool app, u64 code, u64 type, size_t len)
{
	static const u8 phrase[2 * MQVPN_CLOSE_REASON_MAX] = "because";
	struct mqvpn_close_frame close = {
		.code = code,
		.frame_type = type,
		.reason = phrase,
		.reason_len = len,
	};
	size_t cut = len < MQVPN_CLOSE_REASON_MAX ? len :
						    MQVPN_CLOSE_REASON_MAX;
	unsigned int room = MQVPN_CLOSE_FRAME_MAX;
	struct mqvpn_frame frame;
	struct mqvpn_reader r;
	unsigned int wrote;
	u8 *bytes;

	/* room for all that may come, and no byte more */
	bytes = copy_of(phrase, room);
	wrote = mqvpn_close_frame_put(bytes, app, &close);
	r.pos = bytes;
	r.end = bytes + wrote;
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT(r.pos == r.end);
	EXPECT_EQ(frame.type, app ? 0x1d : 0x1c);
	EXPECT_EQ(frame.close.code, code);
	EXPECT_EQ(frame.close.frame_type, app ? 0 : type);
	EXPECT_EQ(frame.close.reason_len, cut);
	EXPECT(!memcmp(frame.close.reason, phrase, cut));
	copy_free(bytes, room);
}

static void close_round_trip(void)
{
	static const size_t lengths[] = { 0, 7, 63, 64, MQVPN_CLOSE_REASON_MAX,
					  2 * MQVPN_CLOSE_REASON_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		close_check(false, 0, 0, lengths[i]);
		close_check(false, 0x0a, 0x3e75, lengths[i]);
		close_check(true, 0x0107, 0, lengths[i]);
		close_check(false, MQVPN_VARINT_MAX, MQVPN_VARINT_MAX,
			    lengths[i]);
	}
}

static void multipath_types(void)
{
	u64 type;

	for (type = 0; type < 0x10000; type++)
		EXPECT_EQ(mqvpn_frame_multipath(type),
			  type == 0x3e || type == 0x3f ||
			  (type >= 0x3e75 && type <= 0x3e7c));
}

static bool type_in(u64 type, const u64 *types, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (types[i] == type)
			return true;
	return false;
}

#define TYPE_IN(type, ...)						\
	type_in(type, (const u64[]){ __VA_ARGS__ },			\
		sizeof((const u64[]){ __VA_ARGS__ }) / sizeof(u64))

/* Who deals with a type, who may send it, where it may stand. */
static void kinds_of_types(void)
{
	u64 type;

	for (type = 0; type < 0x10000; type++) {
		EXPECT_EQ(mqvpn_frame_kernels(type),
			  TYPE_IN(type, 0x00, 0x01, 0x02, 0x03, 0x1a, 0x1b,
				  0x1c, 0x1d, 0x30, 0x31, 0x3e, 0x3f));
		EXPECT_EQ(mqvpn_frame_servers(type), TYPE_IN(type, 0x07, 0x1e));
		EXPECT_EQ(mqvpn_frame_probing(type),
			  TYPE_IN(type, 0x00, 0x18, 0x1a, 0x1b, 0x3e78));
		EXPECT_EQ(mqvpn_frame_retires(type),
			  TYPE_IN(type, 0x19, 0x3e79));
		EXPECT_EQ(mqvpn_frame_open_ended(type),
			  TYPE_IN(type, 0x08, 0x09, 0x0c, 0x0d, 0x30));
	}
}

static void retired_ids(void)
{
	static const u8 bytes[] = { 0x19, 0x40, 0x77, 0x7e, 0x79, 0x05, 0x3f };
	struct mqvpn_reader r = { bytes, bytes + sizeof(bytes) };
	struct mqvpn_frame frame;

	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT_EQ(frame.retire.path_id, 0);
	EXPECT_EQ(frame.retire.sequence, 0x77);
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT_EQ(frame.retire.path_id, 5);
	EXPECT_EQ(frame.retire.sequence, 0x3f);
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), -ENODATA);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(varints),
	KTAP_CASE(pn_decoding),
	KTAP_CASE(pn_round_trip),
	KTAP_CASE(nonces),
	KTAP_CASE(labels),
	KTAP_CASE(good_frames),
	KTAP_CASE(truncated_frames),
	KTAP_CASE(frames_in_sequence),
	KTAP_CASE(bad_frames),
	KTAP_CASE(unknown_types),
	KTAP_CASE(frame_contents),
	KTAP_CASE(ack_iterates),
	KTAP_CASE(ack_round_trip),
	KTAP_CASE(damaged_frames),
	KTAP_CASE(datagram_heads),
	KTAP_CASE(close_round_trip),
	KTAP_CASE(multipath_types),
	KTAP_CASE(kinds_of_types),
	KTAP_CASE(retired_ids),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
