/* SPDX-License-Identifier: GPL-2.0 */
/* Generations of keys: key update, RFC 9001 section 6. */
#ifndef MQVPN_KEYS_H
#define MQVPN_KEYS_H

#include <linux/atomic.h>
#include <linux/netlink.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "protect.h"

struct mqvpn_conn;
struct mqvpn_path;

/**
 * struct mqvpn_keys - keys of both directions of a connection
 * @tx: seals; RCU
 * @rx: opens what has the current phase; RCU
 * @rx_prev: opens what was sent before the last update and is late, NULL a
 *	while after it; RCU
 * @rx_next: opens the first packet of the next phase; @rx itself until that
 *	one is derived; RCU
 * @lock: protects the members up to @limit_of, and the four keys for writing;
 *	bottom halves disabled; inside a path's lock
 * @tx_next: will seal after the next update, NULL until it is derived
 * @reason: enum mqvpn_reason of the last update
 * @acked: a packet of @tx was acknowledged
 * @answered: a packet of @rx was acknowledged by us
 * @limit: a key reached its limit, the connection is to be closed
 * @limit_of: enum mqvpn_direction of that key
 * @failed: packets that did not authenticate, under whichever key
 * @prev_until: when @rx_prev is wiped, ns, 0 for not yet known; the device's
 *	mutex
 * @told_tx: generation of @tx that events told of; the device's mutex
 * @told_rx: generation of @rx, likewise
 * @work: derives, wipes and tells in process context
 */
struct mqvpn_keys {
	struct mqvpn_key __rcu *tx;
	struct mqvpn_key __rcu *rx;
	struct mqvpn_key __rcu *rx_prev;
	struct mqvpn_key __rcu *rx_next;
	spinlock_t lock; /* protects an update */
	struct mqvpn_key *tx_next;
	u8 reason;
	bool acked;
	bool answered;
	bool limit;
	u8 limit_of;
	atomic64_t failed;
	u64 prev_until;
	u32 told_tx;
	u32 told_rx;
	struct delayed_work work;
};

/**
 * struct mqvpn_phase - key phases in the packet number space of a path
 * @rx_generation: newest generation of which a packet came
 * @rx_first: least packet number of that generation that came
 * @rx_old: one above the largest of an older generation
 * @tx_generation: generation of the last packet sent
 * @tx_first: packet number of the first one of that generation
 *
 * Protected by the path's lock; hints for who does not hold it.
 */
struct mqvpn_phase {
	u32 rx_generation;
	u32 tx_generation;
	u64 rx_first;
	u64 rx_old;
	u64 tx_first;
};

int mqvpn_keys_wq_init(void);
void mqvpn_keys_wq_exit(void);

/* process context */
void mqvpn_keys_init(struct mqvpn_keys *keys);
void mqvpn_keys_exit(struct mqvpn_conn *conn);
void mqvpn_keys_set(struct mqvpn_conn *conn, u8 direction,
		    struct mqvpn_key *key, struct mqvpn_key *next);
int mqvpn_keys_update(struct mqvpn_conn *conn, struct netlink_ext_ack *extack);
void mqvpn_keys_stop(struct mqvpn_conn *conn, u8 reason);
bool mqvpn_keys_generation(struct mqvpn_conn *conn, u32 *generation);

/* data path */
struct mqvpn_key *mqvpn_keys_seal(struct mqvpn_conn *conn, unsigned int *why);
void mqvpn_keys_sent(struct mqvpn_path *path, const struct mqvpn_key *key,
		     u64 pn);
void mqvpn_keys_sent_ack(struct mqvpn_path *path);
void mqvpn_keys_acked(struct mqvpn_path *path, u64 largest);
struct mqvpn_key *mqvpn_keys_pick(const struct mqvpn_conn *conn,
				  const struct mqvpn_phase *seen,
				  struct mqvpn_key *rx, bool phase,
				  u64 pn);
unsigned int mqvpn_keys_opened(struct mqvpn_path *path, struct mqvpn_key *key,
			       u64 pn);
void mqvpn_keys_failed(struct mqvpn_conn *conn, const struct mqvpn_key *key);

#endif
