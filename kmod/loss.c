// SPDX-License-Identifier: GPL-2.0
/* Loss detection of a path: the timer, and what follows from a loss. */

#include "compat.h"
#include "conn.h"
#include "loss.h"
#include "tx.h"

/*
 * RFC 9001 section 4.1.2: no probes before the handshake is confirmed. Nor of a
 * path that is not active: challenges ask the same.
 */
static u64 mqvpn_loss_deadline(const struct mqvpn_path *path)
{
	return mqvpn_recovery_deadline(&path->rec,
				       mqvpn_conn_peer_ack_delay(path->conn),
				       path->conn->config.confirmed &&
				       mqvpn_path_is_active(path));
}

/**
 * mqvpn_loss_timer_arm() - see to it that a loss is noticed, RFC 9002 section 6
 * @path: path, of which something was sent or acknowledged
 *
 * The timer is only ever moved forward: one that comes too early looks again.
 * So a path under load sets it once in a round-trip time, not with each packet.
 *
 * Context: any, bottom halves disabled, the path's lock held.
 */
void mqvpn_loss_timer_arm(struct mqvpn_path *path)
{
	struct hrtimer *timer = &path->loss_timer;
	u64 at;

	lockdep_assert_held(&path->lock);

	at = mqvpn_loss_deadline(path);
	if (!at || path->dead)
		return;
	if (hrtimer_is_queued(timer) &&
	    ktime_to_ns(hrtimer_get_expires(timer)) <= at)
		return;
	hrtimer_start(timer, ns_to_ktime(at), HRTIMER_MODE_ABS_PINNED_SOFT);
}

/**
 * mqvpn_loss_account() - count what became of packets
 * @path: path
 * @acked: what recovery found out
 *
 * Context: any, the path's lock held.
 */
void mqvpn_loss_account(struct mqvpn_path *path,
			const struct mqvpn_acked *acked)
{
	lockdep_assert_held(&path->lock);

	path->stats.acked += acked->acked_pkts;
	path->stats.lost += acked->lost_pkts;
	path->stats.probe_timeouts += !!acked->probes;
	path->stats.persistent_congestion += acked->persistent;
	mqvpn_rides_end(path, acked->notes);
}

/* Return: whether there is something to send. */
static bool mqvpn_loss_timeout(struct mqvpn_path *path, u64 now)
{
	u64 at = mqvpn_loss_deadline(path);
	struct mqvpn_acked acked;

	if (!at || at > now)
		return false;
	mqvpn_recovery_timeout(&path->rec,
			       mqvpn_conn_peer_ack_delay(path->conn), now,
			       &acked);
	mqvpn_loss_account(path, &acked);
	path->probes = acked.probes;
	if (acked.probes)
		mqvpn_rides_late(path);
	if (acked.lost_pkts) {
		path->cc.ops->acked(&path->cc, &acked, &path->rec, now);
		mqvpn_path_pace(path);
	}
	return true;
}

static enum hrtimer_restart mqvpn_loss_timer(struct hrtimer *timer)
{
	struct mqvpn_path *path = container_of(timer, struct mqvpn_path,
					       loss_timer);
	bool kick;

	rcu_read_lock();
	spin_lock(&path->lock);
	kick = !path->dead && mqvpn_loss_timeout(path, ktime_get_ns());
	mqvpn_loss_timer_arm(path);
	spin_unlock(&path->lock);
	/* rather on another path; this one sends its probes in any case */
	if (kick)
		mqvpn_deliveries_kick(path->conn, path);
	if (kick)
		mqvpn_tx_kick(path);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/**
 * mqvpn_loss_timer_init() - set up the timer of a new path
 * @path: path
 *
 * Context: process.
 */
void mqvpn_loss_timer_init(struct mqvpn_path *path)
{
	mqvpn_hrtimer_setup(&path->loss_timer, mqvpn_loss_timer,
			    CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_SOFT);
}
