// SPDX-License-Identifier: GPL-2.0
/*
 * Paths that the peer opens, RFC 10069 section 3.1: a client's packet with an
 * unused path's connection ID opens the path, once it has authenticated.
 *
 * A path is made in process context. The packet waits for it, because it holds
 * the challenge that the client wants to be answered; one per connection, so
 * that no client makes many wait.
 */

#include <linux/slab.h>

#include "life.h"
#include "netlink.h"
#include "open.h"
#include "path.h"
#include "rx.h"
#include "validate.h"

/**
 * mqvpn_open_may() - tell whether a packet may open a path
 * @conn: connection
 * @path_id: path ID of the packet, for which there is no path
 *
 * Only clients open paths, and not before the handshake is confirmed. No path
 * ID is used twice.
 *
 * Context: any, RCU read lock held.
 * Return: true if so, as far as can be told without the device's mutex.
 */
bool mqvpn_open_may(struct mqvpn_conn *conn, u32 path_id)
{
	return conn->config.role == MQVPN_ROLE_SERVER &&
	       conn->config.multipath && READ_ONCE(conn->config.confirmed) &&
	       READ_ONCE(conn->state) == MQVPN_CONN_STATE_OPEN &&
	       !xa_load(&conn->used_paths, path_id);
}

/**
 * mqvpn_open_begin() - have the path of an authenticated packet opened
 * @conn: connection
 * @c: the packet, opened; its skb is taken on success
 *
 * Context: bottom halves disabled.
 * Return: 0, or the counter of the reason why not.
 */
unsigned int mqvpn_open_begin(struct mqvpn_conn *conn,
			      const struct mqvpn_crypt *c)
{
	struct mqvpn_opening *opening;

	opening = kmalloc(sizeof(*opening), GFP_ATOMIC | __GFP_NOWARN);
	if (!opening)
		return MQVPN_A_COUNTERS_RX_NO_MEMORY;
	opening->skb = c->skb;
	opening->key = c->key;
	opening->via = c->via;
	opening->socket = c->socket;
	opening->path_id = c->path_id;
	opening->pn = c->pn;
	opening->hdr_len = c->hdr_len;
	opening->first = c->head[0];
	/* as the request has a reference, there is one to be had */
	mqvpn_key_get(c->key);
	if (cmpxchg(&conn->opening, NULL, opening)) {
		mqvpn_key_put(c->key);
		kfree(opening);
		return MQVPN_A_COUNTERS_RX_PATH_PENDING;
	}
	mqvpn_life_changed(conn);
	return 0;
}

/* A client may go on asking for what userspace is slow to give. */
static void mqvpn_open_ask_ids(struct mqvpn_conn *conn)
{
	u64 now = ktime_get_ns();

	if (conn->ids_asked_at &&
	    now - conn->ids_asked_at < MQVPN_IDS_NEEDED_NS)
		return;
	conn->ids_asked_at = now;
	mqvpn_nl_path_ids_needed(conn);
}

/* Return: the path, or NULL when it cannot be. */
static struct mqvpn_path *mqvpn_open_path(struct mqvpn_conn *conn,
					  const struct mqvpn_opening *opening)
{
	const struct mqvpn_path_config config = {
		.id = opening->path_id,
		.has_id = true,
		.opened = true,
		.remote = opening->via.remote,
		.local = opening->via.local,
		.socket = opening->socket,
		.weight = 1,
	};
	struct mqvpn_path *path;

	if (conn->gone)
		return NULL;
	if (!mqvpn_cid_first(conn, MQVPN_END_PEER, config.id)) {
		mqvpn_open_ask_ids(conn);
		return NULL;
	}
	path = mqvpn_path_new(conn, &config, NULL);
	if (IS_ERR(path))
		return NULL;
	mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
	return path;
}

/**
 * mqvpn_open_finish() - open the path that a packet waits for
 * @conn: connection, possibly deleted
 *
 * Context: process, device mutex held.
 */
void mqvpn_open_finish(struct mqvpn_conn *conn)
{
	struct mqvpn_opening *opening = READ_ONCE(conn->opening);
	struct mqvpn_path *path;

	lockdep_assert_held(&conn->md->lock);

	if (!opening)
		return;
	path = mqvpn_open_path(conn, opening);
	local_bh_disable();
	rcu_read_lock();
	mqvpn_rx_first(conn, path, opening);
	rcu_read_unlock();
	local_bh_enable();
	mqvpn_key_put(opening->key);
	/* only now, so that no other packet opens the same path */
	smp_store_release(&conn->opening, NULL);
	kfree(opening);
}
