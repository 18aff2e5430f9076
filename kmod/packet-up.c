// SPDX-License-Identifier: GPL-2.0
/*
 * Packets up: what the receive path cannot use goes to the owner, if it may be
 * of use there, and as long as it is not too much. Nothing is allocated for
 * what does not go there.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/inet_ecn.h>
#include <net/ipv6.h>

#include "compat.h"
#include "conn.h"
#include "gate.h"
#include "netlink.h"
#include "owner.h"
#include "packet.h"
#include "reset.h"
#include "rx.h"
#include "stranger.h"

static const struct {
	u32 rate; /* a second */
	u32 burst;
} mqvpn_up_limits[MQVPN_UP_KINDS] = {
	[MQVPN_UP_KNOWN] = { MQVPN_UP_KNOWN_RATE, MQVPN_UP_KNOWN_BURST },
	[MQVPN_UP_STRANGER] = { MQVPN_UP_STRANGER_RATE,
				MQVPN_UP_STRANGER_BURST },
	[MQVPN_UP_VERSION] = { MQVPN_UP_FEW_RATE, MQVPN_UP_FEW_BURST },
	[MQVPN_UP_LOST] = { MQVPN_UP_FEW_RATE, MQVPN_UP_FEW_BURST },
	[MQVPN_UP_ERROR] = { MQVPN_UP_FEW_RATE, MQVPN_UP_FEW_BURST },
};

static bool mqvpn_up_take(struct mqvpn_dev *md, enum mqvpn_up_kind kind,
			  unsigned int bytes)
{
	return mqvpn_bucket_take(&md->up.buckets[kind], ktime_get_ns(),
				 mqvpn_up_limits[kind].rate,
				 mqvpn_up_limits[kind].burst,
				 1 + bytes / MQVPN_UP_UNIT);
}

static void mqvpn_via_read4(struct mqvpn_via *via, const struct iphdr *iph,
			    __be16 port)
{
	via->remote.v4.sin_family = AF_INET;
	via->remote.v4.sin_addr.s_addr = iph->saddr;
	via->remote.v4.sin_port = port;
	via->local.v4.sin_family = AF_INET;
	via->local.v4.sin_addr.s_addr = iph->daddr;
	via->ecn = iph->tos & INET_ECN_MASK;
}

static void mqvpn_via_read6(struct mqvpn_via *via, const struct ipv6hdr *ip6h,
			    __be16 port)
{
	via->remote.v6.sin6_family = AF_INET6;
	via->remote.v6.sin6_addr = ip6h->saddr;
	via->remote.v6.sin6_port = port;
	via->remote.v6.sin6_scope_id = ipv6_iface_scope_id(&ip6h->saddr,
							   via->ifindex);
	via->local.v6.sin6_family = AF_INET6;
	via->local.v6.sin6_addr = ip6h->daddr;
	via->ecn = ipv6_get_dsfield(ip6h) & INET_ECN_MASK;
}

/**
 * mqvpn_via_read() - read where a datagram came from
 * @via: result
 * @skb: UDP payload, behind its headers
 *
 * What came by IPv4 is IPv4, whatever the socket is.
 *
 * Context: any.
 */
void mqvpn_via_read(struct mqvpn_via *via, const struct sk_buff *skb)
{
	memset(via, 0, sizeof(*via));
	via->ifindex = skb->skb_iif;
	if (skb->protocol == htons(ETH_P_IP))
		mqvpn_via_read4(via, ip_hdr(skb), udp_hdr(skb)->source);
	else
		mqvpn_via_read6(via, ipv6_hdr(skb), udp_hdr(skb)->source);
}

/* Not what came to all, nor from port 0, where no answer arrives. */
static bool mqvpn_up_answerable(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && udp_hdr(skb)->source;
}

static unsigned int mqvpn_up_long(const struct mqvpn_sock *s,
				  const struct sk_buff *skb,
				  enum mqvpn_up_kind *kind)
{
	unsigned int len = min_t(unsigned int, skb->len, MQVPN_GATE_BYTES);
	struct mqvpn_long_header header;
	u8 buf[MQVPN_GATE_BYTES];
	unsigned int why;
	const u8 *data;

	data = skb_header_pointer(skb, 0, len, buf);
	if (!data)
		return MQVPN_A_COUNTERS_RX_MALFORMED;
	why = mqvpn_gate(data, len, skb->len, s->listening, &header);
	if (why)
		return why;
	if (header.version != MQVPN_VERSION_1 && header.version)
		*kind = MQVPN_UP_VERSION;
	else if (header.dcid_len != MQVPN_CID_LEN ||
		 !mqvpn_cid_lookup(s->md, header.dcid))
		*kind = MQVPN_UP_STRANGER;
	return 0;
}

/* Return: 0 if it is for the owner, and then as what; or a counter. */
static unsigned int mqvpn_up_sort(const struct mqvpn_sock *s,
				  const struct sk_buff *skb, unsigned int why,
				  enum mqvpn_up_kind *kind)
{
	*kind = MQVPN_UP_KNOWN;
	switch (why) {
	case MQVPN_A_COUNTERS_RX_LONG_HEADER:
		why = mqvpn_up_long(s, skb, kind);
		break;
	case MQVPN_A_COUNTERS_RX_UNKNOWN_CID:
		*kind = MQVPN_UP_LOST;
		why = 0;
		break;
	case MQVPN_A_COUNTERS_RX_NO_PATH:
	case MQVPN_A_COUNTERS_RX_NO_KEY:
		why = 0;
		break;
	}
	if (!why && !mqvpn_up_answerable(skb))
		why = MQVPN_A_COUNTERS_RX_MALFORMED;
	return why;
}

/* Return: 0 if it is the owner's from now on, or a counter. */
static unsigned int mqvpn_up_send(struct mqvpn_sock *s, struct sk_buff *skb,
				  unsigned int nobody)
{
	struct mqvpn_dev *md = s->md;
	struct mqvpn_via via;
	struct sk_buff *msg;

	mqvpn_via_read(&via, skb);
	msg = mqvpn_nl_packet_up(s, &via, skb);
	if (!msg)
		return MQVPN_A_COUNTERS_RX_NO_MEMORY;
	/* before the owner can answer */
	if (s->listening)
		mqvpn_stranger_received(&md->strangers, s->id, &via.remote,
					skb->len);
	/* a full socket is counted there */
	return mqvpn_owner_send(md, MQVPN_OWNER_PACKETS, msg) == -ENOTCONN ?
	       nobody : 0;
}

static unsigned int mqvpn_packet_up(struct mqvpn_sock *s, struct sk_buff *skb,
				    unsigned int nobody)
{
	enum mqvpn_up_kind kind;
	unsigned int why;

	why = mqvpn_up_sort(s, skb, nobody, &kind);
	if (why)
		return why;
	if (skb->len > MQVPN_PACKET_MAX ||
	    !mqvpn_up_take(s->md, kind, skb->len))
		return MQVPN_A_COUNTERS_RX_UP_LIMIT;
	return mqvpn_up_send(s, skb, nobody);
}

/**
 * mqvpn_packet_unusable() - a datagram came that the receive path cannot use
 * @s: socket it came to
 * @skb: UDP payload; consumed
 * @why: counter of the reason
 *
 * Context: bottom halves disabled, RCU read lock held.
 */
void mqvpn_packet_unusable(struct mqvpn_sock *s, struct sk_buff *skb,
			   unsigned int why)
{
	if (mqvpn_reset_take(s->md, skb))
		why = MQVPN_A_COUNTERS_RX_RESET;
	else if (mqvpn_owner_is_there(s->md))
		why = mqvpn_packet_up(s, skb, why);
	if (why)
		mqvpn_rx_drop(s->md, skb, why);
	else
		consume_skb(skb);
}

/* The other way round: what came back is what we sent. */
static void mqvpn_via_read_sent(struct mqvpn_via *via,
				const struct sk_buff *skb, unsigned int payload)
{
	const struct udphdr *uh = (void *)skb->data + payload - sizeof(*uh);
	int ifindex = skb->skb_iif;

	memset(via, 0, sizeof(*via));
	via->ifindex = ifindex;
	if (skb->protocol == htons(ETH_P_IP))
		mqvpn_via_read4(via, (const void *)skb->data, uh->dest);
	else
		mqvpn_via_read6(via, (const void *)skb->data, uh->dest);
	swap(via->remote, via->local);
	/* the port went along, and so would the scope */
	via->remote.v4.sin_port = uh->dest;
	via->local.v4.sin_port = 0;
	if (via->remote.family != AF_INET6)
		return;
	via->local.v6.sin6_scope_id = 0;
	via->remote.v6.sin6_scope_id =
		ipv6_iface_scope_id(&via->remote.v6.sin6_addr, ifindex);
}

/**
 * mqvpn_packet_error() - an ICMP error came back
 * @s: socket that the datagram left from
 * @skb: begins with the IP header of the datagram, as the error quotes it
 * @err: positive errno
 * @payload: offset of the UDP payload
 *
 * A short header is none of the owner's; its path finds out by itself.
 *
 * Context: bottom halves disabled, RCU read lock held.
 */
void mqvpn_packet_error(struct mqvpn_sock *s, const struct sk_buff *skb,
			int err, unsigned int payload)
{
	struct mqvpn_dev *md = s->md;
	struct mqvpn_via via;
	struct sk_buff *msg;
	const u8 *first;
	u8 buf;

	first = skb_header_pointer(skb, payload, sizeof(buf), &buf);
	if (!err || (first && !(*first & MQVPN_HDR_FORM_LONG)) ||
	    !mqvpn_owner_is_there(md))
		return;
	if (!mqvpn_up_take(md, MQVPN_UP_ERROR, 0)) {
		mqvpn_count(md, MQVPN_A_COUNTERS_OWNER_ERRORS_LIMIT);
		return;
	}
	mqvpn_via_read_sent(&via, skb, payload);
	msg = mqvpn_nl_packet_error(s, &via, err);
	if (msg)
		mqvpn_owner_send(md, MQVPN_OWNER_PACKETS, msg);
}
