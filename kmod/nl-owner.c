// SPDX-License-Identifier: GPL-2.0
/* Netlink: owner-set and owner-ntf. */

#include "netlink.h"
#include "owner.h"

static const struct nla_policy mqvpn_nl_owner_nest[MQVPN_A_OWNER_MAX + 1] = {
	[MQVPN_A_OWNER_FRAMES_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_OWNER_PACKETS_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_OWNER_EVENTS_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_OWNER_TAKEOVER] = { .type = NLA_FLAG },
};

const struct nla_policy mqvpn_nl_owner_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_OWNER] = NLA_POLICY_NESTED(mqvpn_nl_owner_nest),
};

static const u8 mqvpn_nl_owner_ports[MQVPN_OWNER_PORTS] = {
	[MQVPN_OWNER_FRAMES] = MQVPN_A_OWNER_FRAMES_PORT,
	[MQVPN_OWNER_PACKETS] = MQVPN_A_OWNER_PACKETS_PORT,
	[MQVPN_OWNER_EVENTS] = MQVPN_A_OWNER_EVENTS_PORT,
};

/**
 * mqvpn_nl_put_owner() - write who owns a device
 * @msg: message
 * @owner: the owner, NULL for none, which is an empty nest
 *
 * Context: process, device mutex held.
 * Return: 0 or -EMSGSIZE.
 */
int mqvpn_nl_put_owner(struct sk_buff *msg, const struct mqvpn_owner *owner)
{
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(msg, MQVPN_A_OWNER);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; owner && i < MQVPN_OWNER_PORTS; i++)
		if (nla_put_u32(msg, mqvpn_nl_owner_ports[i], owner->ports[i]))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static struct sk_buff *mqvpn_nl_owner_msg(const struct mqvpn_dev *md,
					  const struct mqvpn_owner *owner)
{
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0, MQVPN_CMD_OWNER_NTF, md,
				  NULL);
	if (!hdr || mqvpn_nl_put_owner(msg, owner)) {
		nlmsg_free(msg);
		return NULL;
	}
	genlmsg_end(msg, hdr);
	return msg;
}

/**
 * mqvpn_nl_owner_event() - tell that a device changed hands
 * @md: device
 * @owner: the new owner, or NULL
 * @old: who was it until now, or NULL; is told by a message of its own, since
 *	it need not listen to events
 *
 * Context: process, device mutex held.
 */
void mqvpn_nl_owner_event(struct mqvpn_dev *md, const struct mqvpn_owner *owner,
			  const struct mqvpn_owner *old)
{
	struct sk_buff *msg;

	msg = mqvpn_nl_owner_msg(md, owner);
	if (msg)
		mqvpn_nl_multicast(md, msg);
	if (!old)
		return;
	msg = mqvpn_nl_owner_msg(md, owner);
	if (msg)
		genlmsg_unicast(old->net, msg, old->ports[MQVPN_OWNER_EVENTS]);
}

static int mqvpn_nl_read_owner(struct genl_info *info, struct nlattr **tb,
			       u32 *ports)
{
	struct nlattr *nest = info->attrs[MQVPN_A_OWNER];
	bool own = false;
	unsigned int i;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_OWNER_MAX, MQVPN_A_OWNER,
			    mqvpn_nl_owner_nest, info);
	for (i = 0; !err && i < MQVPN_OWNER_PORTS; i++) {
		err = mqvpn_nl_require(tb, nest, mqvpn_nl_owner_ports[i],
				       "mqvpn: netlink port of the owner is missing",
				       info->extack);
		if (err)
			break;
		ports[i] = nla_get_u32(tb[mqvpn_nl_owner_ports[i]]);
		own |= ports[i] == info->snd_portid;
	}
	if (err || own)
		return err;
	NL_SET_ERR_MSG_ATTR(info->extack, nest,
			    "mqvpn: an owner registers from one of its own sockets");
	return -EINVAL;
}

/**
 * mqvpn_nl_owner_set_doit() - owner-set
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_owner_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_OWNER_MAX + 1];
	u32 ports[MQVPN_OWNER_PORTS];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_read_owner(info, tb, ports);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_transport(md, skb, info->extack) ?:
	      mqvpn_owner_set(md, genl_info_net(info), ports,
			      tb[MQVPN_A_OWNER_TAKEOVER], info->extack);
	mqvpn_nl_end(md);
	return err;
}
