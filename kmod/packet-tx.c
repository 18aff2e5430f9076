// SPDX-License-Identifier: GPL-2.0
/*
 * Packets down: datagrams of the owner's to the peer, and back into the receive
 * path. All of a command's datagrams are sent, or none.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "compat.h"
#include "conn.h"
#include "packet.h"
#include "path.h"
#include "stranger.h"

#define MQVPN_PACKET_ROOM \
	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/**
 * mqvpn_packet_new() - make a datagram
 * @data: UDP payload
 * @len: bytes in @data
 *
 * Context: process.
 * Return: the datagram, with room for its headers, or NULL.
 */
struct sk_buff *mqvpn_packet_new(const void *data, unsigned int len)
{
	struct sk_buff *skb;

	skb = alloc_skb(MQVPN_PACKET_ROOM + len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, MQVPN_PACKET_ROOM);
	skb_put_data(skb, data, len);
	return skb;
}

static void mqvpn_packet_push4(struct sk_buff *skb, const struct mqvpn_via *via)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = via->ecn;
	iph->tot_len = htons(skb->len);
	iph->protocol = IPPROTO_UDP;
	iph->saddr = via->remote.v4.sin_addr.s_addr;
	if (via->local.family == AF_INET)
		iph->daddr = via->local.v4.sin_addr.s_addr;
	skb->protocol = htons(ETH_P_IP);
}

static void mqvpn_packet_push6(struct sk_buff *skb, const struct mqvpn_via *via)
{
	unsigned int len = skb->len;
	struct ipv6hdr *ip6h = __skb_push(skb, sizeof(*ip6h));

	memset(ip6h, 0, sizeof(*ip6h));
	ip6_flow_hdr(ip6h, via->ecn, 0);
	ip6h->payload_len = htons(len);
	ip6h->nexthdr = IPPROTO_UDP;
	ip6h->saddr = via->remote.v6.sin6_addr;
	if (via->local.family == AF_INET6)
		ip6h->daddr = via->local.v6.sin6_addr;
	skb->protocol = htons(ETH_P_IPV6);
}

/**
 * mqvpn_packet_rebuild() - make a datagram as if it had just come
 * @s: socket that it came to
 * @via: where it came from
 * @data: UDP payload
 * @len: bytes in @data
 *
 * Context: process, device mutex held.
 * Return: the datagram, behind its headers, or NULL.
 */
struct sk_buff *mqvpn_packet_rebuild(const struct mqvpn_sock *s,
				     const struct mqvpn_via *via,
				     const void *data, unsigned int len)
{
	struct sk_buff *skb;
	struct udphdr *uh;

	skb = mqvpn_packet_new(data, len);
	if (!skb)
		return NULL;
	uh = __skb_push(skb, sizeof(*uh));
	uh->source = via->remote.v4.sin_port;
	uh->dest = s->config.local.v4.sin_port;
	uh->len = htons(skb->len);
	uh->check = 0;
	skb_reset_transport_header(skb);
	if (via->remote.family == AF_INET)
		mqvpn_packet_push4(skb, via);
	else
		mqvpn_packet_push6(skb, via);
	skb_reset_network_header(skb);
	__skb_pull(skb, skb->len - len);
	skb->dev = s->md->dev;
	skb->skb_iif = via->ifindex;
	return skb;
}

/* A connection's packet that somebody else than the kernel has made? */
static bool mqvpn_packet_is_path(const struct mqvpn_path *path,
				 const struct mqvpn_via *via,
				 const struct sk_buff *skb)
{
	return mqvpn_addr_same(&path->config.remote, &via->remote) &&
	       !memcmp(path->dcid, skb->data + 1, path->dcid_len);
}

static bool mqvpn_packet_is_conn(struct mqvpn_conn *conn,
				 const struct mqvpn_via *via,
				 const struct sk_buff *skb)
{
	struct mqvpn_path *path;
	unsigned int slot;

	mqvpn_for_each_path(conn, slot, path)
		if (mqvpn_packet_is_path(path, via, skb))
			return true;
	return false;
}

/*
 * RFC 9000 section 10.3: a stateless reset looks like a packet with a short
 * header. The look at every connection costs time, but resets are few.
 */
static int mqvpn_packet_check_short(struct mqvpn_dev *md,
				    const struct mqvpn_via *via,
				    const struct sk_buff *skb,
				    struct netlink_ext_ack *extack)
{
	struct mqvpn_conn *conn;
	unsigned long id;

	if (skb->len < MQVPN_RESET_MIN ||
	    !(skb->data[0] & MQVPN_HDR_FIXED_BIT)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "neither a long header nor a stateless reset");
		return -EINVAL;
	}
	xa_for_each(&md->conns, id, conn)
		if (mqvpn_packet_is_conn(conn, via, skb)) {
			NL_SET_ERR_MSG_MOD(extack,
					   "short header with the connection ID of an open path");
			return -EINVAL;
		}
	return 0;
}

static int mqvpn_packets_check(struct mqvpn_dev *md,
			       const struct mqvpn_via *via,
			       const struct sk_buff_head *packets,
			       struct netlink_ext_ack *extack)
{
	const struct sk_buff *skb;
	int err = 0;

	skb_queue_walk(packets, skb) {
		if (!(skb->data[0] & MQVPN_HDR_FORM_LONG))
			err = mqvpn_packet_check_short(md, via, skb, extack);
		if (err)
			break;
	}
	return err;
}

/* What the socket is bound to, and what the owner asks for. */
static int mqvpn_packets_fit(const struct mqvpn_sock *s, const struct sock *sk,
			     struct mqvpn_via *via,
			     struct netlink_ext_ack *extack)
{
	const union mqvpn_addr *bound = &s->config.local;
	u16 family = via->remote.family;

	if (via->local.family == AF_UNSPEC)
		via->local = *bound;
	if (!via->ifindex)
		via->ifindex = s->config.ifindex;
	if (s->config.ifindex && s->config.ifindex != via->ifindex) {
		NL_SET_ERR_MSG_MOD(extack,
				   "socket is bound to another underlay device");
		return -EINVAL;
	}
	if ((via->local.family != AF_UNSPEC && via->local.family != family) ||
	    (bound->family != AF_UNSPEC && bound->family != family) ||
	    (family == AF_INET6 && sk->sk_family != AF_INET6)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "socket, local and remote address are of different families");
		return -EAFNOSUPPORT;
	}
	return 0;
}

static struct dst_entry *mqvpn_packets_route(struct sock *sk,
					     struct mqvpn_via *via,
					     struct netlink_ext_ack *extack)
{
	struct dst_entry *dst = mqvpn_udp_lookup(sk, via);
	long err = PTR_ERR_OR_ZERO(dst);

	if (err == -ELOOP)
		NL_SET_ERR_MSG_MOD(extack,
				   "the route to the remote address leads into a tunnel");
	else if (err == -EADDRNOTAVAIL)
		NL_SET_ERR_MSG_MOD(extack, "local address is not on this host");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "no route to the remote address");
	return dst;
}

static int mqvpn_packets_fit_route(const struct sk_buff_head *packets,
				   const struct dst_entry *dst, u16 family,
				   struct netlink_ext_ack *extack)
{
	unsigned int room = dst_mtu(dst), headers = sizeof(struct udphdr);
	const struct sk_buff *skb;

	headers += family == AF_INET ? sizeof(struct iphdr) :
				       sizeof(struct ipv6hdr);
	skb_queue_walk(packets, skb)
		if (headers + skb->len > room) {
			NL_SET_ERR_MSG_MOD(extack,
					   "datagram is longer than the route's MTU");
			return -EMSGSIZE;
		}
	return 0;
}

static int mqvpn_packets_count(const struct mqvpn_sock *s,
			       const struct mqvpn_via *via, bool validated,
			       const struct sk_buff_head *packets,
			       struct netlink_ext_ack *extack)
{
	struct mqvpn_strangers *strangers = &s->md->strangers;
	const struct sk_buff *skb;
	bool may = true;
	u32 bytes = 0;

	/* nobody makes a client send but itself */
	if (!s->listening)
		return 0;
	skb_queue_walk(packets, skb)
		bytes += skb->len;
	local_bh_disable();
	if (validated)
		mqvpn_stranger_validate(strangers, s->id, &via->remote);
	else
		may = mqvpn_stranger_take(strangers, s->id, &via->remote,
					  bytes);
	local_bh_enable();
	if (may)
		return 0;
	NL_SET_ERR_MSG_MOD(extack,
			   "remote address is not validated and may not get more than three times what it sent");
	return -EAGAIN;
}

/**
 * mqvpn_packets_send() - send datagrams of the owner's
 * @s: socket to send from
 * @via: where to; what it leaves open is filled in
 * @validated: the owner has validated the remote address
 * @packets: the datagrams, none of them empty; those that were sent are gone
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -ENOTCONN once the transport netns is gone, -EINVAL for what is
 * the kernel's to send, -EAFNOSUPPORT, -ELOOP, -EADDRNOTAVAIL, -EMSGSIZE,
 * -EAGAIN while the address may not get more, or what the route look-up says,
 * as -ENETUNREACH.
 */
int mqvpn_packets_send(struct mqvpn_sock *s, struct mqvpn_via *via,
		       bool validated, struct sk_buff_head *packets,
		       struct netlink_ext_ack *extack)
{
	struct sock *sk = mqvpn_sock_sk(s);
	struct dst_entry *dst;
	struct sk_buff *skb;
	int err;

	lockdep_assert_held(&s->md->lock);

	if (!sk) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the transport network namespace is gone");
		return -ENOTCONN;
	}
	err = mqvpn_packets_fit(s, sk, via, extack) ?:
	      mqvpn_packets_check(s->md, via, packets, extack);
	if (err)
		return err;
	dst = mqvpn_packets_route(sk, via, extack);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	err = mqvpn_packets_fit_route(packets, dst, via->remote.family,
				      extack) ?:
	      mqvpn_packets_count(s, via, validated, packets, extack);
	while (!err && (skb = __skb_dequeue(packets)))
		mqvpn_udp_emit(sk, via, dst, skb);
	dst_release(dst);
	return err;
}
