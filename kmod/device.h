/* SPDX-License-Identifier: GPL-2.0 */
/* The network device: the door that inner packets come in by. */
#ifndef MQVPN_DEVICE_H
#define MQVPN_DEVICE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/u64_stats_sync.h>
#include <linux/xarray.h>
#include <net/gro_cells.h>
#include <linux/mqvpn.h>

#include "limits.h"
#include "packet.h"
#include "prefix.h"
#include "reset.h"
#include "sched.h"
#include "stranger.h"

struct mqvpn_owner;

/**
 * struct mqvpn_counters - one CPU's drop counters
 * @n: counts by MQVPN_A_COUNTERS_*, so that there is one list of them
 * @sync: for 32-bit readers
 */
struct mqvpn_counters {
	u64_stats_t n[MQVPN_A_COUNTERS_MAX + 1];
	struct u64_stats_sync sync;
};

/**
 * struct mqvpn_dev - private part of an mqvpn network device
 * @dev: the network device
 * @transport: netns that holds the sockets, NULL once it is gone; no reference,
 *	protected by @lock for writing, RCU for reading
 * @node: link in the list of all devices, protected by rtnl
 * @lock: protects all of the configuration below; taken inside rtnl
 * @dying: no more configuration, teardown has begun; protected by @lock
 * @generation: changes with every change of the objects, for dumps; @lock
 * @conns: connections by number; @lock for writing
 * @nconns: how many; @lock
 * @cids: connection IDs that we issued, RCU for reading, @lock for writing
 * @sockets: list of struct mqvpn_sock; @lock
 * @next_socket: number of the next socket; @lock
 * @prefixes: inner address to connection
 * @sched: scheduler of new connections; @lock
 * @owner: who gets packets, frames and events; RCU, @lock for writing
 * @tokens: the peers' reset tokens
 * @up: how much was handed up to @owner
 * @strangers: addresses that are not validated
 * @counters: drops by cause
 * @gro: inner packets on their way up
 */
struct mqvpn_dev {
	struct net_device *dev;
	struct net __rcu *transport;
	struct list_head node;
	struct mutex lock; /* protects the configuration */
	bool dying;
	u32 generation;
	struct xarray conns;
	u32 nconns;
	struct rhashtable cids;
	struct list_head sockets;
	u32 next_socket;
	struct mqvpn_prefixes prefixes;
	const struct mqvpn_sched_ops *sched;
	struct mqvpn_owner __rcu *owner;
	struct mqvpn_tokens tokens;
	struct mqvpn_up up;
	struct mqvpn_strangers strangers;
	struct mqvpn_counters __percpu *counters;
	struct gro_cells gro;
};

/**
 * mqvpn_count() - count a packet under its cause
 * @md: device
 * @which: MQVPN_A_COUNTERS_*
 *
 * Context: bottom halves disabled.
 */
static inline void mqvpn_count(struct mqvpn_dev *md, unsigned int which)
{
	struct mqvpn_counters *counters = this_cpu_ptr(md->counters);

	u64_stats_update_begin(&counters->sync);
	u64_stats_inc(&counters->n[which]);
	u64_stats_update_end(&counters->sync);
}

bool mqvpn_is_mqvpn(const struct net_device *dev);
void mqvpn_devices_stop(u8 reason);
u64 mqvpn_counter_sum(const struct mqvpn_dev *md, unsigned int which);

int mqvpn_device_init(void);
void mqvpn_device_exit(void);

#endif
