// SPDX-License-Identifier: GPL-2.0
/*
 * The time-outs of a connection: idle time-out, keepalive, and the end of
 * closing. RFC 9000 section 10.
 *
 * A packet leaves a time stamp and nothing else. One timer per connection
 * looks at the stamps when the first of the time-outs could be due, and if it
 * is not, waits until it could be.
 */

#include "compat.h"
#include "conn.h"
#include "life.h"
#include "netlink.h"
#include "open.h"
#include "path.h"
#include "tx.h"

/* One at a time: a thousand of them would wait for the same mutex. */
static struct workqueue_struct *mqvpn_life_wq;

/**
 * mqvpn_life_init() - get ready for connections that end by themselves
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_life_init(void)
{
	mqvpn_life_wq = alloc_ordered_workqueue("mqvpn_life", 0);
	return mqvpn_life_wq ? 0 : -ENOMEM;
}

/**
 * mqvpn_life_exit() - wait until the last connection's end is told
 *
 * Context: module exit, after all devices are gone.
 */
void mqvpn_life_exit(void)
{
	destroy_workqueue(mqvpn_life_wq);
}

static u64 mqvpn_path_pto(struct mqvpn_path *path)
{
	u64 pto;

	spin_lock_bh(&path->lock);
	pto = mqvpn_rtt_pto(&path->rec.rtt,
			    mqvpn_conn_peer_ack_delay(path->conn));
	spin_unlock_bh(&path->lock);
	return pto;
}

/**
 * mqvpn_conn_pto() - probe time-out of the slowest path
 * @conn: connection
 *
 * Context: RCU read lock held, no path's lock.
 * Return: ns, without back-off; without a path that of a new one.
 */
u64 mqvpn_conn_pto(struct mqvpn_conn *conn)
{
	const struct mqvpn_rtt unknown = {
		.initial = conn->config.initial_rtt ?: MQVPN_RTT_INITIAL_US,
	};
	struct mqvpn_path *path;
	unsigned int slot;
	u64 pto = 0;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		path = rcu_dereference(conn->paths[slot]);
		if (path)
			pto = max(pto, mqvpn_path_pto(path));
	}
	return pto ?: mqvpn_rtt_pto(&unknown, mqvpn_conn_peer_ack_delay(conn));
}

static u64 mqvpn_life_idle_at(struct mqvpn_conn *conn)
{
	u64 timeout = READ_ONCE(conn->config.idle_timeout);

	if (!timeout)
		return U64_MAX;
	timeout = max(timeout * NSEC_PER_MSEC,
		      MQVPN_IDLE_PTOS * mqvpn_conn_pto(conn));
	return atomic64_read(&conn->idle_from) + timeout;
}

/* When a path's silence is to be broken; @ping breaks those that are due. */
static u64 mqvpn_life_path_ping(struct mqvpn_path *path, u64 keepalive, u64 now,
				bool *ping)
{
	u64 at = U64_MAX;

	spin_lock_bh(&path->lock);
	if (!path->dead && mqvpn_path_is_active(path)) {
		*ping = now - min(now, path->sent_at) >= keepalive;
		if (*ping) {
			path->probes = max_t(u8, path->probes, 1);
			/* even if there is no key to send it with */
			path->sent_at = now;
		}
		at = path->sent_at + keepalive;
	}
	spin_unlock_bh(&path->lock);
	return at;
}

/* Break the silence of paths. Returns when to look again, ns. */
static u64 mqvpn_life_keepalive(struct mqvpn_conn *conn, u64 now)
{
	u64 keepalive = READ_ONCE(conn->config.keepalive);
	struct mqvpn_path *path;
	unsigned int slot;
	u64 next;

	if (!keepalive || READ_ONCE(conn->state) != MQVPN_CONN_STATE_OPEN)
		return U64_MAX;
	keepalive *= NSEC_PER_MSEC;
	/* a path that opens in the meantime is not due earlier */
	next = now + keepalive;
	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		bool ping = false;

		path = rcu_dereference(conn->paths[slot]);
		if (!path)
			continue;
		next = min(next, mqvpn_life_path_ping(path, keepalive, now,
						      &ping));
		if (ping)
			mqvpn_tx_kick(path);
	}
	return next;
}

/*
 * The end by time: of closing and draining, or because the peer was not heard.
 * RFC 9000 section 10.1: the latter without a word.
 */
static bool mqvpn_life_over(struct mqvpn_conn *conn, u64 now)
{
	u64 idle_at = mqvpn_life_idle_at(conn);
	bool over;

	spin_lock_bh(&conn->lock);
	if (conn->state != MQVPN_CONN_STATE_OPEN) {
		conn->over = now >= conn->end_at;
	} else if (now >= idle_at) {
		WRITE_ONCE(conn->state, MQVPN_CONN_STATE_DRAINING);
		conn->reason = MQVPN_REASON_TIMEOUT;
		conn->over = true;
	}
	over = conn->over;
	spin_unlock_bh(&conn->lock);
	return over;
}

static void mqvpn_life_start(struct mqvpn_conn *conn, u64 at)
{
	spin_lock_bh(&conn->lock);
	if (conn->state != MQVPN_CONN_STATE_OPEN)
		at = conn->end_at;
	if (!conn->gone && at != U64_MAX)
		hrtimer_start(&conn->timer, ns_to_ktime(at),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock_bh(&conn->lock);
}

/**
 * mqvpn_life_arm() - do what time demands, and wait for the next
 * @conn: connection
 * @now: ns
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of the
 * connection or of its paths.
 */
void mqvpn_life_arm(struct mqvpn_conn *conn, u64 now)
{
	u64 next;

	if (mqvpn_life_over(conn, now)) {
		mqvpn_life_changed(conn);
		return;
	}
	next = mqvpn_life_keepalive(conn, now);
	mqvpn_life_start(conn, min(next, mqvpn_life_idle_at(conn)));
}

static enum hrtimer_restart mqvpn_life_timer(struct hrtimer *timer)
{
	struct mqvpn_conn *conn = container_of(timer, struct mqvpn_conn, timer);

	rcu_read_lock();
	mqvpn_life_arm(conn, ktime_get_ns());
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/**
 * mqvpn_life_rearm() - the time-outs were changed
 * @conn: connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_life_rearm(struct mqvpn_conn *conn)
{
	lockdep_assert_held(&conn->md->lock);

	hrtimer_cancel(&conn->timer);
	local_bh_disable();
	rcu_read_lock();
	mqvpn_life_arm(conn, ktime_get_ns());
	rcu_read_unlock();
	local_bh_enable();
}

/* Each state once; an idle connection is at its end with the first. */
static void mqvpn_life_tell(struct mqvpn_conn *conn)
{
	u8 state = READ_ONCE(conn->state);

	if (conn->told == state || conn->reason == MQVPN_REASON_TIMEOUT)
		return;
	conn->told = state;
	mqvpn_nl_conn_event(conn, MQVPN_CMD_CONN_NTF);
}

/* What only process context can do: open paths, tell, and delete. */
static void mqvpn_life_work(struct work_struct *work)
{
	struct mqvpn_conn *conn = container_of(work, struct mqvpn_conn, work);
	struct mqvpn_dev *md = conn->md;

	mutex_lock(&md->lock);
	mqvpn_open_finish(conn);
	if (!conn->gone) {
		mqvpn_paths_tell(conn);
		mqvpn_life_tell(conn);
		if (READ_ONCE(conn->over)) {
			mqvpn_nl_conn_event(conn, MQVPN_CMD_CONN_DEL_NTF);
			mqvpn_conn_del(conn);
		}
		md->generation++;
	}
	mutex_unlock(&md->lock);
	mqvpn_conn_put(conn);
}

/**
 * mqvpn_life_changed() - have done what only process context can do
 * @conn: connection
 *
 * Context: any; the caller sees to it that the connection is not yet freed.
 */
void mqvpn_life_changed(struct mqvpn_conn *conn)
{
	mqvpn_conn_hold(conn);
	if (!queue_work(mqvpn_life_wq, &conn->work))
		mqvpn_conn_put(conn);
}

/**
 * mqvpn_life_begin() - set a new connection's time-outs up
 * @conn: connection
 *
 * Context: process.
 */
void mqvpn_life_begin(struct mqvpn_conn *conn)
{
	atomic64_set(&conn->idle_from, ktime_get_ns());
	INIT_WORK(&conn->work, mqvpn_life_work);
	mqvpn_hrtimer_setup(&conn->timer, mqvpn_life_timer, CLOCK_MONOTONIC,
			    HRTIMER_MODE_ABS_SOFT);
}

/**
 * mqvpn_life_end() - the connection is being deleted
 * @conn: connection
 *
 * Its work may still be under way; it will find nothing to do.
 *
 * Context: process, device mutex held.
 */
void mqvpn_life_end(struct mqvpn_conn *conn)
{
	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&conn->lock);
	conn->gone = true;
	spin_unlock_bh(&conn->lock);
	hrtimer_cancel(&conn->timer);
}
