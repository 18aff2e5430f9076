// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: frames-up, frames-ack, frame-tx, frame-cancel, frame-tx-ntf and
 * conn-adopt.
 */

#include "life.h"
#include "netlink.h"
#include "owner.h"

/* RFC 10069: path IDs are below 2^32 - 1 */
static struct netlink_range_validation mqvpn_nl_path_id_range = {
	.max = U32_MAX - 1,
};

static const struct nla_policy mqvpn_nl_tx_nest[MQVPN_A_FRAMES_MAX + 1] = {
	[MQVPN_A_FRAMES_DATA] = { .type = NLA_BINARY,
				  .len = MQVPN_FRAME_TX_MAX },
	[MQVPN_A_FRAMES_COOKIE] = { .type = NLA_U64 },
	[MQVPN_A_FRAMES_NOT_ON_PATH] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &mqvpn_nl_path_id_range),
	[MQVPN_A_FRAMES_ONLY_ON_PATH] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &mqvpn_nl_path_id_range),
	[MQVPN_A_FRAMES_OWNER_BLOB] = { .type = NLA_BINARY,
					.len = MQVPN_OWNER_BLOB_MAX },
};

static const struct nla_policy mqvpn_nl_ack_nest[MQVPN_A_FRAMES_MAX + 1] = {
	[MQVPN_A_FRAMES_SEQUENCE] = { .type = NLA_U64 },
	[MQVPN_A_FRAMES_OWNER_BLOB] = { .type = NLA_BINARY,
					.len = MQVPN_OWNER_BLOB_MAX },
};

static const struct nla_policy mqvpn_nl_cancel_nest[MQVPN_A_FRAMES_MAX + 1] = {
	[MQVPN_A_FRAMES_COOKIE] = { .type = NLA_U64 },
};

#define MQVPN_NL_FRAMES_POLICY(_name, _nest)				\
const struct nla_policy mqvpn_nl_##_name##_policy[MQVPN_A_MAX + 1] = {	\
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),			\
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),			\
	[MQVPN_A_FRAMES] = NLA_POLICY_NESTED(_nest),			\
}

MQVPN_NL_FRAMES_POLICY(frame_tx, mqvpn_nl_tx_nest);
MQVPN_NL_FRAMES_POLICY(frames_ack, mqvpn_nl_ack_nest);
MQVPN_NL_FRAMES_POLICY(frame_cancel, mqvpn_nl_cancel_nest);

/* Up, and back */

static int mqvpn_nl_put_message(struct sk_buff *skb,
				const struct mqvpn_message *msg)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, MQVPN_A_FRAMES);
	if (!nest ||
	    nla_put_u64_64bit(skb, MQVPN_A_FRAMES_SEQUENCE, msg->sequence,
			      MQVPN_A_FRAMES_PAD) ||
	    nla_put_u32(skb, MQVPN_A_FRAMES_PATH_ID, msg->path_id) ||
	    nla_put(skb, MQVPN_A_FRAMES_DATA, msg->len, msg->data))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int mqvpn_nl_put_cookie(struct sk_buff *skb, u64 cookie)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, MQVPN_A_FRAMES);
	if (!nest || nla_put_u64_64bit(skb, MQVPN_A_FRAMES_COOKIE, cookie,
				       MQVPN_A_FRAMES_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Device, connection, nest, sequence number, path, and alignment of each */
#define MQVPN_NL_FRAMES_ROOM	96

/**
 * mqvpn_nl_frames_note() - make room for a message to the owner
 * @len: bytes of frames in it
 * @gfp: how to allocate
 *
 * Context: any that @gfp allows.
 * Return: the empty message, or NULL.
 */
struct sk_buff *mqvpn_nl_frames_note(size_t len, gfp_t gfp)
{
	return genlmsg_new(MQVPN_NL_FRAMES_ROOM + len, gfp);
}

/* Return: what is to be sent, taken from its place; or NULL. */
static struct sk_buff *mqvpn_nl_take_note(struct mqvpn_conn *conn,
					  struct sk_buff **place)
{
	struct sk_buff *note = *place;

	if (!note || !mqvpn_owner_is_there(conn->md))
		return NULL;
	*place = NULL;
	return note;
}

/**
 * mqvpn_nl_frames_up() - hand a message to the owner
 * @conn: connection
 * @msg: message
 *
 * Context: any, the connection's control.lock held.
 */
void mqvpn_nl_frames_up(struct mqvpn_conn *conn, struct mqvpn_message *msg)
{
	struct sk_buff *skb = mqvpn_nl_take_note(conn, &msg->note);
	void *hdr;

	if (!skb)
		return;
	hdr = mqvpn_nl_put_header(skb, NULL, 0, 0, MQVPN_CMD_FRAMES_UP,
				  conn->md, conn);
	if (!hdr || mqvpn_nl_put_message(skb, msg)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	mqvpn_owner_send(conn->md, MQVPN_OWNER_FRAMES, skb);
}

/**
 * mqvpn_nl_frame_tx_done() - tell the owner that the peer has its frames
 * @conn: connection
 * @delivery: the frames, no longer listed
 *
 * Context: any.
 */
void mqvpn_nl_frame_tx_done(struct mqvpn_conn *conn,
			    struct mqvpn_delivery *delivery)
{
	struct sk_buff *skb = mqvpn_nl_take_note(conn, &delivery->note);
	void *hdr;

	if (!skb)
		return;
	hdr = mqvpn_nl_put_header(skb, NULL, 0, 0, MQVPN_CMD_FRAME_TX_NTF,
				  conn->md, conn);
	if (!hdr || mqvpn_nl_put_cookie(skb, delivery->cookie)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	mqvpn_owner_send(conn->md, MQVPN_OWNER_FRAMES, skb);
}

/* The owner blob: made before anything is changed, put in place at the end. */

static int mqvpn_nl_read_blob(struct nlattr *attr, void **blob)
{
	*blob = NULL;
	if (!attr || !nla_len(attr))
		return 0;
	*blob = kmemdup(nla_data(attr), nla_len(attr), GFP_KERNEL_ACCOUNT);
	return *blob ? 0 : -ENOMEM;
}

static void mqvpn_nl_set_blob(struct mqvpn_conn *conn, struct nlattr *attr,
			      void *blob)
{
	struct mqvpn_control *control = &conn->control;

	lockdep_assert_held(&conn->md->lock);

	if (!attr)
		return;
	kfree_sensitive(control->blob);
	control->blob = blob;
	control->blob_len = nla_len(attr);
}

static int mqvpn_nl_frames_ack(struct mqvpn_conn *conn, struct nlattr **tb,
			       struct genl_info *info)
{
	struct nlattr *attr = tb[MQVPN_A_FRAMES_OWNER_BLOB];
	void *blob;
	int err;

	err = mqvpn_nl_require(tb, info->attrs[MQVPN_A_FRAMES],
			       MQVPN_A_FRAMES_SEQUENCE,
			       "mqvpn: number of the message is missing",
			       info->extack) ?:
	      mqvpn_nl_read_blob(attr, &blob);
	if (err)
		return err;
	err = mqvpn_messages_ack(conn,
				 nla_get_u64(tb[MQVPN_A_FRAMES_SEQUENCE]),
				 info->extack);
	if (err)
		kfree_sensitive(blob);
	else
		mqvpn_nl_set_blob(conn, attr, blob);
	return err;
}

/* Down */

static struct mqvpn_delivery *mqvpn_nl_read_delivery(struct nlattr **tb,
						     struct genl_info *info)
{
	struct nlattr *nest = info->attrs[MQVPN_A_FRAMES];
	struct mqvpn_delivery *delivery;
	int err;

	err = mqvpn_nl_require(tb, nest, MQVPN_A_FRAMES_DATA,
			       "mqvpn: frames are missing", info->extack) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_FRAMES_COOKIE,
			       "mqvpn: cookie is missing", info->extack);
	if (err)
		return ERR_PTR(err);
	delivery = mqvpn_delivery_new(nla_data(tb[MQVPN_A_FRAMES_DATA]),
				      nla_len(tb[MQVPN_A_FRAMES_DATA]));
	if (!delivery)
		return ERR_PTR(-ENOMEM);
	delivery->cookie = nla_get_u64(tb[MQVPN_A_FRAMES_COOKIE]);
	delivery->has_not = tb[MQVPN_A_FRAMES_NOT_ON_PATH];
	if (delivery->has_not)
		delivery->not_on = nla_get_u32(tb[MQVPN_A_FRAMES_NOT_ON_PATH]);
	delivery->has_only = tb[MQVPN_A_FRAMES_ONLY_ON_PATH];
	if (delivery->has_only)
		delivery->only_on =
			nla_get_u32(tb[MQVPN_A_FRAMES_ONLY_ON_PATH]);
	return delivery;
}

static void mqvpn_nl_kick(struct mqvpn_conn *conn)
{
	local_bh_disable();
	rcu_read_lock();
	mqvpn_deliveries_kick(conn, NULL);
	rcu_read_unlock();
	local_bh_enable();
}

static int mqvpn_nl_frame_tx(struct mqvpn_conn *conn, struct nlattr **tb,
			     struct genl_info *info)
{
	struct nlattr *attr = tb[MQVPN_A_FRAMES_OWNER_BLOB];
	struct mqvpn_delivery *delivery;
	void *blob;
	int err;

	err = mqvpn_nl_read_blob(attr, &blob);
	if (err)
		return err;
	delivery = mqvpn_nl_read_delivery(tb, info);
	if (IS_ERR(delivery)) {
		kfree_sensitive(blob);
		return PTR_ERR(delivery);
	}
	err = mqvpn_conn_check_open(conn, info->extack) ?:
	      mqvpn_delivery_check(conn, delivery, info->extack) ?:
	      mqvpn_delivery_begin(conn, delivery, info->extack);
	if (err) {
		kfree_sensitive(blob);
		mqvpn_delivery_put(delivery);
		return err;
	}
	mqvpn_nl_set_blob(conn, attr, blob);
	mqvpn_nl_kick(conn);
	return 0;
}

static int mqvpn_nl_frame_cancel(struct mqvpn_conn *conn, struct nlattr **tb,
				 struct genl_info *info)
{
	return mqvpn_nl_require(tb, info->attrs[MQVPN_A_FRAMES],
				MQVPN_A_FRAMES_COOKIE,
				"mqvpn: cookie is missing", info->extack) ?:
	       mqvpn_delivery_cancel(conn,
				     nla_get_u64(tb[MQVPN_A_FRAMES_COOKIE]),
				     info->extack);
}

static int mqvpn_nl_frames_doit(struct genl_info *info,
				const struct nla_policy *nest,
				int (*doit)(struct mqvpn_conn *conn,
					    struct nlattr **tb,
					    struct genl_info *info))
{
	struct nlattr *tb[MQVPN_A_FRAMES_MAX + 1];
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_FRAMES_MAX, MQVPN_A_FRAMES, nest, info);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	err = IS_ERR(conn) ? PTR_ERR(conn) : doit(conn, tb, info);
	mqvpn_nl_end(md);
	return err;
}

/**
 * mqvpn_nl_frames_ack_doit() - frames-ack
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_frames_ack_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_frames_doit(info, mqvpn_nl_ack_nest,
				    mqvpn_nl_frames_ack);
}

/**
 * mqvpn_nl_frame_tx_doit() - frame-tx
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_frame_tx_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_frames_doit(info, mqvpn_nl_tx_nest, mqvpn_nl_frame_tx);
}

/**
 * mqvpn_nl_frame_cancel_doit() - frame-cancel
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_frame_cancel_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_frames_doit(info, mqvpn_nl_cancel_nest,
				    mqvpn_nl_frame_cancel);
}

/* Adoption: the owner blob, then what is outstanding, up and down. */

/**
 * struct mqvpn_nl_adopt - where an adoption goes on
 * @at: the connection; its index is 0 until the blob is written
 * @sequence: the last message that is written
 * @serial: the last delivery that is written
 */
struct mqvpn_nl_adopt {
	struct mqvpn_nl_dump at;
	u64 sequence;
	u64 serial;
};

static void *mqvpn_nl_adopt_header(struct sk_buff *skb,
				   struct netlink_callback *cb,
				   const struct mqvpn_conn *conn)
{
	return mqvpn_nl_put_header(skb, cb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, MQVPN_CMD_CONN_ADOPT,
				   conn->md, conn);
}

static int mqvpn_nl_put_blob(struct sk_buff *skb,
			     const struct mqvpn_control *control)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, MQVPN_A_FRAMES);
	if (!nest || nla_put(skb, MQVPN_A_FRAMES_OWNER_BLOB, control->blob_len,
			     control->blob))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* End a message, or take it back when it did not fit. */
static int mqvpn_nl_adopt_end(struct sk_buff *skb, void *hdr, int err)
{
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

static int mqvpn_nl_adopt_blob(struct sk_buff *skb, struct netlink_callback *cb,
			       struct mqvpn_conn *conn)
{
	struct mqvpn_nl_adopt *adopt = (void *)cb->ctx;
	void *hdr;
	int err;

	if (adopt->at.index)
		return 0;
	hdr = mqvpn_nl_adopt_header(skb, cb, conn);
	if (!hdr)
		return -EMSGSIZE;
	err = mqvpn_nl_put_blob(skb, &conn->control);
	if (mqvpn_nl_adopt_end(skb, hdr, err))
		return err;
	adopt->at.index = 1;
	adopt->sequence = 0;
	adopt->serial = 0;
	return 0;
}

static int mqvpn_nl_adopt_up(struct sk_buff *skb, struct netlink_callback *cb,
			     struct mqvpn_conn *conn)
{
	struct mqvpn_nl_adopt *adopt = (void *)cb->ctx;
	struct mqvpn_message *msg;
	void *hdr;
	int err;

	list_for_each_entry(msg, &conn->control.up, list) {
		if (msg->sequence <= adopt->sequence)
			continue;
		hdr = mqvpn_nl_adopt_header(skb, cb, conn);
		if (!hdr)
			return -EMSGSIZE;
		err = mqvpn_nl_put_message(skb, msg);
		if (mqvpn_nl_adopt_end(skb, hdr, err))
			return err;
		adopt->sequence = msg->sequence;
	}
	return 0;
}

static int mqvpn_nl_adopt_down(struct sk_buff *skb, struct netlink_callback *cb,
			       struct mqvpn_conn *conn)
{
	struct mqvpn_nl_adopt *adopt = (void *)cb->ctx;
	struct mqvpn_delivery *delivery;
	void *hdr;
	int err;

	list_for_each_entry(delivery, &conn->control.down, list) {
		if (delivery->serial <= adopt->serial)
			continue;
		hdr = mqvpn_nl_adopt_header(skb, cb, conn);
		if (!hdr)
			return -EMSGSIZE;
		err = mqvpn_nl_put_cookie(skb, delivery->cookie);
		if (mqvpn_nl_adopt_end(skb, hdr, err))
			return err;
		adopt->serial = delivery->serial;
	}
	return 0;
}

static int mqvpn_nl_adopt_conn(struct sk_buff *skb, struct netlink_callback *cb,
			       struct mqvpn_conn *conn)
{
	int err;

	err = mqvpn_nl_adopt_blob(skb, cb, conn);
	if (err)
		return err;
	spin_lock_bh(&conn->control.lock);
	err = mqvpn_nl_adopt_up(skb, cb, conn) ?:
	      mqvpn_nl_adopt_down(skb, cb, conn);
	spin_unlock_bh(&conn->control.lock);
	return err;
}

static int mqvpn_nl_adopt_device(struct sk_buff *skb,
				 struct netlink_callback *cb,
				 struct mqvpn_dev *md)
{
	return mqvpn_nl_dump_conns(skb, cb, md, mqvpn_nl_adopt_conn);
}

/**
 * mqvpn_nl_conn_adopt_start() - the longest message has to fit the dump
 * @cb: the dump
 *
 * Context: process.
 * Return: 0.
 */
int mqvpn_nl_conn_adopt_start(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct mqvpn_nl_adopt) > sizeof(cb->ctx));
	cb->min_dump_alloc = MQVPN_UP_MESSAGE_MAX + NLMSG_GOODSIZE;
	return 0;
}

/**
 * mqvpn_nl_conn_adopt_dumpit() - conn-adopt of one connection, or of all
 * @skb: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_conn_adopt_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return mqvpn_nl_dump_device(skb, cb, mqvpn_nl_adopt_device);
}
