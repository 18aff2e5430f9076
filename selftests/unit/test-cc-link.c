// SPDX-License-Identifier: GPL-2.0
/* Congestion control over a simulated link: that it is full and its queue
 * short, how two share it, and what happens when it changes.
 */
#include <linux/kernel.h>

#include "../../kmod/ack.c"
#include "../../kmod/cc.c"
#include "../../kmod/cc_bbr.c"
#include "../../kmod/cc_cubic.c"
#include "../../kmod/cc_none.c"
#include "../../kmod/frame.c"
#include "../../kmod/pace.c"
#include "../../kmod/rate.c"
#include "../../kmod/recovery.c"
#include "../../kmod/rtt.c"

#include "ktap.h"
#include "link.h"

#define MBIT	125000ULL	/* bytes/s */

/* A link of so many Mbit/s and ms there and back. */
static struct link_shape shape(u64 mbit, u64 rtt)
{
	return (struct link_shape){
		.rate = mbit * MBIT, .delay = rtt * MS / 2, .queue = 200 * MS,
	};
}

/* Of what the link could carry in so many ns, 1/10 percent. */
static u64 part(u64 served, u64 ns)
{
	return served * 1000 / (link_.shape.rate * (ns / MS) / 1000);
}

/* Returns the part of the link that is used, in steady state. */
static u64 steady(const char *cc, const struct link_shape *s, u64 seed,
		  u64 from, u64 span)
{
	struct link_flow *f;
	u64 used;

	link_set_up(s, seed);
	f = link_start(0, cc, 0, NULL);
	link_run(from);
	link_measure();
	link_run(span);
	used = part(f->served, span);
	printf("# %s, %llu Mbit/s, %llu ms +- %llu, %u/1000000 lost: %llu.%llu %%, queue p50 %u p95 %u us\n",
	       cc, s->rate / MBIT, 2 * s->delay / MS, 2 * s->jitter / MS,
	       s->loss, used / 10, used % 10, link_percentile(50),
	       link_percentile(95));
	return used;
}

static u64 bbr_steady(u64 mbit, u64 rtt, u64 jitter, u32 loss, u64 seed)
{
	struct link_shape s = shape(mbit, rtt);

	s.jitter = jitter * MS / 2;
	s.loss = loss;
	return steady("bbr", &s, seed, 2 * SECOND, 10 * SECOND);
}

static void bbr_is_full_and_short(void)
{
	EXPECT(bbr_steady(300, 20, 0, 0, 1) >= 970);
	EXPECT(link_percentile(95) <= 5000);
	EXPECT(bbr_steady(80, 60, 0, 0, 1) >= 970);
	EXPECT(link_percentile(95) <= 8000);
	EXPECT(bbr_steady(100, 5, 0, 0, 1) >= 970);
	EXPECT(link_percentile(95) <= 5000);
	EXPECT(bbr_steady(100, 2, 0, 0, 1) >= 970);
	EXPECT(link_percentile(95) <= 5000);
	/* ten packets that are acknowledged together take 12 ms here */
	EXPECT(bbr_steady(10, 100, 0, 0, 1) >= 970);
	EXPECT(link_percentile(95) <= 15000);
}

/* 2 % are too many; 1 % is not. */
static void bbr_random_loss(void)
{
	u64 seed;

	for (seed = 1; seed < 4; seed++) {
		EXPECT(bbr_steady(50, 30, 0, 10000, seed) >= 970);
		EXPECT(link_percentile(95) <= 10000);
	}
}

/* The queue is not told from jitter where it is shorter than that. */
static void bbr_jitter(void)
{
	u64 seed;

	for (seed = 1; seed < 4; seed++) {
		EXPECT(bbr_steady(10, 30, 10, 0, seed) >= 970);
		EXPECT(link_percentile(50) <= 20000);
	}
	EXPECT(bbr_steady(50, 30, 20, 5000, 1) >= 930);
	EXPECT(bbr_steady(30, 50, 30, 10000, 1) >= 930);
}

/* Returns after how many round trips it was used by 9/10 in one of them. */
static unsigned int startup(u64 mbit, u64 rtt)
{
	struct link_shape s = shape(mbit, rtt);
	struct link_flow *f;
	unsigned int i;

	link_set_up(&s, 1);
	f = link_start(0, "bbr", 0, NULL);
	for (i = 0; i < 100; i++) {
		link_measure();
		link_run(rtt * MS);
		if (part(f->served, rtt * MS) >= 900)
			break;
	}
	printf("# %llu Mbit/s, %llu ms: full after %u round trips\n", mbit,
	       rtt, i);
	return i;
}

static void bbr_starts_fast(void)
{
	EXPECT(startup(300, 20) <= 10);
	EXPECT(startup(80, 60) <= 10);
	EXPECT(startup(10, 30) <= 10);
	EXPECT(startup(1000, 10) <= 10);
}

/* Returns after how long the link is full again, ms. */
static u64 step(u64 mbit, u64 rtt, u64 new_mbit)
{
	struct link_shape s = shape(mbit, rtt);
	struct link_flow *f;
	u64 ms;

	link_set_up(&s, 1);
	f = link_start(0, "bbr", 0, NULL);
	link_run(5 * SECOND);
	link_.shape.rate = new_mbit * MBIT;
	for (ms = 0; ms < 10000; ms += 100) {
		link_measure();
		link_run(100 * MS);
		if (part(f->served, 100 * MS) >= 960 &&
		    link_percentile(95) <= 20000)
			break;
	}
	printf("# from %llu to %llu Mbit/s, %llu ms: settled after %llu ms\n",
	       mbit, new_mbit, rtt, ms);
	return ms;
}

static void bbr_more_capacity(void)
{
	EXPECT(step(25, 20, 100) <= 3000);
	EXPECT(step(20, 60, 80) <= 4000);
	EXPECT(step(100, 20, 400) <= 3000);
}

static void bbr_less_capacity(void)
{
	EXPECT(step(100, 20, 25) <= 1000);
	EXPECT(step(80, 60, 20) <= 2000);
	EXPECT(step(400, 20, 100) <= 1000);
}

/* Of two flows, one of which comes later: Jain's index in 1/1000, from so many
 * seconds after that, for ten.
 */
static u64 fairness(const char *cc, u64 mbit, u64 rtt, u64 later)
{
	struct link_shape s = shape(mbit, rtt);
	const struct link_flow *a, *b;
	u64 sum, squares, jain;

	link_set_up(&s, 1);
	a = link_start(0, cc, 0, NULL);
	link_run(later * SECOND);
	b = link_start(1, cc, 0, NULL);
	link_run(5 * SECOND);
	link_measure();
	link_run(10 * SECOND);
	sum = a->served / 1000 + b->served / 1000;
	squares = (a->served / 1000) * (a->served / 1000) +
		  (b->served / 1000) * (b->served / 1000);
	jain = sum * sum * 1000 / 2 / squares;
	printf("# two %s, %llu Mbit/s, %llu ms, %llu s apart: Jain %llu/1000, used %llu/1000, p95 %u us\n",
	       cc, mbit, rtt, later, jain,
	       part(a->served + b->served, 10 * SECOND), link_percentile(95));
	EXPECT(part(a->served + b->served, 10 * SECOND) >= 970);
	return jain;
}

static void bbr_fairness(void)
{
	EXPECT(fairness("bbr", 100, 20, 0) >= 900);
	EXPECT(fairness("bbr", 100, 20, 3) >= 900);
	EXPECT(fairness("bbr", 300, 20, 5) >= 900);
	EXPECT(fairness("bbr", 80, 60, 5) >= 900);
	EXPECT(fairness("bbr", 20, 30, 5) >= 900);
}

/* What was learned is kept while there is little to send, and used after it. */
static void bbr_app_limited(void)
{
	struct link_shape s = shape(100, 20);
	struct link_flow *f;
	u64 before, bw;

	link_set_up(&s, 1);
	f = link_start(0, "bbr", 0, NULL);
	link_run(3 * SECOND);
	before = bbr_max_bw(bbr_of(&f->cc));
	f->source_rate = 10 * MBIT;
	f->source_at = link_.now;
	link_run(15 * SECOND);
	bw = bbr_max_bw(bbr_of(&f->cc));
	printf("# %llu bytes/s before, %llu after\n", before, bw);
	EXPECT(bw >= before * 95 / 100);
	f->source_rate = 0;
	link_kick(0);
	link_measure();
	link_run(500 * MS);
	EXPECT(part(f->served, 500 * MS) >= 930);
}

/* What was never known is not taken for known, either. */
static void bbr_app_limited_start(void)
{
	struct link_shape s = shape(100, 20);
	struct link_flow *f;

	link_set_up(&s, 1);
	f = link_start(0, "bbr", 10 * MBIT, NULL);
	link_run(5 * SECOND);
	f->source_rate = 0;
	link_kick(0);
	link_run(500 * MS);
	link_measure();
	link_run(SECOND);
	printf("# %llu/1000 after an idle start\n", part(f->served, SECOND));
	EXPECT(part(f->served, SECOND) >= 950);
}

/* A longer route: the old least time is given up, one path after the other. */
static void bbr_longer_route(void)
{
	struct link_shape s = shape(100, 20);
	unsigned int probing = 0, both = 0, i;
	struct link_flow *a, *b;
	atomic64_t turn = {};

	link_set_up(&s, 1);
	a = link_start(0, "bbr", 0, &turn);
	b = link_start(1, "bbr", 0, &turn);
	link_run(5 * SECOND);
	link_.shape.delay += 20 * MS;
	for (i = 0; i < 1500; i++) {
		bool first = bbr_of(&a->cc)->state == BBR_PROBE_RTT;
		bool second = bbr_of(&b->cc)->state == BBR_PROBE_RTT;

		probing |= first | second << 1;
		both += first && second;
		link_run(10 * MS);
	}
	EXPECT_EQ(probing, 3);
	EXPECT_EQ(both, 0);
	EXPECT(bbr_of(&a->cc)->min_rtt > 58000);
	EXPECT(bbr_of(&b->cc)->min_rtt > 58000);
	link_measure();
	link_run(2 * SECOND);
	EXPECT(part(a->served + b->served, 2 * SECOND) >= 950);
}

/* Nothing arrives for two seconds; then all does. */
static void black_hole(const char *cc, u64 least)
{
	struct link_shape s = shape(100, 20);
	struct link_flow *f;

	link_set_up(&s, 1);
	f = link_start(0, cc, 0, NULL);
	link_run(4 * SECOND);
	link_.shape.loss = 1000000;
	link_run(2 * SECOND);
	link_.shape.loss = 0;
	link_run(2 * SECOND);
	link_measure();
	link_run(SECOND);
	printf("# %s: %llu/1000 after a black hole\n", cc,
	       part(f->served, SECOND));
	EXPECT(part(f->served, SECOND) >= least);
}

static void black_holes(void)
{
	black_hole("bbr", 970);
	black_hole("cubic", 900);
}

static void cubic_is_full(void)
{
	struct link_shape s = shape(300, 20);

	s.queue = 40 * MS;
	EXPECT(steady("cubic", &s, 1, 2 * SECOND, 10 * SECOND) >= 970);
	s = shape(80, 60);
	EXPECT(steady("cubic", &s, 1, 5 * SECOND, 10 * SECOND) >= 970);
	s = shape(10, 30);
	EXPECT(steady("cubic", &s, 1, 5 * SECOND, 10 * SECOND) >= 970);
}

static void cubic_fairness(void)
{
	EXPECT(fairness("cubic", 100, 20, 0) >= 900);
}

/* The longest queue is all that stops it. */
static void none_is_not_stopped(void)
{
	struct link_shape s = shape(10, 30);
	struct link_flow *f;

	link_set_up(&s, 1);
	f = link_start(0, "none", 20 * MBIT, NULL);
	link_run(5 * SECOND);
	EXPECT(link_.dropped > 1000);
	EXPECT(f->lost > 1000);
}

/* The same seed, the same run; another one, another. */
static void repeats(void)
{
	u64 one = bbr_steady(30, 50, 30, 10000, 7);
	u64 served = link_.flow[0].served, again, other;

	again = bbr_steady(30, 50, 30, 10000, 7);
	EXPECT_EQ(again, one);
	EXPECT_EQ(link_.flow[0].served, served);
	other = bbr_steady(30, 50, 30, 10000, 8);
	EXPECT(other != one || link_.flow[0].served != served);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(bbr_is_full_and_short),
	KTAP_CASE(bbr_random_loss),
	KTAP_CASE(bbr_jitter),
	KTAP_CASE(bbr_starts_fast),
	KTAP_CASE(bbr_more_capacity),
	KTAP_CASE(bbr_less_capacity),
	KTAP_CASE(bbr_fairness),
	KTAP_CASE(bbr_app_limited),
	KTAP_CASE(bbr_app_limited_start),
	KTAP_CASE(bbr_longer_route),
	KTAP_CASE(black_holes),
	KTAP_CASE(cubic_is_full),
	KTAP_CASE(cubic_fairness),
	KTAP_CASE(none_is_not_stopped),
	KTAP_CASE(repeats),
};

int main(void)
{
	int status = ktap_run(cases, ARRAY_SIZE(cases));
	struct link_shape s = {};

	link_set_up(&s, 0);
	return status;
}
