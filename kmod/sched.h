/* SPDX-License-Identifier: GPL-2.0 */
/* Which path a packet takes, behind one small ops struct. */
#ifndef MQVPN_SCHED_H
#define MQVPN_SCHED_H

#include "frame.h"

#define MQVPN_SCHED_FLOW	0x100000000ULL	/* credit for one flow */

/**
 * struct mqvpn_sched_path - a path as the scheduler sees it
 * @weight: share of the traffic, relative to the other paths, 1 or more
 * @usable: may be chosen
 * @epoch: changes when the slot gets a new path, so that old pins do not fit
 * @credit: what is owed to this path, in parts of MQVPN_SCHED_FLOW
 */
struct mqvpn_sched_path {
	u32 weight;
	bool usable;
	u16 epoch;
	s64 credit;
};

/**
 * struct mqvpn_flow - where a flow goes
 * @hash: flow key, 0 for a free entry
 * @seen: last packet, seconds
 * @slot: its path's slot
 * @epoch: of that slot when it was pinned
 */
struct mqvpn_flow {
	u32 hash;
	u32 seen;
	u16 slot;
	u16 epoch;
};

struct mqvpn_sched;

/**
 * struct mqvpn_sched_ops - a scheduler
 * @name: as the user writes it
 * @select: the slot of the path for a packet of flow @hash at @now (seconds),
 *	negative when there is no usable path
 */
struct mqvpn_sched_ops {
	const char *name;
	int (*select)(struct mqvpn_sched *sched, u32 hash, u32 now);
};

/**
 * struct mqvpn_sched - scheduler state of a connection
 * @ops: the scheduler
 * @path: the paths, by slot
 * @flows: @nflows entries in sets of MQVPN_FLOW_WAYS
 * @nflows: a power of two, up to MQVPN_FLOWS
 *
 * The caller's lock protects it.
 */
struct mqvpn_sched {
	const struct mqvpn_sched_ops *ops;
	struct mqvpn_sched_path path[MQVPN_PATHS_MAX];
	struct mqvpn_flow *flows;
	u32 nflows;
};

extern const struct mqvpn_sched_ops mqvpn_sched_wlb;

const struct mqvpn_sched_ops *mqvpn_sched_find(const char *name);
int mqvpn_sched_init(struct mqvpn_sched *sched,
		     const struct mqvpn_sched_ops *ops);
void mqvpn_sched_exit(struct mqvpn_sched *sched);
bool mqvpn_sched_grow(struct mqvpn_sched *sched);
void mqvpn_sched_path_up(struct mqvpn_sched *sched, unsigned int slot,
			 u32 weight);
void mqvpn_sched_path_down(struct mqvpn_sched *sched, unsigned int slot);

#endif
