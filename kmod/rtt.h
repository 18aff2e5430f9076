/* SPDX-License-Identifier: GPL-2.0 */
/* Round-trip time of a path, and the times that follow from it. */
#ifndef MQVPN_RTT_H
#define MQVPN_RTT_H

#include "frame.h"

/**
 * struct mqvpn_rtt - round-trip time of a path, RFC 9002 section 5, us
 * @min: smallest sample
 * @latest: newest sample
 * @smoothed: weighted mean, 0 before the first sample
 * @var: mean deviation
 * @initial: what is assumed before the first sample
 */
struct mqvpn_rtt {
	u32 min;
	u32 latest;
	u32 smoothed;
	u32 var;
	u32 initial;
};

u32 mqvpn_rtt_update(struct mqvpn_rtt *rtt, u64 sent_at, u64 now, u64 delay);
u64 mqvpn_rtt_loss_delay(const struct mqvpn_rtt *rtt);
u64 mqvpn_rtt_pto(const struct mqvpn_rtt *rtt, u32 max_ack_delay);

#endif
