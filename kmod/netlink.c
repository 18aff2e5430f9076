// SPDX-License-Identifier: GPL-2.0
/* The genl family, and what all of its commands have in common. */

#include <net/ipv6.h>

#include "netlink.h"

static const struct genl_multicast_group mqvpn_nl_groups[] = {
	{ .name = MQVPN_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

#define MQVPN_NL_DO(_cmd, _doit, _policy) {				\
	.cmd = MQVPN_CMD_##_cmd,					\
	.flags = GENL_UNS_ADMIN_PERM,					\
	.doit = mqvpn_nl_##_doit,					\
	.policy = mqvpn_nl_##_policy,					\
	.maxattr = MQVPN_A_MAX,						\
}

#define MQVPN_NL_DUMP(_cmd, _dumpit, _policy) {				\
	.cmd = MQVPN_CMD_##_cmd,					\
	.flags = GENL_UNS_ADMIN_PERM,					\
	.dumpit = mqvpn_nl_##_dumpit,					\
	.policy = mqvpn_nl_##_policy,					\
	.maxattr = MQVPN_A_MAX,						\
}

/*
 * Each command has a policy of its own, which refuses attributes that make no
 * sense with it. Whom the lists name tells who talks to whom: hence they too
 * need the capability.
 */
static const struct genl_ops mqvpn_nl_ops[] = {
	{
		.cmd = MQVPN_CMD_DEVICE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = mqvpn_nl_device_get_doit,
		.dumpit = mqvpn_nl_device_get_dumpit,
		.policy = mqvpn_nl_ifindex_policy,
		.maxattr = MQVPN_A_MAX,
	},
	MQVPN_NL_DO(DEVICE_SET, device_set_doit, device_set_policy),
	MQVPN_NL_DO(SOCKET_NEW, socket_new_doit, socket_policy),
	MQVPN_NL_DO(SOCKET_DEL, socket_del_doit, socket_policy),
	MQVPN_NL_DUMP(SOCKET_GET, socket_get_dumpit, ifindex_policy),
	MQVPN_NL_DO(CONN_NEW, conn_new_doit, conn_policy),
	MQVPN_NL_DO(CONN_SET, conn_set_doit, conn_policy),
	MQVPN_NL_DO(CONN_DEL, conn_del_doit, conn_id_policy),
	MQVPN_NL_DO(CONN_CLOSE, conn_close_doit, conn_close_policy),
	{
		.cmd = MQVPN_CMD_CONN_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = mqvpn_nl_conn_get_doit,
		.dumpit = mqvpn_nl_conn_get_dumpit,
		.policy = mqvpn_nl_conn_id_policy,
		.maxattr = MQVPN_A_MAX,
	},
	{
		.cmd = MQVPN_CMD_CONN_ADOPT,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = mqvpn_nl_conn_adopt_start,
		.dumpit = mqvpn_nl_conn_adopt_dumpit,
		.policy = mqvpn_nl_conn_id_policy,
		.maxattr = MQVPN_A_MAX,
	},
	MQVPN_NL_DO(FRAMES_ACK, frames_ack_doit, frames_ack_policy),
	MQVPN_NL_DO(FRAME_TX, frame_tx_doit, frame_tx_policy),
	MQVPN_NL_DO(FRAME_CANCEL, frame_cancel_doit, frame_cancel_policy),
	MQVPN_NL_DO(CID_NEW, cid_new_doit, cid_policy),
	MQVPN_NL_DO(CID_DEL, cid_del_doit, cid_policy),
	MQVPN_NL_DUMP(CID_GET, cid_get_dumpit, conn_id_policy),
	MQVPN_NL_DO(KEY_SET, key_set_doit, key_policy),
	MQVPN_NL_DO(KEY_UPDATE, key_update_doit, conn_id_policy),
	MQVPN_NL_DO(PATH_NEW, path_new_doit, path_policy),
	MQVPN_NL_DO(PATH_SET, path_set_doit, path_policy),
	MQVPN_NL_DO(PATH_DEL, path_del_doit, path_policy),
	MQVPN_NL_DUMP(PATH_GET, path_get_dumpit, conn_id_policy),
	MQVPN_NL_DO(PREFIX_NEW, prefix_new_doit, prefix_policy),
	MQVPN_NL_DO(PREFIX_DEL, prefix_del_doit, prefix_policy),
	MQVPN_NL_DUMP(PREFIX_GET, prefix_get_dumpit, ifindex_policy),
	MQVPN_NL_DO(OWNER_SET, owner_set_doit, owner_policy),
	MQVPN_NL_DO(PACKET_TX, packet_tx_doit, packet_policy),
	MQVPN_NL_DO(PACKET_RX, packet_rx_doit, packet_policy),
};

static struct genl_family mqvpn_genl_family __ro_after_init = {
	.name = MQVPN_FAMILY_NAME,
	.version = MQVPN_FAMILY_VERSION,
	.maxattr = MQVPN_A_MAX,
	.netnsok = true,
	.parallel_ops = true,
	.pre_doit = mqvpn_nl_pre_doit,
	.module = THIS_MODULE,
	.ops = mqvpn_nl_ops,
	.n_ops = ARRAY_SIZE(mqvpn_nl_ops),
	.resv_start_op = MQVPN_CMD_MAX + 1,
	.mcgrps = mqvpn_nl_groups,
	.n_mcgrps = ARRAY_SIZE(mqvpn_nl_groups),
};

/**
 * mqvpn_netlink_init() - register the family
 *
 * Context: module init.
 * Return: 0 or a negative error.
 */
int mqvpn_netlink_init(void)
{
	return genl_register_family(&mqvpn_genl_family);
}

/**
 * mqvpn_netlink_exit() - unregister the family
 *
 * Context: module exit.
 */
void mqvpn_netlink_exit(void)
{
	genl_unregister_family(&mqvpn_genl_family);
}

/**
 * mqvpn_nl_begin() - find and lock the device that a command is about
 * @net: netns of the command
 * @attrs: top-level attributes
 * @extack: for the reason of a refusal
 *
 * Context: process; the device's mutex is held on success.
 * Return: the device, to be given to mqvpn_nl_end(), or -EINVAL, -ENODEV,
 * -EOPNOTSUPP for a device that is not ours.
 */
struct mqvpn_dev *mqvpn_nl_begin(struct net *net, struct nlattr **attrs,
				 struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct mqvpn_dev *md;

	if (!attrs || !attrs[MQVPN_A_IFINDEX])
		return ERR_PTR(mqvpn_nl_missing(MQVPN_A_IFINDEX,
						"mqvpn: device is missing",
						extack));
	dev = dev_get_by_index(net, nla_get_u32(attrs[MQVPN_A_IFINDEX]));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[MQVPN_A_IFINDEX],
				    "mqvpn: no such device");
		return ERR_PTR(-ENODEV);
	}
	if (!mqvpn_is_mqvpn(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[MQVPN_A_IFINDEX],
				    "mqvpn: not an mqvpn device");
		dev_put(dev);
		return ERR_PTR(-EOPNOTSUPP);
	}
	md = netdev_priv(dev);
	mutex_lock(&md->lock);
	if (md->dying) {
		NL_SET_ERR_MSG_MOD(extack, "device is being deleted");
		mqvpn_nl_end(md);
		return ERR_PTR(-ENODEV);
	}
	return md;
}

/**
 * mqvpn_nl_end() - let go of a device that mqvpn_nl_begin() found
 * @md: device
 *
 * Context: process, device mutex held, released here.
 */
void mqvpn_nl_end(struct mqvpn_dev *md)
{
	mutex_unlock(&md->lock);
	dev_put(md->dev);
}

/**
 * mqvpn_nl_conn() - find the connection that a command is about
 * @md: device
 * @info: the command
 *
 * Context: process, device mutex held.
 * Return: the connection, or -EINVAL, -ENOENT.
 */
struct mqvpn_conn *mqvpn_nl_conn(struct mqvpn_dev *md, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[MQVPN_A_CONN_ID];
	struct mqvpn_conn *conn;

	if (!attr)
		return ERR_PTR(mqvpn_nl_missing(MQVPN_A_CONN_ID,
						"mqvpn: number of the connection is missing",
						info->extack));
	conn = xa_load(&md->conns, nla_get_u32(attr));
	if (!conn) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "mqvpn: no such connection");
		return ERR_PTR(-ENOENT);
	}
	return conn;
}

/**
 * mqvpn_nl_nest() - take a nest of a command apart
 * @tb: where the attributes go, @max + 1 of them
 * @max: largest attribute type
 * @attr: top-level attribute that holds the nest
 * @policy: for the attributes in it
 * @info: the command
 *
 * Context: process.
 * Return: 0 or -EINVAL and the like.
 */
int mqvpn_nl_nest(struct nlattr **tb, int max, unsigned int attr,
		  const struct nla_policy *policy, struct genl_info *info)
{
	if (!info->attrs[attr])
		return mqvpn_nl_missing(attr,
					"mqvpn: the object's own attributes are missing",
					info->extack);
	return nla_parse_nested(tb, max, info->attrs[attr], policy,
				info->extack);
}

/**
 * mqvpn_nl_transport() - ask whether the caller may reach into the transport
 * @md: device
 * @skb: the caller's message
 * @extack: for the reason of a refusal
 *
 * Who owns the netns of a device need not own the one that its sockets are in.
 *
 * Context: process, device mutex held.
 * Return: 0, also when that netns is gone, or -EPERM.
 */
int mqvpn_nl_transport(struct mqvpn_dev *md, struct sk_buff *skb,
		       struct netlink_ext_ack *extack)
{
	struct net *net;

	net = rcu_dereference_protected(md->transport,
					lockdep_is_held(&md->lock));
	if (net && !netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "needs CAP_NET_ADMIN in the transport network namespace too");
		return -EPERM;
	}
	return 0;
}

static int mqvpn_nl_get_ipv6(struct nlattr *attr, struct sockaddr_in6 *to,
			     struct netlink_ext_ack *extack)
{
	to->sin6_family = AF_INET6;
	to->sin6_addr = nla_get_in6_addr(attr);
	if (!ipv6_addr_v4mapped(&to->sin6_addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "mqvpn: write an IPv4 address as one");
	return -EINVAL;
}

/**
 * mqvpn_nl_get_addr() - read an address and port of a nest
 * @tb: attributes of the nest
 * @attrs: which of them to read
 * @addr: result; AF_UNSPEC with neither address, the port may still be there
 * @extack: for the reason of a refusal
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int mqvpn_nl_get_addr(struct nlattr **tb,
		      const struct mqvpn_nl_addr_attrs *attrs,
		      union mqvpn_addr *addr, struct netlink_ext_ack *extack)
{
	memset(addr, 0, sizeof(*addr));
	if (tb[attrs->ipv4] && tb[attrs->ipv6]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[attrs->ipv6],
				    "mqvpn: address is of both families");
		return -EINVAL;
	}
	if (attrs->port && tb[attrs->port])
		addr->v4.sin_port = nla_get_be16(tb[attrs->port]);
	if (attrs->scope && tb[attrs->scope])
		addr->v6.sin6_scope_id = nla_get_u32(tb[attrs->scope]);
	if (tb[attrs->ipv6])
		return mqvpn_nl_get_ipv6(tb[attrs->ipv6], &addr->v6, extack);
	if (tb[attrs->ipv4]) {
		addr->v4.sin_family = AF_INET;
		addr->v4.sin_addr.s_addr = nla_get_in_addr(tb[attrs->ipv4]);
	}
	return 0;
}

/**
 * mqvpn_nl_put_addr() - write an address and port into a nest
 * @msg: message
 * @attrs: attribute types
 * @addr: the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int mqvpn_nl_put_addr(struct sk_buff *msg,
		      const struct mqvpn_nl_addr_attrs *attrs,
		      const union mqvpn_addr *addr)
{
	if (attrs->port && nla_put_be16(msg, attrs->port, addr->v4.sin_port))
		return -EMSGSIZE;
	if (addr->family == AF_INET)
		return nla_put_in_addr(msg, attrs->ipv4,
				       addr->v4.sin_addr.s_addr);
	if (addr->family != AF_INET6)
		return 0;
	if (attrs->scope && addr->v6.sin6_scope_id &&
	    nla_put_u32(msg, attrs->scope, addr->v6.sin6_scope_id))
		return -EMSGSIZE;
	return nla_put_in6_addr(msg, attrs->ipv6, &addr->v6.sin6_addr);
}

/**
 * mqvpn_nl_put_header() - begin a message about an object
 * @msg: where to
 * @cb: the dump it is part of, or NULL
 * @portid: receiver
 * @seq: sequence number
 * @cmd: MQVPN_CMD_*
 * @md: device
 * @conn: connection, or NULL
 *
 * Context: any.
 * Return: the header, for genlmsg_end() or genlmsg_cancel(), or NULL.
 */
void *mqvpn_nl_put_header(struct sk_buff *msg, struct netlink_callback *cb,
			  u32 portid, u32 seq, u8 cmd,
			  const struct mqvpn_dev *md,
			  const struct mqvpn_conn *conn)
{
	void *hdr;

	hdr = genlmsg_put(msg, portid, seq, &mqvpn_genl_family,
			  cb ? NLM_F_MULTI : 0, cmd);
	if (!hdr)
		return NULL;
	if (cb)
		genl_dump_check_consistent(cb, hdr);
	if (nla_put_u32(msg, MQVPN_A_IFINDEX, md->dev->ifindex) ||
	    (conn && nla_put_u32(msg, MQVPN_A_CONN_ID, conn->id))) {
		genlmsg_cancel(msg, hdr);
		return NULL;
	}
	return hdr;
}

/**
 * mqvpn_nl_multicast() - tell those who listen in the device's netns
 * @md: device
 * @msg: the event; consumed
 *
 * Context: process.
 */
void mqvpn_nl_multicast(const struct mqvpn_dev *md, struct sk_buff *msg)
{
	genlmsg_multicast_netns(&mqvpn_genl_family, dev_net(md->dev), msg, 0, 0,
				GFP_KERNEL);
}

/**
 * mqvpn_nl_dump_device() - dump what belongs to one device
 * @msg: where to
 * @cb: the dump
 * @dump: writes the objects of the device; -EMSGSIZE to be called again
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_dump_device(struct sk_buff *msg, struct netlink_callback *cb,
			 int (*dump)(struct sk_buff *msg,
				     struct netlink_callback *cb,
				     struct mqvpn_dev *md))
{
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_strict(cb->nlh, cb->extack);
	if (err)
		return err;
	md = mqvpn_nl_begin(sock_net(msg->sk), mqvpn_dump_attrs(cb),
			    cb->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	cb->seq = md->generation;
	err = dump(msg, cb, md);
	mqvpn_nl_end(md);
	return err && err != -EMSGSIZE ? err : msg->len;
}

/**
 * mqvpn_nl_dump_conns() - dump one or all connections of a device
 * @msg: where to
 * @cb: the dump; one connection if it names one
 * @md: device
 * @dump: writes a connection; -EMSGSIZE to be called again for it, with
 *	mqvpn_nl_dump.index as it left it
 *
 * Context: process, device mutex held.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_dump_conns(struct sk_buff *msg, struct netlink_callback *cb,
			struct mqvpn_dev *md,
			int (*dump)(struct sk_buff *msg,
				    struct netlink_callback *cb,
				    struct mqvpn_conn *conn))
{
	struct nlattr *only = mqvpn_dump_attrs(cb)[MQVPN_A_CONN_ID];
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	unsigned long id, last = ULONG_MAX;
	struct mqvpn_conn *conn;
	int err;

	if (only) {
		last = nla_get_u32(only);
		at->id = max(at->id, last);
	}
	xa_for_each_range(&md->conns, id, conn, at->id, last) {
		if (id != at->id)
			at->index = 0;
		at->id = id;
		err = dump(msg, cb, conn);
		if (err)
			return err;
		at->id = id + 1;
		at->index = 0;
	}
	return 0;
}
