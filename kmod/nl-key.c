// SPDX-License-Identifier: GPL-2.0
/* Netlink: key-set, key-update and key-ntf. */

#include "netlink.h"

static struct netlink_range_validation mqvpn_nl_key_limit_range = {
	.min = MQVPN_KEY_LIMIT_MIN,
	.max = U64_MAX,
};

static const struct nla_policy mqvpn_nl_key_nest[MQVPN_A_KEY_MAX + 1] = {
	[MQVPN_A_KEY_DIRECTION] = NLA_POLICY_MAX(NLA_U32, MQVPN_DIRECTION_RX),
	[MQVPN_A_KEY_AEAD] = NLA_POLICY_RANGE(NLA_U32, MQVPN_AEAD_AES_128_GCM,
					      MQVPN_AEAD_CHACHA20_POLY1305),
	[MQVPN_A_KEY_SECRET] = { .type = NLA_BINARY, .len = MQVPN_SECRET_MAX },
	[MQVPN_A_KEY_PACKET_LIMIT] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &mqvpn_nl_key_limit_range),
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

static void mqvpn_nl_limit_key(struct mqvpn_key *key, struct nlattr **tb)
{
	u64 limit;

	if (!tb[MQVPN_A_KEY_PACKET_LIMIT])
		return;
	limit = nla_get_u64(tb[MQVPN_A_KEY_PACKET_LIMIT]);
	if (nla_get_u32(tb[MQVPN_A_KEY_DIRECTION]) == MQVPN_DIRECTION_TX)
		key->seal_max = min(key->seal_max, limit);
	else
		key->fail_max = min(key->fail_max, limit);
}

/* Also those of the next generation. */
static int mqvpn_nl_new_keys(struct nlattr **tb, struct mqvpn_key **key,
			     struct mqvpn_key **next,
			     struct netlink_ext_ack *extack)
{
	*key = mqvpn_key_new(nla_get_u32(tb[MQVPN_A_KEY_AEAD]),
			     nla_data(tb[MQVPN_A_KEY_SECRET]),
			     nla_len(tb[MQVPN_A_KEY_SECRET]), extack);
	if (IS_ERR(*key))
		return PTR_ERR(*key);
	mqvpn_nl_limit_key(*key, tb);
	*next = mqvpn_key_next(*key, extack);
	if (!IS_ERR(*next))
		return 0;
	mqvpn_key_put(*key);
	return PTR_ERR(*next);
}

static int mqvpn_nl_install_keys(u32 direction, struct mqvpn_key *key,
				 struct mqvpn_key *next, struct genl_info *info)
{
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;

	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	if (!IS_ERR(conn)) {
		mqvpn_keys_set(conn, direction, key, next);
		md->generation++;
	}
	mqvpn_nl_end(md);
	return PTR_ERR_OR_ZERO(conn);
}

static int mqvpn_nl_key_set(struct nlattr **tb, struct genl_info *info)
{
	struct mqvpn_key *key, *next;
	int err;

	err = mqvpn_nl_new_keys(tb, &key, &next, info->extack);
	if (err)
		return err;
	err = mqvpn_nl_install_keys(nla_get_u32(tb[MQVPN_A_KEY_DIRECTION]),
				    key, next, info);
	if (err) {
		mqvpn_key_put(key);
		mqvpn_key_put(next);
	}
	return err;
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

/**
 * mqvpn_nl_key_update_doit() - key-update
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_key_update_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mqvpn_conn *conn;
	struct mqvpn_dev *md;
	int err;

	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	conn = mqvpn_nl_conn(md, info);
	err = PTR_ERR_OR_ZERO(conn);
	if (!err)
		err = mqvpn_keys_update(conn, info->extack);
	mqvpn_nl_end(md);
	return err;
}

static int mqvpn_nl_put_key(struct sk_buff *msg, u32 direction, u32 generation,
			    u32 reason)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, MQVPN_A_KEY);
	if (!nest || nla_put_u32(msg, MQVPN_A_KEY_DIRECTION, direction) ||
	    nla_put_u32(msg, MQVPN_A_KEY_GENERATION, generation) ||
	    nla_put_u32(msg, MQVPN_A_KEY_REASON, reason))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * mqvpn_nl_key_event() - tell who listens of the keys of a direction
 * @conn: connection
 * @direction: enum mqvpn_direction
 * @generation: key updates so far
 * @reason: enum mqvpn_reason
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_key_event(struct mqvpn_conn *conn, u32 direction, u32 generation,
			u32 reason)
{
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0, MQVPN_CMD_KEY_NTF, conn->md,
				  conn);
	if (!hdr || mqvpn_nl_put_key(msg, direction, generation, reason)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	mqvpn_nl_multicast(conn->md, msg);
}
