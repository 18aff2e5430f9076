// SPDX-License-Identifier: GPL-2.0
/* Netlink: key-set. */

#include "netlink.h"

static const struct nla_policy mqvpn_nl_key_nest[MQVPN_A_KEY_MAX + 1] = {
	[MQVPN_A_KEY_DIRECTION] = NLA_POLICY_MAX(NLA_U32, MQVPN_DIRECTION_RX),
	[MQVPN_A_KEY_AEAD] = NLA_POLICY_RANGE(NLA_U32, MQVPN_AEAD_AES_128_GCM,
					      MQVPN_AEAD_CHACHA20_POLY1305),
	[MQVPN_A_KEY_SECRET] = { .type = NLA_BINARY, .len = MQVPN_SECRET_MAX },
};

const struct nla_policy mqvpn_nl_key_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_CONN_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_KEY] = NLA_POLICY_NESTED(mqvpn_nl_key_nest),
};

static int mqvpn_nl_read_key(struct genl_info *info, struct nlattr **tb)
{
	struct nlattr *nest = info->attrs[MQVPN_A_KEY];

	return mqvpn_nl_nest(tb, MQVPN_A_KEY_MAX, MQVPN_A_KEY,
			     mqvpn_nl_key_nest, info) ?:
	       mqvpn_nl_require(tb, nest, MQVPN_A_KEY_DIRECTION,
				"mqvpn: direction of the key is missing",
				info->extack) ?:
	       mqvpn_nl_require(tb, nest, MQVPN_A_KEY_AEAD,
				"mqvpn: AEAD of the key is missing",
				info->extack) ?:
	       mqvpn_nl_require(tb, nest, MQVPN_A_KEY_SECRET,
				"mqvpn: traffic secret is missing",
				info->extack);
}

static int mqvpn_nl_key_set(struct nlattr **tb, struct genl_info *info)
{
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	struct mqvpn_key *key;

	key = mqvpn_key_new(nla_get_u32(tb[MQVPN_A_KEY_AEAD]),
			    nla_data(tb[MQVPN_A_KEY_SECRET]),
			    nla_len(tb[MQVPN_A_KEY_SECRET]), info->extack);
	if (IS_ERR(key))
		return PTR_ERR(key);
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md)) {
		mqvpn_key_put(key);
		return PTR_ERR(md);
	}
	conn = mqvpn_nl_conn(md, info);
	if (IS_ERR(conn)) {
		mqvpn_key_put(key);
	} else {
		mqvpn_conn_set_key(conn,
				   nla_get_u32(tb[MQVPN_A_KEY_DIRECTION]), key);
		md->generation++;
	}
	mqvpn_nl_end(md);
	return PTR_ERR_OR_ZERO(conn);
}

/**
 * mqvpn_nl_key_set_doit() - key-set
 * @skb: the command
 * @info: the command, parsed
 *
 * The secret is wiped from the message, which the socket layer would free as
 * it is.
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_key_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_KEY_MAX + 1] = {};
	int err;

	err = mqvpn_nl_read_key(info, tb);
	if (!err)
		err = mqvpn_nl_key_set(tb, info);
	if (tb[MQVPN_A_KEY_SECRET])
		memzero_explicit(nla_data(tb[MQVPN_A_KEY_SECRET]),
				 nla_len(tb[MQVPN_A_KEY_SECRET]));
	return err;
}
