// SPDX-License-Identifier: GPL-2.0
/*
 * The transmit spine, from top to bottom as a packet travels: the device's
 * door, the choice of connection and path, the path's queue, its owner, the
 * AEAD, the socket.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_sock.h>
#include <net/ip_tunnels.h>
#include <net/tcp.h>

#include "closing.h"
#include "compat.h"
#include "conn.h"
#include "drop.h"
#include "flow.h"
#include "inner.h"
#include "life.h"
#include "loss.h"
#include "path.h"
#include "trace.h"
#include "tx.h"
#include "validate.h"

/* Of an acknowledgement that is dropped there is no inner packet. */
static void mqvpn_tx_drop(struct mqvpn_dev *md, struct sk_buff *skb,
			  unsigned int which)
{
	if (skb)
		dev_core_stats_tx_dropped_inc(md->dev);
	mqvpn_drop(md, skb, MQVPN_DIRECTION_TX, which);
}

/* 1. The door: is it a packet, whose is it, where shall it go? */

/* AF_XDP, and a packet socket of no protocol, leave it to us. */
static void mqvpn_tx_find_protocol(struct sk_buff *skb)
{
	skb_reset_network_header(skb);
	if (pskb_may_pull(skb, sizeof(struct iphdr)))
		skb->protocol = ip_tunnel_parse_protocol(skb);
}

static bool mqvpn_tx_valid(struct sk_buff *skb)
{
	if (unlikely(!skb->protocol))
		mqvpn_tx_find_protocol(skb);
	return skb->protocol && pskb_inet_may_pull(skb) &&
	       skb->protocol == ip_tunnel_parse_protocol(skb);
}

/* There is one peer behind an address, and a tunnel has no neighbourhood. */
static bool mqvpn_tx_is_group(const struct sk_buff *skb)
{
	if (mqvpn_inner_is_group(skb))
		return true;
	return skb->protocol == htons(ETH_P_IP) && skb_valid_dst(skb) &&
	       skb_rtable(skb)->rt_flags & RTCF_BROADCAST;
}

static void mqvpn_tx_unreachable(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
				0);
}

static void mqvpn_tx_too_big(struct sk_buff *skb, u32 mtu)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
	else
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

static bool mqvpn_tx_fits(const struct sk_buff *skb, u32 mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len <= mtu;
}

static struct mqvpn_path *mqvpn_tx_select(struct mqvpn_conn *conn,
					  const struct sk_buff *skb)
{
	u32 hash = mqvpn_flow_hash(skb);
	u32 now = ktime_get_seconds();
	int slot;

	spin_lock(&conn->lock);
	slot = conn->sched.ops->select(&conn->sched, hash, now);
	spin_unlock(&conn->lock);
	return slot < 0 ? NULL : rcu_dereference(conn->paths[slot]);
}

/*
 * Who wrote the packet is told when the outer packet leaves, as long as that
 * is an ordinary write from a socket's send buffer, whose accounting can move
 * from one skb to another. All others are told now, after a copy of what they
 * still own.
 */
static bool mqvpn_tx_owner_moves(const struct sk_buff *skb)
{
	if (skb->destructor == sock_wfree)
		return true;
	return sk_fullsock(skb->sk) && skb->sk->sk_protocol == IPPROTO_TCP &&
	       skb->destructor != sock_efree && skb->destructor != sock_rfree &&
	       skb->destructor != sock_edemux;
}

static int mqvpn_tx_settle_owner(struct sk_buff *skb)
{
	if (!skb->sk || mqvpn_tx_owner_moves(skb))
		return 0;
	if (skb_orphan_frags(skb, GFP_ATOMIC))
		return -ENOMEM;
	skb_orphan(skb);
	return 0;
}

/*
 * 2. One packet each: cut what came in one piece, and finish checksums. Pages
 * stay shared, the AEAD reads them where they are.
 */
static struct sk_buff *mqvpn_tx_segment(struct sk_buff *skb)
{
	struct sk_buff *segs, *seg;

	if (!skb_is_gso(skb)) {
		if (skb->ip_summed == CHECKSUM_PARTIAL &&
		    skb_checksum_help(skb))
			return ERR_PTR(-ENOMEM);
		skb_mark_not_on_list(skb);
		return skb;
	}
	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR(segs))
		return segs;
	if (!segs)
		return ERR_PTR(-EINVAL);
	/* those of a list of whole packets keep what its head had */
	for (seg = segs; seg; seg = seg->next) {
		if (seg->ip_summed != CHECKSUM_PARTIAL ||
		    !skb_checksum_help(seg))
			continue;
		kfree_skb_list(segs);
		return ERR_PTR(-ENOMEM);
	}
	consume_skb(skb);
	return segs;
}

/* 3. The queue of the path. */
static void mqvpn_tx_enqueue(struct mqvpn_path *path, struct sk_buff *list)
{
	unsigned int why = MQVPN_A_COUNTERS_TX_QUEUE_FULL;
	struct sk_buff *skb, *next, *rejected = NULL;
	bool closed;

	spin_lock(&path->lock);
	closed = path->dead || mqvpn_path_is_closing(path);
	if (unlikely(closed))
		why = MQVPN_A_COUNTERS_TX_NO_PATH;
	skb_list_walk_safe(list, skb, next) {
		if (unlikely(closed || path->queue.qlen >= MQVPN_TXQ_MAX)) {
			skb->next = rejected;
			rejected = skb;
			continue;
		}
		skb_mark_not_on_list(skb);
		__skb_queue_tail(&path->queue, skb);
	}
	spin_unlock(&path->lock);

	skb_list_walk_safe(rejected, skb, next) {
		skb_mark_not_on_list(skb);
		mqvpn_tx_drop(path->conn->md, skb, why);
	}
}

/**
 * mqvpn_xmit() - ndo_start_xmit
 * @skb: inner packet, possibly a GSO one; consumed
 * @dev: the device
 *
 * Context: bottom halves disabled, any number of CPUs at a time.
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t mqvpn_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);
	unsigned int why = MQVPN_A_COUNTERS_TX_MALFORMED;
	struct mqvpn_conn *conn;
	struct mqvpn_path *path;
	struct sk_buff *segs;
	u32 mtu;

	rcu_read_lock();
	if (unlikely(!mqvpn_tx_valid(skb)))
		goto drop;

	why = MQVPN_A_COUNTERS_TX_MULTICAST;
	if (unlikely(mqvpn_tx_is_group(skb)))
		goto drop;

	why = MQVPN_A_COUNTERS_TX_NO_CONNECTION;
	conn = mqvpn_prefix_dst(&md->prefixes, skb);
	if (unlikely(!conn))
		goto unreachable;
	why = MQVPN_A_COUNTERS_TX_NO_PATH;
	path = mqvpn_tx_select(conn, skb);
	if (unlikely(!path))
		goto unreachable;

	why = MQVPN_A_COUNTERS_TX_TOO_BIG;
	mtu = READ_ONCE(path->inner_mtu);
	if (unlikely(!mqvpn_tx_fits(skb, mtu))) {
		mqvpn_tx_too_big(skb, mtu);
		goto drop;
	}
	skb_dst_drop(skb);

	why = MQVPN_A_COUNTERS_TX_NO_MEMORY;
	if (unlikely(mqvpn_tx_settle_owner(skb)))
		goto drop;
	segs = mqvpn_tx_segment(skb);
	if (IS_ERR(segs))
		goto drop;
	mqvpn_tx_enqueue(path, segs);
	mqvpn_tx_kick(path);
	rcu_read_unlock();
	return NETDEV_TX_OK;

unreachable:
	mqvpn_tx_unreachable(skb);
drop:
	rcu_read_unlock();
	mqvpn_tx_drop(md, skb, why);
	return NETDEV_TX_OK;
}

/* 6. Out of the AEAD: the outer packet takes over the owner, and leaves. */

static void mqvpn_tx_move_owner(struct sk_buff *from, struct sk_buff *to)
{
	struct sock *sk = from->sk;
	int delta;

	if (!sk)
		return;
	to->sk = sk;
	to->destructor = from->destructor;
	from->sk = NULL;
	from->destructor = NULL;
	/* the destructor will give back the outer packet's size */
	delta = to->truesize - from->truesize;
	if (delta >= 0)
		refcount_add(delta, &sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-delta, &sk->sk_wmem_alloc));
}

/* Control frames are no packet of the device's. */
static bool mqvpn_tx_is_packet(const struct sk_buff *inner)
{
	return inner->protocol;
}

static void mqvpn_tx_sealed(struct mqvpn_crypt *c, int err)
{
	struct sk_buff *skb = c->skb, *inner = c->inner;
	struct mqvpn_path *path = c->path;

	if (likely(!err))
		trace_mqvpn_tx(path, c);
	mqvpn_crypt_put(c);
	if (unlikely(err)) {
		kfree_skb(skb);
		/* an AEAD may need memory for what is not aligned */
		mqvpn_tx_drop(path->conn->md, inner, err == -ENOMEM ?
			      MQVPN_A_COUNTERS_TX_NO_MEMORY :
			      MQVPN_A_COUNTERS_TX_CRYPTO);
	} else {
		if (inner) {
			if (likely(mqvpn_tx_is_packet(inner)))
				dev_sw_netstats_tx_add(path->conn->md->dev, 1,
						       inner->len);
			mqvpn_tx_move_owner(inner, skb);
			consume_skb(inner);
		}
		mqvpn_udp_send(path, skb);
	}
	mqvpn_path_put(path);
}

/* 5. Into the AEAD. */

static struct sk_buff *mqvpn_tx_alloc(const struct mqvpn_path *path,
				      unsigned int size)
{
	unsigned int room = READ_ONCE(path->head_room);
	struct sk_buff *skb;

	skb = alloc_skb(room + size, GFP_ATOMIC | __GFP_NOWARN);
	if (likely(skb))
		skb_reserve(skb, room);
	return skb;
}

static void mqvpn_tx_send(struct mqvpn_path *path, struct mqvpn_crypt *c)
{
	struct sk_buff *inner = c->inner;
	int err;

	c->skb = mqvpn_tx_alloc(path, c->bytes);
	if (unlikely(!c->skb || !mqvpn_path_get(path))) {
		kfree_skb(c->skb);
		mqvpn_crypt_put(c);
		mqvpn_tx_drop(path->conn->md, inner,
			      MQVPN_A_COUNTERS_TX_NO_MEMORY);
		return;
	}
	c->path = path;
	c->done = mqvpn_tx_sealed;
	err = mqvpn_crypt_seal(c);
	if (err != -EINPROGRESS)
		mqvpn_tx_sealed(c, err);
}

/* 4. The owner of the path: what goes next, with what number and frames? */

static struct mqvpn_crypt *mqvpn_tx_request(struct mqvpn_conn *conn,
					    unsigned int *why)
{
	struct mqvpn_key *key = mqvpn_keys_seal(conn, why);
	struct mqvpn_crypt *c;

	if (unlikely(!key))
		return NULL;
	*why = MQVPN_A_COUNTERS_TX_NO_REQUEST;
	c = mqvpn_crypt_get(key, MQVPN_CRYPT_SEAL);
	if (unlikely(!c))
		atomic64_dec(&key->sealed);
	return c;
}

static void mqvpn_tx_put_header(struct mqvpn_path *path, struct mqvpn_crypt *c)
{
	u8 *head = c->head;

	c->path_id = path->id;
	c->pn = mqvpn_recovery_number(&path->rec);
	mqvpn_keys_sent(path, c->key, c->pn);
	/* RFC 9000 section 17.4: the spin bit is disabled */
	*head++ = MQVPN_HDR_FIXED_BIT |
		  (c->key->generation & 1 ? MQVPN_HDR_KEY_PHASE : 0) |
		  (MQVPN_PN_LEN - 1);
	memcpy(head, path->dcid, path->dcid_len);
	mqvpn_pn_put(head + path->dcid_len, c->pn);
	c->hdr_len = 1 + path->dcid_len + MQVPN_PN_LEN;
	c->head_len = c->hdr_len;
}

/**
 * mqvpn_tx_ack() - write the acknowledgement that is due on a path
 * @path: path
 * @to: where to
 * @room: bytes there
 * @now: ns
 *
 * Context: bottom halves disabled, the path's lock held.
 * Return: bytes written, 0 if it does not fit.
 */
unsigned int mqvpn_tx_ack(struct mqvpn_path *path, u8 *to, unsigned int room,
			  u64 now)
{
	struct mqvpn_ack_range ranges[MQVPN_ACK_RANGES_TX];
	struct mqvpn_conn *conn = path->conn;
	unsigned int count, len;
	u64 delay;

	lockdep_assert_held(&path->lock);

	count = mqvpn_ack_ranges(&path->ack, ranges, ARRAY_SIZE(ranges));
	delay = (now - min(now, path->ack.largest_at)) / NSEC_PER_USEC;
	delay >>= conn->config.local.ack_delay_exponent;
	len = mqvpn_ack_frame_put(to, room, conn->config.multipath, path->id,
				  delay, ranges, count);
	if (!len)
		return 0;
	mqvpn_ack_sent(&path->ack);
	mqvpn_keys_sent_ack(path);
	return len;
}

/* An acknowledgement that goes along costs nothing: take it if it fits. */
static void mqvpn_tx_put_ack(struct mqvpn_path *path, struct mqvpn_crypt *c,
			     u64 now)
{
	unsigned int room = MQVPN_ACK_FRAME_MAX;

	if (c->inner)
		room = clamp_t(int, READ_ONCE(path->inner_mtu) - c->inner->len,
			       0, room);
	room = min(room,
		   mqvpn_validation_spare(&path->validation, c->head_len + 1 +
					  (c->inner ? c->inner->len : 0) +
					  MQVPN_TAG_LEN));
	c->head_len += mqvpn_tx_ack(path, c->head + c->head_len, room, now);
}

static void mqvpn_tx_put_frames(struct mqvpn_path *path, struct mqvpn_crypt *c,
				u64 now)
{
	if (path->ack.pending)
		mqvpn_tx_put_ack(path, c, now);
	if (!c->inner) {
		if (path->probes)
			c->head[c->head_len++] = MQVPN_FRAME_PING;
		return;
	}
	if (unlikely(!mqvpn_tx_is_packet(c->inner)))
		return;
	/* last, so that it needs no length */
	memcpy(c->head + c->head_len, path->conn->head, path->conn->head_len);
	c->head_len += path->conn->head_len;
}

static void mqvpn_tx_note(struct mqvpn_path *path, struct mqvpn_crypt *c,
			  struct mqvpn_sent_note *note, u64 now)
{
	struct mqvpn_sent sent = {
		.at = now,
		.note = note,
		.eliciting = c->inner || path->probes,
	};
	struct mqvpn_acked given_up = {};

	c->bytes = c->head_len + (c->inner ? c->inner->len : 0) + MQVPN_TAG_LEN;
	sent.bytes = c->bytes;
	mqvpn_recovery_sent(&path->rec, c->pn, &sent, &given_up);
	mqvpn_loss_account(path, &given_up);
	path->stats.tx_packets++;
	path->stats.tx_bytes += c->bytes;
	mqvpn_validation_sent(&path->validation, c->bytes);
	path->sent_at = now;
	if (sent.eliciting)
		mqvpn_life_sent(path->conn, now);
	if (path->probes)
		path->probes--;
	else if (c->inner)
		mqvpn_pace_sent(&path->pacer, c->bytes, now);
	if (sent.eliciting)
		mqvpn_loss_timer_arm(path);
}

/* Pacing lets nothing out before @when, ns: look again then. */
static void mqvpn_tx_resume_at(struct mqvpn_path *path, u64 when)
{
	struct hrtimer *timer = &path->tx_timer;

	/* every packet that is queued meanwhile comes here */
	if (hrtimer_is_queued(timer) &&
	    ktime_to_ns(hrtimer_get_expires(timer)) <= when)
		return;
	hrtimer_start(timer, ns_to_ktime(when), HRTIMER_MODE_ABS_PINNED_SOFT);
}

/* RFC 9000 section 8: to an address that may not be the peer's, not much. */
static bool mqvpn_tx_allowed(const struct mqvpn_path *path, unsigned int bytes)
{
	BUILD_BUG_ON(MQVPN_HDR_MAX + MQVPN_CLOSE_FRAME_MAX + MQVPN_TAG_LEN >
		     MQVPN_BARE_MAX);
	return mqvpn_validation_spare(&path->validation, 0) >= bytes;
}

static struct sk_buff *mqvpn_tx_dequeue(struct mqvpn_path *path, u64 now)
{
	u64 wait;

	if (skb_queue_empty(&path->queue) ||
	    !mqvpn_tx_allowed(path, skb_peek(&path->queue)->len +
				    MQVPN_HEAD_MAX + MQVPN_TAG_LEN)) {
		mqvpn_rate_dry(&path->rec.rate);
		return NULL;
	}
	if (unlikely(path->probes))
		return __skb_dequeue(&path->queue);
	if (path->rec.in_flight >= path->cc.cwnd)
		return NULL;
	wait = mqvpn_pace_wait(&path->pacer, now);
	if (wait) {
		mqvpn_tx_resume_at(path, now + wait);
		return NULL;
	}
	mqvpn_rate_resume(&path->rec.rate, path->rec.in_flight,
			  path->pacer.next, now);
	return __skb_dequeue(&path->queue);
}

/**
 * struct mqvpn_tx_next - what a path sends next
 * @inner: inner packet, NULL for frames alone
 * @c: request for it, NULL if it has to be dropped
 * @why: drop counter
 */
struct mqvpn_tx_next {
	struct sk_buff *inner;
	struct mqvpn_crypt *c;
	unsigned int why;
};

/* Of a connection that closes, nothing leaves but the frame that says so. */
static bool mqvpn_tx_take_close(struct mqvpn_path *path,
				struct mqvpn_tx_next *next, u64 now)
{
	struct mqvpn_conn *conn = path->conn;
	struct mqvpn_crypt *c;

	path->probes = 0;
	next->c = NULL;
	next->why = MQVPN_A_COUNTERS_TX_NO_PATH;
	next->inner = __skb_dequeue(&path->queue);
	if (next->inner)
		return true;
	if (!path->close_due)
		return false;
	path->close_due = false;
	if (unlikely(!mqvpn_tx_allowed(path, MQVPN_BARE_MAX)))
		return false;
	/* pairs with mqvpn_close_enter() */
	if (smp_load_acquire(&conn->state) != MQVPN_CONN_STATE_CLOSING)
		return false;

	c = mqvpn_tx_request(conn, &next->why);
	next->c = c;
	if (unlikely(!c))
		return true;
	BUILD_BUG_ON(MQVPN_HDR_MAX + MQVPN_CLOSE_FRAME_MAX > sizeof(c->head));
	c->inner = NULL;
	mqvpn_tx_put_header(path, c);
	c->head_len += mqvpn_close_frame_put(c->head + c->head_len,
					     conn->close_app, &conn->close);
	mqvpn_tx_note(path, c, NULL, now);
	return true;
}

/*
 * Control frames go ahead of inner packets, and are not paced. Return: false
 * if there are none for this path, or not now.
 */
static bool mqvpn_tx_take_control(struct mqvpn_path *path,
				  struct mqvpn_tx_next *next, u64 now)
{
	struct mqvpn_ride *ride;
	struct mqvpn_crypt *c;

	if (path->dead || !mqvpn_path_is_active(path) ||
	    !mqvpn_tx_allowed(path, MQVPN_BARE_MAX + MQVPN_FRAME_TX_MAX) ||
	    (path->rec.in_flight >= path->cc.cwnd && !path->probes))
		return false;
	ride = mqvpn_ride_load(path, &next->inner);
	if (!ride)
		return false;
	if (IS_ERR(ride)) {
		mqvpn_tx_resume_at(path, now + MQVPN_RIDE_RETRY_NS);
		return false;
	}
	c = mqvpn_tx_request(path->conn, &next->why);
	next->c = c;
	if (unlikely(!c)) {
		/* as if it were lost at once */
		mqvpn_rides_end(path, &ride->note);
		mqvpn_drop(path->conn->md, next->inner, MQVPN_DIRECTION_TX,
			   next->why);
		mqvpn_tx_resume_at(path, now + MQVPN_RIDE_RETRY_NS);
		return false;
	}
	c->inner = next->inner;
	mqvpn_tx_put_header(path, c);
	mqvpn_tx_put_frames(path, c, now);
	mqvpn_tx_note(path, c, &ride->note, now);
	return true;
}

/* Path validation asks neither window nor pacing. */
static bool mqvpn_tx_take_probe(struct mqvpn_path *path,
				struct mqvpn_tx_next *next, u64 now)
{
	struct mqvpn_crypt *c;

	next->inner = mqvpn_validation_load(path);
	if (!next->inner)
		return false;
	c = mqvpn_tx_request(path->conn, &next->why);
	next->c = c;
	if (unlikely(!c))
		return true;
	c->inner = next->inner;
	mqvpn_tx_put_header(path, c);
	mqvpn_tx_put_frames(path, c, now);
	mqvpn_validation_pad(&path->validation, c->inner,
			     c->head_len + c->inner->len + MQVPN_TAG_LEN);
	mqvpn_tx_note(path, c, NULL, now);
	return true;
}

/* Return: false if there is nothing to send now. */
static bool mqvpn_tx_take(struct mqvpn_path *path, struct mqvpn_tx_next *next,
			  u64 now)
{
	struct mqvpn_crypt *c;

	lockdep_assert_held(&path->lock);

	if (unlikely(mqvpn_path_is_closing(path)))
		return false;
	if (unlikely(READ_ONCE(path->conn->state) != MQVPN_CONN_STATE_OPEN))
		return mqvpn_tx_take_close(path, next, now);
	if (unlikely(mqvpn_validation_due(&path->validation)) &&
	    mqvpn_tx_take_probe(path, next, now))
		return true;
	if (unlikely(!mqvpn_tx_allowed(path, MQVPN_BARE_MAX)))
		return false;
	if (unlikely(mqvpn_control_waiting(&path->conn->control)) &&
	    mqvpn_tx_take_control(path, next, now))
		return true;
	next->inner = mqvpn_tx_dequeue(path, now);
	if (!next->inner && !path->probes && !mqvpn_ack_due(&path->ack))
		return false;

	c = mqvpn_tx_request(path->conn, &next->why);
	next->c = c;
	if (unlikely(!c)) {
		mqvpn_ack_sent(&path->ack);
		path->probes = 0;
		return true;
	}
	c->inner = next->inner;
	mqvpn_tx_put_header(path, c);
	mqvpn_tx_put_frames(path, c, now);
	mqvpn_tx_note(path, c, NULL, now);
	return true;
}

/**
 * struct mqvpn_tx_turn - how much one sender does for all the others
 * @end: when it stops, ns
 * @left: packets that it may still send
 */
struct mqvpn_tx_turn {
	u64 end;
	unsigned int left;
};

/* Send what there is. Return: true if the turn ended before the work did. */
static bool mqvpn_tx_work(struct mqvpn_path *path, struct mqvpn_tx_turn *turn)
{
	struct mqvpn_tx_next next;
	bool found;
	u64 now;

	for (; turn->left; turn->left--) {
		now = ktime_get_ns();
		if (now > turn->end)
			return true;
		spin_lock(&path->lock);
		found = mqvpn_tx_take(path, &next, now);
		spin_unlock(&path->lock);
		if (!found)
			return false;
		if (likely(next.c))
			mqvpn_tx_send(path, next.c);
		else
			mqvpn_tx_drop(path->conn->md, next.inner, next.why);
	}
	return true;
}

static void mqvpn_tx_go_on_later(struct mqvpn_path *path)
{
	spin_lock(&path->lock);
	if (!path->dead)
		hrtimer_start(&path->tx_timer, 0, HRTIMER_MODE_ABS_PINNED_SOFT);
	spin_unlock(&path->lock);
}

/**
 * mqvpn_tx_kick() - send what a path may send now
 * @path: path
 *
 * One owner at a time sends, so that packet numbers leave in order; whoever
 * comes meanwhile makes it look again. No lock is held across AEAD or output.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held.
 */
void mqvpn_tx_kick(struct mqvpn_path *path)
{
	struct mqvpn_tx_turn turn = { .left = MQVPN_TX_BATCH };
	bool more;

	turn.end = ktime_get_ns() + MQVPN_TX_TURN_NS;
	set_bit(MQVPN_TX_AGAIN, &path->tx_state);
	/* pairs with the owner's, between letting go and looking again */
	smp_mb__after_atomic();
	while (test_bit(MQVPN_TX_AGAIN, &path->tx_state) &&
	       !test_and_set_bit_lock(MQVPN_TX_OWNED, &path->tx_state)) {
		clear_bit(MQVPN_TX_AGAIN, &path->tx_state);
		/* what came before the bit was set is seen in the queue */
		smp_mb__after_atomic();
		more = mqvpn_tx_work(path, &turn);
		clear_bit_unlock(MQVPN_TX_OWNED, &path->tx_state);
		/* who found it owned has set the other bit: look for it now */
		smp_mb__after_atomic();
		if (more) {
			mqvpn_tx_go_on_later(path);
			return;
		}
	}
}

/**
 * mqvpn_tx_wanted() - tell whether a path may have something to send
 * @path: path
 *
 * Looks without the lock: who changes the answer kicks, or lets the timer run.
 *
 * Context: any.
 * Return: true if a kick is worth its cost.
 */
bool mqvpn_tx_wanted(const struct mqvpn_path *path)
{
	return mqvpn_ack_due(&path->ack) ||
	       !skb_queue_empty_lockless(&path->queue) ||
	       mqvpn_validation_due(&path->validation) ||
	       mqvpn_control_waiting(&path->conn->control);
}

static enum hrtimer_restart mqvpn_tx_timer(struct hrtimer *timer)
{
	struct mqvpn_path *path = container_of(timer, struct mqvpn_path,
					       tx_timer);

	rcu_read_lock();
	mqvpn_tx_kick(path);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart mqvpn_tx_ack_timer(struct hrtimer *timer)
{
	struct mqvpn_path *path = container_of(timer, struct mqvpn_path,
					       ack_timer);

	rcu_read_lock();
	spin_lock(&path->lock);
	path->ack_armed = false;
	path->ack.now = path->ack.pending;
	spin_unlock(&path->lock);
	if (unlikely(mqvpn_path_is_closing(path)))
		mqvpn_closing_ack(path);
	else
		mqvpn_tx_kick(path);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/**
 * mqvpn_tx_ack_later() - see to it that an acknowledgement leaves in time
 * @path: path
 *
 * RFC 9000 section 13.2.1: within max_ack_delay.
 *
 * Context: bottom halves disabled, the path's lock held.
 */
void mqvpn_tx_ack_later(struct mqvpn_path *path)
{
	lockdep_assert_held(&path->lock);

	if (path->ack_armed || path->dead)
		return;
	path->ack_armed = true;
	hrtimer_start(&path->ack_timer, ns_to_ktime(MQVPN_ACK_DELAY_NS),
		      HRTIMER_MODE_REL_PINNED_SOFT);
}

/**
 * mqvpn_tx_timers_init() - set a new path's timers up
 * @path: path
 *
 * Context: process.
 */
void mqvpn_tx_timers_init(struct mqvpn_path *path)
{
	mqvpn_hrtimer_setup(&path->tx_timer, mqvpn_tx_timer, CLOCK_MONOTONIC,
			    HRTIMER_MODE_ABS_PINNED_SOFT);
	mqvpn_hrtimer_setup(&path->ack_timer, mqvpn_tx_ack_timer,
			    CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
}
