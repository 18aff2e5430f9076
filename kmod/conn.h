/* SPDX-License-Identifier: GPL-2.0 */
/* A QUIC connection, its connection IDs and its keys. */
#ifndef MQVPN_CONN_H
#define MQVPN_CONN_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/mqvpn.h>

#include "control.h"
#include "device.h"
#include "frame.h"
#include "keys.h"
#include "sched.h"

struct mqvpn_opening;
struct mqvpn_path;

/**
 * struct mqvpn_cid - a connection ID, RFC 9000 section 5.1
 * @node: link in the device's table, that of tokens for a peer's ID
 * @id: the ID
 * @len: bytes in @id
 * @end: enum mqvpn_end, who issued it
 * @path_id: path it belongs to, RFC 10069
 * @sequence: its number
 * @has_token: whether @token is known
 * @token: stateless reset token of a peer's ID
 * @token_hash: keyed hash of @token
 * @conn: its connection; RCU readers may use it as long as they see the ID
 * @path: the open path that receives with it, when ours
 * @list: link in the connection's list
 * @rcu: freed after a grace period
 */
struct mqvpn_cid {
	struct rhash_head node;
	u8 id[MQVPN_CID_MAX];
	u8 len;
	u8 end;
	u32 path_id;
	u64 sequence;
	bool has_token;
	u8 token[MQVPN_RESET_TOKEN_LEN];
	u64 token_hash;
	struct mqvpn_conn *conn;
	struct mqvpn_path __rcu *path;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct mqvpn_transport - one end's transport parameters, RFC 9000 section 18
 * @ack_delay_exponent: scale of ACK Delay
 * @max_ack_delay: ms
 * @max_udp_payload: bytes
 * @max_datagram: max_datagram_frame_size, bytes
 * @cid_limit: active_connection_id_limit
 * @max_path_id: largest path ID, RFC 10069
 */
struct mqvpn_transport {
	u8 ack_delay_exponent;
	u16 max_ack_delay;
	u16 max_udp_payload;
	u32 max_datagram;
	u32 cid_limit;
	u32 max_path_id;
};

/**
 * struct mqvpn_conn_config - what userspace says of a connection
 * @role: enum mqvpn_role
 * @multipath: both ends offered multipath
 * @confirmed: the handshake is confirmed
 * @local: our transport parameters
 * @peer: the peer's
 * @idle_timeout: ms, 0 for none
 * @keepalive: ms after which a silent path sends a PING, 0 for never
 * @initial_rtt: us, 0 for unknown
 * @quarter_stream_id: of the CONNECT-IP request
 * @sched: scheduler
 */
struct mqvpn_conn_config {
	u8 role;
	bool multipath;
	bool confirmed;
	struct mqvpn_transport local;
	struct mqvpn_transport peer;
	u32 idle_timeout;
	u32 keepalive;
	u32 initial_rtt;
	u64 quarter_stream_id;
	const struct mqvpn_sched_ops *sched;
};

/**
 * struct mqvpn_conn - a connection
 * @ref: references: the device's, one of each path
 * @md: its device, held by @tracker
 * @tracker: of the reference to the network device
 * @id: number on its device
 * @config: what userspace said, fixed but for what conn-set changes
 * @head: DATAGRAM type, quarter stream ID and context ID, as on the wire
 * @head_len: bytes in @head
 * @keys: of both directions
 * @lock: protects @sched and the members from @state to @end_at; bottom halves
 *	disabled
 * @sched: which path a packet takes
 * @state: enum mqvpn_conn_state; only ever grows
 * @gone: deleted, no timer may be set any more; the device's mutex, too
 * @over: to be deleted by @work
 * @reason: enum mqvpn_reason of @state
 * @told: the state that events told of; the device's mutex
 * @close_app: @close is the application's
 * @close: of the CONNECTION_CLOSE that was sent or received
 * @close_phrase: its reason phrase
 * @end_at: when closing or draining ends, ns
 * @timer: for the time-outs of a connection, all of them
 * @work: tells of changes of @state and of paths, opens paths, and deletes the
 *	connection in the end
 * @paths: open paths by slot, RCU; the device's mutex for writing
 * @cc_turn: see struct mqvpn_cc
 * @opening: packet whose path is being opened, NULL for none; who sets it has
 *	@work run, which alone clears it
 * @ids_asked_at: when events last told that IDs of the peer's are missing, ns;
 *	the device's mutex
 * @control: control frames, up and down
 * @used_paths: path IDs that were ever opened; the device's mutex
 * @cids: list of struct mqvpn_cid of both ends; the device's mutex
 * @ncids: how many, by enum mqvpn_end; the device's mutex
 * @prefixes: list of struct mqvpn_prefix; the device's mutex
 * @free_work: freed in process context after a grace period
 * @idle_from: when the idle time-out began, ns
 * @idle_sent: an ack-eliciting packet was sent since the last one came
 */
struct mqvpn_conn {
	refcount_t ref;
	struct mqvpn_dev *md;
	netdevice_tracker tracker;
	u32 id;
	struct mqvpn_conn_config config;
	u8 head[MQVPN_DATAGRAM_HEAD_MAX];
	u8 head_len;
	struct mqvpn_keys keys;
	spinlock_t lock; /* protects sched, and the end of it all */
	struct mqvpn_sched sched;
	u8 state;
	bool gone;
	bool over;
	u8 reason;
	u8 told;
	bool close_app;
	struct mqvpn_close_frame close;
	u8 close_phrase[MQVPN_CLOSE_REASON_MAX];
	u64 end_at;
	struct hrtimer timer;
	struct work_struct work;
	struct mqvpn_path __rcu *paths[MQVPN_PATHS_MAX];
	atomic64_t cc_turn;
	struct mqvpn_opening *opening;
	u64 ids_asked_at;
	struct mqvpn_control control;
	struct xarray used_paths;
	struct list_head cids;
	u16 ncids[2];
	struct list_head prefixes;
	struct rcu_work free_work;

	/* written for every packet */
	atomic64_t idle_from ____cacheline_aligned_in_smp;
	bool idle_sent;
};

/**
 * mqvpn_conn_peer_ack_delay() - how long the peer may keep an acknowledgement
 * @conn: connection
 *
 * Context: any.
 * Return: its max_ack_delay, us.
 */
static inline u32 mqvpn_conn_peer_ack_delay(const struct mqvpn_conn *conn)
{
	return conn->config.peer.max_ack_delay * USEC_PER_MSEC;
}

extern struct workqueue_struct *mqvpn_wq;

int mqvpn_conn_init(void);
void mqvpn_conn_exit(void);

int mqvpn_cids_init(struct mqvpn_dev *md);
struct mqvpn_cid *mqvpn_cid_lookup(struct mqvpn_dev *md, const u8 *id);
struct mqvpn_cid *mqvpn_cid_find(struct mqvpn_conn *conn, u8 end, u32 path_id,
				 u64 sequence);
struct mqvpn_cid *mqvpn_cid_first(struct mqvpn_conn *conn, u8 end, u32 path_id);
int mqvpn_cid_add(struct mqvpn_conn *conn, const struct mqvpn_cid *template,
		  struct netlink_ext_ack *extack);
int mqvpn_cid_del(struct mqvpn_conn *conn, struct mqvpn_cid *cid,
		  struct netlink_ext_ack *extack);
void mqvpn_cids_del_all(struct mqvpn_conn *conn);
void mqvpn_cids_bind(struct mqvpn_conn *conn, u32 path_id,
		     struct mqvpn_path *path);

struct mqvpn_conn *mqvpn_conn_new(struct mqvpn_dev *md, u32 id,
				  const struct mqvpn_conn_config *config,
				  struct netlink_ext_ack *extack);
int mqvpn_conn_set(struct mqvpn_conn *conn,
		   const struct mqvpn_conn_config *config,
		   struct netlink_ext_ack *extack);
void mqvpn_conn_del(struct mqvpn_conn *conn);
void mqvpn_conn_del_all(struct mqvpn_dev *md);
void mqvpn_conn_transport_gone(struct mqvpn_conn *conn);
void mqvpn_conn_forget_routes(struct mqvpn_conn *conn);
void mqvpn_conn_hold(struct mqvpn_conn *conn);
bool mqvpn_conn_get(struct mqvpn_conn *conn);
void mqvpn_conn_put(struct mqvpn_conn *conn);
struct mqvpn_path *mqvpn_conn_next(struct mqvpn_conn *conn,
				   unsigned int *slot);
struct mqvpn_path *mqvpn_conn_path(struct mqvpn_conn *conn, u32 path_id);

#endif
