// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection ends by CONNECTION_CLOSE, RFC 9000 section 10.2: closing
 * when we sent it, draining when the peer did. Both last for 3 PTO, so that
 * what is late is known to be.
 */

#include <linux/log2.h>

#include "conn.h"
#include "life.h"
#include "path.h"
#include "tx.h"

/**
 * mqvpn_conn_check_open() - refuse what only an open connection can do
 * @conn: connection
 * @extack: for the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -ESHUTDOWN.
 */
int mqvpn_conn_check_open(const struct mqvpn_conn *conn,
			  struct netlink_ext_ack *extack)
{
	if (READ_ONCE(conn->state) == MQVPN_CONN_STATE_OPEN)
		return 0;
	NL_SET_ERR_MSG_MOD(extack, "connection is closing");
	return -ESHUTDOWN;
}

/* The first to close says why; what comes later changes nothing of that. */
static void mqvpn_close_note(struct mqvpn_conn *conn, u8 reason, bool app,
			     const struct mqvpn_close_frame *close, u64 end_at)
{
	unsigned int slot;

	lockdep_assert_held(&conn->lock);

	conn->reason = reason;
	conn->close_app = app;
	conn->close = *close;
	conn->close.reason_len = min_t(size_t, close->reason_len,
				       MQVPN_CLOSE_REASON_MAX);
	memcpy(conn->close_phrase, close->reason, conn->close.reason_len);
	conn->close.reason = conn->close_phrase;
	conn->end_at = end_at;
	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++)
		mqvpn_sched_path_down(&conn->sched, slot);
}

/* Return: false if the connection was in that state, or behind it, before. */
static bool mqvpn_close_enter(struct mqvpn_conn *conn, u8 state, u8 reason,
			      bool app, const struct mqvpn_close_frame *close)
{
	u64 now = ktime_get_ns();
	u64 end_at = now + MQVPN_CLOSE_PTOS * mqvpn_conn_pto(conn);
	bool entered;

	spin_lock_bh(&conn->lock);
	entered = !conn->gone && conn->state < state;
	if (entered) {
		if (conn->state == MQVPN_CONN_STATE_OPEN)
			mqvpn_close_note(conn, reason, app, close, end_at);
		/* who sees the state sees what to say of it */
		smp_store_release(&conn->state, state);
	}
	spin_unlock_bh(&conn->lock);
	if (!entered)
		return false;
	mqvpn_life_arm(conn, now);
	mqvpn_life_changed(conn);
	return true;
}

/* Who waits in the path's queue goes, too: the owner of the path drops it. */
static void mqvpn_close_send(struct mqvpn_path *path)
{
	spin_lock_bh(&path->lock);
	path->close_due = !path->dead;
	spin_unlock_bh(&path->lock);
	mqvpn_tx_kick(path);
}

/*
 * Over all paths, because it may get lost, and is never sent again. Return:
 * false if it was in that state, or behind it, before.
 */
static bool mqvpn_close_begin(struct mqvpn_conn *conn, u8 state, u8 reason,
			      bool app, const struct mqvpn_close_frame *close)
{
	struct mqvpn_path *path;
	unsigned int slot;

	if (!mqvpn_close_enter(conn, state, reason, app, close))
		return false;
	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		path = rcu_dereference(conn->paths[slot]);
		if (path)
			mqvpn_close_send(path);
	}
	return true;
}

/**
 * mqvpn_conn_close() - close a connection because userspace says so
 * @conn: connection
 * @app: the error code is the application's
 * @close: error code and reason phrase
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, or -ESHUTDOWN if it is closing already.
 */
int mqvpn_conn_close(struct mqvpn_conn *conn, bool app,
		     const struct mqvpn_close_frame *close,
		     struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&conn->md->lock);

	err = mqvpn_conn_check_open(conn, extack);
	if (err)
		return err;
	local_bh_disable();
	rcu_read_lock();
	mqvpn_close_begin(conn, MQVPN_CONN_STATE_CLOSING, MQVPN_REASON_ADMIN,
			  app, close);
	rcu_read_unlock();
	local_bh_enable();
	return 0;
}

/**
 * mqvpn_conn_protocol_error() - close a connection whose peer breaks the rules
 * @conn: connection
 * @code: MQVPN_ERROR_*
 * @frame_type: type of the frame that did it, 0 for unknown
 * @why: what it did
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 */
void mqvpn_conn_protocol_error(struct mqvpn_conn *conn, u64 code,
			       u64 frame_type, const char *why)
{
	struct mqvpn_close_frame close = {
		.code = code,
		.frame_type = frame_type,
		.reason = why,
		.reason_len = strlen(why),
	};

	mqvpn_close_begin(conn, MQVPN_CONN_STATE_CLOSING, MQVPN_REASON_PROTOCOL,
			  false, &close);
}

/**
 * mqvpn_conn_key_limit() - close a connection whose keys are used up
 * @conn: connection
 *
 * RFC 9001 section 6.6.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 * Return: false if it was closing before.
 */
bool mqvpn_conn_key_limit(struct mqvpn_conn *conn)
{
	static const char why[] = "a key reached the limit of its use";
	struct mqvpn_close_frame close = {
		.code = MQVPN_ERROR_AEAD_LIMIT_REACHED,
		.reason = why,
		.reason_len = sizeof(why) - 1,
	};

	return mqvpn_close_begin(conn, MQVPN_CONN_STATE_CLOSING,
				 MQVPN_REASON_KEY_LIMIT, false, &close);
}

/**
 * mqvpn_conn_peer_closed() - the peer sent CONNECTION_CLOSE
 * @conn: connection
 * @app: the error code is the application's
 * @close: the frame
 *
 * From now on nothing is sent, RFC 9000 section 10.2.2.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 */
void mqvpn_conn_peer_closed(struct mqvpn_conn *conn, bool app,
			    const struct mqvpn_close_frame *close)
{
	mqvpn_close_begin(conn, MQVPN_CONN_STATE_DRAINING, MQVPN_REASON_PEER,
			  app, close);
}

/**
 * mqvpn_conn_reset() - the peer has lost the connection
 * @conn: connection
 *
 * RFC 9000 section 10.3.1: it drains.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 */
void mqvpn_conn_reset(struct mqvpn_conn *conn)
{
	const struct mqvpn_close_frame none = { .reason = "" };

	mqvpn_close_begin(conn, MQVPN_CONN_STATE_DRAINING, MQVPN_REASON_RESET,
			  false, &none);
}

/**
 * mqvpn_conn_late() - a packet came for a connection that is closing
 * @path: path it came on
 *
 * RFC 9000 section 10.2.1: it is answered, and each answer takes twice as many
 * packets as the one before.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 */
void mqvpn_conn_late(struct mqvpn_path *path)
{
	bool answer;
	u8 state;

	spin_lock(&path->lock);
	/* pairs with mqvpn_close_enter() */
	state = smp_load_acquire(&path->conn->state);
	answer = is_power_of_2(++path->late) && !path->dead &&
		 state == MQVPN_CONN_STATE_CLOSING;
	if (answer)
		path->close_due = true;
	spin_unlock(&path->lock);
	if (answer)
		mqvpn_tx_kick(path);
}
