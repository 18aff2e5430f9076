// SPDX-License-Identifier: GPL-2.0
/* Netlink: cid-new, cid-del, cid-get. */

#include "netlink.h"

/* RFC 10069: path IDs are below 2^32 - 1 */
static struct netlink_range_validation mqvpn_nl_path_id_range = {
	.max = U32_MAX - 1,
};

/* RFC 9000 section 16: what fits a varint */
static struct netlink_range_validation mqvpn_nl_varint_range = {
	.max = MQVPN_VARINT_MAX,
};

static const struct nla_policy mqvpn_nl_cid_nest[MQVPN_A_CID_MAX + 1] = {
	[MQVPN_A_CID_END] = NLA_POLICY_MAX(NLA_U32, MQVPN_END_PEER),
	[MQVPN_A_CID_PATH_ID] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &mqvpn_nl_path_id_range),
	[MQVPN_A_CID_SEQUENCE] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &mqvpn_nl_varint_range),
	[MQVPN_A_CID_ID] = { .type = NLA_BINARY, .len = MQVPN_CID_MAX },
	[MQVPN_A_CID_RESET_TOKEN] = NLA_POLICY_EXACT_LEN(MQVPN_RESET_TOKEN_LEN),
};

const struct nla_policy mqvpn_nl_cid_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CID] = NLA_POLICY_NESTED(mqvpn_nl_cid_nest),
};

/* The reset token is not told: who has it can end the connection. */
static int mqvpn_nl_put_cid(struct sk_buff *msg, const struct mqvpn_cid *cid)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, MQVPN_A_CID);
	if (!nest || nla_put_u32(msg, MQVPN_A_CID_END, cid->end) ||
	    nla_put_u32(msg, MQVPN_A_CID_PATH_ID, cid->path_id) ||
	    nla_put_u64_64bit(msg, MQVPN_A_CID_SEQUENCE, cid->sequence,
			      MQVPN_A_CID_PAD) ||
	    nla_put(msg, MQVPN_A_CID_ID, cid->len, cid->id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* What names an ID: whose it is, of which path, with which number. */
static int mqvpn_nl_read_cid(struct genl_info *info, struct mqvpn_cid *cid,
			     struct nlattr **tb)
{
	struct nlattr *nest = info->attrs[MQVPN_A_CID];
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_CID_MAX, MQVPN_A_CID,
			    mqvpn_nl_cid_nest, info) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_CID_END,
			       "mqvpn: end of the connection ID is missing",
			       info->extack) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_CID_PATH_ID,
			       "mqvpn: path of the connection ID is missing",
			       info->extack) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_CID_SEQUENCE,
			       "mqvpn: sequence number is missing",
			       info->extack);
	if (err)
		return err;
	cid->end = nla_get_u32(tb[MQVPN_A_CID_END]);
	cid->path_id = nla_get_u32(tb[MQVPN_A_CID_PATH_ID]);
	cid->sequence = nla_get_u64(tb[MQVPN_A_CID_SEQUENCE]);
	return 0;
}

static int mqvpn_nl_read_cid_value(struct genl_info *info,
				   struct mqvpn_cid *cid, struct nlattr **tb)
{
	int err;

	err = mqvpn_nl_require(tb, info->attrs[MQVPN_A_CID], MQVPN_A_CID_ID,
			       "mqvpn: connection ID is missing", info->extack);
	if (err)
		return err;
	cid->len = nla_len(tb[MQVPN_A_CID_ID]);
	memcpy(cid->id, nla_data(tb[MQVPN_A_CID_ID]), cid->len);
	if (!tb[MQVPN_A_CID_RESET_TOKEN])
		return 0;
	if (cid->end == MQVPN_END_LOCAL) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[MQVPN_A_CID_RESET_TOKEN],
				    "mqvpn: reset tokens are the peer's");
		return -EINVAL;
	}
	cid->has_token = true;
	nla_memcpy(cid->token, tb[MQVPN_A_CID_RESET_TOKEN], sizeof(cid->token));
	return 0;
}

/**
 * mqvpn_nl_cid_new_doit() - cid-new
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_cid_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_CID_MAX + 1];
	struct mqvpn_cid cid = {};
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_read_cid(info, &cid, tb) ?:
	      mqvpn_nl_read_cid_value(info, &cid, tb);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	err = IS_ERR(conn) ? PTR_ERR(conn) :
			     mqvpn_cid_add(conn, &cid, info->extack);
	if (!err)
		md->generation++;
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_cid_del(struct mqvpn_dev *md, const struct mqvpn_cid *name,
			    struct nlattr **tb, struct genl_info *info)
{
	struct mqvpn_conn *conn = mqvpn_nl_conn(md, info);
	struct mqvpn_cid *cid;
	int err;

	if (IS_ERR(conn))
		return PTR_ERR(conn);
	cid = mqvpn_cid_find(conn, name->end, name->path_id, name->sequence);
	if (!cid) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[MQVPN_A_CID_SEQUENCE],
				    "mqvpn: no such connection ID");
		return -ENOENT;
	}
	err = mqvpn_cid_del(conn, cid, info->extack);
	if (!err)
		md->generation++;
	return err;
}

/**
 * mqvpn_nl_cid_del_doit() - cid-del
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_cid_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_CID_MAX + 1];
	struct mqvpn_cid name = {};
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_read_cid(info, &name, tb);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_cid_del(md, &name, tb, info);
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_fill_cid(struct sk_buff *msg, struct netlink_callback *cb,
			     u32 portid, u32 seq, u8 cmd,
			     const struct mqvpn_cid *cid)
{
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, portid, seq, cmd, cid->conn->md,
				  cid->conn);
	if (!hdr)
		return -EMSGSIZE;
	if (mqvpn_nl_put_cid(msg, cid)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * mqvpn_nl_cid_event() - tell that a connection ID came into use
 * @cid: the ID
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_cid_event(const struct mqvpn_cid *cid)
{
	struct sk_buff *msg;

	lockdep_assert_held(&cid->conn->md->lock);

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (mqvpn_nl_fill_cid(msg, NULL, 0, 0, MQVPN_CMD_CID_NTF, cid)) {
		nlmsg_free(msg);
		return;
	}
	mqvpn_nl_multicast(cid->conn->md, msg);
}

static int mqvpn_nl_dump_cids(struct sk_buff *msg, struct netlink_callback *cb,
			      struct mqvpn_conn *conn)
{
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	unsigned long index = 0;
	struct mqvpn_cid *cid;

	list_for_each_entry(cid, &conn->cids, list) {
		if (index++ < at->index)
			continue;
		if (mqvpn_nl_fill_cid(msg, cb, NETLINK_CB(cb->skb).portid,
				      cb->nlh->nlmsg_seq, MQVPN_CMD_CID_GET,
				      cid))
			return -EMSGSIZE;
		at->index = index;
	}
	return 0;
}

static int mqvpn_nl_dump_cids_of(struct sk_buff *msg,
				 struct netlink_callback *cb,
				 struct mqvpn_dev *md)
{
	return mqvpn_nl_dump_conns(msg, cb, md, mqvpn_nl_dump_cids);
}

/**
 * mqvpn_nl_cid_get_dumpit() - cid-get
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_cid_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	return mqvpn_nl_dump_device(msg, cb, mqvpn_nl_dump_cids_of);
}
