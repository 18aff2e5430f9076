// SPDX-License-Identifier: GPL-2.0
/* Connections: from conn-new to the last packet in flight. */

#include <linux/slab.h>

#include "conn.h"
#include "life.h"
#include "netlink.h"
#include "path.h"
#include "prefix.h"

/* Frees connections and paths: both hold what only process context may free. */
struct workqueue_struct *mqvpn_wq;

static struct kmem_cache *mqvpn_conn_cache;

/* There may be thousands: no rounding up to a power of two. */
static int mqvpn_conn_cache_init(void)
{
	mqvpn_conn_cache = KMEM_CACHE(mqvpn_conn, SLAB_ACCOUNT);
	if (!mqvpn_conn_cache)
		return -ENOMEM;
	if (!mqvpn_path_init())
		return 0;
	kmem_cache_destroy(mqvpn_conn_cache);
	return -ENOMEM;
}

static void mqvpn_conn_cache_exit(void)
{
	mqvpn_path_exit();
	kmem_cache_destroy(mqvpn_conn_cache);
}

/**
 * mqvpn_conn_init() - get ready for connections
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_conn_init(void)
{
	if (mqvpn_conn_cache_init())
		return -ENOMEM;
	mqvpn_wq = alloc_workqueue("mqvpn", WQ_UNBOUND, 0);
	if (!mqvpn_wq)
		goto destroy_caches;
	if (mqvpn_life_init())
		goto destroy_wq;
	if (mqvpn_keys_wq_init())
		goto life_exit;
	return 0;

life_exit:
	mqvpn_life_exit();
destroy_wq:
	destroy_workqueue(mqvpn_wq);
destroy_caches:
	mqvpn_conn_cache_exit();
	return -ENOMEM;
}

/**
 * mqvpn_conn_exit() - wait until the last connection is freed
 *
 * Context: module exit, after all devices are gone.
 */
void mqvpn_conn_exit(void)
{
	mqvpn_keys_wq_exit();
	mqvpn_life_exit();
	/* a path's last reference drops its connection's: hence twice */
	rcu_barrier();
	flush_workqueue(mqvpn_wq);
	rcu_barrier();
	destroy_workqueue(mqvpn_wq);
	mqvpn_conn_cache_exit();
}

static void mqvpn_conn_free(struct work_struct *work)
{
	struct mqvpn_conn *conn = container_of(to_rcu_work(work),
					       struct mqvpn_conn, free_work);

	mqvpn_sched_exit(&conn->sched);
	xa_destroy(&conn->used_paths);
	netdev_put(conn->md->dev, &conn->tracker);
	kmem_cache_free(mqvpn_conn_cache, conn);
}

/**
 * mqvpn_conn_hold() - take a reference
 * @conn: connection that the caller has a reference to
 *
 * Context: any.
 */
void mqvpn_conn_hold(struct mqvpn_conn *conn)
{
	refcount_inc(&conn->ref);
}

/**
 * mqvpn_conn_get() - take a reference
 * @conn: connection, found under RCU
 *
 * Context: any, RCU read lock held.
 * Return: false when the connection is already going away.
 */
bool mqvpn_conn_get(struct mqvpn_conn *conn)
{
	return refcount_inc_not_zero(&conn->ref);
}

/**
 * mqvpn_conn_put() - drop a reference
 * @conn: connection
 *
 * Context: any.
 */
void mqvpn_conn_put(struct mqvpn_conn *conn)
{
	if (!refcount_dec_and_test(&conn->ref))
		return;
	INIT_RCU_WORK(&conn->free_work, mqvpn_conn_free);
	queue_rcu_work(mqvpn_wq, &conn->free_work);
}

static struct mqvpn_conn *
mqvpn_conn_alloc(struct mqvpn_dev *md, u32 id,
		 const struct mqvpn_conn_config *config)
{
	struct mqvpn_conn *conn;

	conn = kmem_cache_zalloc(mqvpn_conn_cache, GFP_KERNEL);
	if (!conn)
		return NULL;
	if (mqvpn_sched_init(&conn->sched, config->sched)) {
		kmem_cache_free(mqvpn_conn_cache, conn);
		return NULL;
	}
	refcount_set(&conn->ref, 1);
	spin_lock_init(&conn->lock);
	xa_init(&conn->used_paths);
	INIT_LIST_HEAD(&conn->cids);
	INIT_LIST_HEAD(&conn->prefixes);
	conn->md = md;
	netdev_hold(md->dev, &conn->tracker, GFP_KERNEL);
	conn->id = id;
	conn->config = *config;
	conn->head_len = mqvpn_datagram_head_put(conn->head,
						 config->quarter_stream_id);
	mqvpn_control_init(&conn->control);
	mqvpn_keys_init(&conn->keys);
	mqvpn_life_begin(conn);
	return conn;
}

/**
 * mqvpn_conn_new() - make a connection
 * @md: device
 * @id: its number
 * @config: what userspace says of it
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: the connection, or -EEXIST, -ENOSPC, -ENOMEM.
 */
struct mqvpn_conn *mqvpn_conn_new(struct mqvpn_dev *md, u32 id,
				  const struct mqvpn_conn_config *config,
				  struct netlink_ext_ack *extack)
{
	struct mqvpn_conn *conn;
	int err;

	lockdep_assert_held(&md->lock);

	if (md->nconns >= MQVPN_CONNS_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "too many connections");
		return ERR_PTR(-ENOSPC);
	}
	conn = mqvpn_conn_alloc(md, id, config);
	if (!conn)
		return ERR_PTR(-ENOMEM);

	err = xa_insert(&md->conns, id, conn, GFP_KERNEL_ACCOUNT);
	if (err) {
		if (err == -EBUSY) {
			NL_SET_ERR_MSG_MOD(extack, "connection number is in use");
			err = -EEXIST;
		}
		mqvpn_conn_put(conn);
		return ERR_PTR(err);
	}
	md->nconns++;
	mqvpn_life_rearm(conn);
	return conn;
}

/**
 * mqvpn_conn_set() - change what may change while a connection lives
 * @conn: connection
 * @config: the wanted state, all of it
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -ESHUTDOWN, or -EOPNOTSUPP for what is fixed at creation.
 */
int mqvpn_conn_set(struct mqvpn_conn *conn,
		   const struct mqvpn_conn_config *config,
		   struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&conn->md->lock);

	err = mqvpn_conn_check_open(conn, extack);
	if (err)
		return err;
	if (config->role != conn->config.role ||
	    config->multipath != conn->config.multipath) {
		NL_SET_ERR_MSG_MOD(extack,
				   "role and multipath are fixed when a connection is made");
		return -EOPNOTSUPP;
	}
	if (config->quarter_stream_id != conn->config.quarter_stream_id) {
		NL_SET_ERR_MSG_MOD(extack,
				   "quarter stream ID is fixed when a connection is made");
		return -EOPNOTSUPP;
	}
	spin_lock_bh(&conn->lock);
	conn->sched.ops = config->sched;
	spin_unlock_bh(&conn->lock);
	conn->config = *config;
	mqvpn_life_rearm(conn);
	return 0;
}

/**
 * mqvpn_conn_del() - delete a connection without a word to the peer
 * @conn: connection
 *
 * Packets in flight through the AEAD keep its memory until they are done.
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_conn_del(struct mqvpn_conn *conn)
{
	struct mqvpn_dev *md = conn->md;
	struct mqvpn_path *path;
	unsigned int slot;

	lockdep_assert_held(&md->lock);

	mqvpn_life_end(conn);
	mqvpn_prefix_del_all(&md->prefixes, conn);
	mqvpn_for_each_path(conn, slot, path)
		mqvpn_path_del(path);
	mqvpn_control_exit(&conn->control);
	mqvpn_cids_del_all(conn);
	mqvpn_keys_exit(conn);
	xa_erase(&md->conns, conn->id);
	md->nconns--;
	mqvpn_conn_put(conn);
}

/**
 * mqvpn_conn_del_all() - delete all connections of a device that goes away
 * @md: device
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_conn_del_all(struct mqvpn_dev *md)
{
	struct mqvpn_conn *conn;
	unsigned long id;

	lockdep_assert_held(&md->lock);

	xa_for_each(&md->conns, id, conn)
		mqvpn_conn_del(conn);
}

/**
 * mqvpn_conn_transport_gone() - silence a connection whose sockets will close
 * @conn: connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_conn_transport_gone(struct mqvpn_conn *conn)
{
	struct mqvpn_path *path;
	unsigned int slot;

	lockdep_assert_held(&conn->md->lock);

	mqvpn_for_each_path(conn, slot, path) {
		mqvpn_path_close(path);
		spin_lock_bh(&path->lock);
		WRITE_ONCE(path->state, MQVPN_PATH_STATE_DEAD);
		path->reason = MQVPN_REASON_NO_TRANSPORT;
		spin_unlock_bh(&path->lock);
		mqvpn_path_schedule(path);
		mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
	}
}

/**
 * mqvpn_conn_forget_routes() - drop the cached routes of silent paths
 * @conn: connection without a sender
 *
 * Context: process, device mutex held.
 */
void mqvpn_conn_forget_routes(struct mqvpn_conn *conn)
{
	struct mqvpn_path *path;
	unsigned int slot;

	mqvpn_for_each_path(conn, slot, path)
		dst_cache_reset_now(&mqvpn_path_to(path)->cache);
}

/**
 * mqvpn_conn_next() - find the next open path
 * @conn: connection
 * @slot: slot to begin with; set to the one found
 *
 * Context: process, device mutex held.
 * Return: the path, or NULL when there is no other.
 */
struct mqvpn_path *mqvpn_conn_next(struct mqvpn_conn *conn, unsigned int *slot)
{
	struct mutex *lock = &conn->md->lock;
	struct mqvpn_path *path = NULL;

	for (; *slot < MQVPN_PATHS_MAX && !path; (*slot)++)
		path = rcu_dereference_protected(conn->paths[*slot],
						 lockdep_is_held(lock));
	if (path)
		(*slot)--;
	return path;
}

/**
 * mqvpn_conn_path() - find an open path by its path ID
 * @conn: connection
 * @path_id: path ID
 *
 * Context: any, RCU read lock or device mutex held, which keeps the result.
 * Return: the path or NULL.
 */
struct mqvpn_path *mqvpn_conn_path(struct mqvpn_conn *conn, u32 path_id)
{
	struct mqvpn_path *path;
	unsigned int slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		path = rcu_dereference_check(conn->paths[slot],
					     lockdep_is_held(&conn->md->lock));
		if (path && path->id == path_id)
			return path;
	}
	return NULL;
}
