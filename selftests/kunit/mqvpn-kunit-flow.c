// SPDX-License-Identifier: GPL-2.0
/* Flow keys of real packets. The tests include what they test, because the
 * module exports nothing.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/skbuff.h>

#include "../../kmod/flow.c"

#define FRAME_MAX	256

/* A packet under construction. */
struct packet {
	u8 data[FRAME_MAX];
	unsigned int len;
};

static struct iphdr *put_ipv4(struct packet *packet, u8 proto)
{
	struct iphdr *ip = (struct iphdr *)packet->data;

	memset(packet, 0, sizeof(*packet));
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = proto;
	ip->saddr = htonl(0x0a000001);
	ip->daddr = htonl(0x0a000002);
	packet->len = sizeof(*ip);
	return ip;
}

static struct ipv6hdr *put_ipv6(struct packet *packet, u8 proto)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)packet->data;

	memset(packet, 0, sizeof(*packet));
	ip6->version = 6;
	ip6->nexthdr = proto;
	ip6->hop_limit = 64;
	ip6->saddr.s6_addr[0] = 0xfd;
	ip6->daddr.s6_addr[0] = 0xfd;
	ip6->daddr.s6_addr[15] = 2;
	packet->len = sizeof(*ip6);
	return ip6;
}

static void put_ports(struct packet *packet, u16 source, u16 dest)
{
	__be16 *ports = (__be16 *)(packet->data + packet->len);

	ports[0] = htons(source);
	ports[1] = htons(dest);
	packet->len += 20;
}

static void put_echo(struct packet *packet, u8 type, u16 id, u16 sequence)
{
	struct icmphdr *icmp = (struct icmphdr *)(packet->data + packet->len);

	icmp->type = type;
	icmp->un.echo.id = htons(id);
	icmp->un.echo.sequence = htons(sequence);
	packet->len += sizeof(*icmp);
}

/* An IPv6 extension header of 8 * (1 + @more) bytes */
static void put_option(struct packet *packet, u8 next, u8 more)
{
	packet->data[packet->len] = next;
	packet->data[packet->len + 1] = more;
	packet->len += 8 * (1 + more);
}

static void put_fragment(struct packet *packet, u8 next, u16 offset, u32 id)
{
	struct frag_hdr *frag = (struct frag_hdr *)(packet->data + packet->len);

	frag->nexthdr = next;
	frag->frag_off = htons(offset);
	frag->identification = htonl(id);
	packet->len += sizeof(*frag);
}

/* An skb whose head holds nothing of the packet that it held before: reads
 * beyond its data find @poison.
 */
static struct sk_buff *poisoned_skb(struct kunit *test, u8 poison)
{
	struct sk_buff *skb = alloc_skb(FRAME_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	memset(skb->data, poison, FRAME_MAX);
	return skb;
}

static u32 hash_linear(struct kunit *test, const struct packet *packet)
{
	struct sk_buff *skb = poisoned_skb(test, 0xa5);
	u32 hash;

	skb_put_data(skb, packet->data, packet->len);
	hash = mqvpn_flow_hash(skb);
	kfree_skb(skb);
	return hash;
}

/* The same with only @linear bytes in the skb's head. */
static u32 hash_paged(struct kunit *test, const struct packet *packet,
		      unsigned int linear)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct sk_buff *skb = poisoned_skb(test, 0x5a);
	unsigned int rest = packet->len - linear;
	u32 hash;

	KUNIT_ASSERT_NOT_NULL(test, page);
	skb_put_data(skb, packet->data, linear);
	memcpy(page_address(page) + 100, packet->data + linear, rest);
	skb_add_rx_frag(skb, 0, page, 100, rest, PAGE_SIZE);
	hash = mqvpn_flow_hash(skb);
	kfree_skb(skb);
	return hash;
}

static u32 hash_v4(struct kunit *test, u8 proto, u16 source, u16 dest)
{
	struct packet packet;

	put_ipv4(&packet, proto);
	put_ports(&packet, source, dest);
	return hash_linear(test, &packet);
}

static u32 hash_v6(struct kunit *test, u8 proto, u16 source, u16 dest)
{
	struct packet packet;

	put_ipv6(&packet, proto);
	put_ports(&packet, source, dest);
	return hash_linear(test, &packet);
}

static u32 hash_echo(struct kunit *test, bool v6, u8 type, u16 id, u16 seq)
{
	struct packet packet;

	if (v6)
		put_ipv6(&packet, IPPROTO_ICMPV6);
	else
		put_ipv4(&packet, IPPROTO_ICMP);
	put_echo(&packet, type, id, seq);
	return hash_linear(test, &packet);
}

static const u8 with_ports[] = {
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE,
};

static void flow_test_ports(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(with_ports); i++) {
		u8 proto = with_ports[i];
		u32 v4 = hash_v4(test, proto, 1000, 80);
		u32 v6 = hash_v6(test, proto, 1000, 80);

		KUNIT_EXPECT_EQ(test, v4, hash_v4(test, proto, 1000, 80));
		KUNIT_EXPECT_NE(test, v4, hash_v4(test, proto, 1001, 80));
		KUNIT_EXPECT_NE(test, v4, hash_v4(test, proto, 1000, 81));
		KUNIT_EXPECT_EQ(test, v6, hash_v6(test, proto, 1000, 80));
		KUNIT_EXPECT_NE(test, v6, hash_v6(test, proto, 1001, 80));
		KUNIT_EXPECT_NE(test, v6, hash_v6(test, proto, 1000, 81));
		KUNIT_EXPECT_NE(test, v4, v6);
	}
}

static void flow_test_protocol(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, hash_v4(test, IPPROTO_TCP, 1, 2),
			hash_v4(test, IPPROTO_UDP, 1, 2));
	KUNIT_EXPECT_NE(test, hash_v6(test, IPPROTO_TCP, 1, 2),
			hash_v6(test, IPPROTO_UDP, 1, 2));

	/* what has no ports has no bytes of its payload in the key */
	KUNIT_EXPECT_EQ(test, hash_v4(test, IPPROTO_ESP, 1, 2),
			hash_v4(test, IPPROTO_ESP, 3, 4));
	KUNIT_EXPECT_EQ(test, hash_v6(test, IPPROTO_ESP, 1, 2),
			hash_v6(test, IPPROTO_ESP, 3, 4));
}

/* Every bit of both addresses counts, and nothing else of the header. */
static void flow_test_addresses(struct kunit *test)
{
	u32 v4 = hash_v4(test, IPPROTO_TCP, 1, 2);
	u32 v6 = hash_v6(test, IPPROTO_TCP, 1, 2);
	struct packet packet;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		struct iphdr *ip = put_ipv4(&packet, IPPROTO_TCP);

		put_ports(&packet, 1, 2);
		((u8 *)&ip->saddr)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_NE(test, v4, hash_linear(test, &packet));
	}
	for (bit = 0; bit < 256; bit++) {
		struct ipv6hdr *ip6 = put_ipv6(&packet, IPPROTO_TCP);

		put_ports(&packet, 1, 2);
		((u8 *)&ip6->saddr)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_NE(test, v6, hash_linear(test, &packet));
	}
}

static void flow_test_header_fields(struct kunit *test)
{
	struct packet packet;
	struct ipv6hdr *ip6;
	struct iphdr *ip;

	ip = put_ipv4(&packet, IPPROTO_TCP);
	put_ports(&packet, 1, 2);
	ip->tos = 0xb8;
	ip->ttl = 3;
	ip->id = htons(77);
	ip->frag_off = htons(IP_DF);
	ip->check = (__force __sum16)htons(0x1234);
	packet.data[packet.len - 4] = 0x55;
	KUNIT_EXPECT_EQ(test, hash_linear(test, &packet),
			hash_v4(test, IPPROTO_TCP, 1, 2));

	ip6 = put_ipv6(&packet, IPPROTO_TCP);
	put_ports(&packet, 1, 2);
	ip6->hop_limit = 3;
	ip6->priority = 5;
	ip6->flow_lbl[2] = 9;
	packet.data[packet.len - 4] = 0x55;
	KUNIT_EXPECT_EQ(test, hash_linear(test, &packet),
			hash_v6(test, IPPROTO_TCP, 1, 2));
}

static void flow_test_ipv4_options(struct kunit *test)
{
	struct packet packet;
	struct iphdr *ip;

	ip = put_ipv4(&packet, IPPROTO_UDP);
	ip->ihl = 15;
	packet.len = 60;
	put_ports(&packet, 7, 8);
	KUNIT_EXPECT_EQ(test, hash_linear(test, &packet),
			hash_v4(test, IPPROTO_UDP, 7, 8));
}

static void flow_test_echo(struct kunit *test)
{
	static const u8 types[2][2] = {
		{ ICMP_ECHO, ICMP_ECHOREPLY },
		{ ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY },
	};
	unsigned int v6, i;

	for (v6 = 0; v6 < 2; v6++)
		for (i = 0; i < 2; i++) {
			u8 type = types[v6][i];
			u32 hash = hash_echo(test, v6, type, 5, 1);

			KUNIT_EXPECT_EQ(test, hash,
					hash_echo(test, v6, type, 5, 2));
			KUNIT_EXPECT_NE(test, hash,
					hash_echo(test, v6, type, 6, 1));
		}

	/* in other messages the identifier is none */
	KUNIT_EXPECT_EQ(test, hash_echo(test, false, ICMP_DEST_UNREACH, 5, 1),
			hash_echo(test, false, ICMP_DEST_UNREACH, 6, 1));
	KUNIT_EXPECT_EQ(test, hash_echo(test, true, ICMPV6_PKT_TOOBIG, 5, 1),
			hash_echo(test, true, ICMPV6_PKT_TOOBIG, 6, 1));
}

static u32 hash_v4_fragment(struct kunit *test, u16 frag_off, u16 id, u16 port)
{
	struct packet packet;
	struct iphdr *ip = put_ipv4(&packet, IPPROTO_UDP);

	ip->frag_off = htons(frag_off);
	ip->id = htons(id);
	put_ports(&packet, port, port);
	return hash_linear(test, &packet);
}

static void flow_test_ipv4_fragments(struct kunit *test)
{
	u32 first = hash_v4_fragment(test, IP_MF, 99, 1);

	KUNIT_EXPECT_EQ(test, first, hash_v4_fragment(test, IP_MF, 99, 2));
	KUNIT_EXPECT_EQ(test, first,
			hash_v4_fragment(test, IP_MF | 185, 99, 3));
	KUNIT_EXPECT_EQ(test, first, hash_v4_fragment(test, 370, 99, 4));
	KUNIT_EXPECT_NE(test, first, hash_v4_fragment(test, IP_MF, 98, 1));
}

static u32 hash_v6_fragment(struct kunit *test, u8 next, u16 offset, u32 id,
			    u16 port)
{
	struct packet packet;

	put_ipv6(&packet, NEXTHDR_FRAGMENT);
	put_fragment(&packet, next, offset, id);
	put_ports(&packet, port, port);
	return hash_linear(test, &packet);
}

static void flow_test_ipv6_fragments(struct kunit *test)
{
	u32 first = hash_v6_fragment(test, IPPROTO_UDP, IP6_MF, 1 << 20, 1);
	struct packet packet;

	KUNIT_EXPECT_EQ(test, first, hash_v6_fragment(test, IPPROTO_UDP,
						      1480, 1 << 20, 2));
	KUNIT_EXPECT_EQ(test, first, hash_v6_fragment(test, IPPROTO_NONE,
						      1480, 1 << 20, 2));
	KUNIT_EXPECT_NE(test, first, hash_v6_fragment(test, IPPROTO_UDP,
						      IP6_MF, 1 << 21, 1));

	/* what comes before the fragment header is in all of them */
	put_ipv6(&packet, NEXTHDR_HOP);
	put_option(&packet, NEXTHDR_FRAGMENT, 1);
	put_fragment(&packet, IPPROTO_UDP, IP6_MF, 1 << 20);
	put_ports(&packet, 5, 5);
	KUNIT_EXPECT_EQ(test, first, hash_linear(test, &packet));
}

static u32 hash_v6_chain(struct kunit *test, unsigned int headers, u16 port)
{
	static const u8 type[] = { NEXTHDR_HOP, NEXTHDR_ROUTING, NEXTHDR_DEST };
	struct packet packet;
	unsigned int i;

	put_ipv6(&packet, type[0]);
	for (i = 1; i < headers; i++)
		put_option(&packet, type[i % 3], i % 3);
	put_option(&packet, IPPROTO_TCP, 0);
	put_ports(&packet, port, port);
	return hash_linear(test, &packet);
}

static void flow_test_ipv6_extensions(struct kunit *test)
{
	u32 plain = hash_v6(test, IPPROTO_TCP, 9, 9);
	unsigned int headers;

	for (headers = 1; headers <= FLOW_EXT_HEADERS_MAX; headers++)
		KUNIT_EXPECT_EQ(test, plain, hash_v6_chain(test, headers, 9));

	/* beyond the limit ports are not looked for, whatever they are */
	KUNIT_EXPECT_EQ(test, hash_v6_chain(test, headers, 9),
			hash_v6_chain(test, headers, 10));
	KUNIT_EXPECT_NE(test, plain, hash_v6_chain(test, headers, 9));
}

/* Packets of all shapes, for the tests that cut and scatter them. */
static void make_packet(struct packet *packet, unsigned int shape)
{
	switch (shape) {
	case 0:
		put_ipv4(packet, IPPROTO_TCP);
		break;
	case 1:
		put_ipv4(packet, IPPROTO_ICMP);
		put_echo(packet, ICMP_ECHO, 5, 1);
		return;
	case 2:
		put_ipv4(packet, IPPROTO_UDP)->frag_off = htons(IP_MF);
		break;
	case 3:
		put_ipv4(packet, IPPROTO_UDP)->ihl = 15;
		packet->len = 60;
		break;
	case 4:
		put_ipv6(packet, IPPROTO_UDP);
		break;
	case 5:
		put_ipv6(packet, IPPROTO_ICMPV6);
		put_echo(packet, ICMPV6_ECHO_REPLY, 5, 1);
		return;
	case 6:
		put_ipv6(packet, NEXTHDR_HOP);
		put_option(packet, NEXTHDR_DEST, 2);
		put_option(packet, NEXTHDR_FRAGMENT, 0);
		put_fragment(packet, IPPROTO_UDP, IP6_MF, 1234);
		break;
	default:
		put_ipv6(packet, NEXTHDR_ROUTING);
		put_option(packet, NEXTHDR_DEST, 1);
		put_option(packet, IPPROTO_TCP, 3);
		break;
	}
	put_ports(packet, 1000, 2000);
}

#define SHAPES	8

/* A packet that ends anywhere has a key, and nothing beyond it counts. */
static void flow_test_truncated(struct kunit *test)
{
	struct packet packet;
	unsigned int shape;
	u32 hash;
	int len;

	for (shape = 0; shape < SHAPES; shape++) {
		make_packet(&packet, shape);
		for (len = packet.len; len >= 0; len--) {
			packet.len = len;
			hash = hash_linear(test, &packet);
			KUNIT_EXPECT_NE(test, hash, 0);
			KUNIT_EXPECT_EQ(test, hash,
					hash_paged(test, &packet, len / 2));
		}
	}
}

static void flow_test_paged(struct kunit *test)
{
	struct packet packet;
	unsigned int shape, linear;
	u32 hash;

	for (shape = 0; shape < SHAPES; shape++) {
		make_packet(&packet, shape);
		hash = hash_linear(test, &packet);
		for (linear = 0; linear < packet.len; linear++)
			KUNIT_EXPECT_EQ(test, hash,
					hash_paged(test, &packet, linear));
	}
}

static void flow_test_not_ip(struct kunit *test)
{
	struct packet packet = { .len = 40 };
	u32 hash = hash_linear(test, &packet);

	packet.data[30] = 1;
	KUNIT_EXPECT_EQ(test, hash, hash_linear(test, &packet));
	packet.data[0] = 0x50;
	KUNIT_EXPECT_EQ(test, hash, hash_linear(test, &packet));
	packet.len = 0;
	KUNIT_EXPECT_EQ(test, hash, hash_linear(test, &packet));
	KUNIT_EXPECT_NE(test, hash, 0);
}

/* Connections that differ by a port spread over the sets of a table. */
static void flow_test_spread(struct kunit *test)
{
	unsigned int port, most = 0;
	u8 count[256] = {};

	for (port = 0; port < 2048; port++) {
		u8 *set = &count[hash_v4(test, IPPROTO_TCP, port, 443) & 255];

		most = max_t(unsigned int, most, ++*set);
	}

	/* 8 expected in each; 32 in one of them has odds of about 1e-8 */
	KUNIT_EXPECT_LT(test, most, 32);
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE(flow_test_ports),
	KUNIT_CASE(flow_test_protocol),
	KUNIT_CASE(flow_test_addresses),
	KUNIT_CASE(flow_test_header_fields),
	KUNIT_CASE(flow_test_ipv4_options),
	KUNIT_CASE(flow_test_echo),
	KUNIT_CASE(flow_test_ipv4_fragments),
	KUNIT_CASE(flow_test_ipv6_fragments),
	KUNIT_CASE(flow_test_ipv6_extensions),
	KUNIT_CASE(flow_test_truncated),
	KUNIT_CASE(flow_test_paged),
	KUNIT_CASE(flow_test_not_ip),
	KUNIT_CASE(flow_test_spread),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "mqvpn-flow",
	.test_cases = flow_cases,
};

kunit_test_suite(flow_suite);

MODULE_DESCRIPTION("KUnit tests of mqvpn");
MODULE_LICENSE("GPL");
