// SPDX-License-Identifier: GPL-2.0
/* Packet protection: the RFC's packets byte for byte, packets of all shapes
 * sealed and opened, and none that was touched accepted.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>

#include "../../kmod/frame.c"
#include "../../kmod/protect.c"
#include "vectors-protect.h"

#define HEAD_ROOM	64
#define OUTER_LEN	28	/* IPv4 and UDP */
#define INNER_MAX	40000

static const u32 algs[] = {
	MQVPN_AEAD_AES_128_GCM, MQVPN_AEAD_AES_256_GCM,
	MQVPN_AEAD_CHACHA20_POLY1305,
};

static void give_up(void *key)
{
	mqvpn_key_put(key);
}

/* Keys that are given up when the test ends, or by kunit_release_action(). */
static struct mqvpn_key *key_of(struct kunit *test, u32 alg, const u8 *secret)
{
	struct netlink_ext_ack extack = {};
	struct mqvpn_key *key;

	key = mqvpn_key_new(alg, secret, alg == MQVPN_AEAD_AES_256_GCM ? 48 :
			    32, &extack);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(key), "%s: %ld", extack._msg,
			       PTR_ERR(key));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, give_up, key), 0);
	return key;
}

static struct mqvpn_key *any_key(struct kunit *test, u32 alg)
{
	static const u8 secret[MQVPN_SECRET_MAX] = "whatever it is";

	return key_of(test, alg, secret);
}

/* A packet that is to be sealed or opened, and what became of it. */
struct job {
	struct mqvpn_key *key;
	u32 path_id;
	u64 pn;
	const u8 *head;
	unsigned int head_len;
	unsigned int hdr_len;
	struct sk_buff *inner;
	struct sk_buff *skb;
	bool copied;
	bool deferred;
	struct completion finished;
	int err;
};

static void job_done(struct mqvpn_crypt *c, int err)
{
	struct job *job = (void *)c->path;

	WARN_ON_ONCE(!in_softirq());
	job->err = err;
	job->skb = c->skb;
	job->copied = c->copied;
	mqvpn_crypt_put(c);
	complete(&job->finished);
}

static void job_deferred(struct mqvpn_crypt *c, int err)
{
	((struct job *)c->path)->deferred = true;
	job_done(c, err);
}

/* Whether there was a request for it. */
static bool job_start(struct job *job, int (*run)(struct mqvpn_crypt *c))
{
	enum mqvpn_crypt_use use = run == mqvpn_crypt_open ? MQVPN_CRYPT_OPEN :
							     MQVPN_CRYPT_SEAL;
	struct mqvpn_crypt *c;
	int err;

	init_completion(&job->finished);
	local_bh_disable();
	c = mqvpn_crypt_get(job->key, use);
	if (c) {
		c->path_id = job->path_id;
		c->pn = job->pn;
		memcpy(c->head, job->head, job->head_len);
		c->head_len = job->head_len;
		c->hdr_len = job->hdr_len;
		c->inner = job->inner;
		c->skb = job->skb;
		c->path = (void *)job;
		c->done = job_deferred;
		err = run(c);
		if (err != -EINPROGRESS)
			job_done(c, err);
	}
	local_bh_enable();
	return c;
}

static int job_run(struct job *job, int (*run)(struct mqvpn_crypt *c))
{
	if (!job_start(job, run))
		return -EAGAIN;
	wait_for_completion(&job->finished);
	return job->err;
}

static struct sk_buff *skb_alloc(struct kunit *test, unsigned int size)
{
	struct sk_buff *skb = alloc_skb(HEAD_ROOM + size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, HEAD_ROOM);
	return skb;
}

/*
 * As udp_rcv() hands it over: the outer headers are in front of the data. There
 * is room for @more bytes.
 */
static struct sk_buff *skb_received(struct kunit *test, const void *data,
				    unsigned int len, unsigned int more)
{
	struct sk_buff *skb = skb_alloc(test, OUTER_LEN + len + more);

	skb_reset_network_header(skb);
	memset(skb_put(skb, OUTER_LEN), 0x45, OUTER_LEN);
	skb_set_transport_header(skb, 20);
	skb_pull(skb, OUTER_LEN);
	skb_put_data(skb, data, len);
	skb->protocol = htons(ETH_P_IP);
	skb->mark = 7;
	return skb;
}

static void add_frag(struct kunit *test, struct sk_buff *skb, const u8 *data,
		     unsigned int len, unsigned int offset)
{
	unsigned int order = get_order(offset + len);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memcpy(page_address(page) + offset, data, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, len,
			PAGE_SIZE << order);
}

static void add_frag_skb(struct kunit *test, struct sk_buff *skb,
			 struct sk_buff *more)
{
	struct sk_buff **last = &skb_shinfo(skb)->frag_list;

	while (*last)
		last = &(*last)->next;
	*last = more;
	skb->len += more->len;
	skb->data_len += more->len;
	skb->truesize += more->truesize;
}

enum shape {
	LINEAR,			/* in one piece */
	ONE_FRAG,		/* head and one page */
	ALL_FRAGS,		/* no head, all the pages there can be */
	FRAG_LIST,		/* two packets, the second with a page */
	MANY_PIECES,		/* more than a request has room for */
	SHAPES,
};

static struct sk_buff *build_list(struct kunit *test, struct sk_buff *skb,
				  const u8 *data, unsigned int len,
				  unsigned int pieces)
{
	unsigned int i, n;
	struct sk_buff *more;

	for (i = 0; i < pieces; i++) {
		n = i == pieces - 1 ? len : len / pieces;
		more = skb_alloc(test, n);
		skb_put_data(more, data, n / 2);
		if (n - n / 2)
			add_frag(test, more, data + n / 2, n - n / 2, 5);
		add_frag_skb(test, skb, more);
		data += n;
		len -= n;
	}
	return skb;
}

/* @skb, or a new one, with @len bytes of @data behind what it has. */
static struct sk_buff *build(struct kunit *test, struct sk_buff *skb,
			     enum shape shape, const u8 *data, unsigned int len)
{
	unsigned int i, n;

	if (!skb)
		skb = skb_alloc(test, len);
	switch (shape) {
	case LINEAR:
		skb_put_data(skb, data, len);
		return skb;
	case ONE_FRAG:
		skb_put_data(skb, data, len / 3);
		add_frag(test, skb, data + len / 3, len - len / 3, 100);
		return skb;
	case ALL_FRAGS:
		for (i = 0; i < MAX_SKB_FRAGS; i++) {
			n = (i + 1) * len / MAX_SKB_FRAGS -
			    i * len / MAX_SKB_FRAGS;
			if (n)
				add_frag(test, skb, data, n, i);
			data += n;
		}
		return skb;
	case FRAG_LIST:
		skb_put_data(skb, data, len / 3);
		return build_list(test, skb, data + len / 3, len - len / 3, 1);
	default:
		return build_list(test, skb, data, len, MAX_SKB_FRAGS + 5);
	}
}

static u8 *random_bytes(struct kunit *test, unsigned int len)
{
	u8 *bytes = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	get_random_bytes(bytes, len);
	return bytes;
}

static void expect_bytes(struct kunit *test, struct sk_buff *skb,
			 unsigned int offset, const void *bytes,
			 unsigned int len)
{
	u8 *copy = kunit_kmalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, offset, copy, len), 0);
	KUNIT_EXPECT_EQ(test, memcmp(copy, bytes, len), 0);
	kunit_kfree(test, copy);
}

static void protect_test_keys(struct kunit *test)
{
	u8 mask[MQVPN_MASK_LEN];
	struct mqvpn_key *key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_keys); i++) {
		const struct vector_keys *v = &vector_keys[i];

		key = key_of(test, v->aead, v->secret);
		KUNIT_EXPECT_EQ(test, memcmp(key->iv, v->iv, MQVPN_IV_LEN), 0);
		mqvpn_key_mask(key, v->sample, mask);
		KUNIT_EXPECT_EQ(test, memcmp(mask, v->mask, sizeof(mask)), 0);
		KUNIT_EXPECT_EQ(test, key->seal_max,
				v->aead == MQVPN_AEAD_CHACHA20_POLY1305 ?
				MQVPN_PN_MAX : MQVPN_GCM_SEAL_MAX);
	}
}

static void protect_test_refused(struct kunit *test)
{
	static const u8 secret[64];
	static const struct {
		u32 alg;
		size_t len;
	} bad[] = {
		{ 0, 32 }, { 4, 32 }, { U32_MAX, 32 },
		{ MQVPN_AEAD_AES_128_GCM, 0 }, { MQVPN_AEAD_AES_128_GCM, 31 },
		{ MQVPN_AEAD_AES_128_GCM, 48 }, { MQVPN_AEAD_AES_256_GCM, 32 },
		{ MQVPN_AEAD_CHACHA20_POLY1305, 48 },
	};
	struct netlink_ext_ack extack;
	struct mqvpn_key *key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		extack._msg = NULL;
		key = mqvpn_key_new(bad[i].alg, secret, bad[i].len, &extack);
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(key), -EINVAL);
		KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	}
}

static struct job vector_job(struct kunit *test, const struct vector_packet *v,
			     struct mqvpn_key *key)
{
	return (struct job) {
		.key = key,
		.path_id = v->path_id,
		.pn = v->pn,
		.head = (const u8 *)v->header,
		.head_len = v->header_len,
		.hdr_len = v->header_len,
	};
}

static void seal_vector(struct kunit *test, const struct vector_packet *v,
			bool in_head)
{
	unsigned int size = v->header_len + v->payload_len + MQVPN_TAG_LEN;
	struct mqvpn_key *key = key_of(test, v->aead, v->secret);
	struct job job = vector_job(test, v, key);
	u8 head[VECTOR_PACKET_MAX];

	job.skb = skb_alloc(test, size);
	if (in_head) {
		memcpy(head, v->header, v->header_len);
		memcpy(head + v->header_len, v->payload, v->payload_len);
		job.head = head;
		job.head_len += v->payload_len;
	} else {
		job.inner = build(test, NULL, LINEAR, v->payload,
				  v->payload_len);
	}
	KUNIT_EXPECT_EQ_MSG(test, job_run(&job, mqvpn_crypt_seal), 0, "%s",
			    v->name);
	KUNIT_EXPECT_EQ(test, job.skb->len, size);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(job.skb->data, v->packet, size), 0,
			    "%s", v->name);
	kfree_skb(job.skb);
	kfree_skb(job.inner);
}

/* RFC 9001 appendix A.3 and A.5 */
static void protect_test_seal_vectors(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_packets); i++) {
		seal_vector(test, &vector_packets[i], true);
		seal_vector(test, &vector_packets[i], false);
	}
}

static int open_vector(struct kunit *test, const struct vector_packet *v,
		       struct job *job)
{
	unsigned int size = v->header_len + v->payload_len + MQVPN_TAG_LEN;

	job->skb = skb_received(test, v->packet, size, 0);
	return job_run(job, mqvpn_crypt_open);
}

static void protect_test_open_vectors(struct kunit *test)
{
	struct mqvpn_key *key;
	struct job job;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_packets); i++) {
		const struct vector_packet *v = &vector_packets[i];

		key = key_of(test, v->aead, v->secret);
		job = vector_job(test, v, key);
		KUNIT_EXPECT_EQ_MSG(test, open_vector(test, v, &job), 0, "%s",
				    v->name);
		KUNIT_EXPECT_FALSE(test, job.copied);
		expect_bytes(test, job.skb, v->header_len, v->payload,
			     v->payload_len);
		kfree_skb(job.skb);
		/* another packet number, another path */
		job.pn++;
		KUNIT_EXPECT_EQ(test, open_vector(test, v, &job), -EBADMSG);
		kfree_skb(job.skb);
		job.pn--;
		job.path_id++;
		KUNIT_EXPECT_EQ(test, open_vector(test, v, &job), -EBADMSG);
		kfree_skb(job.skb);
	}
}

/* Every bit of header, ciphertext and tag counts. */
static void flip_vector(struct kunit *test, const struct vector_packet *v,
			struct mqvpn_key *key, unsigned int bit, bool cloned)
{
	unsigned int size = v->header_len + v->payload_len + MQVPN_TAG_LEN;
	struct job job = vector_job(test, v, key);
	u8 head[VECTOR_PACKET_MAX], tag[MQVPN_TAG_LEN];
	struct sk_buff *skb, *clone = NULL;

	memcpy(head, v->header, v->header_len);
	skb = skb_received(test, v->packet, size, 0);
	if (bit / 8 < v->header_len)
		head[bit / 8] ^= 1 << bit % 8;
	else
		skb->data[bit / 8] ^= 1 << bit % 8;
	memcpy(tag, skb->data + size - MQVPN_TAG_LEN, MQVPN_TAG_LEN);
	if (cloned)
		clone = skb_clone(skb, GFP_KERNEL);
	job.head = head;
	job.skb = skb;
	KUNIT_EXPECT_EQ_MSG(test, job_run(&job, mqvpn_crypt_open), -EBADMSG,
			    "%s, bit %u", v->name, bit);
	/* a stateless reset can still be recognized */
	KUNIT_EXPECT_PTR_EQ(test, job.skb, skb);
	KUNIT_EXPECT_EQ(test, job.skb->len, size);
	expect_bytes(test, job.skb, size - MQVPN_TAG_LEN, tag, MQVPN_TAG_LEN);
	KUNIT_EXPECT_EQ(test, job.copied, cloned);
	kfree_skb(job.skb);
	kfree_skb(clone);
}

static void protect_test_bit_flips(struct kunit *test)
{
	unsigned int i, bit, bits;
	struct mqvpn_key *key;

	for (i = 0; i < ARRAY_SIZE(vector_packets); i++) {
		const struct vector_packet *v = &vector_packets[i];

		key = key_of(test, v->aead, v->secret);
		bits = 8 * (v->header_len + v->payload_len + MQVPN_TAG_LEN);
		for (bit = 0; bit < bits; bit++)
			flip_vector(test, v, key, bit, bit % 5 == 0);
	}
}

/*
 * What the packets of the round trips have in common: a header of 9 + 4 bytes,
 * @frames bytes of frames, then @len bytes of an inner packet.
 */
struct trip {
	struct mqvpn_key *key;
	u8 *bytes;
	unsigned int frames;
	unsigned int len;
	u32 path_id;
	u64 pn;
};

#define TRIP_HEADER	13

static struct job trip_job(const struct trip *trip)
{
	return (struct job) {
		.key = trip->key,
		.path_id = trip->path_id,
		.pn = trip->pn,
		.head = trip->bytes,
		.hdr_len = TRIP_HEADER,
	};
}

static struct sk_buff *trip_seal(struct kunit *test, const struct trip *trip,
				 enum shape shape)
{
	const u8 *inner = trip->bytes + TRIP_HEADER + trip->frames;
	unsigned int size = TRIP_HEADER + trip->frames + trip->len +
			    MQVPN_TAG_LEN;
	struct job job = trip_job(trip);

	job.head_len = TRIP_HEADER + trip->frames;
	job.skb = skb_alloc(test, size);
	if (trip->len)
		job.inner = build(test, NULL, shape, inner, trip->len);
	KUNIT_EXPECT_EQ(test, job_run(&job, mqvpn_crypt_seal), 0);
	KUNIT_EXPECT_EQ(test, job.skb->len, size);
	KUNIT_EXPECT_FALSE(test, skb_is_nonlinear(job.skb));
	if (job.inner) {
		KUNIT_EXPECT_EQ(test, job.inner->len, trip->len);
		expect_bytes(test, job.inner, 0, inner, trip->len);
	}
	kfree_skb(job.inner);
	return job.skb;
}

/* Undo header protection, which the caller of mqvpn_crypt_open() does. */
static void trip_unmask(struct kunit *test, const struct trip *trip,
			struct sk_buff *skb)
{
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i;

	mqvpn_key_mask(trip->key, skb->data + TRIP_HEADER, mask);
	skb->data[0] ^= mask[0] & 0x1f;
	for (i = 0; i < MQVPN_PN_LEN; i++)
		skb->data[TRIP_HEADER - MQVPN_PN_LEN + i] ^= mask[1 + i];
	KUNIT_EXPECT_EQ(test, memcmp(skb->data, trip->bytes, TRIP_HEADER), 0);
}

static void trip_open(struct kunit *test, const struct trip *trip,
		      struct sk_buff *skb, bool copied)
{
	unsigned int plain = trip->frames + trip->len;
	struct job job = trip_job(trip);

	job.head_len = TRIP_HEADER;
	job.skb = skb;
	KUNIT_EXPECT_EQ(test, job_run(&job, mqvpn_crypt_open), 0);
	KUNIT_EXPECT_EQ(test, job.copied, copied);
	skb = job.skb;
	KUNIT_EXPECT_FALSE(test, skb_is_nonlinear(skb));
	KUNIT_EXPECT_EQ(test, skb->len, TRIP_HEADER + plain + MQVPN_TAG_LEN);
	expect_bytes(test, skb, TRIP_HEADER, trip->bytes + TRIP_HEADER, plain);
	KUNIT_EXPECT_EQ(test, skb->data - skb_network_header(skb), OUTER_LEN);
	KUNIT_EXPECT_EQ(test, skb->data - skb_transport_header(skb), 8);
	KUNIT_EXPECT_EQ(test, skb_network_header(skb)[1], 0x45);
	KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_IP);
	KUNIT_EXPECT_EQ(test, skb->mark, 7);
	kfree_skb(skb);
}

static void trip_in_place(struct kunit *test, const struct trip *trip,
			  const struct sk_buff *packet)
{
	struct sk_buff *skb = skb_received(test, packet->data, packet->len, 0);

	trip_open(test, trip, skb, false);
}

static void trip_cloned(struct kunit *test, const struct trip *trip,
			const struct sk_buff *packet)
{
	struct sk_buff *skb = skb_received(test, packet->data, packet->len, 0);
	struct sk_buff *clone = skb_clone(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clone);
	trip_open(test, trip, skb, true);
	expect_bytes(test, clone, 0, packet->data, packet->len);
	/* and now it is exclusive */
	trip_open(test, trip, clone, false);
}

static void trip_shared(struct kunit *test, const struct trip *trip,
			const struct sk_buff *packet)
{
	struct sk_buff *skb = skb_received(test, packet->data, packet->len, 0);

	trip_open(test, trip, skb_get(skb), true);
	KUNIT_EXPECT_EQ(test, refcount_read(&skb->users), 1);
	expect_bytes(test, skb, 0, packet->data, packet->len);
	kfree_skb(skb);
}

static void trip_pieces(struct kunit *test, const struct trip *trip,
			const struct sk_buff *packet, enum shape shape)
{
	unsigned int len = packet->len - TRIP_HEADER;
	struct sk_buff *skb;

	skb = skb_received(test, packet->data, TRIP_HEADER, len);
	build(test, skb, shape, packet->data + TRIP_HEADER, len);
	trip_open(test, trip, skb, true);
}

static void round_trip(struct kunit *test, const struct trip *trip,
		       enum shape shape)
{
	struct sk_buff *packet = trip_seal(test, trip, shape);
	enum shape rx;

	trip_unmask(test, trip, packet);
	trip_in_place(test, trip, packet);
	trip_cloned(test, trip, packet);
	trip_shared(test, trip, packet);
	for (rx = ONE_FRAG; rx < SHAPES; rx++)
		trip_pieces(test, trip, packet, rx);
	kfree_skb(packet);
}

static void protect_test_round_trips(struct kunit *test)
{
	static const unsigned int lens[] = { 0, 1, 20, 63, 1400, INNER_MAX };
	static const unsigned int frames[] = { 4, 30, 200 };
	static const u32 paths[] = { 0, 1, 3, U32_MAX };
	unsigned int a, l, turn = 0;
	struct trip trip;
	enum shape shape;

	trip.bytes = random_bytes(test, TRIP_HEADER + 200 + INNER_MAX);
	trip.bytes[0] |= MQVPN_HDR_PN_LEN;
	for (a = 0; a < ARRAY_SIZE(algs); a++) {
		trip.key = any_key(test, algs[a]);
		for (l = 0; l < ARRAY_SIZE(lens); l++)
			for (shape = LINEAR; shape < SHAPES; shape++) {
				trip.len = lens[l];
				trip.frames = frames[turn % 3];
				trip.path_id = paths[turn++ % 4];
				trip.pn = get_random_u64() >> 2;
				round_trip(test, &trip, shape);
			}
	}
}

static bool is_wiped(const struct mqvpn_key *key)
{
	return !key->secret_len &&
	       !memchr_inv(key->secret, 0, sizeof(key->secret));
}

/* The generation that a vector is of, by way of those before. */
static struct mqvpn_key *update(struct kunit *test, struct mqvpn_key *key,
				unsigned int times)
{
	struct netlink_ext_ack extack = {};
	struct mqvpn_key *next;
	unsigned int i;

	key->seal_max = 1000;
	key->fail_max = 2000;
	for (i = 1; i <= times; i++) {
		next = mqvpn_key_next(key, &extack);
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(next), "%s", extack._msg);
		KUNIT_ASSERT_EQ(test,
				kunit_add_action_or_reset(test, give_up, next),
				0);
		KUNIT_EXPECT_TRUE(test, is_wiped(key));
		KUNIT_EXPECT_EQ(test, next->generation, i);
		KUNIT_EXPECT_EQ(test, next->seal_max, 1000);
		KUNIT_EXPECT_EQ(test, next->fail_max, 2000);
		key = next;
	}
	return key;
}

static void protect_test_updates(struct kunit *test)
{
	unsigned int i, size;
	struct mqvpn_key *key;
	struct job job;

	for (i = 0; i < ARRAY_SIZE(vector_updates); i++) {
		const struct vector_updated *u = &vector_updates[i];
		const struct vector_packet *v = &u->packet;

		key = key_of(test, v->aead, v->secret);
		key = update(test, key, u->generation);
		KUNIT_EXPECT_EQ(test, key->secret_len, v->secret_len);
		KUNIT_EXPECT_EQ(test, memcmp(key->secret, u->updated,
					     v->secret_len), 0);
		size = v->header_len + v->payload_len + MQVPN_TAG_LEN;
		job = vector_job(test, v, key);
		job.skb = skb_alloc(test, size);
		job.inner = build(test, NULL, LINEAR, v->payload,
				  v->payload_len);
		KUNIT_EXPECT_EQ(test, job_run(&job, mqvpn_crypt_seal), 0);
		KUNIT_EXPECT_EQ(test, memcmp(job.skb->data, v->packet, size),
				0);
		kfree_skb(job.inner);
		kfree_skb(job.skb);
	}
}

/* Take all requests of this CPU. */
static unsigned int pool_take(struct mqvpn_key *key, enum mqvpn_crypt_use use,
			      struct mqvpn_crypt **taken)
{
	struct mqvpn_crypt *c;
	unsigned int count;

	*taken = NULL;
	for (count = 0; (c = mqvpn_crypt_get(key, use)); count++) {
		c->inner = (void *)*taken;
		*taken = c;
	}
	return count;
}

static void pool_give_back(struct mqvpn_crypt *taken)
{
	struct mqvpn_crypt *c;

	while ((c = taken)) {
		taken = (void *)c->inner;
		mqvpn_crypt_put(c);
	}
}

static unsigned int pool_drain(struct mqvpn_key *key)
{
	struct mqvpn_crypt *taken;
	unsigned int count;

	count = pool_take(key, MQVPN_CRYPT_SEAL, &taken);
	pool_give_back(taken);
	return count;
}

static void protect_test_pool(struct kunit *test)
{
	struct mqvpn_key *key = any_key(test, MQVPN_AEAD_AES_128_GCM);
	unsigned int turn, count;

	for (turn = 0; turn < 3; turn++) {
		local_bh_disable();
		count = pool_drain(key);
		local_bh_enable();
		KUNIT_EXPECT_EQ(test, count, MQVPN_CRYPT_POOL);
	}
	KUNIT_EXPECT_EQ(test, refcount_read(&key->ref), 1);
}

/* A backlog of one direction leaves the other its requests. */
static void protect_test_pool_uses(struct kunit *test)
{
	struct mqvpn_key *key = any_key(test, MQVPN_AEAD_AES_128_GCM);
	struct mqvpn_crypt *sealing, *opening;
	unsigned int count;

	local_bh_disable();
	pool_take(key, MQVPN_CRYPT_SEAL, &sealing);
	count = pool_take(key, MQVPN_CRYPT_OPEN, &opening);
	pool_give_back(sealing);
	pool_give_back(opening);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, count, MQVPN_CRYPT_POOL);
}

/* A request that comes back on a CPU that is not its own finds home. */
static void protect_test_pool_other_cpu(struct kunit *test)
{
	struct mqvpn_key *key = any_key(test, MQVPN_AEAD_AES_128_GCM);
	struct mqvpn_crypt_pool *home, other = { .cpu = nr_cpu_ids };
	struct mqvpn_crypt *c;
	unsigned int without, with;
	struct llist_node *node;

	local_bh_disable();
	home = this_cpu_ptr(&crypt_pools[MQVPN_CRYPT_SEAL]);
	c = mqvpn_crypt_get(key, MQVPN_CRYPT_SEAL);
	c->pool = &other;
	mqvpn_crypt_put(c);
	without = pool_drain(key);
	node = llist_del_all(&other.returned);
	c->pool = home;
	llist_add(&c->node, &home->returned);
	with = pool_drain(key);
	local_bh_enable();
	KUNIT_EXPECT_PTR_EQ(test, node, &c->node);
	KUNIT_EXPECT_NULL(test, other.free);
	KUNIT_EXPECT_EQ(test, without, MQVPN_CRYPT_POOL - 1);
	KUNIT_EXPECT_EQ(test, with, MQVPN_CRYPT_POOL);
}

/* Found under RCU, but already given up */
static void protect_test_key_gone(struct kunit *test)
{
	struct mqvpn_key *key = any_key(test, MQVPN_AEAD_AES_128_GCM);
	struct mqvpn_crypt *c;
	bool got;

	KUNIT_EXPECT_TRUE(test, mqvpn_key_get(key));
	mqvpn_key_put(key);
	kunit_remove_action(test, give_up, key);
	local_bh_disable();
	rcu_read_lock();
	mqvpn_key_put(key);
	got = mqvpn_key_get(key);
	c = mqvpn_crypt_get(key, MQVPN_CRYPT_SEAL);
	rcu_read_unlock();
	local_bh_enable();
	KUNIT_EXPECT_FALSE(test, got);
	KUNIT_EXPECT_NULL(test, c);
	mqvpn_key_put(NULL);
}

/*
 * Make a key's transform one that always defers. Once there, that one has the
 * priority.
 */
static void defer(struct kunit *test, struct mqvpn_key *key)
{
	struct protect_suite suite = protect_suites[key->alg];
	struct crypto_tfm *tfm = crypto_aead_tfm(key->aead);
	char name[CRYPTO_MAX_ALG_NAME];

	if (strstarts(crypto_tfm_alg_driver_name(tfm), "cryptd("))
		return;
	snprintf(name, sizeof(name), "cryptd(%s)",
		 crypto_tfm_alg_driver_name(tfm));
	crypto_free_aead(key->aead);
	suite.aead = name;
	KUNIT_ASSERT_EQ_MSG(test, key_alloc_aead(key, &suite, NULL), 0, "%s",
			    name);
	KUNIT_ASSERT_EQ(test, key_derive_from_secret(key, &suite, NULL), 0);
}

/* The same bytes, later. */
static void protect_test_deferred(struct kunit *test)
{
	const struct vector_packet *v = &vector_packets[2];
	unsigned int size = v->header_len + v->payload_len + MQVPN_TAG_LEN;
	struct mqvpn_key *key = key_of(test, v->aead, v->secret);
	struct job job;

	defer(test, key);
	job = vector_job(test, v, key);
	job.skb = skb_alloc(test, size);
	job.inner = build(test, NULL, ONE_FRAG, v->payload, v->payload_len);
	KUNIT_EXPECT_EQ(test, job_run(&job, mqvpn_crypt_seal), 0);
	KUNIT_EXPECT_TRUE(test, job.deferred);
	KUNIT_EXPECT_EQ(test, memcmp(job.skb->data, v->packet, size), 0);
	kfree_skb(job.inner);
	kfree_skb(job.skb);

	job = vector_job(test, v, key);
	KUNIT_EXPECT_EQ(test, open_vector(test, v, &job), 0);
	KUNIT_EXPECT_TRUE(test, job.deferred);
	expect_bytes(test, job.skb, v->header_len, v->payload, v->payload_len);
	kfree_skb(job.skb);

	job = vector_job(test, v, key);
	job.pn++;
	job.skb = skb_received(test, v->packet, v->header_len, size);
	build(test, job.skb, FRAG_LIST, v->packet + v->header_len,
	      size - v->header_len);
	KUNIT_EXPECT_EQ(test, job_run(&job, mqvpn_crypt_open), -EBADMSG);
	KUNIT_EXPECT_TRUE(test, job.deferred && job.copied);
	KUNIT_EXPECT_TRUE(test, skb_is_nonlinear(job.skb));
	kfree_skb(job.skb);
}

/* A key that is given up while requests that hold it are in flight */
static void protect_test_in_flight(struct kunit *test)
{
	const struct vector_packet *v = &vector_packets[2];
	unsigned int size = v->header_len + v->payload_len + MQVPN_TAG_LEN;
	struct mqvpn_key *key = key_of(test, v->aead, v->secret);
	struct job *jobs, *job;

	jobs = kunit_kcalloc(test, MQVPN_CRYPT_POOL, sizeof(*jobs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, jobs);
	defer(test, key);
	for (job = jobs; job < jobs + MQVPN_CRYPT_POOL; job++) {
		*job = vector_job(test, v, key);
		job->skb = skb_received(test, v->packet, size, 0);
		KUNIT_EXPECT_TRUE(test, job_start(job, mqvpn_crypt_open));
	}
	kunit_release_action(test, give_up, key);
	for (job = jobs; job < jobs + MQVPN_CRYPT_POOL; job++) {
		wait_for_completion(&job->finished);
		/* the queue of cryptd may be shorter than our pool */
		KUNIT_EXPECT_TRUE(test, !job->err || job->err == -ENOSPC);
		KUNIT_EXPECT_TRUE(test, job->deferred || job->err);
		kfree_skb(job->skb);
	}
	KUNIT_EXPECT_EQ(test, jobs->err, 0);
}

static int protect_suite_init(struct kunit_suite *suite)
{
	return mqvpn_protect_init();
}

/* Also shows that no test leaked a key: it would wait for ever. */
static void protect_suite_exit(struct kunit_suite *suite)
{
	mqvpn_protect_exit();
}

static struct kunit_case protect_cases[] = {
	KUNIT_CASE(protect_test_keys),
	KUNIT_CASE(protect_test_refused),
	KUNIT_CASE(protect_test_seal_vectors),
	KUNIT_CASE(protect_test_open_vectors),
	KUNIT_CASE(protect_test_bit_flips),
	KUNIT_CASE(protect_test_round_trips),
	KUNIT_CASE(protect_test_updates),
	KUNIT_CASE(protect_test_pool),
	KUNIT_CASE(protect_test_pool_uses),
	KUNIT_CASE(protect_test_pool_other_cpu),
	KUNIT_CASE(protect_test_key_gone),
	KUNIT_CASE(protect_test_deferred),
	KUNIT_CASE(protect_test_in_flight),
	{}
};

static struct kunit_suite protect_kunit_suite = {
	.name = "mqvpn-protect",
	.suite_init = protect_suite_init,
	.suite_exit = protect_suite_exit,
	.test_cases = protect_cases,
};

kunit_test_suite(protect_kunit_suite);

MODULE_DESCRIPTION("KUnit tests of mqvpn");
MODULE_LICENSE("GPL");
