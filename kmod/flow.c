// SPDX-License-Identifier: GPL-2.0
/*
 * Flow key of an inner packet: addresses, protocol and ports, hashed with a
 * secret, so that nobody who only chooses packets can make flows collide.
 */
#include <linux/cache.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "flow.h"

#define FLOW_EXT_HEADERS_MAX	8

/**
 * struct flow_key - what makes a flow; hashed up to the end of its addresses
 * @id: both ports, or the identifier of an ICMP echo or of a fragmented packet
 * @proto: protocol
 * @addr: source and destination
 */
struct flow_key {
	__be32 id;
	u32 proto;
	__be32 addr[8];
} __aligned(HSIPHASH_ALIGNMENT);

static void flow_ports(const struct sk_buff *skb, int offset,
		       struct flow_key *key)
{
	const __be32 *ports;
	__be32 buf;

	ports = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (ports)
		key->id = *ports;
}

/* ICMPv6 has the identifier at the same place. */
static void flow_echo(const struct sk_buff *skb, int offset, u8 request,
		      u8 reply, struct flow_key *key)
{
	const struct icmphdr *icmp;
	struct icmphdr buf;

	icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (icmp && (icmp->type == request || icmp->type == reply))
		key->id = (__force __be32)icmp->un.echo.id;
}

static void flow_transport(const struct sk_buff *skb, int offset,
			   struct flow_key *key)
{
	switch (key->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		flow_ports(skb, offset, key);
		break;
	case IPPROTO_ICMP:
		flow_echo(skb, offset, ICMP_ECHO, ICMP_ECHOREPLY, key);
		break;
	case IPPROTO_ICMPV6:
		flow_echo(skb, offset, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY,
			  key);
		break;
	}
}

/* Only the first fragment has ports. So none is asked for them, and all go by
 * what the receiver reassembles them by: the fragments of a packet share a path
 * and do not wait for each other.
 */
static size_t flow_ipv4(const struct sk_buff *skb, struct flow_key *key)
{
	const struct iphdr *ip;
	struct iphdr buf;

	ip = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!ip)
		return 0;
	memcpy(key->addr, &ip->addrs, sizeof(ip->addrs));
	key->proto = ip->protocol;
	if (ip_is_fragment(ip))
		key->id = (__force __be32)ip->id;
	else
		flow_transport(skb, ip->ihl * 4, key);
	return sizeof(ip->addrs);
}

/* RFC 8200 section 4.5: fragments of one packet may differ in the protocol that
 * they name, so that of the fragment header stands for it.
 */
static void flow_ipv6_fragment(const struct sk_buff *skb, int offset,
			       struct flow_key *key)
{
	const struct frag_hdr *frag;
	struct frag_hdr buf;

	frag = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (frag)
		key->id = frag->identification;
}

/* Walk to the transport header. What hides behind more headers than anyone
 * needs, or behind a broken one, is a flow by its addresses alone.
 */
static void flow_ipv6_payload(const struct sk_buff *skb, struct flow_key *key)
{
	int offset = sizeof(struct ipv6hdr);
	const struct ipv6_opt_hdr *opt;
	struct ipv6_opt_hdr buf;
	unsigned int i;

	for (i = 0; i <= FLOW_EXT_HEADERS_MAX; i++) {
		switch (key->proto) {
		case NEXTHDR_HOP:
		case NEXTHDR_ROUTING:
		case NEXTHDR_DEST:
			break;
		case NEXTHDR_FRAGMENT:
			flow_ipv6_fragment(skb, offset, key);
			return;
		default:
			flow_transport(skb, offset, key);
			return;
		}
		opt = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!opt)
			return;
		key->proto = opt->nexthdr;
		offset += ipv6_optlen(opt);
	}
}

static size_t flow_ipv6(const struct sk_buff *skb, struct flow_key *key)
{
	const struct ipv6hdr *ip6;
	struct ipv6hdr buf;

	ip6 = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!ip6)
		return 0;
	memcpy(key->addr, &ip6->addrs, sizeof(ip6->addrs));
	key->proto = ip6->nexthdr;
	flow_ipv6_payload(skb, key);
	return sizeof(ip6->addrs);
}

/**
 * mqvpn_flow_hash() - flow key of an inner packet
 * @skb: the packet, its data beginning with the IP header; only read, and only
 *	copied from where it is not linear
 *
 * Fragments are a flow by their addresses, protocol and identification. The
 * two directions of a connection have different keys. Packets that are not IP
 * or end within the IP header all have the same.
 *
 * Context: any.
 * Return: the hash, never 0. It does not outlive the boot, and nobody outside
 * may see it: that is what the fast hash asks for.
 */
u32 mqvpn_flow_hash(const struct sk_buff *skb)
{
	static hsiphash_key_t secret __read_mostly;
	struct flow_key key = {};
	const u8 *first;
	size_t len = 0;
	u32 hash;
	u8 buf;

	first = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (first && *first >> 4 == 4)
		len = flow_ipv4(skb, &key);
	else if (first && *first >> 4 == 6)
		len = flow_ipv6(skb, &key);

	net_get_random_once(&secret, sizeof(secret));
	len += offsetof(struct flow_key, addr);
	hash = hsiphash(&key, len, &secret);
	return hash ?: 1;
}
