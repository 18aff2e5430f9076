// SPDX-License-Identifier: GPL-2.0
/* A delivery time has a clock, not a flag (6.11). */

#include <linux/skbuff.h>

void probe(struct sk_buff *skb, ktime_t time);
void probe(struct sk_buff *skb, ktime_t time)
{
	skb_set_delivery_time(skb, time, SKB_CLOCK_MONOTONIC);
}
