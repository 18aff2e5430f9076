// SPDX-License-Identifier: GPL-2.0
/* Congestion controllers by name, the one that does nothing, the turn that
 * paths take, and CUBIC against RFC 9438 worked out by hand.
 */
#include <linux/kernel.h>

#include "../../kmod/cc.c"
#include "../../kmod/cc_bbr.c"
#include "../../kmod/cc_cubic.c"
#include "../../kmod/cc_none.c"

#include "ktap.h"

#define MS	1000000ULL		/* ns */
#define SECOND	(1000 * MS)
#define PKT	1000			/* bytes */

static void names(void)
{
	EXPECT(mqvpn_cc_find("none") == &mqvpn_cc_none);
	EXPECT(mqvpn_cc_find("bbr") == &mqvpn_cc_bbr);
	EXPECT(mqvpn_cc_find("cubic") == &mqvpn_cc_cubic);
	EXPECT(!mqvpn_cc_find("non"));
	EXPECT(!mqvpn_cc_find("none "));
	EXPECT(!mqvpn_cc_find(""));
}

static void none_is_unlimited(void)
{
	const struct mqvpn_acked lost = { .lost_pkts = 9, .lost_bytes = 9000 };
	const struct mqvpn_recovery rec = {};
	struct mqvpn_cc cc;

	memset(&cc, 0xff, sizeof(cc));
	mqvpn_cc_init(&cc, &mqvpn_cc_none, NULL);
	cc.ops->acked(&cc, &lost, &rec, 1);
	EXPECT(cc.ops == &mqvpn_cc_none);
	EXPECT(cc.cwnd == MQVPN_CWND_UNLIMITED);
	EXPECT_EQ(cc.rate, 0);
	EXPECT_EQ(cc.priv[MQVPN_CC_PRIV - 1], 0);
}

/* One path at a time, until its time is over, whatever became of it. */
static void turns(void)
{
	atomic64_t turn = {};
	struct mqvpn_cc a, b, alone;

	mqvpn_cc_init(&a, &mqvpn_cc_none, &turn);
	mqvpn_cc_init(&b, &mqvpn_cc_none, &turn);
	mqvpn_cc_init(&alone, &mqvpn_cc_none, NULL);
	EXPECT(mqvpn_cc_turn(&a, 100, 200));
	EXPECT(!mqvpn_cc_turn(&b, 100, 300));
	EXPECT(!mqvpn_cc_turn(&b, 199, 300));
	EXPECT(mqvpn_cc_turn(&b, 200, 300));
	EXPECT(!mqvpn_cc_turn(&a, 250, 400));
	EXPECT(mqvpn_cc_turn(&alone, 250, 400));
	EXPECT(mqvpn_cc_turn(&alone, 250, 400));
}

static void cube_roots(void)
{
	u64 i;

	EXPECT_EQ(cubic_root(0), 0);
	EXPECT_EQ(cubic_root(1), 1);
	EXPECT_EQ(cubic_root(7), 1);
	EXPECT_EQ(cubic_root(8), 2);
	for (i = 2; i < 1 << 21; i += 977) {
		EXPECT_EQ(cubic_root(i * i * i), i);
		EXPECT_EQ(cubic_root(i * i * i - 1), i - 1);
	}
	EXPECT_EQ(cubic_root(~0ULL), (1 << 21) - 1);
}

/* Section 4.2: after a loss at 100 packets the window is 70, and back at 100
 * after K = cbrt(30 / 0.4) = 4.217 s; a second later it is 0.4 packets more.
 */
static void cubic_function(void)
{
	struct cubic cubic = { .w_max = 100 * PKT };

	cubic_start_epoch(&cubic, 70 * PKT, PKT, SECOND);
	EXPECT_EQ(cubic.k, 4217);
	EXPECT(cubic_window(&cubic, 0, PKT) - 70000 < 20);
	EXPECT_EQ(cubic_window(&cubic, 4217, PKT), 100 * PKT);
	EXPECT_EQ(cubic_window(&cubic, 5217, PKT), 100 * PKT + 400);
	EXPECT_EQ(cubic_window(&cubic, 3217, PKT), 100 * PKT - 400);
	EXPECT_EQ(cubic_window(&cubic, 14217, PKT), 500 * PKT);
	/* what no clock says */
	EXPECT(cubic_window(&cubic, ~0ULL >> 1, PKT) > 500 * PKT);
	EXPECT(cubic_time(~0ULL, 1) > 100000);
}

static struct mqvpn_cc cc;
static struct mqvpn_recovery rec;

static void acked_bytes(u64 bytes, u64 sent_at, u64 now)
{
	struct mqvpn_acked acked = {
		.acked_pkts = 1, .acked_bytes = bytes,
		.rate.sent_at = sent_at,
	};

	cc.ops->acked(&cc, &acked, &rec, now);
}

static void lost_packet(u64 sent_at, bool persistent, u64 now)
{
	struct mqvpn_acked acked = {
		.lost_pkts = 1, .lost_bytes = PKT, .lost_sent_at = sent_at,
		.persistent = persistent,
	};

	cc.ops->acked(&cc, &acked, &rec, now);
}

static void cubic_setup(void)
{
	mqvpn_cc_init(&cc, &mqvpn_cc_cubic, NULL);
	rec = (struct mqvpn_recovery){
		.rate.largest = PKT, .rtt.smoothed = 10000,
	};
	EXPECT_EQ(cc.cwnd, 14720);
	EXPECT_EQ(cc.rate, 0);
}

static void cubic_slow_start(void)
{
	cubic_setup();
	rec.in_flight = 14000;
	acked_bytes(PKT, SECOND, SECOND);
	EXPECT_EQ(cc.cwnd, 15720);
	/* twice the window in a round trip of 10 ms */
	EXPECT_EQ(cc.rate, 2 * 1572000);
	/* half of it is not used */
	rec.in_flight = 6000;
	acked_bytes(PKT, SECOND, SECOND);
	EXPECT_EQ(cc.cwnd, 15720);
}

static void cubic_loss(void)
{
	cubic_setup();
	rec.in_flight = 100 * PKT;
	cc.cwnd = 100 * PKT;
	lost_packet(SECOND, false, SECOND + 10 * MS);
	EXPECT_EQ(cc.cwnd, 70 * PKT);
	EXPECT_EQ(cc.rate, 7000000 + 7000000 / 4);
	/* sent before that was known */
	lost_packet(SECOND + 5 * MS, false, SECOND + 15 * MS);
	EXPECT_EQ(cc.cwnd, 70 * PKT);
	acked_bytes(PKT, SECOND + 5 * MS, SECOND + 15 * MS);
	EXPECT_EQ(cc.cwnd, 70 * PKT);
	/* fast convergence: it comes back to less than 70 */
	lost_packet(SECOND + 11 * MS, false, SECOND + 20 * MS);
	EXPECT_EQ(cc.cwnd, 49 * PKT);
	EXPECT_EQ(cubic_of(&cc)->w_max, 59500);
	lost_packet(SECOND + 30 * MS, true, SECOND + 40 * MS);
	EXPECT_EQ(cc.cwnd, 4 * PKT);
	lost_packet(SECOND + 50 * MS, false, SECOND + 60 * MS);
	EXPECT_EQ(cc.cwnd, 4 * PKT);
}

/* Back at the window of the loss after K, and the same as Reno where that is
 * more: 0.53 packets a round trip.
 */
static void cubic_recovery(void)
{
	u64 now = SECOND, i;

	cubic_setup();
	rec.rtt.smoothed = 100000;
	rec.in_flight = 1000 * PKT;
	cc.cwnd = 1000 * PKT;
	lost_packet(now, false, now + MS);
	EXPECT_EQ(cc.cwnd, 700 * PKT);
	/* K is 9.086 s; a window in each tenth of a second */
	for (i = 0; i < 910; i++) {
		now += 10 * MS;
		acked_bytes(cc.cwnd / 10, now, now);
	}
	EXPECT(cc.cwnd > 985 * PKT);
	EXPECT(cc.cwnd < 1001 * PKT);

	cubic_setup();
	rec.rtt.smoothed = 1000;
	rec.in_flight = 10 * PKT;
	cc.cwnd = 10 * PKT;
	lost_packet(now, false, now + MS);
	now += 10 * MS;
	for (i = 0; i < 4; i++)
		acked_bytes(cc.cwnd, now, now);
	EXPECT(cc.cwnd > 9 * PKT);
	EXPECT(cc.cwnd < 9 * PKT + 200);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(names),
	KTAP_CASE(none_is_unlimited),
	KTAP_CASE(turns),
	KTAP_CASE(cube_roots),
	KTAP_CASE(cubic_function),
	KTAP_CASE(cubic_slow_start),
	KTAP_CASE(cubic_loss),
	KTAP_CASE(cubic_recovery),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
