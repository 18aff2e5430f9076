// SPDX-License-Identifier: GPL-2.0
/*
 * Path validation, RFC 9000 section 8.2: a path is used once the peer has
 * repeated what was sent over it, in a datagram as large as every path has to
 * carry. Who does not answer is asked again and again, ever more seldom: so a
 * path comes up whenever its other end does.
 */

#include <crypto/algapi.h>
#include <linux/random.h>

#include "compat.h"
#include "conn.h"
#include "life.h"
#include "loss.h"
#include "path.h"
#include "stranger.h"
#include "tx.h"
#include "validate.h"

#define MQVPN_CHALLENGE_FRAME_LEN	(1 + MQVPN_CHALLENGE_LEN)

/* RFC 9000 section 8.2.1: as often as an Initial packet would be sent. */
static void mqvpn_validation_arm(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;
	u64 wait;

	wait = mqvpn_rtt_pto(&path->rec.rtt,
			     mqvpn_conn_peer_ack_delay(path->conn));
	wait <<= min_t(u8, v->failures, MQVPN_PTO_SHIFT_MAX);
	hrtimer_start(&v->timer, ns_to_ktime(min(wait, MQVPN_CHALLENGE_MAX_NS)),
		      HRTIMER_MODE_REL_PINNED_SOFT);
}

/* Nothing came back for the last challenge. */
static void mqvpn_validation_late(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;

	if (v->failures < U8_MAX)
		v->failures++;
	if (v->failures == MQVPN_CHALLENGE_FAILURES &&
	    mqvpn_rebind_failed(path))
		return;
	if (v->failures == MQVPN_CHALLENGE_FAILURES) {
		v->failed = true;
		mqvpn_path_change(path, MQVPN_PATH_STATE_DEAD,
				  MQVPN_REASON_TIMEOUT);
	}
	v->due = true;
	mqvpn_validation_arm(path);
}

static enum hrtimer_restart mqvpn_validation_timer(struct hrtimer *timer)
{
	struct mqvpn_path *path = container_of(timer, struct mqvpn_path,
					       validation.timer);

	rcu_read_lock();
	spin_lock(&path->lock);
	if (path->validation.going && !path->dead)
		mqvpn_validation_late(path);
	spin_unlock(&path->lock);
	mqvpn_tx_kick(path);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/**
 * mqvpn_validation_init() - set up the timer of a new path
 * @path: path
 *
 * Context: process.
 */
void mqvpn_validation_init(struct mqvpn_path *path)
{
	mqvpn_hrtimer_setup(&path->validation.timer, mqvpn_validation_timer,
			    CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
}

/**
 * mqvpn_validation_handshake() - a path opens while the handshake goes on
 * @path: new path of a handshake, RFC 9000 section 8.1
 *
 * As long as nothing but the client's first datagrams came from its address,
 * what the path sends and what the owner sends are counted together.
 *
 * Context: process, device mutex held.
 */
void mqvpn_validation_handshake(struct mqvpn_path *path)
{
	struct mqvpn_strangers *strangers = &path->conn->md->strangers;
	struct mqvpn_validation *v = &path->validation;

	if (!path->sock->listening)
		return;
	local_bh_disable();
	v->stranger = mqvpn_stranger_limited(strangers, path->sock->id,
					     &mqvpn_path_to(path)->remote);
	local_bh_enable();
	v->limited = v->stranger;
}

/**
 * mqvpn_validation_room() - bytes that may be sent to an address with a limit
 * @v: validation of the path
 *
 * Context: bottom halves disabled, RCU read lock and the path's lock held.
 * Return: bytes.
 */
u64 mqvpn_validation_room(const struct mqvpn_validation *v)
{
	const struct mqvpn_path *path = container_of(v, struct mqvpn_path,
						     validation);

	if (!v->stranger)
		return mqvpn_amplify_room(&v->account);
	return mqvpn_stranger_room(&path->conn->md->strangers,
				   path->config.socket,
				   &rcu_dereference(path->to)->remote);
}

/**
 * mqvpn_validation_heard() - a packet came from an address with a limit
 * @v: validation of the path
 * @bytes: its UDP payload
 *
 * It has authenticated: who did the handshake is there.
 *
 * Context: bottom halves disabled, RCU read lock and the path's lock held.
 */
void mqvpn_validation_heard(struct mqvpn_validation *v, unsigned int bytes)
{
	struct mqvpn_path *path = container_of(v, struct mqvpn_path,
					       validation);

	if (!v->stranger) {
		mqvpn_amplify_received(&v->account, bytes);
		return;
	}
	v->limited = false;
	mqvpn_stranger_validate(&path->conn->md->strangers,
				path->config.socket,
				&rcu_dereference(path->to)->remote);
}

/**
 * mqvpn_validation_spend() - a packet goes to an address with a limit
 * @v: validation of the path
 * @bytes: its UDP payload
 *
 * Context: bottom halves disabled, RCU read lock and the path's lock held.
 */
void mqvpn_validation_spend(struct mqvpn_validation *v, unsigned int bytes)
{
	struct mqvpn_path *path = container_of(v, struct mqvpn_path,
					       validation);

	if (v->stranger)
		mqvpn_stranger_sent(&path->conn->md->strangers,
				    path->config.socket,
				    &rcu_dereference(path->to)->remote, bytes);
	else
		mqvpn_amplify_sent(&v->account, bytes);
}

/**
 * mqvpn_validation_begin() - challenge the peer until it answers
 * @path: path
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held.
 */
void mqvpn_validation_begin(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;

	spin_lock(&path->lock);
	if (!path->dead) {
		v->going = true;
		v->due = true;
		mqvpn_validation_arm(path);
	}
	spin_unlock(&path->lock);
	mqvpn_tx_kick(path);
}

/**
 * mqvpn_validation_again() - challenge the peer at another address
 * @path: path that goes there
 * @bytes: that came from there
 *
 * Context: bottom halves disabled, the path's lock held; the caller kicks.
 */
void mqvpn_validation_again(struct mqvpn_path *path, unsigned int bytes)
{
	struct mqvpn_validation *v = &path->validation;

	lockdep_assert_held(&path->lock);

	/* answers to what went elsewhere prove nothing */
	memzero_explicit(v->sent, sizeof(v->sent));
	v->limited = true;
	v->stranger = false;
	v->account = (struct mqvpn_amplify){ .received = bytes };
	v->failures = 0;
	if (path->dead)
		return;
	v->going = true;
	v->due = true;
	mqvpn_validation_arm(path);
}

/**
 * mqvpn_validation_stop() - a path need not be validated any more
 * @path: path
 *
 * Context: any, the path's lock held.
 */
void mqvpn_validation_stop(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;

	lockdep_assert_held(&path->lock);

	memzero_explicit(v->sent, sizeof(v->sent));
	v->limited = false;
	v->going = false;
	v->due = false;
	v->failed = false;
	v->failures = 0;
}

static void mqvpn_validation_end(struct mqvpn_path *path)
{
	mqvpn_validation_stop(path);
	mqvpn_rebind_validated(path);
	mqvpn_path_change(path, MQVPN_PATH_STATE_ACTIVE,
			  mqvpn_path_origin(path));
	/* from now on what is out is probed for */
	mqvpn_loss_timer_arm(path);
}

static struct mqvpn_challenge *
mqvpn_validation_find(struct mqvpn_validation *v, const u8 *data)
{
	struct mqvpn_challenge *found = NULL, *c;

	for (c = v->sent; c < v->sent + MQVPN_CHALLENGES; c++)
		if (!crypto_memneq(c->data, data, MQVPN_CHALLENGE_LEN) &&
		    c->open)
			found = c;
	return found;
}

/* Return: whether the path is now validated. */
static bool mqvpn_validation_answer(struct mqvpn_path *path, const u8 *data)
{
	struct mqvpn_validation *v = &path->validation;
	struct mqvpn_challenge *c = mqvpn_validation_find(v, data);

	lockdep_assert_held(&path->lock);

	if (!c || path->dead)
		return false;
	v->limited = false;
	if (c->padded) {
		mqvpn_validation_end(path);
		return true;
	}
	/* RFC 9000 section 8.2.3: the address is, the size is still to be */
	c->open = false;
	v->due = true;
	return false;
}

/*
 * The newest challenge is answered, once. Who asks is there: time to ask the
 * same, in the same packet.
 */
static void mqvpn_validation_asked(struct mqvpn_validation *v, const u8 *data)
{
	memcpy(v->response, data, MQVPN_CHALLENGE_LEN);
	v->respond = true;
	v->due = v->going;
}

/**
 * mqvpn_validation_frame() - a frame of path validation came
 * @path: path that it came on
 * @frame: PATH_CHALLENGE or PATH_RESPONSE
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held; the caller
 * kicks.
 */
void mqvpn_validation_frame(struct mqvpn_path *path,
			    const struct mqvpn_frame *frame)
{
	bool up = false;

	spin_lock(&path->lock);
	if (frame->type == MQVPN_FRAME_PATH_CHALLENGE)
		mqvpn_validation_asked(&path->validation, frame->data);
	else
		up = mqvpn_validation_answer(path, frame->data);
	spin_unlock(&path->lock);
	if (up)
		mqvpn_path_schedule(path);
}

static void mqvpn_validation_put(struct sk_buff *frames, u8 type,
				 const u8 *data)
{
	skb_put_u8(frames, type);
	skb_put_data(frames, data, MQVPN_CHALLENGE_LEN);
}

/* RFC 9000 section 8.2.1: unpredictable, and other data each time */
static void mqvpn_validation_put_challenge(struct mqvpn_validation *v,
					   struct sk_buff *frames)
{
	struct mqvpn_challenge *c;

	v->newest = (v->newest + 1) % MQVPN_CHALLENGES;
	c = &v->sent[v->newest];
	get_random_bytes(c->data, sizeof(c->data));
	c->open = true;
	c->padded = mqvpn_validation_spare(v, 0) >= MQVPN_DATAGRAM_MIN;
	mqvpn_validation_put(frames, MQVPN_FRAME_PATH_CHALLENGE, c->data);
}

/**
 * mqvpn_validation_load() - take the frames that are due
 * @path: path
 *
 * Context: bottom halves disabled, the path's lock held.
 * Return: the frames, with room to make a datagram of them that is as large as
 * it has to be; NULL for none, or not now.
 */
struct sk_buff *mqvpn_validation_load(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;
	unsigned int len = 1 + path->dcid_len + MQVPN_PN_LEN + MQVPN_TAG_LEN;
	struct sk_buff *frames;

	lockdep_assert_held(&path->lock);

	len += MQVPN_CHALLENGE_FRAME_LEN * (v->due + v->respond);
	/* rather where the peer is, if that is about to change */
	if (path->dead || path->rebind.wanted ||
	    mqvpn_validation_spare(v, 0) < len)
		return NULL;
	frames = alloc_skb(MQVPN_DATAGRAM_MIN, GFP_ATOMIC | __GFP_NOWARN);
	if (frames && v->respond)
		mqvpn_validation_put(frames, MQVPN_FRAME_PATH_RESPONSE,
				     v->response);
	if (frames && v->due)
		mqvpn_validation_put_challenge(v, frames);
	/* what could not be sent is as good as lost */
	v->respond = false;
	v->due = false;
	return frames;
}

/**
 * mqvpn_validation_pad() - make a datagram as large as it has to be
 * @v: validation of its path
 * @frames: frames that end it
 * @len: bytes of the UDP payload with them
 *
 * RFC 9000 section 8.2.1: unless that is more than may be sent.
 *
 * Context: any, the path's lock held.
 */
void mqvpn_validation_pad(const struct mqvpn_validation *v,
			  struct sk_buff *frames, unsigned int len)
{
	if (len < MQVPN_DATAGRAM_MIN &&
	    mqvpn_validation_spare(v, 0) >= MQVPN_DATAGRAM_MIN)
		skb_put_zero(frames, MQVPN_DATAGRAM_MIN - len);
}
