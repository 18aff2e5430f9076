// SPDX-License-Identifier: GPL-2.0
/* Netlink: device-get, device-set. */

#include "netlink.h"

const struct nla_policy mqvpn_nl_ifindex_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy mqvpn_nl_device_nest[MQVPN_A_DEVICE_MAX + 1] = {
	[MQVPN_A_DEVICE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = 15 },
};

const struct nla_policy mqvpn_nl_device_set_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_DEVICE] = NLA_POLICY_NESTED(mqvpn_nl_device_nest),
};

static int mqvpn_nl_put_counters(struct sk_buff *msg,
				 const struct mqvpn_dev *md)
{
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(msg, MQVPN_A_DEVICE_COUNTERS);
	if (!nest)
		return -EMSGSIZE;
	for (i = MQVPN_A_COUNTERS_PAD + 1; i <= MQVPN_A_COUNTERS_MAX; i++)
		if (nla_put_u64_64bit(msg, i, mqvpn_counter_sum(md, i),
				      MQVPN_A_COUNTERS_PAD))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_put_device(struct sk_buff *msg, const struct mqvpn_dev *md)
{
	struct nlattr *nest;
	struct mqvpn_sock *s;
	u32 sockets = 0;

	list_for_each_entry(s, &md->sockets, list)
		sockets++;
	nest = nla_nest_start(msg, MQVPN_A_DEVICE);
	if (!nest ||
	    nla_put_string(msg, MQVPN_A_DEVICE_SCHEDULER, md->sched->name) ||
	    mqvpn_nl_put_counters(msg, md) ||
	    nla_put_u32(msg, MQVPN_A_DEVICE_CONNECTIONS, md->nconns) ||
	    nla_put_u32(msg, MQVPN_A_DEVICE_SOCKETS, sockets) ||
	    nla_put_u32(msg, MQVPN_A_DEVICE_PREFIXES, md->prefixes.count) ||
	    (!rcu_access_pointer(md->transport) &&
	     nla_put_flag(msg, MQVPN_A_DEVICE_NO_TRANSPORT)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int mqvpn_nl_fill_device(struct sk_buff *msg,
				struct netlink_callback *cb, u32 portid,
				u32 seq, struct mqvpn_dev *md)
{
	const struct mqvpn_owner *owner;
	void *hdr;

	hdr = mqvpn_nl_put_header(msg, cb, portid, seq, MQVPN_CMD_DEVICE_GET,
				  md, NULL);
	if (!hdr)
		return -EMSGSIZE;
	owner = rcu_dereference_protected(md->owner,
					  lockdep_is_held(&md->lock));
	if (mqvpn_nl_put_device(msg, md) ||
	    (owner && mqvpn_nl_put_owner(msg, owner))) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * mqvpn_nl_device_get_doit() - device-get
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mqvpn_dev *md;
	struct sk_buff *msg;
	int err;

	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	err = msg ? mqvpn_nl_fill_device(msg, NULL, info->snd_portid,
					 info->snd_seq, md) : -ENOMEM;
	mqvpn_nl_end(md);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * mqvpn_nl_device_get_dumpit() - device-get of all devices of the netns
 * @msg: where to
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, or a negative error.
 */
int mqvpn_nl_device_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct mqvpn_nl_dump *at = (void *)cb->ctx;
	struct net *net = sock_net(msg->sk);
	unsigned long index = 0;
	struct net_device *dev;
	int err;

	err = mqvpn_nl_not_in_dump(cb, MQVPN_A_IFINDEX);
	if (err)
		return err;
	rtnl_lock();
	cb->seq = READ_ONCE(net->dev_base_seq);
	for_each_netdev(net, dev) {
		struct mqvpn_dev *md = netdev_priv(dev);

		if (!mqvpn_is_mqvpn(dev) || index++ < at->index)
			continue;
		mutex_lock(&md->lock);
		err = mqvpn_nl_fill_device(msg, cb, NETLINK_CB(cb->skb).portid,
					   cb->nlh->nlmsg_seq, md);
		mutex_unlock(&md->lock);
		if (err)
			break;
		at->index = index;
	}
	rtnl_unlock();
	return msg->len;
}

static int mqvpn_nl_device_set(struct mqvpn_dev *md, struct nlattr *name,
			       struct netlink_ext_ack *extack)
{
	const struct mqvpn_sched_ops *sched;

	if (!name)
		return 0;
	sched = mqvpn_sched_find(nla_data(name));
	if (!sched) {
		NL_SET_ERR_MSG_ATTR(extack, name, "mqvpn: no such scheduler");
		return -ENOENT;
	}
	md->sched = sched;
	md->generation++;
	return 0;
}

/**
 * mqvpn_nl_device_set_doit() - device-set
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_DEVICE_MAX + 1];
	struct mqvpn_dev *md;
	int err;

	err = mqvpn_nl_nest(tb, MQVPN_A_DEVICE_MAX, MQVPN_A_DEVICE,
			    mqvpn_nl_device_nest, info);
	if (err)
		return err;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	err = mqvpn_nl_device_set(md, tb[MQVPN_A_DEVICE_SCHEDULER],
				  info->extack);
	mqvpn_nl_end(md);
	return err;
}
