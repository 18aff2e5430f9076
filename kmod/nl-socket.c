// SPDX-License-Identifier: GPL-2.0
/* Netlink: socket-new, socket-del, socket-get. */

#include "netlink.h"

static const struct nla_policy mqvpn_nl_socket_nest[MQVPN_A_SOCKET_MAX + 1] = {
	[MQVPN_A_SOCKET_ID] = { .type = NLA_U32 },
	[MQVPN_A_SOCKET_LOCAL_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_SOCKET_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_SOCKET_LOCAL_PORT] = { .type = NLA_U16 },
	[MQVPN_A_SOCKET_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_SOCKET_MARK] = { .type = NLA_U32 },
};

const struct nla_policy mqvpn_nl_socket_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_SOCKET] = NLA_POLICY_NESTED(mqvpn_nl_socket_nest),
};

static const struct mqvpn_nl_addr_attrs mqvpn_nl_socket_local = {
	.ipv4 = MQVPN_A_SOCKET_LOCAL_IPV4,
	.ipv6 = MQVPN_A_SOCKET_LOCAL_IPV6,
	.port = MQVPN_A_SOCKET_LOCAL_PORT,
};

static int mqvpn_nl_put_socket(struct sk_buff *msg, const struct mqvpn_sock *s)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, MQVPN_A_SOCKET);
	if (!nest || nla_put_u32(msg, MQVPN_A_SOCKET_ID, s->id) ||
	    mqvpn_nl_put_addr(msg, &mqvpn_nl_socket_local, &s->config.local) ||
	    (s->config.ifindex &&
	     nla_put_u32(msg, MQVPN_A_SOCKET_IFINDEX, s->config.ifindex)) ||
	    (s->config.mark &&
	     nla_put_u32(msg, MQVPN_A_SOCKET_MARK, s->config.mark)) ||
	    (s->listening && nla_put_flag(msg, MQVPN_A_SOCKET_LISTENING)) ||
	    nla_put_u32(msg, MQVPN_A_SOCKET_USERS, s->users))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_fill_socket(struct sk_buff *msg,
				struct netlink_callback *cb, u32 portid,
				u32 seq, u8 cmd, const struct mqvpn_sock *s)
{
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, portid, seq, cmd, s->md, NULL);
	if (!hdr)
		return -EMSGSIZE;
	if (mqvpn_nl_put_socket(msg, s)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

static int mqvpn_nl_read_socket(struct nlattr **tb,
				struct mqvpn_sock_config *config,
				struct netlink_ext_ack *extack)
{
	if (tb[MQVPN_A_SOCKET_ID]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[MQVPN_A_SOCKET_ID],
				    "mqvpn: the kernel numbers the sockets");
		return -EINVAL;
	}
	if (tb[MQVPN_A_SOCKET_IFINDEX])
		config->ifindex = nla_get_u32(tb[MQVPN_A_SOCKET_IFINDEX]);
	if (tb[MQVPN_A_SOCKET_MARK])
		config->mark = nla_get_u32(tb[MQVPN_A_SOCKET_MARK]);
	return mqvpn_nl_get_addr(tb, &mqvpn_nl_socket_local, &config->local,
				 extack);
}

static int mqvpn_nl_socket_new(struct mqvpn_dev *md, struct sk_buff *skb,
			       const struct mqvpn_sock_config *config,
			       struct sk_buff *msg, struct genl_info *info)
{
	struct mqvpn_sock *s;
	int err;

	err = mqvpn_nl_transport(md, skb, info->extack);
	if (err)
		return err;
	s = mqvpn_sock_new(md, config, true, info->extack);
	if (IS_ERR(s))
		return PTR_ERR(s);
	md->generation++;
	err = mqvpn_nl_fill_socket(msg, NULL, info->snd_portid, info->snd_seq,
				   MQVPN_CMD_SOCKET_NEW, s);
	if (err)
		mqvpn_sock_del(s);
	return err;
}

/**
 * mqvpn_nl_socket_new_doit() - socket-new
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_socket_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_SOCKET_MAX + 1];
	struct mqvpn_sock_config config = {};
	struct mqvpn_dev *md;
	struct sk_buff *msg;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_SOCKET_MAX, MQVPN_A_SOCKET,
			    mqvpn_nl_socket_nest, info) ?:
	      mqvpn_nl_read_socket(tb, &config, info->extack);
	if (err)
		return err;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md)) {
		err = PTR_ERR(md);
	} else {
		err = mqvpn_nl_socket_new(md, skb, &config, msg, info);
		mqvpn_nl_end(md);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int mqvpn_nl_socket_del(struct mqvpn_dev *md, struct sk_buff *skb,
			       struct nlattr *id,
			       struct netlink_ext_ack *extack)
{
	struct mqvpn_sock *s = mqvpn_sock_find(md, nla_get_u32(id));
	int err;

	err = mqvpn_nl_transport(md, skb, extack);
	if (err)
		return err;
	if (!s) {
		NL_SET_ERR_MSG_ATTR(extack, id,
				    "mqvpn: no such socket on this device");
		return -ENOENT;
	}
	if (s->users) {
		NL_SET_ERR_MSG_ATTR(extack, id,
				    "mqvpn: paths use this socket");
		return -EBUSY;
	}
	mqvpn_sock_del(s);
	md->generation++;
	return 0;
}

/**
 * mqvpn_nl_socket_del_doit() - socket-del
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_socket_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_SOCKET_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_SOCKET_MAX, MQVPN_A_SOCKET,
			    mqvpn_nl_socket_nest, info) ?:
	      mqvpn_nl_require(tb, info->attrs[MQVPN_A_SOCKET],
			       MQVPN_A_SOCKET_ID,
			       "mqvpn: number of the socket is missing",
			       info->extack);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_socket_del(md, skb, tb[MQVPN_A_SOCKET_ID], info->extack);
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_dump_sockets(struct sk_buff *msg,
				 struct netlink_callback *cb,
				 struct mqvpn_dev *md)
{
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	struct mqvpn_sock *s;

	list_for_each_entry(s, &md->sockets, list) {
		if (s->id < at->id)
			continue;
		if (mqvpn_nl_fill_socket(msg, cb, NETLINK_CB(cb->skb).portid,
					 cb->nlh->nlmsg_seq,
					 MQVPN_CMD_SOCKET_GET, s))
			return -EMSGSIZE;
		at->id = s->id + 1;
	}
	return 0;
}

/**
 * mqvpn_nl_socket_get_dumpit() - socket-get
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_socket_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	return mqvpn_nl_dump_device(msg, cb, mqvpn_nl_dump_sockets);
}
