// SPDX-License-Identifier: GPL-2.0
/* Netlink: path-new, path-set, path-del, path-get and their events. */

#include "closing.h"
#include "netlink.h"

/* RFC 10069: path IDs are below 2^32 - 1 */
static struct netlink_range_validation mqvpn_nl_path_id_range = {
	.max = U32_MAX - 1,
};

static struct netlink_range_validation mqvpn_nl_weight_range = {
	.min = 1,
	.max = 1000000,
};

static const struct nla_policy mqvpn_nl_path_nest[MQVPN_A_PATH_MAX + 1] = {
	[MQVPN_A_PATH_ID] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &mqvpn_nl_path_id_range),
	[MQVPN_A_PATH_SOCKET] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PATH_REMOTE_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_PATH_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_PATH_REMOTE_SCOPE_ID] = { .type = NLA_U32 },
	[MQVPN_A_PATH_REMOTE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[MQVPN_A_PATH_LOCAL_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_PATH_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_PATH_LOCAL_PORT] = { .type = NLA_U16 },
	[MQVPN_A_PATH_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PATH_MARK] = { .type = NLA_U32 },
	[MQVPN_A_PATH_DSCP] = NLA_POLICY_MAX(NLA_U8, 63),
	[MQVPN_A_PATH_WEIGHT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &mqvpn_nl_weight_range),
	[MQVPN_A_PATH_RATE_LIMIT] = { .type = NLA_U64 },
	[MQVPN_A_PATH_VALIDATED] = { .type = NLA_FLAG },
	[MQVPN_A_PATH_CONGESTION_CONTROL] = { .type = NLA_NUL_STRING,
					      .len = 15 },
};

const struct nla_policy mqvpn_nl_path_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PATH] = NLA_POLICY_NESTED(mqvpn_nl_path_nest),
};

static const struct mqvpn_nl_addr_attrs mqvpn_nl_path_remote = {
	.ipv4 = MQVPN_A_PATH_REMOTE_IPV4,
	.ipv6 = MQVPN_A_PATH_REMOTE_IPV6,
	.port = MQVPN_A_PATH_REMOTE_PORT,
	.scope = MQVPN_A_PATH_REMOTE_SCOPE_ID,
};

static const struct mqvpn_nl_addr_attrs mqvpn_nl_path_local = {
	.ipv4 = MQVPN_A_PATH_LOCAL_IPV4,
	.ipv6 = MQVPN_A_PATH_LOCAL_IPV6,
	.port = MQVPN_A_PATH_LOCAL_PORT,
};

static int mqvpn_nl_put_path_config(struct sk_buff *msg,
				    const struct mqvpn_path *path)
{
	const struct mqvpn_path_config *config = &path->config;
	union mqvpn_addr local = config->local;

	local.v4.sin_port = path->sock->config.local.v4.sin_port;
	return nla_put_u32(msg, MQVPN_A_PATH_ID, path->id) ||
	       nla_put_u32(msg, MQVPN_A_PATH_SOCKET, path->sock->id) ||
	       mqvpn_nl_put_addr(msg, &mqvpn_nl_path_remote, &config->remote) ||
	       mqvpn_nl_put_addr(msg, &mqvpn_nl_path_local, &local) ||
	       (config->ifindex &&
		nla_put_u32(msg, MQVPN_A_PATH_IFINDEX, config->ifindex)) ||
	       nla_put_u32(msg, MQVPN_A_PATH_MARK, path->sock->config.mark) ||
	       nla_put_u8(msg, MQVPN_A_PATH_DSCP, config->dscp) ||
	       nla_put_u32(msg, MQVPN_A_PATH_WEIGHT, config->weight) ||
	       nla_put_u64_64bit(msg, MQVPN_A_PATH_RATE_LIMIT,
				 config->rate_limit, MQVPN_A_PATH_PAD);
}

/**
 * struct mqvpn_nl_path_view - what a message tells of a path's life and traffic
 * @state: enum mqvpn_path_state
 * @reason: enum mqvpn_reason of it
 * @failed: the path could not be validated
 * @stats: counters
 * @rtt: round-trip time
 * @cwnd: congestion window, bytes
 * @rate: pacing rate, bytes/s, 0 for none
 * @in_flight: bytes outstanding
 * @cc: name of the congestion controller
 *
 * Taken under the path's lock, so that the figures fit together.
 */
struct mqvpn_nl_path_view {
	u8 state;
	u8 reason;
	bool failed;
	struct mqvpn_path_stats stats;
	struct mqvpn_rtt rtt;
	u64 cwnd;
	u64 rate;
	u64 in_flight;
	const char *cc;
};

static struct mqvpn_nl_path_view mqvpn_nl_view_path(struct mqvpn_path *path)
{
	struct mqvpn_nl_path_view view;

	spin_lock_bh(&path->lock);
	view.state = path->state;
	view.reason = path->reason;
	view.failed = path->validation.failed;
	view.stats = path->stats;
	view.rtt = path->rec.rtt;
	view.cwnd = path->cc.cwnd;
	view.rate = path->pacer.rate;
	view.in_flight = path->rec.in_flight;
	view.cc = path->cc.ops->name;
	spin_unlock_bh(&path->lock);
	return view;
}

static int mqvpn_nl_put_u64s(struct sk_buff *msg,
			     const struct mqvpn_nl_path_view *view)
{
	const struct {
		u8 attr;
		u64 value;
	} list[] = {
		{ MQVPN_A_PATH_CWND, view->cwnd },
		{ MQVPN_A_PATH_PACING_RATE, view->rate },
		{ MQVPN_A_PATH_IN_FLIGHT, view->in_flight },
		{ MQVPN_A_PATH_RX_PACKETS, view->stats.rx_packets },
		{ MQVPN_A_PATH_RX_BYTES, view->stats.rx_bytes },
		{ MQVPN_A_PATH_TX_PACKETS, view->stats.tx_packets },
		{ MQVPN_A_PATH_TX_BYTES, view->stats.tx_bytes },
		{ MQVPN_A_PATH_ACKED, view->stats.acked },
		{ MQVPN_A_PATH_LOST, view->stats.lost },
		{ MQVPN_A_PATH_REORDERED, view->stats.reordered },
		{ MQVPN_A_PATH_PROBE_TIMEOUTS, view->stats.probe_timeouts },
		{ MQVPN_A_PATH_PERSISTENT_CONGESTION,
		  view->stats.persistent_congestion },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		if (nla_put_u64_64bit(msg, list[i].attr, list[i].value,
				      MQVPN_A_PATH_PAD))
			return -EMSGSIZE;
	return 0;
}

static int mqvpn_nl_put_path(struct sk_buff *msg, struct mqvpn_path *path)
{
	struct mqvpn_nl_path_view view = mqvpn_nl_view_path(path);
	struct nlattr *nest;

	nest = nla_nest_start(msg, MQVPN_A_PATH);
	if (!nest || mqvpn_nl_put_path_config(msg, path) ||
	    nla_put_u32(msg, MQVPN_A_PATH_STATE, view.state) ||
	    nla_put_u32(msg, MQVPN_A_PATH_REASON, view.reason) ||
	    (view.failed &&
	     nla_put_flag(msg, MQVPN_A_PATH_CHALLENGE_FAILED)) ||
	    nla_put_string(msg, MQVPN_A_PATH_CONGESTION_CONTROL, view.cc) ||
	    nla_put_u32(msg, MQVPN_A_PATH_RTT, view.rtt.smoothed) ||
	    nla_put_u32(msg, MQVPN_A_PATH_RTT_MIN, view.rtt.min) ||
	    nla_put_u32(msg, MQVPN_A_PATH_RTT_VAR, view.rtt.var) ||
	    nla_put_u32(msg, MQVPN_A_PATH_RTT_LATEST, view.rtt.latest) ||
	    mqvpn_nl_put_u64s(msg, &view))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_fill_path(struct sk_buff *msg, struct netlink_callback *cb,
			      u32 portid, u32 seq, u8 cmd,
			      struct mqvpn_path *path)
{
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, portid, seq, cmd, path->conn->md,
				  path->conn);
	if (!hdr)
		return -EMSGSIZE;
	if (mqvpn_nl_put_path(msg, path)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * mqvpn_nl_path_event() - tell who listens that a path changed
 * @path: path
 * @cmd: MQVPN_CMD_PATH_NTF or MQVPN_CMD_PATH_DEL_NTF
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_path_event(struct mqvpn_path *path, u8 cmd)
{
	struct sk_buff *msg;

	lockdep_assert_held(&path->conn->md->lock);

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (mqvpn_nl_fill_path(msg, NULL, 0, 0, cmd, path)) {
		nlmsg_free(msg);
		return;
	}
	mqvpn_nl_multicast(path->conn->md, msg);
}

/**
 * mqvpn_nl_path_ids_needed() - tell that a path lacks connection IDs
 * @conn: connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_path_ids_needed(struct mqvpn_conn *conn)
{
	struct sk_buff *msg;
	void *hdr;

	lockdep_assert_held(&conn->md->lock);

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0,
				  MQVPN_CMD_PATH_IDS_NEEDED_NTF, conn->md,
				  conn);
	if (!hdr) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	mqvpn_nl_multicast(conn->md, msg);
}

static int mqvpn_nl_read_path_cc(struct nlattr *name,
				 struct mqvpn_path_config *config,
				 struct netlink_ext_ack *extack)
{
	if (!name)
		return 0;
	config->cc = mqvpn_cc_find(nla_data(name));
	if (config->cc)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, name,
			    "mqvpn: no such congestion controller");
	return -ENOENT;
}

/* Change config by what the command says; what it does not say stays. */
static int mqvpn_nl_read_path_share(struct nlattr **tb,
				    struct mqvpn_path_config *config,
				    struct netlink_ext_ack *extack)
{
	if (tb[MQVPN_A_PATH_WEIGHT])
		config->weight = nla_get_u32(tb[MQVPN_A_PATH_WEIGHT]);
	if (tb[MQVPN_A_PATH_RATE_LIMIT])
		config->rate_limit = nla_get_u64(tb[MQVPN_A_PATH_RATE_LIMIT]);
	return mqvpn_nl_read_path_cc(tb[MQVPN_A_PATH_CONGESTION_CONTROL],
				     config, extack);
}

static int mqvpn_nl_check_path(struct nlattr **tb,
			       const struct mqvpn_path_config *config,
			       struct netlink_ext_ack *extack)
{
	if (config->remote.family != AF_UNSPEC && !config->remote.v4.sin_port) {
		NL_SET_ERR_MSG_MOD(extack, "port of the remote address is missing");
		return -EINVAL;
	}
	if (config->remote.family == AF_UNSPEC && config->remote.v4.sin_port) {
		NL_SET_ERR_MSG_ATTR(extack, tb[MQVPN_A_PATH_REMOTE_PORT],
				    "mqvpn: remote port without a remote address");
		return -EINVAL;
	}
	if (config->socket && (tb[MQVPN_A_PATH_LOCAL_PORT] ||
			       tb[MQVPN_A_PATH_MARK])) {
		NL_SET_ERR_MSG_ATTR(extack, tb[MQVPN_A_PATH_SOCKET],
				    "mqvpn: local port and mark are the socket's");
		return -EINVAL;
	}
	if (config->local.family != AF_UNSPEC &&
	    config->remote.family != AF_UNSPEC &&
	    config->local.family != config->remote.family) {
		NL_SET_ERR_MSG_MOD(extack,
				   "local and remote address are of different families");
		return -EAFNOSUPPORT;
	}
	return 0;
}

static int mqvpn_nl_read_path(struct nlattr **tb,
			      struct mqvpn_path_config *config,
			      struct netlink_ext_ack *extack)
{
	int err;

	err = mqvpn_nl_get_addr(tb, &mqvpn_nl_path_remote, &config->remote,
				extack) ?:
	      mqvpn_nl_get_addr(tb, &mqvpn_nl_path_local, &config->local,
				extack);
	if (err)
		return err;
	config->has_id = tb[MQVPN_A_PATH_ID];
	if (config->has_id)
		config->id = nla_get_u32(tb[MQVPN_A_PATH_ID]);
	if (tb[MQVPN_A_PATH_SOCKET])
		config->socket = nla_get_u32(tb[MQVPN_A_PATH_SOCKET]);
	if (tb[MQVPN_A_PATH_IFINDEX])
		config->ifindex = nla_get_u32(tb[MQVPN_A_PATH_IFINDEX]);
	if (tb[MQVPN_A_PATH_MARK])
		config->mark = nla_get_u32(tb[MQVPN_A_PATH_MARK]);
	if (tb[MQVPN_A_PATH_DSCP])
		config->dscp = nla_get_u8(tb[MQVPN_A_PATH_DSCP]);
	config->validated = tb[MQVPN_A_PATH_VALIDATED];
	return mqvpn_nl_read_path_share(tb, config, extack) ?:
	       mqvpn_nl_check_path(tb, config, extack);
}

static int mqvpn_nl_path_new(struct mqvpn_dev *md, struct sk_buff *skb,
			     const struct mqvpn_path_config *config,
			     struct sk_buff *msg, struct genl_info *info)
{
	struct mqvpn_conn *conn = mqvpn_nl_conn(md, info);
	struct mqvpn_path *path;
	int err;

	if (IS_ERR(conn))
		return PTR_ERR(conn);
	err = mqvpn_nl_transport(md, skb, info->extack);
	if (err)
		return err;
	path = mqvpn_path_new(conn, config, info->extack);
	if (IS_ERR(path))
		return PTR_ERR(path);
	md->generation++;
	mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
	return mqvpn_nl_fill_path(msg, NULL, info->snd_portid, info->snd_seq,
				  MQVPN_CMD_PATH_NEW, path);
}

/**
 * mqvpn_nl_path_new_doit() - path-new
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_path_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mqvpn_path_config config = { .weight = 1 };
	struct nlattr *tb[MQVPN_A_PATH_MAX + 1];
	struct mqvpn_dev *md;
	struct sk_buff *msg;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_PATH_MAX, MQVPN_A_PATH,
			    mqvpn_nl_path_nest, info) ?:
	      mqvpn_nl_read_path(tb, &config, info->extack);
	if (err)
		return err;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md)) {
		err = PTR_ERR(md);
	} else {
		err = mqvpn_nl_path_new(md, skb, &config, msg, info);
		mqvpn_nl_end(md);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static struct mqvpn_path *mqvpn_nl_path(struct mqvpn_dev *md,
					struct nlattr **tb,
					struct genl_info *info)
{
	struct mqvpn_conn *conn = mqvpn_nl_conn(md, info);
	struct mqvpn_path *path;
	int err;

	if (IS_ERR(conn))
		return ERR_CAST(conn);
	err = mqvpn_nl_require(tb, info->attrs[MQVPN_A_PATH], MQVPN_A_PATH_ID,
			       "mqvpn: path ID is missing", info->extack);
	if (err)
		return ERR_PTR(err);
	path = mqvpn_conn_path(conn, nla_get_u32(tb[MQVPN_A_PATH_ID]));
	if (!path) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[MQVPN_A_PATH_ID],
				    "mqvpn: no such path");
		return ERR_PTR(-ENOENT);
	}
	return path;
}

/* What is fixed while a path is open. */
static const u8 mqvpn_nl_path_fixed[] = {
	MQVPN_A_PATH_SOCKET, MQVPN_A_PATH_REMOTE_IPV4,
	MQVPN_A_PATH_REMOTE_IPV6, MQVPN_A_PATH_REMOTE_SCOPE_ID,
	MQVPN_A_PATH_REMOTE_PORT, MQVPN_A_PATH_LOCAL_IPV4,
	MQVPN_A_PATH_LOCAL_IPV6, MQVPN_A_PATH_LOCAL_PORT,
	MQVPN_A_PATH_IFINDEX, MQVPN_A_PATH_MARK, MQVPN_A_PATH_DSCP,
	MQVPN_A_PATH_VALIDATED,
};

static int mqvpn_nl_path_set(struct mqvpn_dev *md, struct nlattr **tb,
			     struct genl_info *info)
{
	struct mqvpn_path *path = mqvpn_nl_path(md, tb, info);
	struct mqvpn_path_config config;
	unsigned int i;
	int err;

	if (IS_ERR(path))
		return PTR_ERR(path);
	for (i = 0; i < ARRAY_SIZE(mqvpn_nl_path_fixed); i++) {
		if (!tb[mqvpn_nl_path_fixed[i]])
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, tb[mqvpn_nl_path_fixed[i]],
				    "mqvpn: fixed while the path is open");
		return -EOPNOTSUPP;
	}
	config = path->config;
	err = mqvpn_nl_read_path_share(tb, &config, info->extack);
	if (err)
		return err;
	mqvpn_path_set(path, &config);
	md->generation++;
	mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
	return 0;
}

static int mqvpn_nl_path_del(struct mqvpn_dev *md, struct nlattr **tb,
			     struct genl_info *info)
{
	struct mqvpn_path *path = mqvpn_nl_path(md, tb, info);

	if (IS_ERR(path))
		return PTR_ERR(path);
	md->generation++;
	if (mqvpn_closing_begin(path)) {
		mqvpn_nl_path_event(path, MQVPN_CMD_PATH_NTF);
		return 0;
	}
	spin_lock_bh(&path->lock);
	WRITE_ONCE(path->state, MQVPN_PATH_STATE_CLOSING);
	path->reason = MQVPN_REASON_ADMIN;
	spin_unlock_bh(&path->lock);
	mqvpn_nl_path_event(path, MQVPN_CMD_PATH_DEL_NTF);
	mqvpn_path_del(path);
	return 0;
}

static int mqvpn_nl_path_doit(struct sk_buff *skb, struct genl_info *info,
			      int (*doit)(struct mqvpn_dev *md,
					  struct nlattr **tb,
					  struct genl_info *info))
{
	struct nlattr *tb[MQVPN_A_PATH_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_PATH_MAX, MQVPN_A_PATH,
			    mqvpn_nl_path_nest, info);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_transport(md, skb, info->extack) ?:
	      doit(md, tb, info);
	mqvpn_nl_end(md);
	return err;
}

/**
 * mqvpn_nl_path_set_doit() - path-set
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_path_doit(skb, info, mqvpn_nl_path_set);
}

/**
 * mqvpn_nl_path_del_doit() - path-del
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_path_doit(skb, info, mqvpn_nl_path_del);
}

static int mqvpn_nl_dump_paths(struct sk_buff *msg, struct netlink_callback *cb,
			       struct mqvpn_conn *conn)
{
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	struct mqvpn_path *path;
	unsigned int slot;

	mqvpn_for_each_path(conn, slot, path) {
		if (slot < at->index)
			continue;
		if (mqvpn_nl_fill_path(msg, cb, NETLINK_CB(cb->skb).portid,
				       cb->nlh->nlmsg_seq, MQVPN_CMD_PATH_GET,
				       path))
			return -EMSGSIZE;
		at->index = slot + 1;
	}
	return 0;
}

static int mqvpn_nl_dump_paths_of(struct sk_buff *msg,
				  struct netlink_callback *cb,
				  struct mqvpn_dev *md)
{
	return mqvpn_nl_dump_conns(msg, cb, md, mqvpn_nl_dump_paths);
}

/**
 * mqvpn_nl_path_get_dumpit() - path-get
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_path_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	return mqvpn_nl_dump_device(msg, cb, mqvpn_nl_dump_paths_of);
}
