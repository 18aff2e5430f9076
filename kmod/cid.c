// SPDX-License-Identifier: GPL-2.0
/* Connection IDs: how a packet finds its connection and path. */

#include "conn.h"
#include "netlink.h"
#include "path.h"
#include "reset.h"

static const struct rhashtable_params mqvpn_cid_params = {
	.key_len = MQVPN_CID_LEN,
	.key_offset = offsetof(struct mqvpn_cid, id),
	.head_offset = offsetof(struct mqvpn_cid, node),
	.automatic_shrinking = true,
};

/**
 * mqvpn_cids_init() - make the table of the IDs that a device issued
 * @md: device
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_cids_init(struct mqvpn_dev *md)
{
	return rhashtable_init(&md->cids, &mqvpn_cid_params);
}

/**
 * mqvpn_cid_lookup() - find an ID that we issued
 * @md: device
 * @id: MQVPN_CID_LEN bytes
 *
 * Context: any, RCU read lock held, which also keeps the result.
 * Return: the ID or NULL.
 */
struct mqvpn_cid *mqvpn_cid_lookup(struct mqvpn_dev *md, const u8 *id)
{
	return rhashtable_lookup(&md->cids, id, mqvpn_cid_params);
}

/**
 * mqvpn_cid_find() - find an ID by its sequence number
 * @conn: connection
 * @end: enum mqvpn_end
 * @path_id: path it belongs to
 * @sequence: its number
 *
 * Context: process, device mutex held.
 * Return: the ID or NULL.
 */
struct mqvpn_cid *mqvpn_cid_find(struct mqvpn_conn *conn, u8 end, u32 path_id,
				 u64 sequence)
{
	struct mqvpn_cid *cid;

	lockdep_assert_held(&conn->md->lock);

	list_for_each_entry(cid, &conn->cids, list)
		if (cid->end == end && cid->path_id == path_id &&
		    cid->sequence == sequence)
			return cid;
	return NULL;
}

/**
 * mqvpn_cid_first() - find the oldest ID of a path
 * @conn: connection
 * @end: enum mqvpn_end
 * @path_id: path it belongs to
 *
 * Context: process, device mutex held.
 * Return: the ID with the lowest sequence number, or NULL.
 */
struct mqvpn_cid *mqvpn_cid_first(struct mqvpn_conn *conn, u8 end, u32 path_id)
{
	struct mqvpn_cid *first = NULL, *cid;

	lockdep_assert_held(&conn->md->lock);

	list_for_each_entry(cid, &conn->cids, list) {
		if (cid->end != end || cid->path_id != path_id)
			continue;
		if (!first || cid->sequence < first->sequence)
			first = cid;
	}
	return first;
}

/* Return: the oldest other ID of the same end for the same path, or NULL. */
static struct mqvpn_cid *mqvpn_cid_other(struct mqvpn_conn *conn,
					 const struct mqvpn_cid *than)
{
	struct mqvpn_cid *first = NULL, *cid;

	list_for_each_entry(cid, &conn->cids, list) {
		if (cid == than || cid->end != than->end ||
		    cid->path_id != than->path_id)
			continue;
		if (!first || cid->sequence < first->sequence)
			first = cid;
	}
	return first;
}

/* RFC 10069 section 3.1: with multipath every ID has at least one byte. */
static int mqvpn_cid_check(struct mqvpn_conn *conn, const struct mqvpn_cid *cid,
			   struct netlink_ext_ack *extack)
{
	if (cid->end == MQVPN_END_LOCAL && cid->len != MQVPN_CID_LEN) {
		NL_SET_ERR_MSG_MOD(extack,
				   "our own connection IDs have 8 bytes");
		return -EINVAL;
	}
	if (conn->config.multipath && !cid->len) {
		NL_SET_ERR_MSG_MOD(extack,
				   "with multipath a connection ID may not be empty");
		return -EINVAL;
	}
	if (!conn->config.multipath && cid->path_id) {
		NL_SET_ERR_MSG_MOD(extack,
				   "without multipath there is only path 0");
		return -EINVAL;
	}
	if (cid->path_id > min(conn->config.local.max_path_id,
			       conn->config.peer.max_path_id)) {
		NL_SET_ERR_MSG_MOD(extack, "path ID is above the maximum");
		return -ERANGE;
	}
	if (mqvpn_cid_find(conn, cid->end, cid->path_id, cid->sequence)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "this sequence number is in use on the path");
		return -EEXIST;
	}
	if (conn->ncids[cid->end] >= MQVPN_CIDS_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "too many connection IDs");
		return -ENOSPC;
	}
	return 0;
}

/* Make an ID of ours known to the receive path. */
static int mqvpn_cid_publish(struct mqvpn_conn *conn, struct mqvpn_cid *cid,
			     struct netlink_ext_ack *extack)
{
	int err;

	rcu_assign_pointer(cid->path, mqvpn_conn_path(conn, cid->path_id));
	err = rhashtable_lookup_insert_fast(&conn->md->cids, &cid->node,
					    mqvpn_cid_params);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_MOD(extack,
				   "connection ID is in use on this device");
	return err;
}

/**
 * mqvpn_cid_add() - install a connection ID
 * @conn: connection
 * @template: all of what userspace said of it
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -EINVAL, -ERANGE, -EEXIST, -ENOSPC or -ENOMEM.
 */
int mqvpn_cid_add(struct mqvpn_conn *conn, const struct mqvpn_cid *template,
		  struct netlink_ext_ack *extack)
{
	struct mqvpn_cid *cid;
	int err;

	err = mqvpn_cid_check(conn, template, extack);
	if (err)
		return err;

	cid = kmemdup(template, sizeof(*template), GFP_KERNEL_ACCOUNT);
	if (!cid)
		return -ENOMEM;
	cid->conn = conn;
	if (cid->end == MQVPN_END_LOCAL)
		err = mqvpn_cid_publish(conn, cid, extack);
	else if (cid->has_token)
		err = mqvpn_token_add(&conn->md->tokens, cid, extack);
	if (err) {
		kfree_sensitive(cid);
		return err;
	}
	list_add_tail(&cid->list, &conn->cids);
	conn->ncids[cid->end]++;
	return 0;
}

static void mqvpn_cid_remove(struct mqvpn_conn *conn, struct mqvpn_cid *cid)
{
	if (cid->end == MQVPN_END_LOCAL)
		rhashtable_remove_fast(&conn->md->cids, &cid->node,
				       mqvpn_cid_params);
	else if (cid->has_token)
		mqvpn_token_del(&conn->md->tokens, cid);
	list_del(&cid->list);
	conn->ncids[cid->end]--;
	kfree_rcu(cid, rcu);
}

/**
 * mqvpn_cid_del() - retire a connection ID
 * @conn: connection
 * @cid: the ID
 * @extack: for the reason of a refusal
 *
 * A path that sends with it goes on with another one of its own, RFC 9000
 * section 5.1.2.
 *
 * Context: process, device mutex held.
 * Return: 0 or -EBUSY while an open path has no other.
 */
int mqvpn_cid_del(struct mqvpn_conn *conn, struct mqvpn_cid *cid,
		  struct netlink_ext_ack *extack)
{
	struct mqvpn_path *path = mqvpn_conn_path(conn, cid->path_id);
	struct mqvpn_cid *other;

	lockdep_assert_held(&conn->md->lock);

	if (path && cid->end == MQVPN_END_PEER &&
	    !mqvpn_path_is_closing(path) && mqvpn_path_sends_with(path, cid)) {
		other = mqvpn_cid_other(conn, cid);
		if (!other) {
			NL_SET_ERR_MSG_MOD(extack,
					   "an open path sends with this connection ID, and has no other");
			return -EBUSY;
		}
		mqvpn_path_send_with(path, other);
		mqvpn_nl_cid_event(other);
	}
	mqvpn_cid_remove(conn, cid);
	return 0;
}

/**
 * mqvpn_cids_del_all() - drop all IDs of a connection that goes away
 * @conn: connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_cids_del_all(struct mqvpn_conn *conn)
{
	struct mqvpn_cid *cid, *next;

	lockdep_assert_held(&conn->md->lock);

	list_for_each_entry_safe(cid, next, &conn->cids, list)
		mqvpn_cid_remove(conn, cid);
}

/**
 * mqvpn_cids_bind() - let the IDs of a path lead to it, or to nothing
 * @conn: connection
 * @path_id: the path's number
 * @path: the path, NULL when it closes
 *
 * Context: process, device mutex held.
 */
void mqvpn_cids_bind(struct mqvpn_conn *conn, u32 path_id,
		     struct mqvpn_path *path)
{
	struct mqvpn_cid *cid;

	lockdep_assert_held(&conn->md->lock);

	list_for_each_entry(cid, &conn->cids, list)
		if (cid->end == MQVPN_END_LOCAL && cid->path_id == path_id)
			rcu_assign_pointer(cid->path, path);
}
