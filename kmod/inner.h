/* SPDX-License-Identifier: GPL-2.0 */
/* Inner packets: what both directions ask of them. */
#ifndef MQVPN_INNER_H
#define MQVPN_INNER_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>

/**
 * mqvpn_inner_is_group() - tell whether a packet goes to more than one host
 * @skb: packet with skb->protocol set and its IP header in the linear part
 *
 * A broadcast address of a subnet is known only to who has its route.
 *
 * Context: any.
 * Return: true if it does.
 */
static inline bool mqvpn_inner_is_group(const struct sk_buff *skb)
{
	__be32 daddr;

	if (skb->protocol != htons(ETH_P_IP))
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	daddr = ip_hdr(skb)->daddr;
	return ipv4_is_multicast(daddr) || ipv4_is_lbcast(daddr);
}

#endif
