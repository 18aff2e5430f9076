// SPDX-License-Identifier: GPL-2.0
/* What was sent and what became of it, against RFC 9002 worked out by hand and
 * against a model that remembers every packet and looks at all of them.
 */
#include "../../kmod/frame.c"
#include "../../kmod/recovery.c"
#include "../../kmod/rtt.c"
#include "../../kmod/rate.c"

#include "ktap.h"

#define MS		1000000ULL	/* ns */
#define PKT		1000		/* bytes of most packets here */
#define ARRAY(...)	((const struct mqvpn_ack_range[]){ __VA_ARGS__ })

static struct mqvpn_recovery rec;
static struct mqvpn_acked out;

#define MAX_ACK_DELAY	25000		/* us */

static void setup(void)
{
	mqvpn_recovery_exit(&rec);
	mqvpn_recovery_init(&rec, 0);
	/* no number is left out, but where a test says so */
	rec.skip_pn = MQVPN_PN_NONE;
}

/* Returns the packets that were given up for it. */
static u32 sent(u64 pn, u16 bytes, bool eliciting, u64 now)
{
	struct mqvpn_sent packet = {
		.at = now, .bytes = bytes, .eliciting = eliciting,
	};
	struct mqvpn_acked given_up = {};

	mqvpn_recovery_sent(&rec, pn, &packet, &given_up);
	return given_up.lost_pkts;
}

/* Send up to number @last, all at @now. */
static u32 send_to(u64 last, u64 now)
{
	u32 lost = 0;

	while (rec.next_pn <= last)
		lost += sent(rec.next_pn, PKT, true, now);
	return lost;
}

/* An acknowledgment that goes the way of all: through the codec. */
static int ack_ranges(const struct mqvpn_ack_range *ranges, unsigned int count,
		      u64 delay_us, u64 now)
{
	struct mqvpn_frame frame;
	struct mqvpn_reader reader;
	u8 bytes[2048];

	reader.pos = bytes;
	reader.end = bytes + mqvpn_ack_frame_put(bytes, sizeof(bytes), true, 7,
						 0, ranges, count);
	if (mqvpn_frame_next(&reader, &frame))
		return -EINVAL;
	return mqvpn_recovery_ack(&rec, &frame.ack, delay_us, MAX_ACK_DELAY,
				  now, &out);
}

static int ack(u64 first, u64 last, u64 delay_us, u64 now)
{
	struct mqvpn_ack_range range = { first, last };

	return ack_ranges(&range, 1, delay_us, now);
}

static bool rtt_is(u32 min_us, u32 latest, u32 smoothed, u32 var)
{
	return rec.rtt.min == min_us && rec.rtt.latest == latest &&
	       rec.rtt.smoothed == smoothed && rec.rtt.var == var;
}

static void no_memory(void)
{
	struct mqvpn_recovery none;

	shim_no_memory = true;
	EXPECT_EQ(mqvpn_recovery_init(&none, 0), -ENOMEM);
	shim_no_memory = false;
	mqvpn_recovery_exit(&none);
}

static void in_flight(void)
{
	setup();
	EXPECT_EQ(sent(0, 1200, true, 1), 0);
	EXPECT_EQ(sent(1, 60, false, 1), 0);
	EXPECT_EQ(sent(2, 1400, true, 1), 0);
	EXPECT_EQ(rec.in_flight, 2600);
	EXPECT_EQ(rec.next_pn, 3);
	EXPECT_EQ(ack(0, 1, 0, 2 * MS), 0);
	EXPECT_EQ(rec.in_flight, 1400);
	EXPECT_EQ(out.acked_pkts, 1);
	EXPECT_EQ(out.acked_bytes, 1200);
	EXPECT_EQ(ack(0, 2, 0, 2 * MS), 0);
	EXPECT_EQ(rec.in_flight, 0);
	EXPECT_EQ(out.acked_pkts, 1);
	EXPECT_EQ(out.acked_bytes, 1400);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.largest_acked, 3);
	EXPECT_EQ(rec.oldest, 3);
}

/* RFC 9002 sections 5.2 and 5.3; all values by hand */
static void rtt_formulas(void)
{
	u64 t = 500 * MS;

	setup();
	send_to(0, t);
	ack(0, 0, 9000, t + 30 * MS);
	EXPECT_EQ(out.rtt_us, 30000);
	EXPECT(rtt_is(30000, 30000, 30000, 15000));

	/* adjusted 35000, deviation 5000 */
	send_to(1, t);
	ack(1, 1, 5000, t + 40 * MS);
	EXPECT_EQ(out.rtt_us, 40000);
	EXPECT(rtt_is(30000, 40000, 30625, 12500));

	/* 32000 - 5000 would be below the minimum; deviation 1375 */
	send_to(2, t);
	ack(2, 2, 5000, t + 32 * MS);
	EXPECT(rtt_is(30000, 32000, 30797, 9719));

	/* a new minimum; deviation 5797 */
	send_to(3, t);
	ack(3, 3, 1000, t + 25 * MS);
	EXPECT(rtt_is(25000, 25000, 30072, 8739));

	/* adjusted exactly to the minimum; deviation 5072 */
	send_to(4, t);
	ack(4, 4, 5000, t + 30 * MS);
	EXPECT(rtt_is(25000, 30000, 29438, 7822));
}

static void rtt_settles(void)
{
	u64 t = 0;
	int i;

	setup();
	send_to(0, t);
	ack(0, 0, 0, t + 50 * MS);
	for (i = 1; i < 200; i++) {
		send_to(i, t);
		ack(i, i, 0, t + 20 * MS);
	}
	EXPECT(rec.rtt.smoothed - 20000 <= 4);
	EXPECT(rec.rtt.var <= 6);
	EXPECT_EQ(rec.rtt.min, 20000);
}

static void rtt_bounds(void)
{
	setup();
	send_to(0, 5 * MS);
	ack(0, 0, 0, 5 * MS);
	EXPECT_EQ(out.rtt_us, 1);
	send_to(1, 5 * MS);
	ack(1, 1, 0, 5 * MS - 1);
	EXPECT_EQ(out.rtt_us, 1);
	EXPECT(rtt_is(1, 1, 1, 0));
	send_to(2, 0);
	ack(2, 2, 0, 10000000 * MS);
	EXPECT_EQ(out.rtt_us, UINT32_MAX);
	EXPECT_EQ(rec.rtt.smoothed, 536870913);
	send_to(3, 0);
	ack(3, 3, ~0ULL, 1 * MS);
	EXPECT_EQ(out.rtt_us, 1000);
}

/* RFC 9002 section 5.1 */
static void rtt_needs_new_largest(void)
{
	setup();
	send_to(3, 1 * MS);
	ack(3, 3, 0, 11 * MS);
	EXPECT_EQ(out.rtt_us, 10000);
	ack(2, 3, 0, 31 * MS);
	EXPECT_EQ(out.acked_pkts, 1);
	EXPECT_EQ(out.rtt_us, 0);
	ack(1, 1, 0, 12 * MS);
	EXPECT_EQ(out.rtt_us, 0);
	ack(0, 3, 0, 51 * MS);
	EXPECT_EQ(out.rtt_us, 0);
	EXPECT(rtt_is(10000, 10000, 10000, 5000));
}

static void rtt_needs_eliciting(void)
{
	setup();
	sent(0, 50, false, 1 * MS);
	ack(0, 0, 0, 9 * MS);
	EXPECT_EQ(out.rtt_us, 0);
	EXPECT_EQ(rec.rtt.smoothed, 0);
	EXPECT_EQ(out.acked_pkts, 0);
	EXPECT_EQ(rec.largest_acked, 1);

	/* but the largest itself need not be eliciting */
	sent(1, PKT, true, 10 * MS);
	sent(2, 50, false, 12 * MS);
	ack(1, 2, 0, 20 * MS);
	EXPECT_EQ(out.rtt_us, 8000);
	EXPECT_EQ(out.acked_pkts, 1);
}

/* RFC 9002 section 6.1.1: three later ones, no less */
static void loss_by_packets(void)
{
	setup();
	send_to(9, 1 * MS);
	ack(2, 2, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(3, 3, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
	EXPECT_EQ(out.lost_bytes, PKT);
	EXPECT_EQ(rec.oldest, 1);
	EXPECT_EQ(rec.in_flight, 7 * PKT);
	ack(6, 6, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
	EXPECT_EQ(out.acked_pkts, 1);
	EXPECT_EQ(rec.oldest, 4);
	ack(9, 9, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 2);
	EXPECT_EQ(rec.oldest, 7);
	EXPECT_EQ(rec.in_flight, 2 * PKT);

	/* the two below the threshold may still come; the lost ones are gone */
	ack(0, 9, 0, 2 * MS);
	EXPECT_EQ(out.acked_pkts, 2);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.in_flight, 0);
}

static void late_after_lost(void)
{
	setup();
	send_to(3, 1 * MS);
	ack(3, 3, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
	ack(0, 3, 0, 2 * MS);
	EXPECT_EQ(out.acked_pkts, 2);
	EXPECT_EQ(out.acked_bytes, 2 * PKT);
	EXPECT_EQ(rec.in_flight, 0);
}

/* RFC 9002 section 6.1.2: 9/8 of 8 ms are 9 ms */
static void loss_by_time(void)
{
	setup();
	send_to(0, 10 * MS);
	ack(0, 0, 0, 18 * MS);
	sent(1, PKT, true, 20 * MS);
	sent(2, PKT, true, 21 * MS);
	sent(3, PKT, true, 21 * MS);
	ack(2, 2, 0, 29 * MS - 1);
	EXPECT_EQ(out.rtt_us, 7999);
	EXPECT_EQ(rec.rtt.smoothed, 8000);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(2, 2, 0, 29 * MS - 1);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(2, 2, 0, 29 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
	EXPECT_EQ(out.acked_pkts, 0);

	/* never one that is newer than the largest acknowledged */
	ack(2, 2, 0, 900 * MS);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.in_flight, PKT);
}

/* The latest sample counts where it is above the mean: 9/8 of 16 ms. */
static void loss_time_latest(void)
{
	setup();
	send_to(0, 0);
	ack(0, 0, 0, 8 * MS);
	sent(1, PKT, true, 10 * MS);
	sent(2, PKT, true, 11 * MS);
	ack(2, 2, 0, 27 * MS);
	EXPECT_EQ(rec.rtt.latest, 16000);
	EXPECT_EQ(rec.rtt.smoothed, 9000);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(2, 2, 0, 28 * MS - 1);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(2, 2, 0, 28 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
}

/* RFC 9002 section 6.1.2: never below kGranularity */
static void loss_time_granule(void)
{
	setup();
	send_to(1, 10 * MS);
	ack(1, 1, 0, 10 * MS + 50000);
	EXPECT_EQ(rec.rtt.smoothed, 50);
	ack(1, 1, 0, 11 * MS - 1);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(1, 1, 0, 11 * MS);
	EXPECT_EQ(out.lost_pkts, 1);
}

/* Before the first sample kInitialRtt stands for it: 9/8 of 333 ms. */
static void loss_time_initial(void)
{
	setup();
	sent(0, PKT, true, 0);
	sent(1, 50, false, 0);
	ack(1, 1, 0, 374625000 - 1);
	EXPECT_EQ(rec.rtt.smoothed, 0);
	EXPECT_EQ(out.lost_pkts, 0);
	ack(1, 1, 0, 374625000);
	EXPECT_EQ(out.lost_pkts, 1);
}

/* A bare acknowledgment that gets lost is nobody's loss. */
static void loss_not_eliciting(void)
{
	setup();
	sent(0, 50, false, 1 * MS);
	send_to(5, 1 * MS);
	ack(4, 5, 0, 2 * MS);
	EXPECT_EQ(out.lost_pkts, 2);
	EXPECT_EQ(out.lost_bytes, 2 * PKT);
	EXPECT_EQ(rec.in_flight, PKT);
	EXPECT_EQ(rec.oldest, 3);
}

/* RFC 9000 section 13.1 */
static void optimistic(void)
{
	struct mqvpn_recovery before;

	setup();
	EXPECT_EQ(ack(0, 0, 0, 1 * MS), -EPROTO);
	send_to(4, 1 * MS);
	before = rec;
	EXPECT_EQ(ack(0, 5, 0, 2 * MS), -EPROTO);
	EXPECT_EQ(out.acked_pkts, 0);
	EXPECT(!memcmp(&before, &rec, sizeof(rec)));
	EXPECT_EQ(ack(0, MQVPN_VARINT_MAX, 0, 2 * MS), -EPROTO);
	EXPECT_EQ(rec.in_flight, 5 * PKT);
	EXPECT_EQ(ack(0, 4, 0, 2 * MS), 0);
	EXPECT_EQ(out.acked_pkts, 5);
}

/* The oldest are given up by whole blocks. */
static void ring_wraps(void)
{
	u64 last = MQVPN_SENT_RING - 1;
	u64 kept = MQVPN_SENT_RING - MQVPN_SENT_BLOCK;

	setup();
	EXPECT_EQ(send_to(last, 1 * MS), 0);
	EXPECT_EQ(rec.in_flight, (u64)MQVPN_SENT_RING * PKT);
	EXPECT_EQ(send_to(last + 1, 1 * MS), MQVPN_SENT_BLOCK);
	EXPECT_EQ(send_to(last + MQVPN_SENT_BLOCK, 1 * MS), 0);
	EXPECT_EQ(send_to(last + MQVPN_SENT_BLOCK + 5, 1 * MS),
		  MQVPN_SENT_BLOCK);
	EXPECT_EQ(rec.in_flight, (kept + 5) * PKT);

	/* the number whose slot is taken by another now */
	ack(0, 4, 0, 2 * MS);
	EXPECT_EQ(out.acked_pkts, 0);
	EXPECT_EQ(out.rtt_us, 0);
	EXPECT_EQ(rec.in_flight, (kept + 5) * PKT);
	ack(0, rec.next_pn - 1, 0, 2 * MS);
	EXPECT_EQ(out.acked_pkts, kept + 5);
	EXPECT_EQ(rec.in_flight, 0);
}

static void ring_skips_numbers(void)
{
	setup();
	send_to(9, 1 * MS);
	sent(10, 50, false, 1 * MS);
	EXPECT_EQ(sent(MQVPN_SENT_RING + 4, PKT, true, 1 * MS), 10);
	EXPECT_EQ(rec.in_flight, PKT);
	EXPECT_EQ(sent(2 * MQVPN_SENT_RING - 1, PKT, true, 1 * MS), 0);
	EXPECT_EQ(rec.in_flight, 2 * PKT);
	EXPECT_EQ(ack(0, 2 * MQVPN_SENT_RING - 1, 0, 2 * MS), 0);
	EXPECT_EQ(out.acked_pkts, 2);
	EXPECT_EQ(rec.in_flight, 0);
}

/* Packets per acknowledgment: what is remembered comes and goes with them. */
static void memory_follows(void)
{
	u64 first, most = MQVPN_SENT_RING / MQVPN_SENT_BLOCK;
	u32 round;

	setup();
	EXPECT_EQ(shim_allocated, 1);
	for (round = 0; round < 100; round++) {
		send_to(rec.next_pn + 9, round * MS);
		ack(0, rec.next_pn - 1, 0, round * MS);
		EXPECT(shim_allocated <= 2);
	}
	EXPECT_EQ(rec.size, MQVPN_SENT_SMALL);

	/* to the brim and back, with a table of its own */
	first = rec.next_pn;
	send_to(first + MQVPN_SENT_RING - MQVPN_SENT_BLOCK, 200 * MS);
	EXPECT_EQ(rec.in_flight,
		  (MQVPN_SENT_RING - MQVPN_SENT_BLOCK + 1) * (u64)PKT);
	EXPECT(shim_allocated >= most && shim_allocated <= most + 1);
	EXPECT_EQ(rec.size, MQVPN_SENT_RING);
	ack(first, rec.next_pn - 1, 0, 220 * MS);
	EXPECT_EQ(out.acked_pkts, MQVPN_SENT_RING - MQVPN_SENT_BLOCK + 1);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.in_flight, 0);
	EXPECT(shim_allocated <= 3);
}

/* In a steady flow blocks are used again. */
static void memory_is_kept(void)
{
	unsigned int before;
	u64 pn;

	setup();
	send_to(499, 1 * MS);
	before = shim_allocated;
	for (pn = 0; pn < 20000; pn += 50) {
		ack(pn, pn + 49, 0, 2 * MS);
		EXPECT_EQ(out.acked_pkts, 50);
		EXPECT_EQ(send_to(rec.next_pn + 49, 1 * MS), 0);
		EXPECT(shim_allocated <= before + 2);
	}
}

/* Nobody acknowledges acknowledgments. */
static void bare_do_not_pile_up(void)
{
	u64 pn;

	setup();
	for (pn = 0; pn < 10000; pn++)
		EXPECT_EQ(sent(pn, 50, false, pn * MS), 0);
	EXPECT(shim_allocated <= 2);
	EXPECT_EQ(sent(pn, PKT, true, pn * MS), 0);
	EXPECT_EQ(ack(pn, pn, 0, (pn + 7) * MS), 0);
	EXPECT_EQ(out.rtt_us, 7000);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.in_flight, 0);
}

/* Losses on both sides of the moment when there are more than fit. */
static void loss_across_growth(void)
{
	setup();
	send_to(MQVPN_SENT_SMALL - 1, 1 * MS);
	EXPECT_EQ(rec.size, MQVPN_SENT_SMALL);
	ack_ranges(ARRAY({ 60, 69 }, { 40, 49 }), 2, 0, 2 * MS);
	EXPECT_EQ(out.acked_pkts, 20);
	EXPECT_EQ(out.lost_pkts, 50);
	EXPECT_EQ(rec.oldest, 70);
	send_to(299, 2 * MS);
	EXPECT_EQ(rec.size, MQVPN_SENT_RING);
	EXPECT_EQ(rec.in_flight, 230 * PKT);
	ack_ranges(ARRAY({ 290, 299 }, { 120, 135 }, { 70, 79 }), 3, 0, 3 * MS);
	EXPECT_EQ(out.acked_pkts, 36);
	EXPECT_EQ(out.lost_pkts, 194);
	EXPECT_EQ(rec.in_flight, 0);
}

/* A path gets by with the one block that it has: the oldest are given up. */
static void no_memory_to_grow(void)
{
	setup();
	shim_no_memory = true;
	EXPECT_EQ(send_to(MQVPN_SENT_BLOCK - 1, 1 * MS), 0);
	EXPECT_EQ(send_to(MQVPN_SENT_BLOCK, 1 * MS), MQVPN_SENT_BLOCK);
	EXPECT_EQ(send_to(10 * MQVPN_SENT_BLOCK - 1, 1 * MS),
		  8 * MQVPN_SENT_BLOCK);
	EXPECT_EQ(rec.in_flight, MQVPN_SENT_BLOCK * PKT);
	EXPECT_EQ(ack(0, rec.next_pn - 1, 0, 2 * MS), 0);
	EXPECT_EQ(out.acked_pkts, MQVPN_SENT_BLOCK);
	EXPECT_EQ(out.rtt_us, 1000);
	shim_no_memory = false;

	/* blocks, but no table for more of them */
	setup();
	send_to(MQVPN_SENT_SMALL - 1, 1 * MS);
	shim_no_memory = true;
	EXPECT_EQ(send_to(MQVPN_SENT_SMALL, 1 * MS), MQVPN_SENT_BLOCK);
	shim_no_memory = false;
	EXPECT_EQ(send_to(MQVPN_SENT_SMALL + 200, 1 * MS), 0);
	EXPECT_EQ(rec.in_flight, (MQVPN_SENT_SMALL + 201 -
				  MQVPN_SENT_BLOCK) * PKT);
}

/* Ranges as long as the connection is old, in every acknowledgment. Walking
 * them would take years.
 */
static void old_ranges(void)
{
	const u64 base = 1ULL << 60;
	u64 acked = 0;
	int i;

	setup();
	rec.next_pn = base;
	rec.oldest = base;
	for (i = 0; i < 1000; i++) {
		u64 pn = base + i * 20;

		send_to(pn + 19, i * MS);
		ack_ranges(ARRAY({ pn + 18, pn + 19 }, { pn + 4, pn + 16 },
				 { base / 2, pn - 20 }, { 5, base / 2 - 7 }),
			   4, 0, (i + 1) * MS);
		acked += out.acked_pkts;
	}
	EXPECT_EQ(acked, 1000 * 15);
	EXPECT_EQ(ack(0, base + 19999, 0, 1000 * MS), 0);
	EXPECT_EQ(rec.in_flight, 0);
}

/* RFC 9000 section 9.4: all that was measured is forgotten, nothing else. */
static void new_route(void)
{
	setup();
	rec.rtt.initial = 1000;
	send_to(3, 1 * MS);
	EXPECT_EQ(ack(0, 1, 0, 21 * MS), 0);
	EXPECT_EQ(rec.rtt.smoothed, 20000);
	mqvpn_recovery_new_route(&rec);
	EXPECT(rtt_is(0, 0, 0, 0));
	EXPECT_EQ(rec.rtt.initial, 1000);
	EXPECT_EQ(rec.in_flight, 2 * PKT);
	EXPECT_EQ(ack(2, 3, 0, 31 * MS), 0);
	EXPECT(rtt_is(30000, 30000, 30000, 15000));
}

/* RFC 9000 section 21.4 */
static void skipped_numbers(void)
{
	u64 n;

	shim_random = 0;
	setup();
	rec.skip_pn = 5;
	for (n = 0; n < 5; n++) {
		EXPECT_EQ(mqvpn_recovery_number(&rec), n);
		sent(n, PKT, true, 1 * MS);
	}
	EXPECT_EQ(mqvpn_recovery_number(&rec), 6);
	EXPECT_EQ(mqvpn_recovery_number(&rec), 6);
	sent(6, PKT, true, 1 * MS);
	EXPECT_EQ(rec.skip_pn, 6 + MQVPN_SKIP_MIN);
	EXPECT_EQ(ack(0, 6, 0, 2 * MS), -EPROTO);
	EXPECT_EQ(ack_ranges(ARRAY({ 6, 6 }, { 3, 4 }), 2, 0, 2 * MS), 0);
	EXPECT_EQ(out.acked_pkts, 3);

	/* the limits of how far the next one is */
	shim_random = UINT32_MAX;
	rec.skip_pn = rec.next_pn;
	mqvpn_recovery_number(&rec);
	EXPECT_EQ(rec.skip_pn, rec.next_pn + MQVPN_SKIP_MIN +
		  MQVPN_SKIP_RANGE - 1);
}

/* One that is too old to be acknowledged says nothing any more. */
static void skipped_and_past(void)
{
	setup();
	send_to(4, 1 * MS);
	rec.skip_pn = 5;
	EXPECT_EQ(mqvpn_recovery_number(&rec), 6);
	send_to(20, 1 * MS);
	EXPECT_EQ(ack_ranges(ARRAY({ 6, 20 }, { 0, 4 }), 2, 0, 2 * MS), 0);
	EXPECT_EQ(rec.oldest, 21);
	EXPECT_EQ(rec.in_flight, 0);
	EXPECT_EQ(ack(0, 20, 0, 2 * MS), 0);
}

/* RFC 9002 section 6.2.1: 333 + 4 * 166.5 + 25 ms before a sample, doubled. */
static void probe_timeout(void)
{
	setup();
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true), 0);
	sent(0, PKT, true, 7 * MS);
	sent(1, 50, false, 9 * MS);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, false), 0);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true),
		  (7 + 1024) * MS);
	mqvpn_recovery_timeout(&rec, MAX_ACK_DELAY, 1031 * MS, &out);
	EXPECT_EQ(out.probes, MQVPN_PTO_PROBES);
	EXPECT_EQ(out.lost_pkts, 0);
	EXPECT_EQ(rec.in_flight, PKT);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true),
		  (1031 + 2048) * MS);
	rec.pto_count = UINT32_MAX;
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true),
		  61031 * MS);

	/* 20 + 4 * 10 + 25 ms behind the newest, and the count starts again */
	send_to(2, 2000 * MS);
	ack(2, 2, 0, 2020 * MS);
	EXPECT_EQ(rec.pto_count, 0);
	ack(0, 2, 0, 2020 * MS);
	sent(3, PKT, true, 2030 * MS);
	sent(4, PKT, true, 2040 * MS);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true),
		  (2040 + 85) * MS);
	rec.rtt.initial = 1000;
	rec.rtt.smoothed = 0;
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, 0, true), 2043 * MS);
}

/* RFC 9002 section 6.1.2: with nothing behind it to tell, time does. */
static void loss_timeout(void)
{
	setup();
	send_to(0, 0);
	ack(0, 0, 0, 8 * MS);
	sent(1, PKT, true, 20 * MS);
	sent(2, PKT, true, 21 * MS);
	ack(2, 2, 0, 29 * MS - 1);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true), 29 * MS);
	mqvpn_recovery_timeout(&rec, MAX_ACK_DELAY, 29 * MS, &out);
	EXPECT_EQ(out.lost_pkts, 1);
	EXPECT_EQ(out.lost_bytes, PKT);
	EXPECT_EQ(out.probes, 0);
	EXPECT_EQ(mqvpn_recovery_deadline(&rec, MAX_ACK_DELAY, true), 0);
}

/* Two packets and nothing else, @span apart, are lost. */
static bool lost_for(u64 span)
{
	setup();
	send_to(0, 0);
	ack(0, 0, 0, 20 * MS);
	sent(1, PKT, true, 100 * MS);
	sent(2, 50, false, 100 * MS + span);
	sent(3, PKT, true, 100 * MS + span);
	send_to(6, 200 * MS + span);
	ack(6, 6, 0, 220 * MS + span);
	EXPECT_EQ(out.lost_pkts, 2);
	EXPECT_EQ(rec.rtt.smoothed, 20000);
	EXPECT_EQ(rec.rtt.var, 7500);
	return out.persistent;
}

/* RFC 9002 section 7.6: 3 * (20 + 4 * 7.5 + 25) ms are 225 ms. */
static void persistent_congestion(void)
{
	EXPECT(!lost_for(225 * MS));
	EXPECT(lost_for(225 * MS + 1));
}

/* One that arrived in between, or packets from before the first sample */
static void congestion_not_persistent(void)
{
	setup();
	send_to(0, 0);
	send_to(4, 900 * MS);
	ack(2, 2, 0, 920 * MS);
	send_to(8, 2000 * MS);
	ack(8, 8, 0, 2020 * MS);
	EXPECT_EQ(out.lost_pkts, 4);
	EXPECT(!out.persistent);
}

static unsigned int notes_count(struct mqvpn_sent_note *note, bool acked)
{
	unsigned int count = 0;

	for (; note; note = note->next)
		count += note->acked == acked;
	return count;
}

/* Each note comes back once, with the right answer. */
static void notes(void)
{
	struct mqvpn_sent packet = { .at = 1 * MS, .bytes = PKT,
				     .eliciting = true };
	struct mqvpn_sent_note note[8] = {};
	struct mqvpn_acked given_up = {};
	unsigned int i;

	setup();
	for (i = 0; i < 8; i++) {
		packet.note = &note[i];
		mqvpn_recovery_sent(&rec, i, &packet, &given_up);
	}
	EXPECT(!given_up.notes);
	ack(5, 5, 0, 2 * MS);
	EXPECT_EQ(notes_count(out.notes, true), 1);
	EXPECT_EQ(notes_count(out.notes, false), 3);
	EXPECT(note[5].acked);
	ack(0, 5, 0, 2 * MS);
	EXPECT_EQ(notes_count(out.notes, true), 2);
	EXPECT_EQ(notes_count(out.notes, false), 0);
	packet.note = NULL;
	mqvpn_recovery_sent(&rec, MQVPN_SENT_RING, &packet, &given_up);
	EXPECT_EQ(notes_count(given_up.notes, false), 2);
	EXPECT(given_up.notes == &note[7] && note[7].next == &note[6]);
	packet.note = &note[0];
	mqvpn_recovery_sent(&rec, MQVPN_SENT_RING + 1, &packet, &given_up);
	EXPECT(mqvpn_recovery_abandon(&rec) == &note[0]);
	EXPECT(!note[0].next && !note[0].acked);
	EXPECT_EQ(rec.in_flight, 0);
	EXPECT(!mqvpn_recovery_abandon(&rec));
}

/* More ranges than are looked at: the newest count. */
static void many_ranges(void)
{
	struct mqvpn_ack_range ranges[MQVPN_ACK_RANGES_RX + 5];
	unsigned int i, count = MQVPN_ACK_RANGES_RX + 5;

	setup();
	send_to(2 * count, 1 * MS);
	for (i = 0; i < count; i++) {
		ranges[i].first = 2 * (count - i);
		ranges[i].last = ranges[i].first;
	}
	EXPECT_EQ(ack_ranges(ranges, count, 0, 2 * MS), 0);
	EXPECT_EQ(out.acked_pkts, MQVPN_ACK_RANGES_RX);
}

/* The model. */
enum fate { UNSENT, OUTSTANDING, ACKED, LOST };

#define MODEL_PKTS	9000

static struct {
	enum fate fate[MODEL_PKTS];
	bool eliciting[MODEL_PKTS];
	bool arrived[MODEL_PKTS];
	u16 bytes[MODEL_PKTS];
	u64 at[MODEL_PKTS];
	s64 largest_acked;
	u64 in_flight;
	u32 min, latest, smoothed, var;
} model;

static u64 seed;

static u32 rnd(u32 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static u16 model_take(u64 pn, enum fate fate)
{
	model.fate[pn] = fate;
	if (!model.eliciting[pn])
		return 0;
	model.in_flight -= model.bytes[pn];
	return model.bytes[pn];
}

static u32 model_sent(u64 pn, u16 bytes, bool eliciting, u64 now)
{
	u32 lost = 0;
	u64 i;

	for (i = 0; i + MQVPN_SENT_RING <
	     (pn / MQVPN_SENT_BLOCK + 1) * MQVPN_SENT_BLOCK; i++)
		if (model.fate[i] == OUTSTANDING)
			lost += !!model_take(i, LOST);
	model.fate[pn] = OUTSTANDING;
	model.eliciting[pn] = eliciting;
	model.bytes[pn] = bytes;
	model.at[pn] = now;
	if (eliciting)
		model.in_flight += bytes;
	return lost;
}

static void model_rtt(u32 us, u32 delay)
{
	u32 adjusted = us, deviation;

	model.latest = us;
	if (!model.smoothed) {
		model.min = us;
		model.smoothed = us;
		model.var = us / 2;
		return;
	}
	if (us < model.min)
		model.min = us;
	if ((u64)us >= (u64)model.min + delay)
		adjusted = us - delay;
	deviation = labs((long)model.smoothed - (long)adjusted);
	model.var = (3ULL * model.var + deviation + 2) / 4;
	model.smoothed = (7ULL * model.smoothed + adjusted + 4) / 8;
}

static void model_ack(const struct mqvpn_ack_range *range, unsigned int count,
		      u32 delay, u64 now, struct mqvpn_acked *acked)
{
	s64 largest = range->last, pn;
	bool fresh = model.fate[largest] == OUTSTANDING;
	u64 wait, bytes;

	*acked = (struct mqvpn_acked){};
	for (; count--; range++)
		for (pn = range->first; pn <= (s64)range->last; pn++) {
			if (model.fate[pn] != OUTSTANDING)
				continue;
			bytes = model_take(pn, ACKED);
			acked->acked_pkts += !!bytes;
			acked->acked_bytes += bytes;
		}
	if (fresh && acked->acked_pkts) {
		acked->rtt_us = (now - model.at[largest]) / 1000 ?: 1;
		model_rtt(acked->rtt_us, delay);
	}
	if (largest > model.largest_acked)
		model.largest_acked = largest;
	wait = model.latest > model.smoothed ? model.latest : model.smoothed;
	wait = (wait ?: 333000) * 9 / 8;
	wait = (wait < 1000 ? 1000 : wait) * 1000;
	for (pn = 0; pn < model.largest_acked; pn++) {
		if (model.fate[pn] != OUTSTANDING ||
		    (pn + 3 > model.largest_acked && model.at[pn] + wait > now))
			continue;
		bytes = model_take(pn, LOST);
		acked->lost_pkts += !!bytes;
		acked->lost_bytes += bytes;
	}
}

/* What the peer would say now: all that arrived, largest first. */
static unsigned int model_ranges(u64 next, struct mqvpn_ack_range *ranges,
				 unsigned int max)
{
	unsigned int count = 0;
	s64 pn;

	for (pn = (s64)next - 1; pn >= 0; pn--) {
		if (!model.arrived[pn])
			continue;
		if (count && ranges[count - 1].first == (u64)pn + 1) {
			ranges[count - 1].first = pn;
			continue;
		}
		if (count == max)
			break;
		ranges[count++] = (struct mqvpn_ack_range){ pn, pn };
	}
	return count;
}

static bool model_agrees(const struct mqvpn_acked *acked)
{
	return acked->acked_pkts == out.acked_pkts &&
	       acked->acked_bytes == out.acked_bytes &&
	       acked->lost_pkts == out.lost_pkts &&
	       acked->lost_bytes == out.lost_bytes &&
	       acked->rtt_us == out.rtt_us &&
	       model.in_flight == rec.in_flight &&
	       rtt_is(model.min, model.latest, model.smoothed, model.var);
}

/* Packets arrive, or do not, up to @spread behind the newest. Acknowledgments
 * come as they are built or, one in four, after the next one.
 */
static bool model_run(u32 loss_percent, u32 spread, u32 ack_every)
{
	struct mqvpn_ack_range ranges[2][32];
	unsigned int count[2] = {}, turn = 0;
	struct mqvpn_acked acked;
	u64 now = 1 * MS, pn = 0;
	u32 i;

	memset(&model, 0, sizeof(model));
	model.largest_acked = -1;
	setup();
	while (pn + 3 < MODEL_PKTS) {
		bool eliciting = rnd(8);
		u16 bytes = 1 + rnd(1500);

		now += rnd(100000);
		pn += !rnd(50);
		if (model_sent(pn, bytes, eliciting, now) !=
		    sent(pn, bytes, eliciting, now))
			return false;
		pn++;
		for (i = 0; i < spread && i < pn; i++)
			if (model.fate[pn - 1 - i] != UNSENT && !rnd(spread) &&
			    rnd(100) >= loss_percent)
				model.arrived[pn - 1 - i] = true;
		if (rnd(ack_every))
			continue;
		count[turn] = model_ranges(pn, ranges[turn], 1 + rnd(32));
		turn ^= !rnd(4);
		if (!count[turn])
			continue;
		i = rnd(8000);
		now += rnd(5) ? rnd(1000) : rnd(3000000);
		model_ack(ranges[turn], count[turn], i, now, &acked);
		if (ack_ranges(ranges[turn], count[turn], i, now) ||
		    !model_agrees(&acked))
			return false;
	}
	return true;
}

static void random_model(void)
{
	u32 i;

	for (i = 0; i < 40; i++) {
		seed = i;
		if (!model_run(rnd(2) * rnd(30), 1 + rnd(20), 1 + rnd(40)))
			break;
	}
	EXPECT_EQ(i, 40);

	/* hardly an acknowledgment: the ring wraps over what is in flight */
	EXPECT(model_run(1, 4, 5000));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(no_memory),
	KTAP_CASE(in_flight),
	KTAP_CASE(rtt_formulas),
	KTAP_CASE(rtt_settles),
	KTAP_CASE(rtt_bounds),
	KTAP_CASE(rtt_needs_new_largest),
	KTAP_CASE(rtt_needs_eliciting),
	KTAP_CASE(loss_by_packets),
	KTAP_CASE(late_after_lost),
	KTAP_CASE(loss_by_time),
	KTAP_CASE(loss_time_latest),
	KTAP_CASE(loss_time_granule),
	KTAP_CASE(loss_time_initial),
	KTAP_CASE(loss_not_eliciting),
	KTAP_CASE(optimistic),
	KTAP_CASE(ring_wraps),
	KTAP_CASE(ring_skips_numbers),
	KTAP_CASE(memory_follows),
	KTAP_CASE(memory_is_kept),
	KTAP_CASE(bare_do_not_pile_up),
	KTAP_CASE(loss_across_growth),
	KTAP_CASE(no_memory_to_grow),
	KTAP_CASE(old_ranges),
	KTAP_CASE(new_route),
	KTAP_CASE(skipped_numbers),
	KTAP_CASE(skipped_and_past),
	KTAP_CASE(probe_timeout),
	KTAP_CASE(loss_timeout),
	KTAP_CASE(persistent_congestion),
	KTAP_CASE(congestion_not_persistent),
	KTAP_CASE(notes),
	KTAP_CASE(many_ranges),
	KTAP_CASE(random_model),
};

int main(void)
{
	int status = ktap_run(cases, ARRAY_SIZE(cases));

	mqvpn_recovery_exit(&rec);
	return status;
}
