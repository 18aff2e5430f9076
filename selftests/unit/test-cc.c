// SPDX-License-Identifier: GPL-2.0
/* Congestion controllers by name, and the one that does nothing. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#include "../../kmod/cc.c"
#include "../../kmod/cc_none.c"

#include "ktap.h"

static void names(void)
{
	EXPECT(mqvpn_cc_find("none") == &mqvpn_cc_none);
	EXPECT(!mqvpn_cc_find("non"));
	EXPECT(!mqvpn_cc_find("none "));
}

static void none_is_unlimited(void)
{
	const struct mqvpn_acked lost = { .lost_pkts = 9, .lost_bytes = 9000 };
	const struct mqvpn_recovery rec = {};
	struct mqvpn_cc cc;

	memset(&cc, 0xff, sizeof(cc));
	mqvpn_cc_init(&cc, &mqvpn_cc_none);
	cc.ops->acked(&cc, &lost, &rec, 1);
	EXPECT(cc.ops == &mqvpn_cc_none);
	EXPECT(cc.cwnd == MQVPN_CWND_UNLIMITED);
	EXPECT_EQ(cc.rate, 0);
	EXPECT_EQ(cc.priv[MQVPN_CC_PRIV - 1], 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(names),
	KTAP_CASE(none_is_unlimited),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
