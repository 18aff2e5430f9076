// SPDX-License-Identifier: GPL-2.0
/*
 * How a path ends while others go on, RFC 10069: nothing is sent over it any
 * more. What is late is received for 3 PTO, and acknowledged over another path.
 */

#include "closing.h"
#include "compat.h"
#include "life.h"
#include "tx.h"

static enum hrtimer_restart mqvpn_closing_timer(struct hrtimer *timer)
{
	struct mqvpn_path *path = container_of(timer, struct mqvpn_path,
					       end_timer);

	spin_lock(&path->lock);
	path->over = true;
	spin_unlock(&path->lock);
	mqvpn_life_changed(path->conn);
	return HRTIMER_NORESTART;
}

/**
 * mqvpn_closing_init() - set up the timer of a new path
 * @path: path
 *
 * Context: process.
 */
void mqvpn_closing_init(struct mqvpn_path *path)
{
	mqvpn_hrtimer_setup(&path->end_timer, mqvpn_closing_timer,
			    CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}

/* Return: a path that can speak for another, or NULL. */
static struct mqvpn_path *mqvpn_closing_other(const struct mqvpn_path *path)
{
	struct mqvpn_path *other;
	unsigned int slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		other = rcu_dereference(path->conn->paths[slot]);
		if (other && other != path && mqvpn_path_is_active(other))
			return other;
	}
	return NULL;
}

/* What waits is dropped; frames that are out may arrive, or go elsewhere. */
static void mqvpn_closing_stop(struct mqvpn_path *path,
			       struct sk_buff_head *left)
{
	u64 end = MQVPN_CLOSE_PTOS * mqvpn_conn_pto(path->conn);

	spin_lock(&path->lock);
	WRITE_ONCE(path->state, MQVPN_PATH_STATE_CLOSING);
	path->reason = MQVPN_REASON_ADMIN;
	mqvpn_validation_stop(path);
	path->probes = 0;
	skb_queue_splice_init(&path->queue, left);
	mqvpn_rides_late(path);
	hrtimer_start(&path->end_timer, ns_to_ktime(end),
		      HRTIMER_MODE_REL_SOFT);
	spin_unlock(&path->lock);
}

/**
 * mqvpn_closing_begin() - close a path in good order
 * @path: path
 *
 * Context: process, device mutex held.
 * Return: false if there is no path to go on with, or if it was closing
 * already: it has to go at once.
 */
bool mqvpn_closing_begin(struct mqvpn_path *path)
{
	struct sk_buff_head left;
	bool begun;

	lockdep_assert_held(&path->conn->md->lock);

	__skb_queue_head_init(&left);
	local_bh_disable();
	rcu_read_lock();
	begun = !path->dead && path->state != MQVPN_PATH_STATE_CLOSING &&
		mqvpn_closing_other(path);
	if (begun) {
		mqvpn_closing_stop(path, &left);
		mqvpn_path_schedule(path);
		mqvpn_deliveries_kick(path->conn, NULL);
	}
	rcu_read_unlock();
	local_bh_enable();
	__skb_queue_purge(&left);
	return begun;
}

/* Ahead of what waits, with a PING: so it counts like all else in the queue. */
static void mqvpn_closing_enqueue(struct mqvpn_path *other,
				  struct sk_buff *frames)
{
	spin_lock(&other->lock);
	if (mqvpn_path_is_active(other) &&
	    other->queue.qlen < MQVPN_TXQ_MAX) {
		__skb_queue_head(&other->queue, frames);
		frames = NULL;
	}
	spin_unlock(&other->lock);
	kfree_skb(frames);
	mqvpn_tx_kick(other);
}

/**
 * mqvpn_closing_ack() - acknowledge what came on a closing path over another
 * @path: path that is closing
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held.
 */
void mqvpn_closing_ack(struct mqvpn_path *path)
{
	struct mqvpn_path *other = mqvpn_closing_other(path);
	struct sk_buff *frames;
	unsigned int len;

	if (!other)
		return;
	frames = alloc_skb(MQVPN_ACK_FRAME_MAX + 1, GFP_ATOMIC | __GFP_NOWARN);
	if (!frames)
		return;
	spin_lock(&path->lock);
	len = mqvpn_tx_ack(path, skb_tail_pointer(frames), MQVPN_ACK_FRAME_MAX,
			   ktime_get_ns());
	spin_unlock(&path->lock);
	skb_put(frames, len);
	skb_put_u8(frames, MQVPN_FRAME_PING);
	mqvpn_closing_enqueue(other, frames);
}
