// SPDX-License-Identifier: GPL-2.0
/* Netlink: prefix-new, prefix-del, prefix-get. */

#include "netlink.h"

static const struct nla_policy mqvpn_nl_prefix_nest[MQVPN_A_PREFIX_MAX + 1] = {
	[MQVPN_A_PREFIX_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_PREFIX_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy mqvpn_nl_prefix_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PREFIX] = NLA_POLICY_NESTED(mqvpn_nl_prefix_nest),
};

static int mqvpn_nl_put_prefix(struct sk_buff *msg,
			       const struct mqvpn_prefix_key *key)
{
	struct in6_addr ipv6;
	struct nlattr *nest;

	memcpy(&ipv6, key->addr, sizeof(ipv6));
	nest = nla_nest_start(msg, MQVPN_A_PREFIX);
	if (!nest ||
	    (key->family == AF_INET &&
	     nla_put_in_addr(msg, MQVPN_A_PREFIX_IPV4, key->addr[0])) ||
	    (key->family == AF_INET6 &&
	     nla_put_in6_addr(msg, MQVPN_A_PREFIX_IPV6, &ipv6)) ||
	    nla_put_u8(msg, MQVPN_A_PREFIX_LENGTH, key->len))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_read_prefix_addr(struct nlattr **tb,
				     struct mqvpn_prefix_key *key,
				     struct netlink_ext_ack *extack)
{
	if (!tb[MQVPN_A_PREFIX_IPV4] == !tb[MQVPN_A_PREFIX_IPV6]) {
		NL_SET_ERR_MSG_MOD(extack,
				   "prefix needs an address of one family");
		return -EINVAL;
	}
	if (tb[MQVPN_A_PREFIX_IPV4]) {
		key->family = AF_INET;
		key->addr[0] = nla_get_in_addr(tb[MQVPN_A_PREFIX_IPV4]);
	} else {
		key->family = AF_INET6;
		nla_memcpy(key->addr, tb[MQVPN_A_PREFIX_IPV6],
			   sizeof(key->addr));
	}
	return 0;
}

static bool mqvpn_nl_host_bits(const struct mqvpn_prefix_key *key)
{
	unsigned int words = key->family == AF_INET ? 1 : 4, i;

	for (i = 0; i < words; i++) {
		int bits = clamp((int)key->len - (int)i * 32, 0, 32);
		u32 mask = bits ? ~0U << (32 - bits) : 0;

		if (ntohl(key->addr[i]) & ~mask)
			return true;
	}
	return false;
}

static int mqvpn_nl_read_prefix(struct genl_info *info,
				struct mqvpn_prefix_key *key)
{
	struct nlattr *tb[MQVPN_A_PREFIX_MAX + 1];
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_PREFIX_MAX, MQVPN_A_PREFIX,
			    mqvpn_nl_prefix_nest, info) ?:
	      mqvpn_nl_require(tb, info->attrs[MQVPN_A_PREFIX],
			       MQVPN_A_PREFIX_LENGTH,
			       "mqvpn: length of the prefix is missing",
			       info->extack) ?:
	      mqvpn_nl_read_prefix_addr(tb, key, info->extack);
	if (err)
		return err;
	key->len = nla_get_u8(tb[MQVPN_A_PREFIX_LENGTH]);
	if (key->family == AF_INET && key->len > 32) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[MQVPN_A_PREFIX_LENGTH],
				    "mqvpn: IPv4 prefix is longer than 32 bits");
		return -ERANGE;
	}
	if (mqvpn_nl_host_bits(key)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[MQVPN_A_PREFIX_LENGTH],
				    "mqvpn: address has bits set beyond the prefix");
		return -EINVAL;
	}
	return 0;
}

static int mqvpn_nl_prefix_add(struct mqvpn_conn *conn,
			       const struct mqvpn_prefix_key *key,
			       struct netlink_ext_ack *extack)
{
	int err = mqvpn_prefix_add(&conn->md->prefixes, conn, key);

	if (err == -ENOSPC)
		NL_SET_ERR_MSG_MOD(extack, "too many prefixes");
	return err;
}

static int mqvpn_nl_prefix_del(struct mqvpn_conn *conn,
			       const struct mqvpn_prefix_key *key,
			       struct netlink_ext_ack *extack)
{
	int err = mqvpn_prefix_del(&conn->md->prefixes, conn, key);

	if (err == -ENOENT)
		NL_SET_ERR_MSG_MOD(extack, "connection has no such prefix");
	return err;
}

static int mqvpn_nl_prefix_doit(struct genl_info *info,
				int (*doit)(struct mqvpn_conn *conn,
					    const struct mqvpn_prefix_key *key,
					    struct netlink_ext_ack *extack))
{
	struct mqvpn_prefix_key key = {};
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_read_prefix(info, &key);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	err = IS_ERR(conn) ? PTR_ERR(conn) : doit(conn, &key, info->extack);
	if (!err)
		md->generation++;
	mqvpn_nl_end(md);
	return err;
}

/**
 * mqvpn_nl_prefix_new_doit() - prefix-new
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_prefix_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_prefix_doit(info, mqvpn_nl_prefix_add);
}

/**
 * mqvpn_nl_prefix_del_doit() - prefix-del
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_prefix_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mqvpn_nl_prefix_doit(info, mqvpn_nl_prefix_del);
}

static int mqvpn_nl_fill_prefix(struct sk_buff *msg,
				struct netlink_callback *cb,
				struct mqvpn_conn *conn,
				const struct mqvpn_prefix *p)
{
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, MQVPN_CMD_PREFIX_GET,
				  conn->md, conn);
	if (!hdr)
		return -EMSGSIZE;
	if (mqvpn_nl_put_prefix(msg, &p->key)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

static int mqvpn_nl_dump_prefixes(struct sk_buff *msg,
				  struct netlink_callback *cb,
				  struct mqvpn_conn *conn)
{
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	unsigned long index = 0;
	struct mqvpn_prefix *p;

	list_for_each_entry(p, &conn->prefixes, list) {
		if (index++ < at->index)
			continue;
		if (mqvpn_nl_fill_prefix(msg, cb, conn, p))
			return -EMSGSIZE;
		at->index = index;
	}
	return 0;
}

static int mqvpn_nl_dump_prefixes_of(struct sk_buff *msg,
				     struct netlink_callback *cb,
				     struct mqvpn_dev *md)
{
	return mqvpn_nl_dump_conns(msg, cb, md, mqvpn_nl_dump_prefixes);
}

/**
 * mqvpn_nl_prefix_get_dumpit() - prefix-get
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_prefix_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	return mqvpn_nl_dump_device(msg, cb, mqvpn_nl_dump_prefixes_of);
}
