// SPDX-License-Identifier: GPL-2.0
/* The codec and the window of packet numbers, as the kernel's compiler makes
 * them. The host's unit tests go further; the vectors are the same.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../../kmod/frame.c"
#include "../../kmod/ack.c"
#include "vectors-frame.h"

#define RANGES	(MQVPN_ACK_WINDOW / 2)

/* The first frame of @len bytes, in memory that ends with them. */
static int frame_parse(struct kunit *test, const char *bytes, size_t len,
		       struct mqvpn_frame *frame)
{
	u8 *copy = kunit_kmalloc(test, len, GFP_KERNEL);
	struct mqvpn_reader r = { copy, copy + len };
	int err;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, bytes, len);
	err = mqvpn_frame_next(&r, frame);
	kunit_kfree(test, copy);
	return err;
}

static void frame_test_varints(struct kunit *test)
{
	const struct vector_varint *v;
	struct mqvpn_reader r;
	unsigned int i;
	u8 bytes[8];
	u64 value;

	for (i = 0; i < ARRAY_SIZE(vector_varints); i++) {
		v = &vector_varints[i];
		r.pos = v->bytes;
		r.end = r.pos + v->len;
		KUNIT_EXPECT_EQ(test, mqvpn_varint_get(&r, &value), 0);
		KUNIT_EXPECT_EQ(test, value, v->value);
		KUNIT_EXPECT_TRUE(test, r.pos == r.end);
		if (!v->shortest)
			continue;
		KUNIT_EXPECT_EQ(test, mqvpn_varint_len(value), v->len);
		KUNIT_EXPECT_TRUE(test, mqvpn_varint_put(bytes, value) ==
				  bytes + v->len);
		KUNIT_EXPECT_EQ(test, memcmp(bytes, v->bytes, v->len), 0);
		r.pos = v->bytes;
		r.end--;
		KUNIT_EXPECT_EQ(test, mqvpn_varint_get(&r, &value), -EINVAL);
	}
}

static void frame_test_numbers(struct kunit *test)
{
	u8 bytes[MQVPN_PN_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_pns); i++) {
		const struct vector_pn *v = &vector_pns[i];

		KUNIT_EXPECT_EQ(test, v->pn,
				mqvpn_pn_decode(v->next, v->truncated, v->len));
		mqvpn_pn_put(bytes, v->pn);
		KUNIT_EXPECT_EQ(test, v->truncated,
				mqvpn_pn_get(bytes + MQVPN_PN_LEN - v->len,
					     v->len));
	}
}

static void frame_test_nonces(struct kunit *test)
{
	u8 nonce[MQVPN_IV_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_nonces); i++) {
		const struct vector_nonce *v = &vector_nonces[i];

		mqvpn_nonce(v->iv, v->path_id, v->pn, nonce);
		KUNIT_EXPECT_EQ(test, memcmp(nonce, v->nonce, sizeof(nonce)),
				0);
	}
}

static void frame_test_labels(struct kunit *test)
{
	u8 bytes[MQVPN_HKDF_LABEL_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_labels); i++) {
		const struct vector_label *v = &vector_labels[i];

		KUNIT_EXPECT_EQ(test, v->len,
				mqvpn_hkdf_label(bytes, v->out_len, v->name));
		KUNIT_EXPECT_EQ(test, memcmp(bytes, v->bytes, v->len), 0);
	}
}

static void frame_test_good(struct kunit *test)
{
	struct mqvpn_frame frame;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_frames); i++) {
		const struct vector_frame *v = &vector_frames[i];

		KUNIT_EXPECT_EQ_MSG(test, 0, frame_parse(test, v->bytes, v->len,
							 &frame), "%s",
				    v->name);
		KUNIT_EXPECT_EQ(test, frame.type, v->type);
		KUNIT_EXPECT_EQ(test, frame.len, v->len);
		KUNIT_EXPECT_EQ(test, mqvpn_frame_ack_eliciting(v->type),
				v->eliciting);
	}
}

static void frame_test_truncated(struct kunit *test)
{
	struct mqvpn_frame frame;
	unsigned int i, cut;

	for (i = 0; i < ARRAY_SIZE(vector_frames); i++) {
		const struct vector_frame *v = &vector_frames[i];

		for (cut = 1; !v->open && cut < v->len; cut++)
			KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
					    frame_parse(test, v->bytes, cut,
							&frame),
					    "%s, %u bytes", v->name, cut);
	}
	KUNIT_EXPECT_EQ(test, frame_parse(test, "", 0, &frame), -ENODATA);
}

static void frame_test_bad(struct kunit *test)
{
	struct mqvpn_frame frame;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_bad_frames); i++) {
		const struct vector_bad_frame *v = &vector_bad_frames[i];

		KUNIT_EXPECT_EQ_MSG(test, v->err,
				    frame_parse(test, v->bytes, v->len, &frame),
				    "%s", v->name);
	}
}

static void frame_test_ack(struct kunit *test)
{
	static const struct mqvpn_ack_range ranges[] = {
		{ 1000, 1100 }, { 998, 998 }, { 100, 200 }, { 0, 0 },
	};
	u8 bytes[MQVPN_ACK_FRAME_MAX];
	struct mqvpn_ack_range range;
	struct mqvpn_frame frame;
	struct mqvpn_reader r;
	unsigned int i;

	r.pos = bytes;
	r.end = bytes + mqvpn_ack_frame_put(bytes, sizeof(bytes), true, 3, 77,
					    ranges, ARRAY_SIZE(ranges));
	KUNIT_ASSERT_EQ(test, mqvpn_frame_next(&r, &frame), 0);
	KUNIT_EXPECT_TRUE(test, r.pos == r.end);
	KUNIT_EXPECT_EQ(test, frame.ack.path_id, 3);
	KUNIT_EXPECT_EQ(test, frame.ack.delay, 77);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		KUNIT_ASSERT_EQ(test, mqvpn_ack_frame_next(&frame.ack, &range),
				0);
		KUNIT_EXPECT_EQ(test, range.first, ranges[i].first);
		KUNIT_EXPECT_EQ(test, range.last, ranges[i].last);
	}
	KUNIT_EXPECT_EQ(test, mqvpn_ack_frame_next(&frame.ack, &range),
			-ENODATA);
}

static void frame_test_datagram(struct kunit *test)
{
	u8 bytes[MQVPN_DATAGRAM_HEAD_MAX];
	struct mqvpn_frame frame;
	struct mqvpn_reader r;
	u64 stream, context;

	r.pos = bytes;
	r.end = bytes + mqvpn_datagram_head_put(bytes, 16384);
	KUNIT_ASSERT_EQ(test, mqvpn_frame_next(&r, &frame), 0);
	r.pos = frame.data;
	r.end = frame.data + frame.data_len;
	KUNIT_EXPECT_EQ(test, mqvpn_http_datagram_get(&r, &stream, &context),
			0);
	KUNIT_EXPECT_EQ(test, stream, 16384);
	KUNIT_EXPECT_EQ(test, context, 0);
	KUNIT_EXPECT_TRUE(test, r.pos == r.end);
}

static struct kunit_case frame_cases[] = {
	KUNIT_CASE(frame_test_varints),
	KUNIT_CASE(frame_test_numbers),
	KUNIT_CASE(frame_test_nonces),
	KUNIT_CASE(frame_test_labels),
	KUNIT_CASE(frame_test_good),
	KUNIT_CASE(frame_test_truncated),
	KUNIT_CASE(frame_test_bad),
	KUNIT_CASE(frame_test_ack),
	KUNIT_CASE(frame_test_datagram),
	{}
};

static struct kunit_suite frame_suite = {
	.name = "mqvpn-frame",
	.test_cases = frame_cases,
};

/* A window and as many ranges as it can have. */
struct ack_fixture {
	struct mqvpn_ack ack;
	struct mqvpn_ack_range ranges[RANGES];
};

static int ack_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct ack_fixture),
				   GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void ack_test_duplicates(struct kunit *test)
{
	struct ack_fixture *f = test->priv;
	u64 pn;

	for (pn = 0; pn < 3 * MQVPN_ACK_WINDOW; pn++)
		KUNIT_ASSERT_TRUE(test, mqvpn_ack_mark(&f->ack, pn, true, pn));
	while (pn--) {
		KUNIT_EXPECT_FALSE(test, mqvpn_ack_is_new(&f->ack, pn));
		KUNIT_EXPECT_FALSE(test, mqvpn_ack_mark(&f->ack, pn, true, 0));
	}
	KUNIT_EXPECT_EQ(test, f->ack.largest_at, 3 * MQVPN_ACK_WINDOW - 1);
	KUNIT_EXPECT_FALSE(test, f->ack.now);
	KUNIT_EXPECT_TRUE(test, mqvpn_ack_due(&f->ack));
	KUNIT_EXPECT_EQ(test, mqvpn_ack_ranges(&f->ack, f->ranges, RANGES), 1);
	KUNIT_EXPECT_EQ(test, f->ranges[0].first, 2 * MQVPN_ACK_WINDOW);
	KUNIT_EXPECT_EQ(test, f->ranges[0].last, 3 * MQVPN_ACK_WINDOW - 1);
}

static void ack_test_ranges(struct kunit *test)
{
	struct ack_fixture *f = test->priv;
	unsigned int i;
	u64 pn;

	for (pn = 0; pn < 3 * MQVPN_ACK_WINDOW; pn += 2)
		KUNIT_ASSERT_TRUE(test, mqvpn_ack_mark(&f->ack, pn, true, pn));
	KUNIT_ASSERT_EQ(test, mqvpn_ack_ranges(&f->ack, f->ranges, RANGES),
			RANGES);
	for (i = 0; i < RANGES; i++) {
		pn -= 2;
		KUNIT_EXPECT_EQ(test, f->ranges[i].first, pn);
		KUNIT_EXPECT_EQ(test, f->ranges[i].last, pn);
	}
}

static void ack_test_jump(struct kunit *test)
{
	struct ack_fixture *f = test->priv;
	u64 pn;

	for (pn = 0; pn < 100; pn++)
		KUNIT_ASSERT_TRUE(test, mqvpn_ack_mark(&f->ack, pn, true, pn));
	mqvpn_ack_sent(&f->ack);
	KUNIT_EXPECT_FALSE(test, mqvpn_ack_due(&f->ack));
	pn = MQVPN_ACK_WINDOW + 49;
	KUNIT_EXPECT_TRUE(test, mqvpn_ack_mark(&f->ack, pn, true, 0));
	KUNIT_EXPECT_TRUE(test, mqvpn_ack_due(&f->ack));
	KUNIT_EXPECT_EQ(test, mqvpn_ack_ranges(&f->ack, f->ranges, RANGES), 2);
	KUNIT_EXPECT_EQ(test, f->ranges[0].first, pn);
	KUNIT_EXPECT_EQ(test, f->ranges[1].first, 50);
	KUNIT_EXPECT_EQ(test, f->ranges[1].last, 99);
	KUNIT_EXPECT_FALSE(test, mqvpn_ack_is_new(&f->ack, 49));
	KUNIT_EXPECT_TRUE(test, mqvpn_ack_mark(&f->ack, MQVPN_PN_MAX, true, 0));
	KUNIT_EXPECT_EQ(test, mqvpn_ack_ranges(&f->ack, f->ranges, RANGES), 1);
	KUNIT_EXPECT_FALSE(test, mqvpn_ack_is_new(&f->ack, pn));
}

static struct kunit_case ack_cases[] = {
	KUNIT_CASE(ack_test_duplicates),
	KUNIT_CASE(ack_test_ranges),
	KUNIT_CASE(ack_test_jump),
	{}
};

static struct kunit_suite ack_suite = {
	.name = "mqvpn-ack",
	.init = ack_init,
	.test_cases = ack_cases,
};

kunit_test_suites(&frame_suite, &ack_suite);

MODULE_DESCRIPTION("KUnit tests of mqvpn");
MODULE_LICENSE("GPL");
