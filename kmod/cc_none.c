// SPDX-License-Identifier: GPL-2.0
/*
 * No congestion control: what comes in goes out, and the queue of the underlay
 * is the limit. For the lab, where the tunnel shall add nothing to what the
 * inner TCP does by itself. RFC 9002 section 7 wants a real one elsewhere.
 */
#include "cc.h"

static void none_init(struct mqvpn_cc *cc)
{
	cc->cwnd = MQVPN_CWND_UNLIMITED;
	cc->rate = 0;
}

/* Nothing that an acknowledgment tells changes an unlimited window. */
static void none_acked(struct mqvpn_cc *cc, const struct mqvpn_acked *acked,
		       const struct mqvpn_recovery *rec, u64 now)
{
}

const struct mqvpn_cc_ops mqvpn_cc_none = {
	.name = "none",
	.init = none_init,
	.acked = none_acked,
};
