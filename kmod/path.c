// SPDX-License-Identifier: GPL-2.0
/* Paths: opening, changing, closing. */

#include <linux/random.h>
#include <linux/slab.h>

#include "closing.h"
#include "compat.h"
#include "conn.h"
#include "life.h"
#include "loss.h"
#include "netlink.h"
#include "path.h"
#include "tx.h"

static struct kmem_cache *mqvpn_path_cache;

/**
 * mqvpn_path_init() - get ready for paths
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_path_init(void)
{
	mqvpn_path_cache = KMEM_CACHE(mqvpn_path, SLAB_ACCOUNT);
	return mqvpn_path_cache ? 0 : -ENOMEM;
}

/**
 * mqvpn_path_exit() - all paths are freed
 *
 * Context: module exit.
 */
void mqvpn_path_exit(void)
{
	kmem_cache_destroy(mqvpn_path_cache);
}

static void mqvpn_path_free(struct work_struct *work)
{
	struct mqvpn_path *path = container_of(to_rcu_work(work),
					       struct mqvpn_path, free_work);

	mqvpn_to_free(rcu_dereference_protected(path->to, true));
	mqvpn_recovery_exit(&path->rec);
	mqvpn_conn_put(path->conn);
	kmem_cache_free(mqvpn_path_cache, path);
}

/**
 * mqvpn_path_put() - drop a reference
 * @path: path
 *
 * Context: any.
 */
void mqvpn_path_put(struct mqvpn_path *path)
{
	if (!refcount_dec_and_test(&path->ref))
		return;
	INIT_RCU_WORK(&path->free_work, mqvpn_path_free);
	queue_rcu_work(mqvpn_wq, &path->free_work);
}

/**
 * mqvpn_path_overhead() - bytes that a path adds to a full inner packet
 * @path: path
 *
 * Outer IP and UDP headers, short header, DATAGRAM head and tag.
 *
 * Context: any.
 * Return: bytes.
 */
unsigned int mqvpn_path_overhead(const struct mqvpn_path *path)
{
	unsigned int ip = path->config.remote.family == AF_INET ? 20 : 40;

	return ip + sizeof(struct udphdr) + 1 + READ_ONCE(path->dcid_len) +
	       MQVPN_PN_LEN + path->conn->head_len + MQVPN_TAG_LEN;
}

/**
 * mqvpn_path_sends_with() - tell whether a path sends with a connection ID
 * @path: path
 * @cid: ID of the peer's for that path
 *
 * Context: RCU read lock or device mutex held, which keep both; not the path's
 * lock.
 * Return: true if so.
 */
bool mqvpn_path_sends_with(struct mqvpn_path *path,
			   const struct mqvpn_cid *cid)
{
	bool same;

	spin_lock_bh(&path->lock);
	same = path->dcid_sequence == cid->sequence;
	spin_unlock_bh(&path->lock);
	return same;
}

/**
 * mqvpn_path_send_with() - have a path send with another connection ID
 * @path: path
 * @cid: ID of the peer's for that path
 *
 * Context: process, device mutex held.
 */
void mqvpn_path_send_with(struct mqvpn_path *path, const struct mqvpn_cid *cid)
{
	spin_lock_bh(&path->lock);
	memcpy(path->dcid, cid->id, cid->len);
	WRITE_ONCE(path->dcid_len, cid->len);
	path->dcid_sequence = cid->sequence;
	spin_unlock_bh(&path->lock);
	/* its length is a part of what the route leaves for an inner packet */
	local_bh_disable();
	rcu_read_lock();
	mqvpn_udp_route(path);
	/* what retires the other ID may go here now */
	mqvpn_deliveries_kick(path->conn, NULL);
	rcu_read_unlock();
	local_bh_enable();
}

/* Without a remote address a path goes where the connection's others go. */
static int mqvpn_path_fill_remote(struct mqvpn_conn *conn,
				  struct mqvpn_path_config *config,
				  struct netlink_ext_ack *extack)
{
	struct mqvpn_path *other;
	unsigned int slot;

	if (config->remote.family != AF_UNSPEC)
		return 0;
	mqvpn_for_each_path(conn, slot, other) {
		config->remote = other->config.remote;
		return 0;
	}
	NL_SET_ERR_MSG_MOD(extack,
			   "the first path of a connection needs a remote address");
	return -EDESTADDRREQ;
}

/* RFC 10069 section 3.3: a path ID is never used twice. */
static bool mqvpn_path_id_ready(struct mqvpn_conn *conn, u32 id)
{
	return !xa_load(&conn->used_paths, id) &&
	       mqvpn_cid_first(conn, MQVPN_END_LOCAL, id) &&
	       mqvpn_cid_first(conn, MQVPN_END_PEER, id);
}

static int mqvpn_path_fill_id(struct mqvpn_conn *conn,
			      struct mqvpn_path_config *config,
			      struct netlink_ext_ack *extack)
{
	u32 best = U32_MAX;
	struct mqvpn_cid *cid;

	if (config->has_id && xa_load(&conn->used_paths, config->id)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "path ID was used before; they are never used twice");
		return -EEXIST;
	}
	if (config->has_id) {
		if (mqvpn_path_id_ready(conn, config->id))
			return 0;
		NL_SET_ERR_MSG_MOD(extack,
				   "path needs a connection ID of either end");
		mqvpn_nl_path_ids_needed(conn);
		return -ENOSPC;
	}
	list_for_each_entry(cid, &conn->cids, list)
		if (cid->path_id < best &&
		    mqvpn_path_id_ready(conn, cid->path_id))
			best = cid->path_id;
	if (best == U32_MAX) {
		NL_SET_ERR_MSG_MOD(extack,
				   "no unused path ID has connection IDs of both ends");
		mqvpn_nl_path_ids_needed(conn);
		return -ENOSPC;
	}
	config->id = best;
	return 0;
}

static int mqvpn_path_free_slot(struct mqvpn_conn *conn,
				struct netlink_ext_ack *extack)
{
	unsigned int slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++)
		if (!rcu_access_pointer(conn->paths[slot]))
			return slot;
	NL_SET_ERR_MSG_MOD(extack, "connection has too many paths");
	return -ENOSPC;
}

/* The socket that userspace named, or a new one for this path alone. */
static struct mqvpn_sock *
mqvpn_path_socket(struct mqvpn_dev *md, const struct mqvpn_path_config *config,
		  struct netlink_ext_ack *extack)
{
	struct mqvpn_sock_config own = {
		.local = config->local,
		.ifindex = config->ifindex,
		.mark = config->mark,
	};
	struct mqvpn_sock *s;

	if (!config->socket)
		return mqvpn_sock_new(md, &own, false, extack);

	s = mqvpn_sock_find(md, config->socket);
	if (!s) {
		NL_SET_ERR_MSG_MOD(extack, "no such socket on this device");
		return ERR_PTR(-ENOENT);
	}
	return s;
}

/* What the path leaves open is as the socket is bound; what it says fits. */
static int mqvpn_path_fit_socket(const struct mqvpn_sock *s,
				 struct mqvpn_path_config *config,
				 struct netlink_ext_ack *extack)
{
	const struct sock *sk = mqvpn_sock_sk(s);
	u16 remote = config->remote.family;

	if (config->local.family == AF_UNSPEC)
		config->local = s->config.local;
	if (!config->ifindex)
		config->ifindex = s->config.ifindex;
	if (s->config.ifindex && s->config.ifindex != config->ifindex) {
		NL_SET_ERR_MSG_MOD(extack,
				   "socket is bound to another underlay device");
		return -EINVAL;
	}
	/* on a host without IPv6 even a socket of both families is IPv4 */
	if ((config->local.family == AF_UNSPEC ||
	     config->local.family == remote) &&
	    (s->config.local.family == AF_UNSPEC ||
	     s->config.local.family == remote) &&
	    (remote == AF_INET || (sk && sk->sk_family == AF_INET6)))
		return 0;
	NL_SET_ERR_MSG_MOD(extack,
			   "socket, local and remote address are of different families");
	return -EAFNOSUPPORT;
}

static void mqvpn_path_drop_socket(struct mqvpn_sock *s)
{
	if (!s->users && !s->listening)
		mqvpn_sock_del(s);
}

static struct mqvpn_path *
mqvpn_path_alloc(struct mqvpn_conn *conn,
		 const struct mqvpn_path_config *config)
{
	const struct mqvpn_cid *peer;
	struct mqvpn_path *path;
	struct mqvpn_to *to;

	path = kmem_cache_zalloc(mqvpn_path_cache, GFP_KERNEL);
	if (!path)
		return NULL;
	to = mqvpn_to_new(&config->remote, &config->local);
	if (!to)
		goto free_path;
	RCU_INIT_POINTER(path->to, to);
	if (mqvpn_recovery_init(&path->rec, conn->config.initial_rtt))
		goto free_to;

	peer = mqvpn_cid_first(conn, MQVPN_END_PEER, config->id);
	memcpy(path->dcid, peer->id, peer->len);
	path->dcid_len = peer->len;
	path->dcid_sequence = peer->sequence;
	refcount_set(&path->ref, 1);
	mqvpn_conn_hold(conn);
	path->conn = conn;
	path->id = config->id;
	path->config = *config;
	path->hash = get_random_u32() | 1;
	path->head_room = LL_MAX_HEADER + sizeof(struct ipv6hdr) +
			  sizeof(struct udphdr);
	path->inner_mtu = U32_MAX;
	spin_lock_init(&path->lock);
	__skb_queue_head_init(&path->queue);
	mqvpn_cc_init(&path->cc, config->cc, &conn->cc_turn);
	mqvpn_path_pace(path);
	path->state = config->validated ? MQVPN_PATH_STATE_ACTIVE :
					  MQVPN_PATH_STATE_VALIDATING;
	path->reason = mqvpn_path_origin(path);
	path->validation.limited = config->opened;
	path->sent_at = ktime_get_ns();
	mqvpn_tx_timers_init(path);
	mqvpn_loss_timer_init(path);
	mqvpn_validation_init(path);
	mqvpn_closing_init(path);
	return path;

free_to:
	mqvpn_to_free(to);
free_path:
	kmem_cache_free(mqvpn_path_cache, path);
	return NULL;
}

/**
 * mqvpn_path_change() - a path has another state
 * @path: path
 * @state: enum mqvpn_path_state
 * @reason: enum mqvpn_reason of it
 *
 * The caller tells the scheduler, if it matters to it, once it has dropped the
 * lock; events follow by themselves.
 *
 * Context: any, the path's lock held.
 */
void mqvpn_path_change(struct mqvpn_path *path, u8 state, u8 reason)
{
	lockdep_assert_held(&path->lock);

	WRITE_ONCE(path->state, state);
	path->reason = reason;
	path->tell = true;
	mqvpn_life_changed(path->conn);
}

/**
 * mqvpn_path_schedule() - let the scheduler know whether a path is to be used
 * @path: path
 *
 * Context: any, neither the connection's lock nor the path's held.
 */
void mqvpn_path_schedule(struct mqvpn_path *path)
{
	struct mqvpn_conn *conn = path->conn;

	spin_lock_bh(&conn->lock);
	/* its slot may be another's by now */
	if (rcu_access_pointer(conn->paths[path->slot]) != path)
		goto unlock;
	if (conn->state == MQVPN_CONN_STATE_OPEN && mqvpn_path_is_active(path))
		mqvpn_sched_path_up(&conn->sched, path->slot,
				    path->config.weight);
	else
		mqvpn_sched_path_down(&conn->sched, path->slot);
unlock:
	spin_unlock_bh(&conn->lock);
}

/* Return: whether a path has a state that was not told. */
static bool mqvpn_path_news(struct mqvpn_path *path)
{
	bool news;

	spin_lock_bh(&path->lock);
	news = path->tell;
	path->tell = false;
	spin_unlock_bh(&path->lock);
	return news;
}

/**
 * mqvpn_paths_tell() - tell of the paths that changed by themselves, and delete
 * those whose closing has ended
 * @conn: connection
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_paths_tell(struct mqvpn_conn *conn)
{
	struct mqvpn_path *path;
	unsigned int slot;

	lockdep_assert_held(&conn->md->lock);

	mqvpn_for_each_path(conn, slot, path) {
		mqvpn_rebind_finish(path);
		if (mqvpn_path_news(path))
			mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
		if (!READ_ONCE(path->over))
			continue;
		mqvpn_nl_path_event(path, MQVPN_CMD_PATH_DEL_NTF);
		mqvpn_path_del(path);
	}
}

static void mqvpn_path_publish(struct mqvpn_path *path, unsigned int slot)
{
	struct mqvpn_conn *conn = path->conn;

	path->slot = slot;
	rcu_assign_pointer(conn->paths[slot], path);
	mqvpn_cids_bind(conn, path->id, path);
	mqvpn_path_schedule(path);
	if (path->config.validated)
		return;
	local_bh_disable();
	rcu_read_lock();
	mqvpn_validation_begin(path);
	rcu_read_unlock();
	local_bh_enable();
}

/* Look the route up now, so that a bad one is refused and not only counted. */
static int mqvpn_path_check_route(struct mqvpn_path *path,
				  struct netlink_ext_ack *extack)
{
	int err;

	local_bh_disable();
	rcu_read_lock();
	err = mqvpn_udp_route(path);
	rcu_read_unlock();
	local_bh_enable();
	if (err == -ELOOP)
		NL_SET_ERR_MSG_MOD(extack,
				   "the route to the remote address leads into a tunnel");
	/* a route may come later; counted until then */
	return err == -ELOOP ? err : 0;
}

/**
 * mqvpn_path_new() - open a path
 * @conn: connection
 * @config: what userspace says of it
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: the path, or -ESHUTDOWN for a connection that closes,
 * -EDESTADDRREQ without a remote address, -EEXIST for an ID that was used,
 * -ENOSPC without IDs or slots, -ENOENT for an unknown socket, -EAFNOSUPPORT,
 * -ELOOP, -ENOMEM, or what the socket says.
 */
struct mqvpn_path *mqvpn_path_new(struct mqvpn_conn *conn,
				  const struct mqvpn_path_config *config,
				  struct netlink_ext_ack *extack)
{
	struct mqvpn_path_config full = *config;
	struct mqvpn_path *path;
	struct mqvpn_sock *s;
	int err, slot;

	lockdep_assert_held(&conn->md->lock);

	err = mqvpn_conn_check_open(conn, extack) ?:
	      mqvpn_path_fill_remote(conn, &full, extack) ?:
	      mqvpn_path_fill_id(conn, &full, extack);
	if (err)
		return ERR_PTR(err);
	slot = mqvpn_path_free_slot(conn, extack);
	if (slot < 0)
		return ERR_PTR(slot);
	s = mqvpn_path_socket(conn->md, &full, extack);
	if (IS_ERR(s))
		return ERR_CAST(s);
	full.socket = s->id;
	full.cc = full.cc ?: &mqvpn_cc_none;
	err = mqvpn_path_fit_socket(s, &full, extack);
	if (err)
		goto drop_socket;

	err = -ENOMEM;
	path = mqvpn_path_alloc(conn, &full);
	if (!path)
		goto drop_socket;
	mqvpn_sock_get(s);
	path->sock = s;
	rcu_assign_pointer(path->sk, mqvpn_sock_sk(s));
	if (path->config.validated)
		mqvpn_validation_handshake(path);
	err = mqvpn_path_check_route(path, extack);
	if (!err)
		err = xa_err(xa_store(&conn->used_paths, path->id,
				      xa_mk_value(1), GFP_KERNEL_ACCOUNT));
	if (err)
		goto free_path;
	mqvpn_path_publish(path, slot);
	return path;

free_path:
	mqvpn_path_close(path);
	mqvpn_sock_put(s);
	mqvpn_path_put(path);
	return ERR_PTR(err);
drop_socket:
	mqvpn_path_drop_socket(s);
	return ERR_PTR(err);
}

/**
 * mqvpn_path_set() - change what may change while a path is open
 * @path: path
 * @config: the wanted share, rate limit and congestion controller
 *
 * Context: process, device mutex held.
 */
void mqvpn_path_set(struct mqvpn_path *path,
		    const struct mqvpn_path_config *config)
{
	struct mqvpn_conn *conn = path->conn;

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&conn->lock);
	path->config.weight = config->weight;
	spin_unlock_bh(&conn->lock);
	mqvpn_path_schedule(path);
	local_bh_disable();
	rcu_read_lock();
	spin_lock(&path->lock);
	path->config.rate_limit = config->rate_limit;
	path->config.cc = config->cc;
	if (path->cc.ops != config->cc)
		mqvpn_cc_init(&path->cc, config->cc, &conn->cc_turn);
	/* what is owed was counted at the old rate, and so is the timer set */
	path->pacer.next = 0;
	mqvpn_path_pace(path);
	spin_unlock(&path->lock);
	mqvpn_tx_kick(path);
	rcu_read_unlock();
	local_bh_enable();
}

/**
 * mqvpn_path_close() - stop all traffic of a path for good
 * @path: path
 *
 * Context: process, device mutex held.
 */
void mqvpn_path_close(struct mqvpn_path *path)
{
	struct sk_buff_head left;

	lockdep_assert_held(&path->conn->md->lock);

	__skb_queue_head_init(&left);
	RCU_INIT_POINTER(path->sk, NULL);
	spin_lock_bh(&path->lock);
	path->dead = true;
	skb_queue_splice_init(&path->queue, &left);
	mqvpn_rides_end(path, mqvpn_recovery_abandon(&path->rec));
	spin_unlock_bh(&path->lock);
	/* their owners wake up, which is nothing to do under a lock of ours */
	__skb_queue_purge(&left);
	hrtimer_cancel(&path->tx_timer);
	hrtimer_cancel(&path->ack_timer);
	hrtimer_cancel(&path->loss_timer);
	hrtimer_cancel(&path->validation.timer);
	hrtimer_cancel(&path->end_timer);
}

/* What a closed path did not deliver is the others' to send. */
static void mqvpn_path_hand_over(struct mqvpn_conn *conn)
{
	local_bh_disable();
	rcu_read_lock();
	mqvpn_deliveries_kick(conn, NULL);
	rcu_read_unlock();
	local_bh_enable();
}

/**
 * mqvpn_path_del() - close a path and take it from its connection
 * @path: path
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_path_del(struct mqvpn_path *path)
{
	struct mqvpn_conn *conn = path->conn;

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&path->lock);
	WRITE_ONCE(path->state, MQVPN_PATH_STATE_CLOSING);
	spin_unlock_bh(&path->lock);
	mqvpn_path_schedule(path);
	mqvpn_cids_bind(conn, path->id, NULL);
	RCU_INIT_POINTER(conn->paths[path->slot], NULL);
	mqvpn_path_close(path);
	mqvpn_path_hand_over(conn);
	mqvpn_sock_put(path->sock);
	mqvpn_path_put(path);
}
