// SPDX-License-Identifier: GPL-2.0
/* Dropped packets: counted, traced, freed with a reason. */

#include <linux/skbuff.h>

#include "device.h"
#include "drop.h"
#include "trace.h"

/* The list of reasons against that of the counters: all, and in its order. */
enum {
	MQVPN_DROP_PAD = MQVPN_A_COUNTERS_PAD,
#define X(name, reason) MQVPN_DROP_##name,
	MQVPN_DROP_REASONS(X)
#undef X
	MQVPN_DROP_END
};

#define X(name, reason) \
	static_assert((int)MQVPN_DROP_##name == (int)MQVPN_A_COUNTERS_##name);
MQVPN_DROP_REASONS(X)
#undef X
static_assert((int)MQVPN_DROP_END == (int)__MQVPN_A_COUNTERS_MAX);

static enum skb_drop_reason mqvpn_drop_reason(unsigned int which)
{
	switch (which) {
#define X(name, reason)					\
	case MQVPN_A_COUNTERS_##name:			\
		return SKB_DROP_REASON_##reason;
	MQVPN_DROP_REASONS(X)
#undef X
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

/**
 * mqvpn_drop() - count a packet, tell who traces, and free it
 * @md: device
 * @skb: the packet; consumed; NULL when there is none, or no more
 * @direction: where it was going
 * @which: MQVPN_A_COUNTERS_*
 *
 * Context: bottom halves disabled.
 */
void mqvpn_drop(struct mqvpn_dev *md, struct sk_buff *skb,
		enum mqvpn_direction direction, unsigned int which)
{
	mqvpn_count(md, which);
	trace_mqvpn_drop(md, skb, direction, which);
	if (skb)
		kfree_skb_reason(skb, mqvpn_drop_reason(which));
}
