/* SPDX-License-Identifier: GPL-2.0 */
/* Paths: packet number space, recovery and transmit queue of each. */
#ifndef MQVPN_PATH_H
#define MQVPN_PATH_H

#include <linux/hrtimer.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <linux/mqvpn.h>

#include "ack.h"
#include "cc.h"
#include "conn.h"
#include "pace.h"
#include "rebind.h"
#include "recovery.h"
#include "udp.h"
#include "validate.h"

/**
 * struct mqvpn_path_config - what userspace says of a path
 * @id: path ID; ignored unless @has_id
 * @has_id: whether userspace chose the ID
 * @validated: the handshake was done over it
 * @opened: the peer opened it
 * @remote: the peer; AF_UNSPEC for that of the connection's other paths
 * @local: our address and port; AF_UNSPEC for what the route says
 * @socket: socket to use, 0 for one of its own
 * @ifindex: underlay device in the transport netns, 0 for any
 * @mark: firewall mark of a socket of its own
 * @dscp: of the outer packets
 * @weight: share of the traffic
 * @rate_limit: bytes/s, 0 for none
 * @cc: congestion controller, NULL for the default
 */
struct mqvpn_path_config {
	u32 id;
	bool has_id;
	bool validated;
	bool opened;
	union mqvpn_addr remote;
	union mqvpn_addr local;
	u32 socket;
	int ifindex;
	u32 mark;
	u8 dscp;
	u32 weight;
	u64 rate_limit;
	const struct mqvpn_cc_ops *cc;
};

/**
 * struct mqvpn_path_stats - what went over a path
 * @rx_packets: authenticated packets received
 * @rx_bytes: their UDP payload
 * @tx_packets: packets sent
 * @tx_bytes: their UDP payload
 * @acked: packets that the peer acknowledged
 * @lost: packets declared lost
 * @reordered: packets that came after one with a higher number
 * @probe_timeouts: times that nothing was heard for a probe time-out
 * @persistent_congestion: times that everything was lost for three of them
 */
struct mqvpn_path_stats {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 acked;
	u64 lost;
	u64 reordered;
	u64 probe_timeouts;
	u64 persistent_congestion;
};

/* Bits of mqvpn_path.tx_state */
#define MQVPN_TX_OWNED		0	/* somebody sends */
#define MQVPN_TX_AGAIN		1	/* and shall look again */

/**
 * struct mqvpn_path - a path, RFC 10069 section 3
 * @ref: references: the connection's, one of each packet in the AEAD
 * @conn: its connection, referenced
 * @id: path ID
 * @slot: index in the connection's tables
 * @config: what userspace said, with what was left out filled in
 * @sock: its socket; the device's mutex
 * @sk: the socket to send from, NULL once it is closed; RCU
 * @dcid: connection ID that it sends with
 * @dcid_len: bytes in @dcid
 * @dcid_sequence: its number
 * @hash: flow hash of all of its outer packets
 * @to: where its packets go; RCU, the device's mutex for writing
 * @head_room: room in front of an outer packet, as the route needs it
 * @inner_mtu: longest inner packet that the route takes
 * @lock: protects all below; bottom halves disabled; inside the connection's
 * @state: enum mqvpn_path_state; read without the lock, too
 * @reason: enum mqvpn_reason of @state
 * @tell: events are to tell of @state
 * @over: closing has ended
 * @dead: closed, nothing may be queued or armed any more
 * @probes: packets to send whatever window and pacing say, RFC 9002 section 6.2
 * @close_due: CONNECTION_CLOSE is to be sent
 * @late: packets that came after the connection began to close
 * @sent_at: when the last packet was sent, ns
 * @queue: inner packets that wait for the owner of the transmit side
 * @rec: what was sent
 * @cc: congestion control
 * @pacer: pacing
 * @ack: what was received
 * @phase: key phases of both
 * @rebind: where the peer may be instead
 * @validation: is the peer there, and what does it ask
 * @stats: counters
 * @tx_state: MQVPN_TX_* bits, atomic
 * @tx_timer: goes on sending, for pacing and for long turns
 * @ack_timer: sends the acknowledgement that nothing else took along
 * @ack_armed: @ack_timer runs
 * @loss_timer: finds losses, and probes, when no acknowledgement comes
 * @end_timer: ends closing
 * @free_work: freed in process context after a grace period
 */
struct mqvpn_path {
	refcount_t ref;
	struct mqvpn_conn *conn;
	u32 id;
	u8 slot;
	struct mqvpn_path_config config;
	struct mqvpn_sock *sock;
	struct sock __rcu *sk;
	u8 dcid[MQVPN_CID_MAX];
	u8 dcid_len;
	u64 dcid_sequence;
	u32 hash;
	struct mqvpn_to __rcu *to;
	u16 head_room;
	u32 inner_mtu;

	spinlock_t lock ____cacheline_aligned_in_smp;
	u8 state;
	u8 reason;
	bool tell;
	bool over;
	bool dead;
	bool ack_armed;
	u8 probes;
	bool close_due;
	u32 late;
	u64 sent_at;
	struct sk_buff_head queue;
	struct mqvpn_recovery rec;
	struct mqvpn_cc cc;
	struct mqvpn_pacer pacer;
	struct mqvpn_rebind rebind;
	struct mqvpn_validation validation;
	struct mqvpn_path_stats stats;
	struct mqvpn_phase phase;
	unsigned long tx_state;
	struct hrtimer tx_timer;
	struct hrtimer ack_timer;
	struct hrtimer loss_timer;
	struct hrtimer end_timer;
	struct mqvpn_ack ack;
	struct rcu_work free_work;
};

/**
 * mqvpn_for_each_path - go through the open paths of a connection
 * @conn: connection, whose device's mutex is held
 * @slot: unsigned int, the path's slot
 * @path: the path; may be deleted in the body
 */
#define mqvpn_for_each_path(conn, slot, path)				\
	for ((slot) = 0; ((path) = mqvpn_conn_next(conn, &(slot)));	\
	     (slot)++)

int mqvpn_path_init(void);
void mqvpn_path_exit(void);
struct mqvpn_path *mqvpn_path_new(struct mqvpn_conn *conn,
				  const struct mqvpn_path_config *config,
				  struct netlink_ext_ack *extack);
void mqvpn_path_set(struct mqvpn_path *path,
		    const struct mqvpn_path_config *config);
void mqvpn_path_del(struct mqvpn_path *path);
void mqvpn_path_close(struct mqvpn_path *path);
void mqvpn_path_change(struct mqvpn_path *path, u8 state, u8 reason);
void mqvpn_path_schedule(struct mqvpn_path *path);
void mqvpn_paths_tell(struct mqvpn_conn *conn);
bool mqvpn_path_sends_with(struct mqvpn_path *path,
			   const struct mqvpn_cid *cid);
void mqvpn_path_send_with(struct mqvpn_path *path, const struct mqvpn_cid *cid);
void mqvpn_path_put(struct mqvpn_path *path);
unsigned int mqvpn_path_overhead(const struct mqvpn_path *path);

/**
 * mqvpn_path_pace() - pace by what congestion control and the user allow
 * @path: path
 *
 * Context: any, the path's lock held.
 */
static inline void mqvpn_path_pace(struct mqvpn_path *path)
{
	path->pacer.rate = min_not_zero(path->cc.rate, path->config.rate_limit);
}

/**
 * mqvpn_path_to() - where the packets of a path go
 * @path: path
 *
 * Context: process, device mutex held.
 * Return: the place.
 */
static inline struct mqvpn_to *mqvpn_path_to(const struct mqvpn_path *path)
{
	struct mutex *lock = &path->conn->md->lock;

	return rcu_dereference_protected(path->to, lockdep_is_held(lock));
}

/**
 * mqvpn_path_is_active() - tell whether a path carries traffic
 * @path: path
 *
 * Context: any; without the path's lock it may change at any time.
 * Return: true if so.
 */
static inline bool mqvpn_path_is_active(const struct mqvpn_path *path)
{
	return READ_ONCE(path->state) == MQVPN_PATH_STATE_ACTIVE;
}

/**
 * mqvpn_path_is_closing() - tell whether a path only takes what is late
 * @path: path
 *
 * Context: any; without the path's lock it may change at any time.
 * Return: true if so.
 */
static inline bool mqvpn_path_is_closing(const struct mqvpn_path *path)
{
	return READ_ONCE(path->state) == MQVPN_PATH_STATE_CLOSING;
}

/**
 * mqvpn_path_origin() - why a path is there
 * @path: path
 *
 * Context: any.
 * Return: enum mqvpn_reason.
 */
static inline u8 mqvpn_path_origin(const struct mqvpn_path *path)
{
	return path->config.opened ? MQVPN_REASON_PEER : MQVPN_REASON_ADMIN;
}

/**
 * mqvpn_path_get() - take a reference
 * @path: path, found under RCU
 *
 * Context: any, RCU read lock held.
 * Return: false when the path is already going away.
 */
static inline bool mqvpn_path_get(struct mqvpn_path *path)
{
	return refcount_inc_not_zero(&path->ref);
}

#endif
