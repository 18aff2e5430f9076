// SPDX-License-Identifier: GPL-2.0
/*
 * When the next packet of a path may leave, RFC 9002 section 7.7.
 *
 * A packet moves the time of the next one on by what it takes at the rate. The
 * time may lie behind by a bounded credit: so a timer that fires late, or a
 * sender that takes packets in batches, loses nothing, and a path that was idle
 * sends at most that much in one burst.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "pace.h"

#define PACE_CREDIT_NS	(NSEC_PER_SEC / 1000)

/**
 * mqvpn_pace_wait() - how long the next packet has to wait
 * @pacer: the state
 * @now: ns
 *
 * Context: any; the caller's lock protects @pacer.
 * Return: ns, 0 when it may leave now.
 */
u64 mqvpn_pace_wait(const struct mqvpn_pacer *pacer, u64 now)
{
	if (!pacer->rate || pacer->next <= now)
		return 0;
	return pacer->next - now;
}

/**
 * mqvpn_pace_sent() - account for a packet that leaves
 * @pacer: the state
 * @bytes: its size
 * @now: ns
 *
 * The credit is 1 ms, or one packet's time where that is longer: so at least
 * two packets may leave together. Packet times are rounded up: the rate is
 * undercut by up to 1 ns a packet and never exceeded.
 *
 * Context: any; the caller's lock protects @pacer.
 */
void mqvpn_pace_sent(struct mqvpn_pacer *pacer, u32 bytes, u64 now)
{
	u64 cost, credit;

	if (!pacer->rate)
		return;
	cost = DIV64_U64_ROUND_UP((u64)bytes * NSEC_PER_SEC, pacer->rate);
	credit = min(max_t(u64, PACE_CREDIT_NS, cost), now);
	pacer->next = max(pacer->next, now - credit) + cost;
}
