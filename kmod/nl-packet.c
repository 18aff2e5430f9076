// SPDX-License-Identifier: GPL-2.0
/* Netlink: packet-up, packet-tx, packet-rx and packet-error-ntf. */

#include "netlink.h"
#include "packet.h"
#include "rx.h"

static const struct nla_policy mqvpn_nl_packet_nest[MQVPN_A_PACKET_MAX + 1] = {
	[MQVPN_A_PACKET_SOCKET] = { .type = NLA_U32 },
	[MQVPN_A_PACKET_REMOTE_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_PACKET_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_PACKET_REMOTE_SCOPE_ID] = { .type = NLA_U32 },
	[MQVPN_A_PACKET_REMOTE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[MQVPN_A_PACKET_LOCAL_IPV4] = { .type = NLA_U32 },
	[MQVPN_A_PACKET_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[MQVPN_A_PACKET_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PACKET_ECN] = NLA_POLICY_MAX(NLA_U8, 3),
	[MQVPN_A_PACKET_DATA] = NLA_POLICY_RANGE(NLA_BINARY, 1,
						 MQVPN_PACKET_MAX),
	[MQVPN_A_PACKET_VALIDATED] = { .type = NLA_FLAG },
};

const struct nla_policy mqvpn_nl_packet_policy[MQVPN_A_MAX + 1] = {
	[MQVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[MQVPN_A_PACKET] = NLA_POLICY_NESTED(mqvpn_nl_packet_nest),
};

static const struct mqvpn_nl_addr_attrs mqvpn_nl_packet_remote = {
	.ipv4 = MQVPN_A_PACKET_REMOTE_IPV4,
	.ipv6 = MQVPN_A_PACKET_REMOTE_IPV6,
	.port = MQVPN_A_PACKET_REMOTE_PORT,
	.scope = MQVPN_A_PACKET_REMOTE_SCOPE_ID,
};

static const struct mqvpn_nl_addr_attrs mqvpn_nl_packet_local = {
	.ipv4 = MQVPN_A_PACKET_LOCAL_IPV4,
	.ipv6 = MQVPN_A_PACKET_LOCAL_IPV6,
};

/* Up */

/* Device, nest, socket, addresses, ECN, and alignment of each */
#define MQVPN_NL_PACKET_ROOM	128

static int mqvpn_nl_put_via(struct sk_buff *msg, const struct mqvpn_sock *s,
			    const struct mqvpn_via *via)
{
	return nla_put_u32(msg, MQVPN_A_PACKET_SOCKET, s->id) ||
	       mqvpn_nl_put_addr(msg, &mqvpn_nl_packet_remote, &via->remote) ||
	       mqvpn_nl_put_addr(msg, &mqvpn_nl_packet_local, &via->local) ||
	       (via->ifindex &&
		nla_put_u32(msg, MQVPN_A_PACKET_IFINDEX, via->ifindex));
}

static int mqvpn_nl_put_datagram(struct sk_buff *msg, const struct sk_buff *skb)
{
	struct nlattr *attr;

	attr = nla_reserve(msg, MQVPN_A_PACKET_DATA, skb->len);
	if (!attr)
		return -EMSGSIZE;
	return skb_copy_bits(skb, 0, nla_data(attr), skb->len);
}

/**
 * mqvpn_nl_packet_up() - write a datagram for the owner
 * @s: socket it came to
 * @via: where it came from
 * @skb: the datagram
 *
 * Context: any.
 * Return: the message, or NULL.
 */
struct sk_buff *mqvpn_nl_packet_up(const struct mqvpn_sock *s,
				   const struct mqvpn_via *via,
				   const struct sk_buff *skb)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(MQVPN_NL_PACKET_ROOM + skb->len,
			  GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return NULL;
	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0, MQVPN_CMD_PACKET_UP, s->md,
				  NULL);
	nest = hdr ? nla_nest_start(msg, MQVPN_A_PACKET) : NULL;
	if (!nest || mqvpn_nl_put_via(msg, s, via) ||
	    nla_put_u8(msg, MQVPN_A_PACKET_ECN, via->ecn) ||
	    mqvpn_nl_put_datagram(msg, skb)) {
		nlmsg_free(msg);
		return NULL;
	}
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return msg;
}

/**
 * mqvpn_nl_packet_error() - write an ICMP error for the owner
 * @s: socket that the datagram left from
 * @via: where it went to
 * @err: positive errno
 *
 * Context: any.
 * Return: the message, or NULL.
 */
struct sk_buff *mqvpn_nl_packet_error(const struct mqvpn_sock *s,
				      const struct mqvpn_via *via, int err)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(MQVPN_NL_PACKET_ROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return NULL;
	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0, MQVPN_CMD_PACKET_ERROR_NTF,
				  s->md, NULL);
	nest = hdr ? nla_nest_start(msg, MQVPN_A_PACKET) : NULL;
	if (!nest || mqvpn_nl_put_via(msg, s, via) ||
	    nla_put_u32(msg, MQVPN_A_PACKET_ERROR, err)) {
		nlmsg_free(msg);
		return NULL;
	}
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return msg;
}

/* Down */

static bool mqvpn_nl_one_host(const union mqvpn_addr *addr)
{
	if (addr->family == AF_INET)
		return addr->v4.sin_addr.s_addr &&
		       !ipv4_is_multicast(addr->v4.sin_addr.s_addr) &&
		       !ipv4_is_lbcast(addr->v4.sin_addr.s_addr);
	return addr->family == AF_INET6 &&
	       !ipv6_addr_any(&addr->v6.sin6_addr) &&
	       !ipv6_addr_is_multicast(&addr->v6.sin6_addr);
}

static int mqvpn_nl_check_remote(struct nlattr **tb, struct nlattr *nest,
				 const union mqvpn_addr *remote,
				 struct netlink_ext_ack *extack)
{
	if (!mqvpn_nl_one_host(remote)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "mqvpn: remote address is missing, or is that of many");
		return -EINVAL;
	}
	if (remote->family == AF_INET && tb[MQVPN_A_PACKET_REMOTE_SCOPE_ID]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[MQVPN_A_PACKET_REMOTE_SCOPE_ID],
				    "mqvpn: only an IPv6 address has a scope");
		return -EINVAL;
	}
	return 0;
}

static int mqvpn_nl_read_via(struct genl_info *info, struct nlattr **tb,
			     struct mqvpn_via *via)
{
	struct nlattr *nest = info->attrs[MQVPN_A_PACKET];
	int err;

	memset(via, 0, sizeof(*via));
	err = mqvpn_nl_nest(tb, MQVPN_A_PACKET_MAX, MQVPN_A_PACKET,
			    mqvpn_nl_packet_nest, info) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_PACKET_SOCKET,
			       "mqvpn: number of the socket is missing",
			       info->extack) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_PACKET_REMOTE_PORT,
			       "mqvpn: remote port is missing", info->extack) ?:
	      mqvpn_nl_require(tb, nest, MQVPN_A_PACKET_DATA,
			       "mqvpn: datagram is missing", info->extack) ?:
	      mqvpn_nl_get_addr(tb, &mqvpn_nl_packet_remote, &via->remote,
				info->extack) ?:
	      mqvpn_nl_get_addr(tb, &mqvpn_nl_packet_local, &via->local,
				info->extack) ?:
	      mqvpn_nl_check_remote(tb, nest, &via->remote, info->extack);
	if (err)
		return err;
	if (tb[MQVPN_A_PACKET_IFINDEX])
		via->ifindex = nla_get_u32(tb[MQVPN_A_PACKET_IFINDEX]);
	if (tb[MQVPN_A_PACKET_ECN])
		via->ecn = nla_get_u8(tb[MQVPN_A_PACKET_ECN]);
	return 0;
}

static struct mqvpn_sock *mqvpn_nl_packet_socket(struct mqvpn_dev *md,
						 struct sk_buff *skb,
						 struct nlattr *id,
						 struct netlink_ext_ack *extack)
{
	int err = mqvpn_nl_transport(md, skb, extack);
	struct mqvpn_sock *s;

	if (err)
		return ERR_PTR(err);
	s = mqvpn_sock_find(md, nla_get_u32(id));
	if (s)
		return s;
	NL_SET_ERR_MSG_ATTR(extack, id,
			    "mqvpn: no such socket on this device");
	return ERR_PTR(-ENOENT);
}

static int mqvpn_nl_read_datagrams(struct nlattr *nest,
				   struct sk_buff_head *packets)
{
	const struct nlattr *attr;
	struct sk_buff *skb;
	int left;

	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) != MQVPN_A_PACKET_DATA)
			continue;
		skb = mqvpn_packet_new(nla_data(attr), nla_len(attr));
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(packets, skb);
	}
	return 0;
}

/**
 * mqvpn_nl_packet_tx_doit() - packet-tx
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_packet_tx_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_PACKET_MAX + 1];
	struct sk_buff_head packets;
	struct mqvpn_sock *s;
	struct mqvpn_dev *md;
	struct mqvpn_via via;
	int err;

	err = mqvpn_nl_read_via(info, tb, &via);
	if (err)
		return err;
	__skb_queue_head_init(&packets);
	err = mqvpn_nl_read_datagrams(info->attrs[MQVPN_A_PACKET], &packets);
	if (err)
		goto purge;
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md)) {
		err = PTR_ERR(md);
		goto purge;
	}
	s = mqvpn_nl_packet_socket(md, skb, tb[MQVPN_A_PACKET_SOCKET],
				   info->extack);
	err = IS_ERR(s) ? PTR_ERR(s) :
			  mqvpn_packets_send(s, &via,
					     tb[MQVPN_A_PACKET_VALIDATED],
					     &packets, info->extack);
	mqvpn_nl_end(md);
purge:
	__skb_queue_purge(&packets);
	return err;
}

/* Back into the receive path */

/* What is wrong with any packet is counted; what is only too early, is told. */
static int mqvpn_nl_rx_error(unsigned int why, struct netlink_ext_ack *extack)
{
	switch (why) {
	case MQVPN_A_COUNTERS_RX_LONG_HEADER:
	case MQVPN_A_COUNTERS_RX_MALFORMED:
		NL_SET_ERR_MSG_MOD(extack, "not a packet with a short header");
		return -EINVAL;
	case MQVPN_A_COUNTERS_RX_UNKNOWN_CID:
		NL_SET_ERR_MSG_MOD(extack,
				   "connection ID is not in use on this device");
		return -ENOENT;
	case MQVPN_A_COUNTERS_RX_NO_PATH:
		NL_SET_ERR_MSG_MOD(extack,
				   "the path of the connection ID is not open");
		return -EAGAIN;
	case MQVPN_A_COUNTERS_RX_NO_KEY:
		NL_SET_ERR_MSG_MOD(extack, "no receive key is installed");
		return -EAGAIN;
	default:
		return 0;
	}
}

static int mqvpn_nl_packet_rx(struct mqvpn_sock *s, struct sk_buff *packet,
			      struct netlink_ext_ack *extack)
{
	unsigned int why;

	local_bh_disable();
	rcu_read_lock();
	why = mqvpn_rx_try(s, packet);
	if (why)
		mqvpn_rx_drop(s->md, packet, why);
	rcu_read_unlock();
	local_bh_enable();
	return mqvpn_nl_rx_error(why, extack);
}

/* What the shared policy lets pass, and only packet-tx has a use for. */
static int mqvpn_nl_check_rx(struct genl_info *info, struct nlattr **tb)
{
	const struct nlattr *attr = tb[MQVPN_A_PACKET_VALIDATED];
	unsigned int count = 0;
	int left;

	if (attr) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "mqvpn: a packet that came validates nothing");
		return -EINVAL;
	}
	nla_for_each_nested(attr, info->attrs[MQVPN_A_PACKET], left) {
		if (nla_type(attr) != MQVPN_A_PACKET_DATA || !count++)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "mqvpn: one packet at a time");
		return -EINVAL;
	}
	return 0;
}

/**
 * mqvpn_nl_packet_rx_doit() - packet-rx
 * @skb: the command
 * @info: the command, parsed
 *
 * Context: process.
 * Return: 0 or a negative error.
 */
int mqvpn_nl_packet_rx_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[MQVPN_A_PACKET_MAX + 1], *data;
	struct sk_buff *packet;
	struct mqvpn_sock *s;
	struct mqvpn_dev *md;
	struct mqvpn_via via;
	int err;

	err = mqvpn_nl_read_via(info, tb, &via) ?: mqvpn_nl_check_rx(info, tb);
	if (err)
		return err;
	data = tb[MQVPN_A_PACKET_DATA];
	md = mqvpn_nl_begin(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(md))
		return PTR_ERR(md);
	s = mqvpn_nl_packet_socket(md, skb, tb[MQVPN_A_PACKET_SOCKET],
				   info->extack);
	err = PTR_ERR_OR_ZERO(s);
	if (!err) {
		packet = mqvpn_packet_rebuild(s, &via, nla_data(data),
					      nla_len(data));
		err = packet ? mqvpn_nl_packet_rx(s, packet, info->extack) :
			       -ENOMEM;
	}
	mqvpn_nl_end(md);
	return err;
}
