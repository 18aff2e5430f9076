// SPDX-License-Identifier: GPL-2.0
/* Pacing: the rate over a second, and what may leave at once. */
#include <stdlib.h>
#include <linux/kernel.h>

#include "../../kmod/pace.c"

#include "ktap.h"

#define MS	1000000ULL		/* ns */
#define SECOND	(1000 * MS)

static u64 rnd(u64 below)
{
	return (u64)random() % below;
}

/* Send packets for a second, each up to @late ns after it might leave. */
static u64 sent_in_a_second(u64 rate, u32 bytes, u64 late, u64 *packets)
{
	struct mqvpn_pacer pacer = { .rate = rate };
	u64 now = 5 * SECOND, end = now + SECOND, total = 0;

	for (*packets = 0; now < end; ++*packets) {
		mqvpn_pace_sent(&pacer, bytes, now);
		total += bytes;
		if (mqvpn_pace_wait(&pacer, now))
			now += mqvpn_pace_wait(&pacer, now) +
			       (late ? rnd(late) : 0);
	}
	return total;
}

/* As much as the rate says, plus the first burst, less 1 ns a packet. */
static bool rate_is_kept(u64 rate, u32 bytes, u64 late)
{
	u64 packets, total = sent_in_a_second(rate, bytes, late, &packets);
	u64 most = rate + rate / 1000 + 2 * bytes;
	u64 least = rate - packets * rate / SECOND;

	if (late && least > rate / 1000)
		least -= rate / 1000;
	printf("# %llu bytes/s by %u, up to %llu ns late: %llu in %llu packets\n",
	       (unsigned long long)rate, bytes, (unsigned long long)late,
	       (unsigned long long)total, (unsigned long long)packets);
	return total <= most && total >= least;
}

static void rates(void)
{
	EXPECT(rate_is_kept(1000, 100, 0));
	EXPECT(rate_is_kept(1000, 1500, 0));
	EXPECT(rate_is_kept(125000, 1500, 0));
	EXPECT(rate_is_kept(10000000, 1494, 0));
	EXPECT(rate_is_kept(37500000, 1494, 0));
	EXPECT(rate_is_kept(37500000, 60, 0));
	EXPECT(rate_is_kept(1250000000, 1500, 0));
	EXPECT(rate_is_kept(12500000000, 1500, 0));
	EXPECT(rate_is_kept(100000000000, 65535, 0));
	EXPECT(rate_is_kept(99999999977, 9000, 0));
}

/* A timer that fires late costs nothing, as long as the credit covers it. */
static void late_timers(void)
{
	EXPECT(rate_is_kept(125000, 1500, 1 * MS));
	EXPECT(rate_is_kept(10000000, 1494, 1 * MS));
	EXPECT(rate_is_kept(37500000, 1494, 900000));
	EXPECT(rate_is_kept(1250000000, 1500, 1 * MS));
}

/* 2 ms for each of these packets, and then 1 ms for each */
static void spacing(void)
{
	struct mqvpn_pacer pacer = { .rate = 500000, .next = 10 * MS };

	mqvpn_pace_sent(&pacer, 1000, 10 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 10 * MS), 2 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 11 * MS), 1 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 12 * MS), 0);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 13 * MS), 0);
	mqvpn_pace_sent(&pacer, 500, 12 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 12 * MS), 1 * MS);
}

static unsigned int burst(u64 rate, u32 bytes, u64 now)
{
	struct mqvpn_pacer pacer = { .rate = rate };
	unsigned int packets = 0;

	while (!mqvpn_pace_wait(&pacer, now)) {
		mqvpn_pace_sent(&pacer, bytes, now);
		packets++;
	}
	return packets;
}

/* After a long time: 1 ms worth and the packet that goes beyond, or two. */
static void bursts(void)
{
	EXPECT_EQ(burst(1000, 1500, 100 * SECOND), 2);
	EXPECT_EQ(burst(1500000, 1500, 100 * SECOND), 2);
	EXPECT_EQ(burst(3000000, 1500, 100 * SECOND), 3);
	EXPECT_EQ(burst(37500000, 1500, 100 * SECOND), 26);
	EXPECT_EQ(burst(1250000000, 1250, 100 * SECOND), 1001);
	EXPECT_EQ(burst(37500000, 65535, 100 * SECOND), 2);
}

/* There is no credit from before the clock started. */
static void clock_starts(void)
{
	struct mqvpn_pacer pacer = { .rate = 1000 };

	mqvpn_pace_sent(&pacer, 1000, 0);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 0), SECOND);
	mqvpn_pace_sent(&pacer, 1000, SECOND);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, SECOND), SECOND);
}

static void unpaced(void)
{
	struct mqvpn_pacer pacer = { .next = 5 };

	mqvpn_pace_sent(&pacer, UINT32_MAX, 3);
	EXPECT_EQ(pacer.next, 5);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 3), 0);
}

static void no_overflow(void)
{
	struct mqvpn_pacer pacer = { .rate = 1000 };

	mqvpn_pace_sent(&pacer, UINT32_MAX, 1);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 0), 4294967295000000ULL);
	pacer = (struct mqvpn_pacer){ .rate = 1ULL << 62 };
	mqvpn_pace_sent(&pacer, UINT32_MAX, 2 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, 1 * MS), 1);
}

/* A slower rate counts from the next packet on. */
static void rate_changes(void)
{
	struct mqvpn_pacer pacer = { .rate = 1000000, .next = SECOND };

	mqvpn_pace_sent(&pacer, 10000, SECOND);
	EXPECT_EQ(pacer.next, SECOND + 10 * MS);
	pacer.rate = 100000;
	EXPECT_EQ(mqvpn_pace_wait(&pacer, SECOND), 10 * MS);
	mqvpn_pace_sent(&pacer, 10000, SECOND + 10 * MS);
	EXPECT_EQ(mqvpn_pace_wait(&pacer, SECOND + 10 * MS), 100 * MS);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(rates),
	KTAP_CASE(late_timers),
	KTAP_CASE(spacing),
	KTAP_CASE(bursts),
	KTAP_CASE(clock_starts),
	KTAP_CASE(unpaced),
	KTAP_CASE(no_overflow),
	KTAP_CASE(rate_changes),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
