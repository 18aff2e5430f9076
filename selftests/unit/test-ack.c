// SPDX-License-Identifier: GPL-2.0
/* The window of packet numbers against a table that has one byte for each. */
#include <stdlib.h>
#include <linux/kernel.h>

#include "../../kmod/ack.c"

#include "ktap.h"

#define WINDOW		MQVPN_ACK_WINDOW
#define UNIVERSE	(16 * WINDOW)
#define MAX		100

static struct mqvpn_ack ack;
static struct mqvpn_ack_range ranges[WINDOW];

/* The model: what arrived of the UNIVERSE numbers from base on. */
static bool arrived[UNIVERSE];
static u64 base, next;

static void setup(void)
{
	memset(&ack, 0, sizeof(ack));
}

static bool model_is_new(u64 pn)
{
	if (pn >= next)
		return true;
	return pn + WINDOW >= next && !(pn >= base && arrived[pn - base]);
}

static unsigned int model_ranges(struct mqvpn_ack_range *out, unsigned int max)
{
	u64 low = next > WINDOW ? next - WINDOW : 0;
	unsigned int count = 0;
	bool in = false;
	u64 pn;

	if (low < base)
		low = base;
	for (pn = next; pn-- > low; ) {
		bool set = arrived[pn - base];

		if (set && !in && count == max)
			break;
		if (set && !in)
			out[count++].last = pn;
		if (set)
			out[count - 1].first = pn;
		in = set;
	}
	return count;
}

static void ranges_agree(unsigned int max)
{
	static struct mqvpn_ack_range want[WINDOW];
	unsigned int i, count = model_ranges(want, max);

	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, max), count);
	for (i = 0; i < count; i++) {
		EXPECT_EQ(ranges[i].first, want[i].first);
		EXPECT_EQ(ranges[i].last, want[i].last);
	}
}

static void arrive(u64 pn)
{
	bool is_new = model_is_new(pn);
	bool eliciting = random() % 4;
	u32 pending = ack.pending;
	u64 at = random();
	u64 was = ack.largest_at;
	bool now = ack.now;

	EXPECT_EQ(mqvpn_ack_is_new(&ack, pn), is_new);
	EXPECT_EQ(mqvpn_ack_mark(&ack, pn, eliciting, at), is_new);
	EXPECT(!mqvpn_ack_is_new(&ack, pn));
	EXPECT_EQ(ack.pending, pending + (is_new && eliciting));
	EXPECT_EQ(ack.now, now || (is_new && eliciting && pn != next));
	EXPECT_EQ(ack.largest_at, pn >= next ? at : was);
	if (is_new)
		arrived[pn - base] = true;
	if (pn >= next)
		next = pn + 1;
	EXPECT_EQ(ack.next, next);
}

/* What a network does, all at once. */
static u64 next_arrival(void)
{
	switch (random() % 4000) {
	case 0:			/* a long outage */
		return next + random() % (WINDOW + WINDOW / 8);
	case 1 ... 9:		/* a replay, also from below the window */
		return next - random() % (next - base + 1);
	case 10 ... 200:	/* late */
		return next - random() % (next - base < 50 ? next - base + 1 :
					  50);
	case 201 ... 400:	/* some lost */
		return next + random() % 10;
	default:
		return next;
	}
}

static void random_arrivals(u64 from, unsigned int seed)
{
	unsigned int turn;
	u64 pn;

	setup();
	memset(arrived, 0, sizeof(arrived));
	base = from;
	next = 0;
	srandom(seed);
	ranges_agree(MAX);
	arrive(base);
	for (turn = 0; turn < 30000; turn++) {
		pn = next_arrival();
		if (pn < base || pn >= base + UNIVERSE)
			continue;
		arrive(pn);
		if (turn % 50 == 0)
			ranges_agree(turn % 100 ? WINDOW : 1 + random() % 5);
		if (turn % 64 == 0)
			mqvpn_ack_sent(&ack);
	}
	ranges_agree(WINDOW);
}

static void from_zero(void)
{
	unsigned int seed;

	for (seed = 0; seed < 8; seed++)
		random_arrivals(0, seed);
}

static void from_anywhere(void)
{
	random_arrivals(1, 20);
	random_arrivals(WINDOW - 1, 21);
	random_arrivals(WINDOW, 22);
	random_arrivals(0xfffff123ULL, 23);
	random_arrivals(MQVPN_PN_MAX - UNIVERSE, 24);
	random_arrivals(MQVPN_PN_MAX + 1 - UNIVERSE, 25);
}

/* Every jump around the window's size, from every place in a word. */
static void jumps(void)
{
	static const int jump[] = {
		1, 2, 63, 64, 65, 127, 128, WINDOW - 65, WINDOW - 64,
		WINDOW - 2, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW,
	};
	unsigned int i, first, count;
	u64 pn;

	for (i = 0; i < ARRAY_SIZE(jump); i++) {
		for (first = 0; first < 130; first++) {
			setup();
			for (pn = 0; pn <= first; pn++)
				EXPECT(mqvpn_ack_mark(&ack, pn, false, 0));
			pn = first + jump[i];
			EXPECT(mqvpn_ack_mark(&ack, pn, false, 0));
			count = mqvpn_ack_ranges(&ack, ranges, MAX);
			EXPECT_EQ(ranges[0].last, pn);
			if (jump[i] == 1) {
				EXPECT_EQ(count, 1);
				EXPECT_EQ(ranges[0].first, 0);
			} else if (jump[i] < WINDOW) {
				EXPECT_EQ(count, 2);
				EXPECT_EQ(ranges[0].first, pn);
				EXPECT_EQ(ranges[1].last, first);
				EXPECT_EQ(ranges[1].first, pn < WINDOW ? 0 :
					  pn + 1 - WINDOW);
			} else {
				EXPECT_EQ(count, 1);
				EXPECT_EQ(ranges[0].first, pn);
			}
		}
	}
}

static void window_edge(void)
{
	u64 pn;

	setup();
	EXPECT(mqvpn_ack_mark(&ack, WINDOW, true, 0));
	EXPECT(!mqvpn_ack_is_new(&ack, 0));
	EXPECT(!mqvpn_ack_mark(&ack, 0, true, 0));
	EXPECT(mqvpn_ack_is_new(&ack, 1));
	EXPECT(mqvpn_ack_mark(&ack, 1, true, 0));
	EXPECT(!mqvpn_ack_mark(&ack, 1, true, 0));
	/* every number once, and no hole is left */
	for (pn = 2; pn < WINDOW; pn++)
		EXPECT(mqvpn_ack_mark(&ack, pn, true, 0));
	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, MAX), 1);
	EXPECT_EQ(ranges[0].first, 1);
	EXPECT_EQ(ranges[0].last, WINDOW);
	EXPECT(mqvpn_ack_mark(&ack, MQVPN_PN_MAX, true, 0));
	EXPECT(!mqvpn_ack_is_new(&ack, MQVPN_PN_MAX));
	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, MAX), 1);
	EXPECT_EQ(ranges[0].first, MQVPN_PN_MAX);
}

/* As many ranges as a window can have. */
static void every_second(void)
{
	unsigned int i;
	u64 pn;

	setup();
	for (pn = 0; pn < 3 * WINDOW; pn += 2)
		EXPECT(mqvpn_ack_mark(&ack, pn, true, 0));
	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, WINDOW), WINDOW / 2);
	for (i = 0; i < WINDOW / 2; i++) {
		EXPECT_EQ(ranges[i].first, 3 * WINDOW - 2 - 2 * i);
		EXPECT_EQ(ranges[i].last, ranges[i].first);
	}
	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, 3), 3);
	EXPECT_EQ(mqvpn_ack_ranges(&ack, ranges, 0), 0);
}

/* RFC 9000 section 13.2.1 and 13.2.2 */
static void when_due(void)
{
	unsigned int i;

	setup();
	EXPECT(!mqvpn_ack_due(&ack));
	for (i = 0; i < MQVPN_ACK_EVERY - 1; i++)
		EXPECT(mqvpn_ack_mark(&ack, i, true, i));
	EXPECT(!mqvpn_ack_due(&ack));
	EXPECT(mqvpn_ack_mark(&ack, i, false, 77));
	EXPECT(!mqvpn_ack_due(&ack));
	EXPECT_EQ(ack.largest_at, 77);
	EXPECT(mqvpn_ack_mark(&ack, i + 1, true, 78));
	EXPECT(mqvpn_ack_due(&ack));
	mqvpn_ack_sent(&ack);
	EXPECT(!mqvpn_ack_due(&ack));
	/* a gap, but of nothing that wants an answer */
	EXPECT(mqvpn_ack_mark(&ack, i + 3, false, 79));
	EXPECT(!mqvpn_ack_due(&ack));
	/* late */
	EXPECT(mqvpn_ack_mark(&ack, i + 2, true, 80));
	EXPECT_EQ(ack.largest_at, 79);
	EXPECT(mqvpn_ack_due(&ack));
	mqvpn_ack_sent(&ack);
	/* a duplicate is nothing new */
	EXPECT(!mqvpn_ack_mark(&ack, i + 2, true, 81));
	EXPECT(!mqvpn_ack_due(&ack));
	EXPECT_EQ(ack.pending, 0);
	/* a gap */
	EXPECT(mqvpn_ack_mark(&ack, i + 5, true, 82));
	EXPECT(mqvpn_ack_due(&ack));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(from_zero),
	KTAP_CASE(from_anywhere),
	KTAP_CASE(jumps),
	KTAP_CASE(window_edge),
	KTAP_CASE(every_second),
	KTAP_CASE(when_due),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
