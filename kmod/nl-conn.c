// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: conn-new, conn-set, conn-close, conn-del, conn-get and their events.
 */

#include "life.h"
#include "netlink.h"

static const struct nla_policy mqvpn_nl_tp_nest[MQVPN_A_TP_MAX + 1] = {
	[MQVPN_A_TP_ACK_DELAY_EXPONENT] = NLA_POLICY_MAX(NLA_U8, 20),
	[MQVPN_A_TP_MAX_ACK_DELAY] = NLA_POLICY_MAX(NLA_U16, 16383),
	[MQVPN_A_TP_MAX_UDP_PAYLOAD_SIZE] = NLA_POLICY_MIN(NLA_U16, 1200),
	[MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE] = { .type = NLA_U32 },
	[MQVPN_A_TP_ACTIVE_CONNECTION_ID_LIMIT] = NLA_POLICY_MIN(NLA_U32, 2),
	[MQVPN_A_TP_MAX_PATH_ID] = { .type = NLA_U32 },
};

/* RFC 9000 section 16: a quarter of the largest varint */
static struct netlink_range_validation mqvpn_nl_quarter_range = {
	.max = MQVPN_VARINT_MAX / 4,
};

static const struct nla_policy mqvpn_nl_conn_nest[MQVPN_A_CONN_MAX + 1] = {
	[MQVPN_A_CONN_ROLE] = NLA_POLICY_MAX(NLA_U32, MQVPN_ROLE_SERVER),
	[MQVPN_A_CONN_MULTIPATH] = { .type = NLA_FLAG },
	[MQVPN_A_CONN_CONFIRMED] = { .type = NLA_FLAG },
	[MQVPN_A_CONN_LOCAL] = NLA_POLICY_NESTED(mqvpn_nl_tp_nest),
	[MQVPN_A_CONN_PEER] = NLA_POLICY_NESTED(mqvpn_nl_tp_nest),
	[MQVPN_A_CONN_IDLE_TIMEOUT] = { .type = NLA_U32 },
	[MQVPN_A_CONN_KEEPALIVE] = { .type = NLA_U32 },
	[MQVPN_A_CONN_INITIAL_RTT] = { .type = NLA_U32 },
	[MQVPN_A_CONN_QUARTER_STREAM_ID] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &mqvpn_nl_quarter_range),
	[MQVPN_A_CONN_SCHEDULER] = { .type = NLA_NUL_STRING, .len = 15 },
};

const struct nla_policy mqvpn_nl_conn_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONNECTION] = NLA_POLICY_NESTED(mqvpn_nl_conn_nest),
};

/* RFC 9000 section 16: what fits a varint */
static struct netlink_range_validation mqvpn_nl_code_range = {
	.max = MQVPN_VARINT_MAX,
};

static const struct nla_policy mqvpn_nl_close_nest[MQVPN_A_CONN_MAX + 1] = {
	[MQVPN_A_CONN_CLOSE_CODE] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &mqvpn_nl_code_range),
	[MQVPN_A_CONN_CLOSE_APPLICATION] = { .type = NLA_FLAG },
	[MQVPN_A_CONN_CLOSE_REASON] = { .type = NLA_BINARY,
					.len = MQVPN_CLOSE_REASON_MAX },
};

const struct nla_policy mqvpn_nl_conn_close_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONNECTION] = NLA_POLICY_NESTED(mqvpn_nl_close_nest),
};

const struct nla_policy mqvpn_nl_conn_id_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static int mqvpn_nl_put_tp(struct sk_buff *msg, unsigned int attr,
			   const struct mqvpn_transport *tp, bool multipath)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, attr);
	if (!nest ||
	    nla_put_u8(msg, MQVPN_A_TP_ACK_DELAY_EXPONENT,
		       tp->ack_delay_exponent) ||
	    nla_put_u16(msg, MQVPN_A_TP_MAX_ACK_DELAY, tp->max_ack_delay) ||
	    nla_put_u16(msg, MQVPN_A_TP_MAX_UDP_PAYLOAD_SIZE,
			tp->max_udp_payload) ||
	    nla_put_u32(msg, MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE,
			tp->max_datagram) ||
	    nla_put_u32(msg, MQVPN_A_TP_ACTIVE_CONNECTION_ID_LIMIT,
			tp->cid_limit) ||
	    (multipath &&
	     nla_put_u32(msg, MQVPN_A_TP_MAX_PATH_ID, tp->max_path_id)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* What went over the connection is what goes over its open paths. */
static int mqvpn_nl_put_conn_totals(struct sk_buff *msg,
				    struct mqvpn_conn *conn)
{
	struct mqvpn_path_stats sum = {};
	struct mqvpn_path *path;
	unsigned int slot;

	mqvpn_for_each_path(conn, slot, path) {
		spin_lock_bh(&path->lock);
		sum.rx_packets += path->stats.rx_packets;
		sum.rx_bytes += path->stats.rx_bytes;
		sum.tx_packets += path->stats.tx_packets;
		sum.tx_bytes += path->stats.tx_bytes;
		spin_unlock_bh(&path->lock);
	}
	return nla_put_u64_64bit(msg, MQVPN_A_CONN_RX_PACKETS, sum.rx_packets,
				 MQVPN_A_CONN_PAD) ||
	       nla_put_u64_64bit(msg, MQVPN_A_CONN_RX_BYTES, sum.rx_bytes,
				 MQVPN_A_CONN_PAD) ||
	       nla_put_u64_64bit(msg, MQVPN_A_CONN_TX_PACKETS, sum.tx_packets,
				 MQVPN_A_CONN_PAD) ||
	       nla_put_u64_64bit(msg, MQVPN_A_CONN_TX_BYTES, sum.tx_bytes,
				 MQVPN_A_CONN_PAD) ? -EMSGSIZE : 0;
}

static int mqvpn_nl_put_close_frame(struct sk_buff *msg,
				    const struct mqvpn_conn *conn)
{
	const struct mqvpn_close_frame *close = &conn->close;

	if (nla_put_u64_64bit(msg, MQVPN_A_CONN_CLOSE_CODE, close->code,
			      MQVPN_A_CONN_PAD) ||
	    (conn->close_app &&
	     nla_put_flag(msg, MQVPN_A_CONN_CLOSE_APPLICATION)) ||
	    (close->reason_len &&
	     nla_put(msg, MQVPN_A_CONN_CLOSE_REASON, close->reason_len,
		     close->reason)))
		return -EMSGSIZE;
	return 0;
}

/* An idle connection has ended without a CONNECTION_CLOSE. */
static int mqvpn_nl_put_conn_state(struct sk_buff *msg, struct mqvpn_conn *conn)
{
	int err;

	spin_lock_bh(&conn->lock);
	err = nla_put_u32(msg, MQVPN_A_CONN_STATE, conn->state);
	if (!err && conn->state != MQVPN_CONN_STATE_OPEN)
		err = nla_put_u32(msg, MQVPN_A_CONN_REASON, conn->reason);
	if (!err && conn->state != MQVPN_CONN_STATE_OPEN &&
	    conn->reason != MQVPN_REASON_TIMEOUT)
		err = mqvpn_nl_put_close_frame(msg, conn);
	spin_unlock_bh(&conn->lock);
	return err;
}

static int mqvpn_nl_put_generation(struct sk_buff *msg,
				   struct mqvpn_conn *conn)
{
	u32 generation;

	if (!mqvpn_keys_generation(conn, &generation))
		return 0;
	return nla_put_u32(msg, MQVPN_A_CONN_KEY_GENERATION, generation);
}

static int mqvpn_nl_put_conn(struct sk_buff *msg, struct mqvpn_conn *conn)
{
	const struct mqvpn_conn_config *config = &conn->config;
	struct nlattr *nest;

	nest = nla_nest_start(msg, MQVPN_A_CONNECTION);
	if (!nest || nla_put_u32(msg, MQVPN_A_CONN_ROLE, config->role) ||
	    mqvpn_nl_put_conn_state(msg, conn) ||
	    (config->multipath && nla_put_flag(msg, MQVPN_A_CONN_MULTIPATH)) ||
	    (config->confirmed && nla_put_flag(msg, MQVPN_A_CONN_CONFIRMED)) ||
	    mqvpn_nl_put_tp(msg, MQVPN_A_CONN_LOCAL, &config->local,
			    config->multipath) ||
	    mqvpn_nl_put_tp(msg, MQVPN_A_CONN_PEER, &config->peer,
			    config->multipath) ||
	    nla_put_u32(msg, MQVPN_A_CONN_IDLE_TIMEOUT, config->idle_timeout) ||
	    nla_put_u32(msg, MQVPN_A_CONN_KEEPALIVE, config->keepalive) ||
	    nla_put_u32(msg, MQVPN_A_CONN_INITIAL_RTT, config->initial_rtt) ||
	    nla_put_u64_64bit(msg, MQVPN_A_CONN_QUARTER_STREAM_ID,
			      config->quarter_stream_id, MQVPN_A_CONN_PAD) ||
	    nla_put_string(msg, MQVPN_A_CONN_SCHEDULER, config->sched->name) ||
	    mqvpn_nl_put_generation(msg, conn) ||
	    mqvpn_nl_put_conn_totals(msg, conn))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_fill_conn(struct sk_buff *msg, struct netlink_callback *cb,
			      u32 portid, u32 seq, u8 cmd,
			      struct mqvpn_conn *conn)
{
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, portid, seq, cmd, conn->md, conn);
	if (!hdr)
		return -EMSGSIZE;
	if (mqvpn_nl_put_conn(msg, conn)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * mqvpn_nl_conn_event() - tell who listens that a connection changed
 * @conn: connection
 * @cmd: MQVPN_CMD_CONN_NTF or MQVPN_CMD_CONN_DEL_NTF
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_conn_event(struct mqvpn_conn *conn, u8 cmd)
{
	struct sk_buff *msg;

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (mqvpn_nl_fill_conn(msg, NULL, 0, 0, cmd, conn)) {
		nlmsg_free(msg);
		return;
	}
	mqvpn_nl_multicast(conn->md, msg);
}

static int mqvpn_nl_read_tp(struct nlattr *nest, struct mqvpn_transport *tp,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[MQVPN_A_TP_MAX + 1], *attr;
	int err;

	if (!nest)
		return 0;
	err = nla_parse_nested(tb, MQVPN_A_TP_MAX, nest, mqvpn_nl_tp_nest,
			       extack);
	if (err)
		return err;
	attr = tb[MQVPN_A_TP_ACK_DELAY_EXPONENT];
	if (attr)
		tp->ack_delay_exponent = nla_get_u8(attr);
	attr = tb[MQVPN_A_TP_MAX_ACK_DELAY];
	if (attr)
		tp->max_ack_delay = nla_get_u16(attr);
	attr = tb[MQVPN_A_TP_MAX_UDP_PAYLOAD_SIZE];
	if (attr)
		tp->max_udp_payload = nla_get_u16(attr);
	attr = tb[MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE];
	if (attr)
		tp->max_datagram = nla_get_u32(attr);
	attr = tb[MQVPN_A_TP_ACTIVE_CONNECTION_ID_LIMIT];
	if (attr)
		tp->cid_limit = nla_get_u32(attr);
	attr = tb[MQVPN_A_TP_MAX_PATH_ID];
	if (attr)
		tp->max_path_id = nla_get_u32(attr);
	return 0;
}

static int mqvpn_nl_read_sched(struct nlattr *name,
			       struct mqvpn_conn_config *config,
			       struct netlink_ext_ack *extack)
{
	if (!name)
		return 0;
	config->sched = mqvpn_sched_find(nla_data(name));
	if (config->sched)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, name, "mqvpn: no such scheduler");
	return -ENOENT;
}

/* Change config by what the command says; what it does not say stays. */
static int mqvpn_nl_read_conn(struct nlattr **tb,
			      struct mqvpn_conn_config *config,
			      struct netlink_ext_ack *extack)
{
	int err;

	err = mqvpn_nl_read_tp(tb[MQVPN_A_CONN_LOCAL], &config->local,
			       extack) ?:
	      mqvpn_nl_read_tp(tb[MQVPN_A_CONN_PEER], &config->peer, extack) ?:
	      mqvpn_nl_read_sched(tb[MQVPN_A_CONN_SCHEDULER], config, extack);
	if (err)
		return err;
	if (tb[MQVPN_A_CONN_ROLE])
		config->role = nla_get_u32(tb[MQVPN_A_CONN_ROLE]);
	config->multipath |= !!tb[MQVPN_A_CONN_MULTIPATH];
	config->confirmed |= !!tb[MQVPN_A_CONN_CONFIRMED];
	if (tb[MQVPN_A_CONN_IDLE_TIMEOUT])
		config->idle_timeout =
			nla_get_u32(tb[MQVPN_A_CONN_IDLE_TIMEOUT]);
	if (tb[MQVPN_A_CONN_KEEPALIVE])
		config->keepalive = nla_get_u32(tb[MQVPN_A_CONN_KEEPALIVE]);
	if (tb[MQVPN_A_CONN_INITIAL_RTT])
		config->initial_rtt = nla_get_u32(tb[MQVPN_A_CONN_INITIAL_RTT]);
	if (tb[MQVPN_A_CONN_QUARTER_STREAM_ID])
		config->quarter_stream_id =
			nla_get_u64(tb[MQVPN_A_CONN_QUARTER_STREAM_ID]);
	return 0;
}

/* RFC 9000 section 18.2 and RFC 9221 section 3, but for the time-outs. */
static void mqvpn_nl_conn_defaults(const struct mqvpn_dev *md,
				   struct mqvpn_conn_config *config)
{
	static const struct mqvpn_transport tp = {
		.ack_delay_exponent = MQVPN_ACK_DELAY_EXP,
		.max_ack_delay = 25,
		.max_udp_payload = 65527,
		.max_datagram = 65535,
		.cid_limit = 2,
	};

	*config = (struct mqvpn_conn_config){
		.local = tp,
		.peer = tp,
		.sched = md->sched,
	};
	config->local.max_ack_delay = MQVPN_ACK_DELAY_NS / NSEC_PER_MSEC;
}

static int mqvpn_nl_conn_new(struct mqvpn_dev *md, struct nlattr **tb,
			     struct genl_info *info)
{
	struct mqvpn_conn_config config;
	struct mqvpn_conn *conn;
	int err;

	mqvpn_nl_conn_defaults(md, &config);
	err = mqvpn_nl_read_conn(tb, &config, info->extack);
	if (err)
		return err;
	conn = mqvpn_conn_new(md, nla_get_u32(info->attrs[MQVPN_A_CONN_ID]),
			      &config, info->extack);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	md->generation++;
	mqvpn_nl_conn_event(conn, MQVPN_CMD_CONN_NTF);
	return 0;
}

/**
 * mqvpn_nl_conn_new_doit() - conn-new
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_conn_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_CONN_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	if (!info->attrs[MQVPN_A_CONN_ID])
		return mqvpn_nl_missing(MQVPN_A_CONN_ID,
					"mqvpn: number of the connection is missing",
					info->extack);
	err = mqvpn_nl_nest(tb, MQVPN_A_CONN_MAX, MQVPN_A_CONNECTION,
			    mqvpn_nl_conn_nest, info) ?:
	      mqvpn_nl_require(tb, info->attrs[MQVPN_A_CONNECTION],
			       MQVPN_A_CONN_ROLE,
			       "mqvpn: role of the connection is missing",
			       info->extack);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_conn_new(md, tb, info);
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_conn_set(struct mqvpn_dev *md, struct nlattr **tb,
			     struct genl_info *info)
{
	struct mqvpn_conn *conn = mqvpn_nl_conn(md, info);
	struct mqvpn_conn_config config;
	int err;

	if (IS_ERR(conn))
		return PTR_ERR(conn);
	config = conn->config;
	err = mqvpn_nl_read_conn(tb, &config, info->extack) ?:
	      mqvpn_conn_set(conn, &config, info->extack);
	if (err)
		return err;
	md->generation++;
	mqvpn_nl_conn_event(conn, MQVPN_CMD_CONN_NTF);
	return 0;
}

/**
 * mqvpn_nl_conn_set_doit() - conn-set
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_conn_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_CONN_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_CONN_MAX, MQVPN_A_CONNECTION,
			    mqvpn_nl_conn_nest, info);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_conn_set(md, tb, info);
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_conn_close(struct mqvpn_dev *md, struct nlattr **tb,
			       struct genl_info *info)
{
	struct mqvpn_conn *conn = mqvpn_nl_conn(md, info);
	struct nlattr *phrase = tb[MQVPN_A_CONN_CLOSE_REASON];
	struct mqvpn_close_frame close = {
		.code = nla_get_u64(tb[MQVPN_A_CONN_CLOSE_CODE]),
		.reason = phrase ? nla_data(phrase) : NULL,
		.reason_len = phrase ? nla_len(phrase) : 0,
	};

	if (IS_ERR(conn))
		return PTR_ERR(conn);
	return mqvpn_conn_close(conn, tb[MQVPN_A_CONN_CLOSE_APPLICATION],
				&close, info->extack);
}

/**
 * mqvpn_nl_conn_close_doit() - conn-close
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_conn_close_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_CONN_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_CONN_MAX, MQVPN_A_CONNECTION,
			    mqvpn_nl_close_nest, info) ?:
	      mqvpn_nl_require(tb, info->attrs[MQVPN_A_CONNECTION],
			       MQVPN_A_CONN_CLOSE_CODE,
			       "mqvpn: error code is missing", info->extack);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_conn_close(md, tb, info);
	mqvpn_nl_end(md);
	return err;
}

/**
 * mqvpn_nl_conn_del_doit() - conn-del
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_conn_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;

	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	if (!IS_ERR(conn)) {
		mqvpn_nl_conn_event(conn, MQVPN_CMD_CONN_DEL_NTF);
		mqvpn_conn_del(conn);
		md->generation++;
	}
	mqvpn_nl_end(md);
	return PTR_ERR_OR_ZERO(conn);
}

/**
 * mqvpn_nl_conn_get_doit() - conn-get of one connection
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	struct sk_buff *msg;
	int err = -ENOMEM;

	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (IS_ERR(conn))
		err = PTR_ERR(conn);
	else if (msg)
		err = mqvpn_nl_fill_conn(msg, NULL, info->snd_portid,
					 info->snd_seq, MQVPN_CMD_CONN_GET,
					 conn);
	mqvpn_nl_end(md);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int mqvpn_nl_dump_conn(struct sk_buff *msg, struct netlink_callback *cb,
			      struct mqvpn_conn *conn)
{
	return mqvpn_nl_fill_conn(msg, cb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, MQVPN_CMD_CONN_GET, conn);
}

static int mqvpn_nl_dump_conns_of(struct sk_buff *msg,
				  struct netlink_callback *cb,
				  struct mqvpn_dev *md)
{
	return mqvpn_nl_dump_conns(msg, cb, md, mqvpn_nl_dump_conn);
}

/**
 * mqvpn_nl_conn_get_dumpit() - conn-get of all connections of a device
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_conn_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	return mqvpn_nl_not_in_dump(cb, MQVPN_A_CONN_ID) ?:
	       mqvpn_nl_dump_device(msg, cb, mqvpn_nl_dump_conns_of);
}
