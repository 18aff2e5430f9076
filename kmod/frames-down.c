// SPDX-License-Identifier: GPL-2.0
/*
 * Control frames down: the owner's frames, sent again as they are until the
 * peer acknowledges them.
 *
 * A delivery waits, or rides in a packet. When the packet is lost it waits
 * again. When a probe time-out makes a loss likely it waits again as well,
 * while the packet may still arrive: so it may ride in several.
 */

#include <linux/slab.h>

#include "conn.h"
#include "life.h"
#include "netlink.h"
#include "path.h"
#include "tx.h"

/**
 * mqvpn_delivery_new() - make a delivery
 * @data: whole frames
 * @len: bytes in @data, at most MQVPN_FRAME_TX_MAX
 *
 * Context: process.
 * Return: the delivery, whose only reference is the caller's, or NULL.
 */
struct mqvpn_delivery *mqvpn_delivery_new(const u8 *data, size_t len)
{
	struct mqvpn_delivery *delivery;

	delivery = kzalloc(struct_size(delivery, data, len),
			   GFP_KERNEL_ACCOUNT);
	if (!delivery)
		return NULL;
	refcount_set(&delivery->ref, 1);
	delivery->note = mqvpn_nl_frames_note(0, GFP_KERNEL_ACCOUNT);
	if (!delivery->note) {
		kfree(delivery);
		return NULL;
	}
	delivery->len = len;
	memcpy(delivery->data, data, len);
	return delivery;
}

/**
 * mqvpn_delivery_put() - drop a reference
 * @delivery: delivery
 *
 * Context: any.
 */
void mqvpn_delivery_put(struct mqvpn_delivery *delivery)
{
	if (!refcount_dec_and_test(&delivery->ref))
		return;
	nlmsg_free(delivery->note);
	kfree_sensitive(delivery);
}

static int mqvpn_delivery_check_frame(const struct mqvpn_conn *conn,
				      struct mqvpn_delivery *delivery,
				      const struct mqvpn_frame *frame,
				      struct netlink_ext_ack *extack)
{
	if (mqvpn_frame_kernels(frame->type)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "frames of this type are the kernel's to send");
		return -EINVAL;
	}
	if (mqvpn_frame_multipath(frame->type) && !conn->config.multipath) {
		NL_SET_ERR_MSG_MOD(extack, "multipath was not negotiated");
		return -EINVAL;
	}
	if (conn->config.role == MQVPN_ROLE_CLIENT &&
	    mqvpn_frame_servers(frame->type)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "only a server sends frames of this type");
		return -EINVAL;
	}
	if (mqvpn_frame_open_ended(frame->type)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "a STREAM frame has to say how long it is");
		return -EINVAL;
	}
	delivery->retires |= mqvpn_frame_retires(frame->type);
	return 0;
}

/**
 * mqvpn_delivery_check() - refuse what a connection may not send
 * @conn: connection
 * @delivery: its frames
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0 or -EINVAL.
 */
int mqvpn_delivery_check(const struct mqvpn_conn *conn,
			 struct mqvpn_delivery *delivery,
			 struct netlink_ext_ack *extack)
{
	struct mqvpn_reader r = { delivery->data,
				  delivery->data + delivery->len };
	struct mqvpn_frame frame;
	int err;

	while (!(err = mqvpn_frame_next(&r, &frame))) {
		err = mqvpn_delivery_check_frame(conn, delivery, &frame,
						 extack);
		if (err)
			return err;
	}
	if (err == -ENODATA && delivery->len)
		return 0;
	NL_SET_ERR_MSG_MOD(extack, "these are no whole frames");
	return -EINVAL;
}

static struct mqvpn_delivery *
mqvpn_delivery_find(const struct mqvpn_control *control, u64 cookie)
{
	struct mqvpn_delivery *delivery;

	lockdep_assert_held(&control->lock);

	list_for_each_entry(delivery, &control->down, list)
		if (delivery->cookie == cookie)
			return delivery;
	return NULL;
}

static void mqvpn_delivery_wait(struct mqvpn_control *control,
				struct mqvpn_delivery *delivery, bool waiting)
{
	lockdep_assert_held(&control->lock);

	if (delivery->waiting == waiting)
		return;
	delivery->waiting = waiting;
	WRITE_ONCE(control->waiting, control->waiting + (waiting ? 1 : -1));
}

/* Off the list; the caller drops the list's reference. */
static void mqvpn_delivery_unlist(struct mqvpn_control *control,
				  struct mqvpn_delivery *delivery)
{
	mqvpn_delivery_wait(control, delivery, false);
	list_del(&delivery->list);
	delivery->listed = false;
	control->down_bytes -= delivery->len;
	control->down_count--;
}

/**
 * mqvpn_delivery_begin() - deliver frames
 * @conn: connection
 * @delivery: the frames, checked; the caller's reference passes on success
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -EEXIST for a cookie that is outstanding, -ENOBUFS when too much
 * is.
 */
int mqvpn_delivery_begin(struct mqvpn_conn *conn,
			 struct mqvpn_delivery *delivery,
			 struct netlink_ext_ack *extack)
{
	struct mqvpn_control *control = &conn->control;
	int err = 0;

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&control->lock);
	if (mqvpn_delivery_find(control, delivery->cookie)) {
		NL_SET_ERR_MSG_MOD(extack, "this cookie is outstanding");
		err = -EEXIST;
	} else if (control->down_count >= MQVPN_DOWN_COUNT ||
		   control->down_bytes + delivery->len > MQVPN_DOWN_BYTES) {
		NL_SET_ERR_MSG_MOD(extack,
				   "too much is outstanding; wait for acknowledgements");
		err = -ENOBUFS;
	} else {
		delivery->serial = control->down_serial++;
		delivery->listed = true;
		list_add_tail(&delivery->list, &control->down);
		control->down_bytes += delivery->len;
		control->down_count++;
		mqvpn_delivery_wait(control, delivery, true);
	}
	spin_unlock_bh(&control->lock);
	return err;
}

/**
 * mqvpn_delivery_cancel() - forget a delivery
 * @conn: connection
 * @cookie: what the owner calls it
 * @extack: for the reason of a refusal
 *
 * What is in flight may arrive, but is not sent again.
 *
 * Context: process, device mutex held.
 * Return: 0 or -ENOENT.
 */
int mqvpn_delivery_cancel(struct mqvpn_conn *conn, u64 cookie,
			  struct netlink_ext_ack *extack)
{
	struct mqvpn_control *control = &conn->control;
	struct mqvpn_delivery *delivery;

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&control->lock);
	delivery = mqvpn_delivery_find(control, cookie);
	if (delivery)
		mqvpn_delivery_unlist(control, delivery);
	spin_unlock_bh(&control->lock);
	if (delivery) {
		mqvpn_delivery_put(delivery);
		return 0;
	}
	NL_SET_ERR_MSG_MOD(extack, "no frame-tx of this cookie is outstanding");
	return -ENOENT;
}

/*
 * RFC 9000 section 19.16, RFC 10069 section 4.6: a packet does not retire the
 * very connection ID that it is sent to.
 */
static bool mqvpn_delivery_retires(const struct mqvpn_delivery *delivery,
				   const struct mqvpn_path *path)
{
	struct mqvpn_reader r = { delivery->data,
				  delivery->data + delivery->len };
	struct mqvpn_frame frame;

	while (delivery->retires && !mqvpn_frame_next(&r, &frame))
		if (mqvpn_frame_retires(frame.type) &&
		    frame.retire.path_id == path->id &&
		    frame.retire.sequence == path->dcid_sequence)
			return true;
	return false;
}

static bool mqvpn_delivery_goes(const struct mqvpn_delivery *delivery,
				const struct mqvpn_path *path)
{
	return delivery->waiting &&
	       !(delivery->has_only && delivery->only_on != path->id) &&
	       !(delivery->has_not && delivery->not_on == path->id) &&
	       !mqvpn_delivery_retires(delivery, path);
}

/* As many as fit, the oldest first. */
static void mqvpn_ride_fill(struct mqvpn_path *path, struct mqvpn_ride *ride,
			    struct sk_buff *frames)
{
	struct mqvpn_control *control = &path->conn->control;
	struct mqvpn_delivery *delivery;

	lockdep_assert_held(&control->lock);

	list_for_each_entry(delivery, &control->down, list) {
		if (ride->count == MQVPN_RIDE_MAX)
			return;
		if (delivery->len > skb_tailroom(frames) ||
		    frames->len + delivery->len > MQVPN_FRAME_TX_MAX ||
		    !mqvpn_delivery_goes(delivery, path))
			continue;
		skb_put_data(frames, delivery->data, delivery->len);
		delivery->sent_on = path->id;
		mqvpn_delivery_wait(control, delivery, false);
		refcount_inc(&delivery->ref);
		ride->what[ride->count++] = delivery;
	}
}

/* Nothing is allocated for what waits for another path. */
static bool mqvpn_ride_wanted(const struct mqvpn_path *path)
{
	struct mqvpn_control *control = &path->conn->control;
	struct mqvpn_delivery *delivery;
	bool wanted = false;

	spin_lock(&control->lock);
	list_for_each_entry(delivery, &control->down, list) {
		wanted = mqvpn_delivery_goes(delivery, path);
		if (wanted)
			break;
	}
	spin_unlock(&control->lock);
	return wanted;
}

/**
 * mqvpn_ride_load() - take what a packet on a path can deliver
 * @path: path
 * @frames: set to the frames, of which the packet shall hold nothing but an
 *	acknowledgement before them
 *
 * Context: bottom halves disabled, the path's lock held.
 * Return: what to tell of the packet's fate, for its note; NULL for nothing;
 * -ENOMEM, and then somebody has to try again.
 */
struct mqvpn_ride *mqvpn_ride_load(struct mqvpn_path *path,
				   struct sk_buff **frames)
{
	struct mqvpn_control *control = &path->conn->control;
	struct mqvpn_ride *ride;

	lockdep_assert_held(&path->lock);

	if (!mqvpn_ride_wanted(path))
		return NULL;
	ride = kzalloc(sizeof(*ride), GFP_ATOMIC | __GFP_NOWARN);
	*frames = alloc_skb(MQVPN_FRAME_TX_MAX, GFP_ATOMIC | __GFP_NOWARN);
	if (!ride || !*frames) {
		kfree_skb(*frames);
		kfree(ride);
		return ERR_PTR(-ENOMEM);
	}
	spin_lock(&control->lock);
	mqvpn_ride_fill(path, ride, *frames);
	spin_unlock(&control->lock);
	if (likely(ride->count))
		return ride;
	/* cancelled in the meantime */
	kfree_skb(*frames);
	kfree(ride);
	return NULL;
}

/* Return: whether the owner is to be told that it arrived. */
static bool mqvpn_delivery_end(struct mqvpn_control *control,
			       const struct mqvpn_path *path,
			       struct mqvpn_delivery *delivery, bool acked)
{
	lockdep_assert_held(&control->lock);

	if (!delivery->listed)
		return false;
	if (acked) {
		mqvpn_delivery_unlist(control, delivery);
		return true;
	}
	/* unless it rides on another path since */
	if (delivery->sent_on == path->id)
		mqvpn_delivery_wait(control, delivery, true);
	return false;
}

static void mqvpn_ride_end(struct mqvpn_path *path, struct mqvpn_ride *ride)
{
	struct mqvpn_control *control = &path->conn->control;
	unsigned int i;
	bool arrived;

	for (i = 0; i < ride->count; i++) {
		struct mqvpn_delivery *delivery = ride->what[i];

		spin_lock_bh(&control->lock);
		arrived = mqvpn_delivery_end(control, path, delivery,
					     ride->note.acked);
		spin_unlock_bh(&control->lock);
		if (arrived) {
			mqvpn_nl_frame_tx_done(path->conn, delivery);
			mqvpn_delivery_put(delivery);
		}
		mqvpn_delivery_put(delivery);
	}
	kfree(ride);
}

/**
 * mqvpn_rides_end() - the fate of packets is known
 * @path: path that they were sent on
 * @notes: of the packets, NULL for none
 *
 * Those that were lost have their frames wait again.
 *
 * Context: any, the path's lock held.
 */
void mqvpn_rides_end(struct mqvpn_path *path, struct mqvpn_sent_note *notes)
{
	struct mqvpn_sent_note *next;

	for (; notes; notes = next) {
		next = notes->next;
		mqvpn_ride_end(path, container_of(notes, struct mqvpn_ride,
						  note));
	}
}

/**
 * mqvpn_rides_late() - a probe time-out: send again what is out on a path
 * @path: path
 *
 * Context: any, bottom halves disabled.
 */
void mqvpn_rides_late(struct mqvpn_path *path)
{
	struct mqvpn_control *control = &path->conn->control;
	struct mqvpn_delivery *delivery;

	spin_lock(&control->lock);
	list_for_each_entry(delivery, &control->down, list)
		if (delivery->sent_on == path->id)
			mqvpn_delivery_wait(control, delivery, true);
	spin_unlock(&control->lock);
}

/**
 * mqvpn_deliveries_kick() - have one of the paths send what waits
 * @conn: connection
 * @last: path to be asked when no other takes it, or NULL
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held.
 */
void mqvpn_deliveries_kick(struct mqvpn_conn *conn,
			   const struct mqvpn_path *last)
{
	struct mqvpn_path *path, *turn = NULL;
	unsigned int slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++) {
		path = rcu_dereference(conn->paths[slot]);
		if (path && path == last)
			turn = path;
		else if (path && mqvpn_control_waiting(&conn->control))
			mqvpn_tx_kick(path);
	}
	if (turn)
		mqvpn_tx_kick(turn);
}
