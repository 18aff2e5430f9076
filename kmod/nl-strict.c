// SPDX-License-Identifier: GPL-2.0
/* Netlink: what policies cannot refuse, and how to say that something lacks. */

#include "netlink.h"

/* Nests in a message: an object's, and an end's parameters in it. */
#define MQVPN_NL_DEPTH	2

/* Several datagrams in one packet-tx: the only attribute that may repeat. */
static bool mqvpn_nl_may_repeat(unsigned int nest, unsigned int type)
{
	return nest == MQVPN_A_PACKET && type == MQVPN_A_PACKET_DATA;
}

static int mqvpn_nl_once(const struct nlattr *head, int len, unsigned int nest,
			 unsigned int depth, struct netlink_ext_ack *extack)
{
	DECLARE_BITMAP(seen, 64) = {};
	const struct nlattr *attr;
	int err, left;

	nla_for_each_attr(attr, head, len, left) {
		unsigned int type = nla_type(attr);

		/* no set is as large; policies know all types there are */
		if (type >= 64)
			continue;
		if (__test_and_set_bit(type, seen) &&
		    !mqvpn_nl_may_repeat(nest, type)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "mqvpn: attribute is there twice");
			return -EINVAL;
		}
		if (!(attr->nla_type & NLA_F_NESTED) || !depth)
			continue;
		err = mqvpn_nl_once(nla_data(attr), nla_len(attr), type,
				    depth - 1, extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * mqvpn_nl_strict() - refuse a request that says something twice
 * @nlh: the request; policies have accepted it
 * @extack: for the reason of a refusal
 *
 * The kernel's parser would take the last of several attributes of one type.
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int mqvpn_nl_strict(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	return mqvpn_nl_once(nlmsg_attrdata(nlh, GENL_HDRLEN),
			     nlmsg_attrlen(nlh, GENL_HDRLEN), 0,
			     MQVPN_NL_DEPTH, extack);
}

/**
 * mqvpn_nl_pre_doit() - before every command but dumps
 * @ops: the command's operation
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int mqvpn_nl_pre_doit(const struct mqvpn_genl_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	return mqvpn_nl_strict(info->nlhdr, info->extack);
}

/**
 * mqvpn_nl_not_in_dump() - refuse an attribute that a dump has no use for
 * @cb: the dump
 * @attr: top-level attribute, which the command's policy lets pass
 *
 * A command and its dump share a policy.
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int mqvpn_nl_not_in_dump(struct netlink_callback *cb, unsigned int attr)
{
	struct nlattr **attrs = mqvpn_dump_attrs(cb);

	if (!attrs || !attrs[attr])
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, attrs[attr],
			    "mqvpn: a dump is of all objects, not of one");
	return -EINVAL;
}

/**
 * mqvpn_nl_missing() - say that a top-level attribute is not there
 * @attr: attribute type
 * @text: what to say
 * @extack: where to say it
 *
 * Context: process.
 * Return: -EINVAL.
 */
int mqvpn_nl_missing(unsigned int attr, const char *text,
		     struct netlink_ext_ack *extack)
{
	NL_SET_ERR_ATTR_MISS(extack, NULL, attr);
	if (extack)
		extack->_msg = text;
	return -EINVAL;
}

/**
 * mqvpn_nl_require() - refuse a nest that lacks an attribute
 * @tb: attributes of the nest
 * @nest: the nest
 * @attr: attribute that must be there
 * @text: what to say if it is not
 * @extack: where to say it
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int mqvpn_nl_require(struct nlattr **tb, struct nlattr *nest, unsigned int attr,
		     const char *text, struct netlink_ext_ack *extack)
{
	if (!NL_REQ_ATTR_CHECK(extack, nest, tb, attr))
		return 0;
	if (extack)
		extack->_msg = text;
	return -EINVAL;
}
