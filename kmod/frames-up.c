// SPDX-License-Identifier: GPL-2.0
/*
 * Control frames up: those of a packet that are not the kernel's become one
 * message for the owner, which is kept until the owner acknowledges it. Only
 * then is the packet acknowledged to the peer: so nothing is lost, whatever
 * happens to the owner.
 *
 * What is kept is bounded by a connection's credit, and by one bound for all.
 *
 * A message that is kept cannot fail to be told for want of memory: nobody
 * would ask for it.
 */

#include <linux/slab.h>

#include "conn.h"
#include "netlink.h"
#include "path.h"

/* Credit in use by all connections of all devices. */
static atomic_long_t mqvpn_up_total;

static u32 mqvpn_message_cost(const struct mqvpn_message *msg)
{
	return sizeof(*msg) + msg->len;
}

/**
 * mqvpn_control_init() - nothing is outstanding
 * @control: of a new connection
 *
 * Context: process.
 */
void mqvpn_control_init(struct mqvpn_control *control)
{
	spin_lock_init(&control->lock);
	INIT_LIST_HEAD(&control->up);
	INIT_LIST_HEAD(&control->down);
	control->up_next = 1;
	control->down_serial = 1;
}

static void mqvpn_message_free(struct mqvpn_message *msg)
{
	atomic_long_sub(mqvpn_message_cost(msg), &mqvpn_up_total);
	mqvpn_message_drop(msg);
}

/**
 * mqvpn_control_exit() - drop all that is outstanding
 * @control: of a connection that is deleted and has no path any more
 *
 * Context: process, device mutex held.
 */
void mqvpn_control_exit(struct mqvpn_control *control)
{
	struct mqvpn_delivery *delivery, *next_delivery;
	struct mqvpn_message *msg, *next;
	LIST_HEAD(down);
	LIST_HEAD(up);

	spin_lock_bh(&control->lock);
	control->closed = true;
	list_splice_init(&control->up, &up);
	list_splice_init(&control->down, &down);
	WRITE_ONCE(control->waiting, 0);
	list_for_each_entry(delivery, &down, list)
		delivery->listed = false;
	spin_unlock_bh(&control->lock);
	list_for_each_entry_safe(msg, next, &up, list)
		mqvpn_message_free(msg);
	list_for_each_entry_safe(delivery, next_delivery, &down, list)
		mqvpn_delivery_put(delivery);
	kfree_sensitive(control->blob);
	control->blob = NULL;
	control->blob_len = 0;
}

static bool mqvpn_message_fits(const struct mqvpn_control *control, u32 cost)
{
	return !control->closed && control->up_count < MQVPN_UP_COUNT &&
	       control->up_bytes + cost <= MQVPN_UP_BYTES &&
	       atomic_long_read(&mqvpn_up_total) + cost <= MQVPN_UP_TOTAL;
}

/**
 * mqvpn_message_new() - make room for a message, if there is credit for it
 * @conn: connection
 * @path_id: path that its packet came on
 * @len: bytes of its frames, which the caller fills in
 *
 * Context: bottom halves disabled.
 * Return: the message, -ENOBUFS without credit, or -ENOMEM.
 */
struct mqvpn_message *mqvpn_message_new(struct mqvpn_conn *conn, u32 path_id,
					size_t len)
{
	struct mqvpn_message *msg;
	bool fits;

	if (len > MQVPN_UP_MESSAGE_MAX)
		return ERR_PTR(-ENOBUFS);
	spin_lock(&conn->control.lock);
	fits = mqvpn_message_fits(&conn->control, sizeof(*msg) + len);
	spin_unlock(&conn->control.lock);
	if (!fits)
		return ERR_PTR(-ENOBUFS);
	msg = kmalloc(struct_size(msg, data, len), GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	msg->path_id = path_id;
	msg->len = len;
	msg->note = NULL;
	if (!mqvpn_owner_is_there(conn->md))
		return msg;
	msg->note = mqvpn_nl_frames_note(len, GFP_ATOMIC | __GFP_NOWARN);
	if (msg->note)
		return msg;
	kfree(msg);
	return ERR_PTR(-ENOMEM);
}

/**
 * mqvpn_message_drop() - free a message that was not kept
 * @msg: the message, or NULL
 *
 * Context: any.
 */
void mqvpn_message_drop(struct mqvpn_message *msg)
{
	if (!msg)
		return;
	nlmsg_free(msg->note);
	kfree_sensitive(msg);
}

/**
 * mqvpn_message_keep() - keep a message until the owner acknowledges it
 * @conn: connection
 * @msg: the message; the connection's if it is kept
 *
 * Context: bottom halves disabled.
 * Return: false if the credit went to others in the meantime, or an owner came.
 */
bool mqvpn_message_keep(struct mqvpn_conn *conn, struct mqvpn_message *msg)
{
	struct mqvpn_control *control = &conn->control;
	u32 cost = mqvpn_message_cost(msg);
	bool fits;

	spin_lock(&control->lock);
	/* an owner that comes later finds it by conn-adopt */
	fits = mqvpn_message_fits(control, cost) &&
	       (msg->note || !mqvpn_owner_is_there(conn->md));
	if (fits) {
		msg->sequence = control->up_next++;
		list_add_tail(&msg->list, &control->up);
		control->up_bytes += cost;
		control->up_count++;
		atomic_long_add(cost, &mqvpn_up_total);
	}
	spin_unlock(&control->lock);
	return fits;
}

/**
 * mqvpn_messages_tell() - hand the owner what it was not handed before
 * @conn: connection
 *
 * In order, hence under the lock. What a full socket does not take the owner
 * gets by conn-adopt: netlink tells it that it missed something.
 *
 * Context: bottom halves disabled.
 */
void mqvpn_messages_tell(struct mqvpn_conn *conn)
{
	struct mqvpn_control *control = &conn->control;
	struct mqvpn_message *msg;

	spin_lock(&control->lock);
	list_for_each_entry(msg, &control->up, list) {
		if (msg->sequence <= control->up_told)
			continue;
		control->up_told = msg->sequence;
		mqvpn_nl_frames_up(conn, msg);
	}
	spin_unlock(&control->lock);
}

/**
 * mqvpn_messages_ack() - the owner has dealt with messages
 * @conn: connection
 * @sequence: the last one of them
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, also if it was acknowledged before, or -ERANGE.
 */
int mqvpn_messages_ack(struct mqvpn_conn *conn, u64 sequence,
		       struct netlink_ext_ack *extack)
{
	struct mqvpn_control *control = &conn->control;
	struct mqvpn_message *msg, *next;
	LIST_HEAD(done);

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&control->lock);
	if (sequence >= control->up_next) {
		spin_unlock_bh(&control->lock);
		NL_SET_ERR_MSG_MOD(extack, "there was no such message yet");
		return -ERANGE;
	}
	list_for_each_entry_safe(msg, next, &control->up, list) {
		if (msg->sequence > sequence)
			break;
		list_move_tail(&msg->list, &done);
		control->up_bytes -= mqvpn_message_cost(msg);
		control->up_count--;
	}
	spin_unlock_bh(&control->lock);
	list_for_each_entry_safe(msg, next, &done, list)
		mqvpn_message_free(msg);
	return 0;
}
