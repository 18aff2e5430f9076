// SPDX-License-Identifier: GPL-2.0
/* The schedulers there are, by name, and the paths they choose from. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sched.h"

static const struct mqvpn_sched_ops *const sched_table[] = {
	&mqvpn_sched_wlb,
};

/**
 * mqvpn_sched_find() - look a scheduler up
 * @name: its name
 *
 * Context: any.
 * Return: the scheduler, or NULL if there is none of that name.
 */
const struct mqvpn_sched_ops *mqvpn_sched_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sched_table); i++)
		if (!strcmp(sched_table[i]->name, name))
			return sched_table[i];
	return NULL;
}

/**
 * mqvpn_sched_init() - start scheduling for a connection without paths
 * @sched: the state; whatever it held is overwritten
 * @ops: the scheduler
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_sched_init(struct mqvpn_sched *sched,
		     const struct mqvpn_sched_ops *ops)
{
	memset(sched, 0, sizeof(*sched));
	sched->ops = ops;
	sched->flows = kcalloc(MQVPN_FLOWS_MIN, sizeof(*sched->flows),
			       GFP_KERNEL_ACCOUNT);
	if (!sched->flows)
		return -ENOMEM;
	sched->nflows = MQVPN_FLOWS_MIN;
	return 0;
}

/* With twice as many sets those of a set go to two: each finds its place. */
static void sched_spread(const struct mqvpn_sched *sched,
			 struct mqvpn_flow *flows, u32 nflows)
{
	u32 sets = nflows / MQVPN_FLOW_WAYS, i;

	for (i = 0; i < sched->nflows; i++) {
		u32 set = sched->flows[i].hash & (sets - 1);

		flows[set * MQVPN_FLOW_WAYS + i % MQVPN_FLOW_WAYS] =
			sched->flows[i];
	}
}

/**
 * mqvpn_sched_grow() - make room for more flows
 * @sched: the state
 *
 * Few connections have many flows, so the table begins small.
 *
 * Context: any; the caller's lock protects @sched.
 * Return: false when the table is as large as it may be, or without memory.
 */
bool mqvpn_sched_grow(struct mqvpn_sched *sched)
{
	u32 nflows = 2 * sched->nflows;
	struct mqvpn_flow *flows;

	if (nflows > MQVPN_FLOWS)
		return false;
	flows = kcalloc(nflows, sizeof(*flows), GFP_ATOMIC | __GFP_NOWARN);
	if (!flows)
		return false;
	sched_spread(sched, flows, nflows);
	kfree(sched->flows);
	sched->flows = flows;
	sched->nflows = nflows;
	return true;
}

/**
 * mqvpn_sched_exit() - give back what mqvpn_sched_init() allocated
 * @sched: the state; also one whose initialisation failed
 *
 * Context: process; may sleep.
 */
void mqvpn_sched_exit(struct mqvpn_sched *sched)
{
	kfree(sched->flows);
	sched->flows = NULL;
}

/**
 * mqvpn_sched_path_up() - a path can be used, or its weight changed
 * @sched: the state
 * @slot: its slot, below MQVPN_PATHS_MAX
 * @weight: its share, relative to the other paths; 0 counts as 1
 *
 * Only a path that was not usable is a new one, to which no flow belongs yet:
 * hence the new epoch. With a change of weight flows stay where they are, and
 * new ones follow the new weights.
 *
 * Context: any; the caller's lock protects @sched.
 */
void mqvpn_sched_path_up(struct mqvpn_sched *sched, unsigned int slot,
			 u32 weight)
{
	struct mqvpn_sched_path *path = &sched->path[slot];

	path->weight = max_t(u32, weight, 1);
	if (path->usable)
		return;
	path->usable = true;
	path->epoch++;
	path->credit = 0;
}

/**
 * mqvpn_sched_path_down() - a path cannot be used any longer
 * @sched: the state
 * @slot: its slot, below MQVPN_PATHS_MAX
 *
 * Its flows find out with their next packet.
 *
 * Context: any; the caller's lock protects @sched.
 */
void mqvpn_sched_path_down(struct mqvpn_sched *sched, unsigned int slot)
{
	sched->path[slot].usable = false;
}
