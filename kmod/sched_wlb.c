// SPDX-License-Identifier: GPL-2.0
/*
 * Weighted load balancing: a flow stays on its path, and new flows are shared
 * out in proportion to the weights of the paths.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>

#include "sched.h"

static u64 wlb_sum(const struct mqvpn_sched *sched)
{
	unsigned int slot;
	u64 sum = 0;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++)
		if (sched->path[slot].usable)
			sum += sched->path[slot].weight;
	return sum;
}

/* Smooth weighted round robin: each path earns its share of every new flow,
 * the richest one takes the flow and pays for it. Credit is counted in flows,
 * not in weights, so that it keeps its worth when the weights change.
 */
static int wlb_choose(struct mqvpn_sched *sched)
{
	u64 sum = wlb_sum(sched);
	int best = -ENETUNREACH;
	unsigned int slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		struct mqvpn_sched_path *path = &sched->path[slot];

		if (!path->usable)
			continue;
		path->credit += div64_u64(MQVPN_SCHED_FLOW * path->weight, sum);
		if (best < 0 || path->credit > sched->path[best].credit)
			best = slot;
	}
	if (best >= 0)
		sched->path[best].credit -= MQVPN_SCHED_FLOW;
	return best;
}

/* Seconds since its last packet. Negative when another CPU, that read the clock
 * later, came first.
 */
static s32 wlb_idle(const struct mqvpn_flow *flow, u32 now)
{
	return now - flow->seen;
}

static struct mqvpn_flow *wlb_set(const struct mqvpn_sched *sched, u32 hash)
{
	u32 sets = sched->nflows / MQVPN_FLOW_WAYS;

	BUILD_BUG_ON_NOT_POWER_OF_2(MQVPN_FLOWS_MIN / MQVPN_FLOW_WAYS);
	return &sched->flows[(hash & (sets - 1)) * MQVPN_FLOW_WAYS];
}

static struct mqvpn_flow *wlb_find(struct mqvpn_flow *set, u32 hash)
{
	unsigned int way;

	for (way = 0; way < MQVPN_FLOW_WAYS; way++)
		if (set[way].hash == hash)
			return &set[way];
	return NULL;
}

/* The entry of a set that a new flow gets: a free one, or the one that is idle
 * for the longest time.
 */
static struct mqvpn_flow *wlb_victim(struct mqvpn_flow *set, u32 now)
{
	struct mqvpn_flow *victim = wlb_find(set, 0);
	struct mqvpn_flow *flow;

	if (victim)
		return victim;
	victim = set;
	for (flow = set + 1; flow < set + MQVPN_FLOW_WAYS; flow++)
		if (wlb_idle(flow, now) > wlb_idle(victim, now))
			victim = flow;
	return victim;
}

/* The entry for a new flow. Rather a larger table than a live flow's entry. */
static struct mqvpn_flow *wlb_entry(struct mqvpn_sched *sched, u32 hash,
				    u32 now)
{
	struct mqvpn_flow *entry;

	do {
		entry = wlb_victim(wlb_set(sched, hash), now);
	} while (entry->hash && wlb_idle(entry, now) <= MQVPN_FLOW_IDLE_S &&
		 mqvpn_sched_grow(sched));
	return entry;
}

static bool wlb_pinned(const struct mqvpn_sched *sched,
		       const struct mqvpn_flow *flow, u32 now)
{
	const struct mqvpn_sched_path *path = &sched->path[flow->slot];

	return path->usable && path->epoch == flow->epoch &&
	       wlb_idle(flow, now) <= MQVPN_FLOW_IDLE_S;
}

static int wlb_select(struct mqvpn_sched *sched, u32 hash, u32 now)
{
	struct mqvpn_flow *flow;
	int slot;

	hash = hash ?: 1;
	flow = wlb_find(wlb_set(sched, hash), hash);
	if (likely(flow && wlb_pinned(sched, flow, now))) {
		flow->seen = now;
		return flow->slot;
	}
	slot = wlb_choose(sched);
	if (slot < 0)
		return slot;
	flow = flow ?: wlb_entry(sched, hash, now);
	*flow = (struct mqvpn_flow){
		.hash = hash,
		.seen = now,
		.slot = slot,
		.epoch = sched->path[slot].epoch,
	};
	return slot;
}

const struct mqvpn_sched_ops mqvpn_sched_wlb = {
	.name = "wlb",
	.select = wlb_select,
};
