/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions, and no other file knows of any.
 *
 * To add one: write kmod/probes/NAME.c, a few lines that compile only where
 * the newer form of the API is there. Kbuild turns it into MQVPN_HAVE_NAME.
 * Then write here a wrapper with the newer form's meaning and both bodies.
 * Version numbers are not asked: distributions backport in both directions.
 */
#ifndef MQVPN_COMPAT_H
#define MQVPN_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <crypto/aes.h>
#include <crypto/chacha.h>
#include <net/genetlink.h>
#include <net/icmp.h>
#include <net/inet_dscp.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

#include "compat-autoconf.h"

#ifdef MQVPN_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

#ifdef MQVPN_HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/**
 * mqvpn_setup_udp_tunnel_sock() - make a kernel UDP socket a tunnel's
 * @net: the socket's netns
 * @sk: the socket
 * @cfg: its receive hooks
 *
 * Newer kernels take the sock, older ones the socket around it.
 */
static inline void mqvpn_setup_udp_tunnel_sock(struct net *net, struct sock *sk,
					       struct udp_tunnel_sock_cfg *cfg)
{
#ifdef MQVPN_HAVE_SETUP_UDP_TUNNEL_SOCK_SK
	setup_udp_tunnel_sock(net, sk, cfg);
#else
	setup_udp_tunnel_sock(net, sk->sk_socket, cfg);
#endif
}

/**
 * mqvpn_udp_tunnel_sock_release() - shut a tunnel's socket down and free it
 * @sk: the socket
 *
 * Newer kernels take the sock, and the newest no longer wait for readers: so
 * the caller calls synchronize_net() before it frees what the hooks use.
 */
static inline void mqvpn_udp_tunnel_sock_release(struct sock *sk)
{
#ifdef MQVPN_HAVE_UDP_TUNNEL_SOCK_RELEASE_SK
	udp_tunnel_sock_release(sk);
#else
	udp_tunnel_sock_release(sk->sk_socket);
#endif
}

/**
 * mqvpn_udp_tunnel_xmit_skb() - put UDP and IPv4 headers before @skb and send
 * @rt: route; its reference is consumed
 * @sk: the socket it leaves from
 * @skb: UDP payload; consumed
 * @src: source address
 * @dst: destination address
 * @tos: TOS byte
 * @ttl: time to live
 * @df: IP_DF or 0
 * @src_port: source port
 * @dst_port: destination port
 * @xnet: @skb crosses a netns, so scrub it
 * @nocheck: no UDP checksum
 *
 * Newer kernels also take flags for the IP control block; we have none.
 */
static inline void
mqvpn_udp_tunnel_xmit_skb(struct rtable *rt, struct sock *sk,
			  struct sk_buff *skb, __be32 src, __be32 dst, u8 tos,
			  u8 ttl, __be16 df, __be16 src_port, __be16 dst_port,
			  bool xnet, bool nocheck)
{
#ifdef MQVPN_HAVE_UDP_TUNNEL_XMIT_SKB_IPCB
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, src_port,
			    dst_port, xnet, nocheck, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, src_port,
			    dst_port, xnet, nocheck);
#endif
}

/**
 * mqvpn_udp_tunnel6_xmit_skb() - put UDP and IPv6 headers before @skb and send
 * @dst: route; its reference is consumed
 * @sk: the socket it leaves from
 * @skb: UDP payload; consumed
 * @dev: device that the packet is charged to
 * @saddr: source address
 * @daddr: destination address
 * @prio: traffic class
 * @ttl: hop limit
 * @label: flow label
 * @src_port: source port
 * @dst_port: destination port
 * @nocheck: no UDP checksum
 *
 * Newer kernels also take flags for the IPv6 control block; older ones forgot
 * to say that they only read the addresses.
 */
static inline void
mqvpn_udp_tunnel6_xmit_skb(struct dst_entry *dst, struct sock *sk,
			   struct sk_buff *skb, struct net_device *dev,
			   const struct in6_addr *saddr,
			   const struct in6_addr *daddr, u8 prio, u8 ttl,
			   __be32 label, __be16 src_port, __be16 dst_port,
			   bool nocheck)
{
#ifdef MQVPN_HAVE_UDP_TUNNEL6_XMIT_SKB_IP6CB
	udp_tunnel6_xmit_skb(dst, sk, skb, dev, saddr, daddr, prio, ttl, label,
			     src_port, dst_port, nocheck, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, dev, (struct in6_addr *)saddr,
			     (struct in6_addr *)daddr, prio, ttl, label,
			     src_port, dst_port, nocheck);
#endif
}

/**
 * MQVPN_DEFINE_ENCAP_ERR() - define a tunnel's hook for ICMP errors
 * @name: its name
 * @common: void (*)(struct sock *sk, const struct sk_buff *skb, int err,
 *	unsigned int payload)
 *
 * @skb begins with the IP header of the datagram that is quoted, @payload is
 * the offset of what follows its UDP header. Older kernels leave it to the
 * tunnel to make an errno of the error.
 */
#ifdef MQVPN_HAVE_ENCAP_ERR_RCV_ERRNO
#define MQVPN_DEFINE_ENCAP_ERR(name, common)				\
static void name(struct sock *sk, struct sk_buff *skb, int err,		\
		 __be16 port, u32 info, u8 *payload)			\
{									\
	common(sk, skb, err, payload - skb->data);			\
}
#else
static inline int mqvpn_icmp_errno(const struct sk_buff *skb)
{
	const struct icmphdr *icmp = icmp_hdr(skb);
	int err = EHOSTUNREACH;

#if IS_ENABLED(CONFIG_IPV6)
	if (skb->protocol == htons(ETH_P_IPV6)) {
		icmpv6_err_convert(icmp->type, icmp->code, &err);
		return err;
	}
#endif
	if (icmp->type == ICMP_PARAMETERPROB)
		err = EPROTO;
	else if (icmp->type == ICMP_DEST_UNREACH &&
		 icmp->code == ICMP_FRAG_NEEDED)
		err = EMSGSIZE;
	else if (icmp->type == ICMP_DEST_UNREACH &&
		 icmp->code <= NR_ICMP_UNREACH)
		err = icmp_err_convert[icmp->code].errno;
	return err;
}

#define MQVPN_DEFINE_ENCAP_ERR(name, common)				\
static void name(struct sock *sk, struct sk_buff *skb,			\
		 unsigned int udp_offset)				\
{									\
	common(sk, skb, mqvpn_icmp_errno(skb),				\
	       udp_offset + sizeof(struct udphdr));			\
}
#endif

/**
 * MQVPN_DEFINE_NEWLINK() - define the newlink operation of this kernel
 * @name: its name
 * @common: int (*)(struct net *net, struct net_device *dev,
 *	struct nlattr **tb, struct nlattr **data, struct netlink_ext_ack *)
 *
 * Newer kernels hand over the arguments in a structure. @net is the netns that
 * the link shall use for transport.
 */
#ifdef MQVPN_HAVE_RTNL_NEWLINK_PARAMS
#define MQVPN_DEFINE_NEWLINK(name, common)				\
static int name(struct net_device *dev,					\
		struct rtnl_newlink_params *params,			\
		struct netlink_ext_ack *extack)				\
{									\
	return common(rtnl_newlink_link_net(params), dev, params->tb,	\
		      params->data, extack);				\
}
#else
#define MQVPN_DEFINE_NEWLINK(name, common)				\
static int name(struct net *net, struct net_device *dev,		\
		struct nlattr *tb[], struct nlattr *data[],		\
		struct netlink_ext_ack *extack)				\
{									\
	return common(net, dev, tb, data, extack);			\
}
#endif

/**
 * mqvpn_set_lltx() - declare that a device needs no lock around transmission
 * @dev: the device
 *
 * What was a feature bit became a flag of the device.
 */
static inline void mqvpn_set_lltx(struct net_device *dev)
{
#ifdef MQVPN_HAVE_NETDEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/**
 * mqvpn_hrtimer_setup() - initialise a high-resolution timer
 * @timer: the timer
 * @function: what it calls
 * @clock: its clock
 * @mode: absolute or relative, hard or soft, pinned or not
 *
 * Newer kernels set the function with the rest and hide the member.
 */
static inline void
mqvpn_hrtimer_setup(struct hrtimer *timer,
		    enum hrtimer_restart (*function)(struct hrtimer *timer),
		    clockid_t clock, enum hrtimer_mode mode)
{
#ifdef MQVPN_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/*
 * What the completion callback of a crypto request gets: older kernels give it
 * the request, newer ones the data itself.
 */
#ifdef MQVPN_HAVE_CRYPTO_CB_DATA
#define mqvpn_crypto_cb_arg void
#else
#define mqvpn_crypto_cb_arg struct crypto_async_request
#endif

/**
 * mqvpn_crypto_cb_data() - the data given with a crypto request's callback
 * @arg: the callback's first argument
 *
 * Return: the data.
 */
static inline void *mqvpn_crypto_cb_data(mqvpn_crypto_cb_arg *arg)
{
#ifdef MQVPN_HAVE_CRYPTO_CB_DATA
	return arg;
#else
	return arg->data;
#endif
}

/**
 * mqvpn_flowi4_set_dsfield() - route by the DSCP of a TOS byte
 * @fl4: the flow key
 * @dsfield: the TOS byte; its ECN bits do not count
 *
 * The key's member got a type of its own, and with it a new name.
 */
static inline void mqvpn_flowi4_set_dsfield(struct flowi4 *fl4, u8 dsfield)
{
#ifdef MQVPN_HAVE_FLOWI4_DSCP
	fl4->flowi4_dscp = inet_dsfield_to_dscp(dsfield);
#else
	fl4->flowi4_tos = inet_dscp_to_dsfield(inet_dsfield_to_dscp(dsfield));
#endif
}

/* Multicast groups once had the flags of commands, and now have their own. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* What a genl family's pre_doit is told of the command. */
#ifdef MQVPN_HAVE_GENL_PRE_DOIT_SPLIT
#define mqvpn_genl_ops genl_split_ops
#else
#define mqvpn_genl_ops genl_ops
#endif

/**
 * mqvpn_dump_attrs() - top-level attributes of a genl dump request
 * @cb: the dump
 *
 * Newer kernels keep them in the same structure as those of other requests.
 *
 * Return: the attributes by type.
 */
static inline struct nlattr **mqvpn_dump_attrs(struct netlink_callback *cb)
{
#ifdef MQVPN_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return (struct nlattr **)genl_dumpit_info(cb)->attrs;
#endif
}

/**
 * struct mqvpn_aes_key - AES key schedule to encrypt single blocks with
 *
 * Newer kernels have a type without the decryption half, and use the CPU's
 * instructions with it.
 */
struct mqvpn_aes_key {
#ifdef MQVPN_HAVE_AES_ENCKEY
	/* private: */
	struct aes_enckey schedule;
#else
	/* private: */
	struct crypto_aes_ctx schedule;
#endif
};

/**
 * mqvpn_aes_set_key() - expand a key
 * @key: the schedule
 * @raw: the key
 * @len: 16 or 32
 *
 * Return: 0, or -EINVAL for a length that AES does not have.
 */
static inline int mqvpn_aes_set_key(struct mqvpn_aes_key *key, const u8 *raw,
				    unsigned int len)
{
#ifdef MQVPN_HAVE_AES_ENCKEY
	return aes_prepareenckey(&key->schedule, raw, len);
#else
	return aes_expandkey(&key->schedule, raw, len);
#endif
}

/**
 * mqvpn_aes_encrypt() - encrypt one block
 * @key: the schedule
 * @out: result, 16 bytes
 * @in: block, 16 bytes
 *
 * Context: any.
 */
static inline void mqvpn_aes_encrypt(const struct mqvpn_aes_key *key, u8 *out,
				     const u8 *in)
{
	aes_encrypt(&key->schedule, out, in);
}

/**
 * mqvpn_chacha20_block() - one block of ChaCha20's key stream
 * @key: key, little-endian words of 4 bytes
 * @iv: block counter in 4 bytes, little endian, and nonce in 12
 * @out: result, CHACHA_BLOCK_SIZE bytes
 *
 * Newer kernels have a type for the state.
 *
 * Context: any.
 */
static inline void mqvpn_chacha20_block(const u32 key[CHACHA_KEY_SIZE / 4],
					const u8 iv[CHACHA_IV_SIZE], u8 *out)
{
#ifdef MQVPN_HAVE_CHACHA_STATE
	struct chacha_state state;

	chacha_init(&state, key, iv);
	chacha20_block(&state, out);
#else
	u32 state[CHACHA_STATE_WORDS];

	chacha_init_generic(state, key, iv);
	chacha20_block(state, out);
#endif
}

#endif /* MQVPN_COMPAT_H */
