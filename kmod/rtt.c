// SPDX-License-Identifier: GPL-2.0
/* Round-trip time of a path, and the times that follow from it, RFC 9002. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "rtt.h"

/* At least 1 us, as 0 stands for "no sample". */
static u32 rtt_sample(u64 sent_at, u64 now)
{
	return clamp_t(s64, div_s64(now - sent_at, NSEC_PER_USEC), 1, U32_MAX);
}

/**
 * mqvpn_rtt_update() - take a sample, RFC 9002 section 5.3
 * @rtt: the state
 * @sent_at: when the packet left, ns
 * @now: when its acknowledgment arrived, ns
 * @delay: ACK Delay, us, at most the peer's max_ack_delay
 *
 * In the order of appendix A.7: the deviation is taken from the mean before
 * this sample. Rounded to nearest, because the mean would stop up to 7 us below
 * a steady round-trip time otherwise.
 *
 * Context: any; the caller's lock protects @rtt.
 * Return: the sample, us.
 */
u32 mqvpn_rtt_update(struct mqvpn_rtt *rtt, u64 sent_at, u64 now, u64 delay)
{
	u32 latest = rtt_sample(sent_at, now);
	u32 adjusted = latest;
	u32 deviation;

	rtt->latest = latest;
	if (!rtt->smoothed) {
		rtt->min = latest;
		rtt->smoothed = latest;
		rtt->var = latest / 2;
		return latest;
	}
	rtt->min = min(rtt->min, latest);
	if (latest - rtt->min >= delay)
		adjusted -= delay;
	deviation = max(rtt->smoothed, adjusted) - min(rtt->smoothed, adjusted);
	rtt->var = (3ULL * rtt->var + deviation + 2) / 4;
	rtt->smoothed = (7ULL * rtt->smoothed + adjusted + 4) / 8;
	return latest;
}

/**
 * mqvpn_rtt_loss_delay() - how late a packet may be, RFC 9002 section 6.1.2
 * @rtt: the state
 *
 * Context: any; the caller's lock protects @rtt.
 * Return: ns.
 */
u64 mqvpn_rtt_loss_delay(const struct mqvpn_rtt *rtt)
{
	u64 us = max(rtt->smoothed, rtt->latest);

	if (!us)
		us = rtt->initial;
	us += us / 8;
	return max_t(u64, us, MQVPN_RTT_GRANULE_US) * NSEC_PER_USEC;
}

/**
 * mqvpn_rtt_pto() - probe time-out, RFC 9002 section 6.2.1
 * @rtt: the state
 * @max_ack_delay: the peer's, us
 *
 * Before the first sample the deviation is half of what is assumed, section
 * 5.3.
 *
 * Context: any; the caller's lock protects @rtt.
 * Return: ns, without back-off.
 */
u64 mqvpn_rtt_pto(const struct mqvpn_rtt *rtt, u32 max_ack_delay)
{
	u64 us = rtt->smoothed, var = 4ULL * rtt->var;

	if (!us) {
		us = rtt->initial;
		var = 2 * us;
	}
	us += max_t(u64, var, MQVPN_RTT_GRANULE_US) + max_ack_delay;
	return us * NSEC_PER_USEC;
}
