// SPDX-License-Identifier: GPL-2.0
/* UDP sockets: encap_rcv, route cache, transmit. */

#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/dst_cache.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sch_generic.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "compat.h"
#include "conn.h"
#include "drop.h"
#include "packet.h"
#include "path.h"
#include "rx.h"
#include "udp.h"

/* Private, as for every tunnel that UDP itself need not know. */
#define MQVPN_ENCAP_TYPE	100

static int mqvpn_udp_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct mqvpn_sock *s = rcu_dereference_sk_user_data(sk);

	if (unlikely(!s)) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	mqvpn_rx(s, skb);
	return 0;
}

static void mqvpn_udp_error(struct sock *sk, const struct sk_buff *skb, int err,
			    unsigned int payload)
{
	struct mqvpn_sock *s = rcu_dereference_sk_user_data(sk);

	if (s)
		mqvpn_packet_error(s, skb, err, payload);
}

MQVPN_DEFINE_ENCAP_ERR(mqvpn_udp_err_rcv, mqvpn_udp_error)

static void mqvpn_sock_port_config(struct udp_port_cfg *port,
				   const struct mqvpn_sock_config *config)
{
	const union mqvpn_addr *local = &config->local;

	port->bind_ifindex = config->ifindex;
	port->use_udp_checksums = 1;
	if (local->family == AF_INET) {
		port->family = AF_INET;
		port->local_ip = local->v4.sin_addr;
		port->local_udp_port = local->v4.sin_port;
		return;
	}
	port->family = AF_INET6;
	port->use_udp6_tx_checksums = 1;
	port->use_udp6_rx_checksums = 1;
	port->ipv6_v6only = local->family == AF_INET6;
	port->local_ip6 = local->v6.sin6_addr;
	port->local_udp_port = local->v6.sin6_port;
}

/* A socket of both families; where IPv6 is off, one of IPv4. */
static int mqvpn_sock_create(struct net *net,
			     const struct mqvpn_sock_config *config,
			     struct socket **sock)
{
	struct mqvpn_sock_config v4 = *config;
	struct udp_port_cfg port = {};
	int err;

	mqvpn_sock_port_config(&port, config);
	err = udp_sock_create(net, &port, sock);
	if (err != -EAFNOSUPPORT && err != -EPFNOSUPPORT)
		return err;
	if (config->local.family != AF_UNSPEC)
		return err;

	v4.local.v4.sin_family = AF_INET;
	v4.local.v4.sin_addr.s_addr = 0;
	v4.local.v4.sin_port = config->local.v6.sin6_port;
	memset(&port, 0, sizeof(port));
	mqvpn_sock_port_config(&port, &v4);
	return udp_sock_create(net, &port, sock);
}

static int mqvpn_sock_open(struct mqvpn_sock *s, struct net *net,
			   struct netlink_ext_ack *extack)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = s,
		.encap_type = MQVPN_ENCAP_TYPE,
		.encap_rcv = mqvpn_udp_rcv,
		.encap_err_rcv = mqvpn_udp_err_rcv,
	};
	struct socket *sock;
	int err;

	err = mqvpn_sock_create(net, &s->config, &sock);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG_MOD(extack,
				   "local address and port are in use by another socket");
	else if (err == -EADDRNOTAVAIL)
		NL_SET_ERR_MSG_MOD(extack, "local address is not on this host");
	else if (err == -ENODEV)
		NL_SET_ERR_MSG_MOD(extack, "no such underlay device");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "cannot create the UDP socket");
	if (err)
		return err;

	WRITE_ONCE(sock->sk->sk_mark, s->config.mark);
	sock->sk->sk_allocation = GFP_ATOMIC;
	mqvpn_setup_udp_tunnel_sock(net, sock->sk, &cfg);
	s->config.local.v4.sin_port = inet_sk(sock->sk)->inet_sport;
	rcu_assign_pointer(s->sock, sock->sk);
	return 0;
}

static void mqvpn_sock_close(struct mqvpn_sock *s)
{
	struct sock *sk;

	sk = rcu_replace_pointer(s->sock, NULL, lockdep_is_held(&s->md->lock));
	if (!sk)
		return;
	/* senders find the socket under RCU, through their path */
	synchronize_net();
	mqvpn_udp_tunnel_sock_release(sk);
}

/**
 * mqvpn_sock_new() - make a UDP socket in the transport netns
 * @md: device
 * @config: what it is bound to
 * @listening: lives until deleted
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: the socket, or -ENOTCONN when the transport netns is gone, -ENOSPC,
 * -ENOMEM, or what bind says, such as -EADDRINUSE.
 */
struct mqvpn_sock *mqvpn_sock_new(struct mqvpn_dev *md,
				  const struct mqvpn_sock_config *config,
				  bool listening,
				  struct netlink_ext_ack *extack)
{
	struct mqvpn_sock *s, *other;
	unsigned int count = 0;
	struct net *net;
	int err;

	lockdep_assert_held(&md->lock);

	net = rcu_dereference_protected(md->transport,
					lockdep_is_held(&md->lock));
	if (!net) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the transport network namespace is gone");
		return ERR_PTR(-ENOTCONN);
	}
	list_for_each_entry(other, &md->sockets, list)
		count++;
	if (count >= MQVPN_SOCKETS_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "too many sockets");
		return ERR_PTR(-ENOSPC);
	}

	s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->md = md;
	s->config = *config;
	s->listening = listening;
	s->id = md->next_socket + 1;
	err = listening ? mqvpn_strangers_prepare(&md->strangers) : 0;
	if (!err)
		err = mqvpn_sock_open(s, net, extack);
	if (err) {
		kfree(s);
		return ERR_PTR(err);
	}
	md->next_socket = s->id;
	list_add_tail(&s->list, &md->sockets);
	return s;
}

/**
 * mqvpn_sock_sk() - the kernel's socket
 * @s: the socket
 *
 * Context: process, device mutex held.
 * Return: the socket, NULL once its netns is gone.
 */
struct sock *mqvpn_sock_sk(const struct mqvpn_sock *s)
{
	return rcu_dereference_protected(s->sock,
					 lockdep_is_held(&s->md->lock));
}

/**
 * mqvpn_sock_find() - find a socket by its number
 * @md: device
 * @id: its number
 *
 * Context: process, device mutex held.
 * Return: the socket or NULL.
 */
struct mqvpn_sock *mqvpn_sock_find(struct mqvpn_dev *md, u32 id)
{
	struct mqvpn_sock *s;

	lockdep_assert_held(&md->lock);

	list_for_each_entry(s, &md->sockets, list)
		if (s->id == id)
			return s;
	return NULL;
}

/**
 * mqvpn_sock_del() - close and free a socket that no path uses
 * @s: the socket
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_sock_del(struct mqvpn_sock *s)
{
	lockdep_assert_held(&s->md->lock);

	mqvpn_sock_close(s);
	list_del(&s->list);
	kfree_rcu(s, rcu);
}

/**
 * mqvpn_sock_get() - count a path that uses a socket
 * @s: the socket
 *
 * Context: process, device mutex held.
 */
void mqvpn_sock_get(struct mqvpn_sock *s)
{
	lockdep_assert_held(&s->md->lock);
	s->users++;
}

/**
 * mqvpn_sock_put() - a path no longer uses a socket
 * @s: the socket; closed with its last path unless it listens
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_sock_put(struct mqvpn_sock *s)
{
	lockdep_assert_held(&s->md->lock);

	if (!--s->users && !s->listening)
		mqvpn_sock_del(s);
}

/**
 * mqvpn_sock_del_all() - delete the sockets of a device that goes away
 * @md: device, without paths
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_sock_del_all(struct mqvpn_dev *md)
{
	struct mqvpn_sock *s, *next;

	list_for_each_entry_safe(s, next, &md->sockets, list)
		mqvpn_sock_del(s);
}

/**
 * mqvpn_sock_close_all() - close all sockets, because their netns goes away
 * @md: device
 *
 * The objects stay, so that userspace sees what there was.
 *
 * Context: process, device mutex held; may sleep for a grace period.
 */
void mqvpn_sock_close_all(struct mqvpn_dev *md)
{
	struct mqvpn_sock *s;

	list_for_each_entry(s, &md->sockets, list)
		mqvpn_sock_close(s);
}

/**
 * mqvpn_to_new() - let packets go to an address
 * @remote: the peer
 * @local: our address; AF_UNSPEC for what the route says
 *
 * Context: process.
 * Return: where they go, without a route yet, or NULL.
 */
struct mqvpn_to *mqvpn_to_new(const union mqvpn_addr *remote,
			      const union mqvpn_addr *local)
{
	struct mqvpn_to *to;

	to = kzalloc(sizeof(*to), GFP_KERNEL_ACCOUNT);
	if (!to)
		return NULL;
	if (dst_cache_init(&to->cache, GFP_KERNEL_ACCOUNT)) {
		kfree(to);
		return NULL;
	}
	to->remote = *remote;
	to->local = *local;
	return to;
}

static void mqvpn_to_free_rcu(struct rcu_head *rcu)
{
	struct mqvpn_to *to = container_of(rcu, struct mqvpn_to, rcu);

	dst_cache_destroy(&to->cache);
	kfree(to);
}

/**
 * mqvpn_to_free() - nothing goes there any more
 * @to: where to
 *
 * Context: any.
 */
void mqvpn_to_free(struct mqvpn_to *to)
{
	call_rcu(&to->rcu, mqvpn_to_free_rcu);
}

/*
 * What the route means for the packets of a path. Asked every time: a second
 * drop of the path MTU changes the cached route in place.
 */
static void mqvpn_udp_learn(struct mqvpn_path *path, struct dst_entry *dst)
{
	unsigned int overhead = mqvpn_path_overhead(path);
	unsigned int mtu = dst_mtu(dst);
	unsigned int room;

	room = LL_RESERVED_SPACE(dst->dev) + sizeof(struct ipv6hdr) +
	       sizeof(struct udphdr);
	room = min_t(unsigned int, room, U16_MAX);
	mtu = mtu > overhead ? mtu - overhead : 0;
	if (READ_ONCE(path->head_room) != room)
		WRITE_ONCE(path->head_room, room);
	if (READ_ONCE(path->inner_mtu) != mtu)
		WRITE_ONCE(path->inner_mtu, mtu);
}

/*
 * A route that leads back into an mqvpn device would send each packet round
 * and round, one header longer each time.
 */
static bool mqvpn_udp_loops(const struct dst_entry *dst)
{
	return mqvpn_is_mqvpn(dst->dev);
}

/* @local is the wanted source address, if it has one. */
static struct rtable *mqvpn_udp_lookup4(struct sock *sk,
					const union mqvpn_addr *remote,
					const union mqvpn_addr *local,
					int ifindex, u8 tos, __be32 *saddr)
{
	struct flowi4 fl4 = {
		.flowi4_oif = ifindex,
		.flowi4_mark = READ_ONCE(sk->sk_mark),
		.flowi4_proto = IPPROTO_UDP,
		.daddr = remote->v4.sin_addr.s_addr,
		.fl4_dport = remote->v4.sin_port,
		.fl4_sport = inet_sk(sk)->inet_sport,
	};
	struct rtable *rt;

	if (local->family == AF_INET)
		fl4.saddr = local->v4.sin_addr.s_addr;
	mqvpn_flowi4_set_dsfield(&fl4, tos);
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return rt;
	if (mqvpn_udp_loops(&rt->dst)) {
		ip_rt_put(rt);
		return ERR_PTR(-ELOOP);
	}
	*saddr = fl4.saddr;
	return rt;
}

static struct rtable *mqvpn_udp_route4(struct mqvpn_path *path,
				       struct mqvpn_to *to, struct sock *sk,
				       __be32 *saddr)
{
	const struct mqvpn_path_config *config = &path->config;
	struct rtable *rt;

	rt = dst_cache_get_ip4(&to->cache, saddr);
	if (likely(rt)) {
		mqvpn_udp_learn(path, &rt->dst);
		return rt;
	}

	rt = mqvpn_udp_lookup4(sk, &to->remote, &to->local,
			       config->ifindex, config->dscp << 2, saddr);
	if (IS_ERR(rt))
		return rt;
	mqvpn_udp_learn(path, &rt->dst);
	dst_cache_set_ip4(&to->cache, &rt->dst, *saddr);
	return rt;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *mqvpn_udp_lookup6(struct sock *sk,
					   const union mqvpn_addr *remote,
					   const union mqvpn_addr *local,
					   int ifindex, u8 tos,
					   struct in6_addr *saddr)
{
	struct flowi6 fl6 = {
		.flowi6_oif = remote->v6.sin6_scope_id ?: ifindex,
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_proto = IPPROTO_UDP,
		.daddr = remote->v6.sin6_addr,
		.fl6_dport = remote->v6.sin6_port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowlabel = ip6_make_flowinfo(tos, 0),
	};
	struct dst_entry *dst;

	if (local->family == AF_INET6)
		fl6.saddr = local->v6.sin6_addr;
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
	if (IS_ERR(dst))
		return dst;
	if (mqvpn_udp_loops(dst)) {
		dst_release(dst);
		return ERR_PTR(-ELOOP);
	}
	*saddr = fl6.saddr;
	return dst;
}

static struct dst_entry *mqvpn_udp_route6(struct mqvpn_path *path,
					  struct mqvpn_to *to,
					  struct sock *sk,
					  struct in6_addr *saddr)
{
	const struct mqvpn_path_config *config = &path->config;
	struct dst_entry *dst;

	dst = dst_cache_get_ip6(&to->cache, saddr);
	if (likely(dst)) {
		mqvpn_udp_learn(path, dst);
		return dst;
	}

	dst = mqvpn_udp_lookup6(sk, &to->remote, &to->local,
				config->ifindex, config->dscp << 2, saddr);
	if (IS_ERR(dst))
		return dst;
	mqvpn_udp_learn(path, dst);
	dst_cache_set_ip6(&to->cache, dst, saddr);
	return dst;
}
#endif

/**
 * mqvpn_udp_route() - look up the route of a path, and learn its MTU
 * @path: path
 *
 * Context: bottom halves disabled, RCU read lock held.
 * Return: 0, -ENOTCONN without a socket, -ELOOP when the route leads into a
 * tunnel of ours, or what the route look-up says.
 */
int mqvpn_udp_route(struct mqvpn_path *path)
{
	struct sock *sk = rcu_dereference(path->sk);
	struct mqvpn_to *to = rcu_dereference(path->to);
	struct rtable *rt;
	__be32 saddr;

	if (!sk)
		return -ENOTCONN;
#if IS_ENABLED(CONFIG_IPV6)
	if (to->remote.family == AF_INET6) {
		struct in6_addr saddr6;
		struct dst_entry *dst;

		dst = mqvpn_udp_route6(path, to, sk, &saddr6);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		dst_release(dst);
		return 0;
	}
#endif
	rt = mqvpn_udp_route4(path, to, sk, &saddr);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	ip_rt_put(rt);
	return 0;
}

/*
 * The socket that wrote the inner packet is throttled by it as long as it
 * waits in the qdisc (TCP small queues). But fq, and the choice of one of
 * several transmit queues, would tell packets of one path apart by that
 * socket and so reorder them.
 */
static void mqvpn_udp_orphan(struct sk_buff *skb, const struct net_device *dev)
{
	const struct Qdisc *q;

	if (!skb->sk)
		return;
	q = rcu_dereference_bh(netdev_get_tx_queue(dev, 0)->qdisc);
	if (dev->real_num_tx_queues > 1 || !strcmp(q->ops->id, "fq"))
		skb_orphan(skb);
}

static void mqvpn_udp_xmit4(struct sock *sk, struct rtable *rt,
			    struct sk_buff *skb, __be32 saddr,
			    const struct sockaddr_in *remote, u8 tos)
{
	mqvpn_udp_tunnel_xmit_skb(rt, sk, skb, saddr, remote->sin_addr.s_addr,
				  tos, ip4_dst_hoplimit(&rt->dst), htons(IP_DF),
				  inet_sk(sk)->inet_sport, remote->sin_port,
				  false, false);
}

static int mqvpn_udp_send4(struct mqvpn_path *path, struct mqvpn_to *to,
			   struct sock *sk, struct sk_buff *skb)
{
	struct rtable *rt;
	__be32 saddr;

	rt = mqvpn_udp_route4(path, to, sk, &saddr);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	mqvpn_udp_orphan(skb, rt->dst.dev);
	mqvpn_udp_xmit4(sk, rt, skb, saddr, &to->remote.v4,
			path->config.dscp << 2);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
static void mqvpn_udp_xmit6(struct sock *sk, struct dst_entry *dst,
			    struct sk_buff *skb, const struct in6_addr *saddr,
			    const struct sockaddr_in6 *remote, u8 tos)
{
	mqvpn_udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr,
				   &remote->sin6_addr, tos,
				   ip6_dst_hoplimit(dst), 0,
				   inet_sk(sk)->inet_sport, remote->sin6_port,
				   false);
}

static int mqvpn_udp_send6(struct mqvpn_path *path, struct mqvpn_to *to,
			   struct sock *sk, struct sk_buff *skb)
{
	struct in6_addr saddr;
	struct dst_entry *dst;

	dst = mqvpn_udp_route6(path, to, sk, &saddr);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	mqvpn_udp_orphan(skb, dst->dev);
	mqvpn_udp_xmit6(sk, dst, skb, &saddr, &to->remote.v6,
			path->config.dscp << 2);
	return 0;
}
#else
static int mqvpn_udp_send6(struct mqvpn_path *path, struct mqvpn_to *to,
			   struct sock *sk, struct sk_buff *skb)
{
	return -EAFNOSUPPORT;
}
#endif

/**
 * mqvpn_udp_send() - send a QUIC packet to the peer
 * @path: path
 * @skb: the packet; consumed
 *
 * One hash, mark and priority for all packets of a path, never the inner
 * ones', so that nothing below tells them apart.
 *
 * Context: bottom halves disabled.
 */
void mqvpn_udp_send(struct mqvpn_path *path, struct sk_buff *skb)
{
	int err = -ENOTCONN;
	struct mqvpn_to *to;
	struct sock *sk;

	rcu_read_lock();
	to = rcu_dereference(path->to);
	sk = rcu_dereference(path->sk);
	if (likely(sk)) {
		skb->mark = READ_ONCE(sk->sk_mark);
		__skb_set_sw_hash(skb, path->hash, true);
		if (to->remote.family == AF_INET)
			err = mqvpn_udp_send4(path, to, sk, skb);
		else
			err = mqvpn_udp_send6(path, to, sk, skb);
	}
	rcu_read_unlock();
	if (unlikely(err))
		mqvpn_drop(path->conn->md, skb, MQVPN_DIRECTION_TX,
			   MQVPN_A_COUNTERS_TX_NO_ROUTE);
}

static bool mqvpn_udp_has4(struct net *net, __be32 addr)
{
	bool has;

	rcu_read_lock();
	has = __ip_dev_find(net, addr, false);
	rcu_read_unlock();
	return has;
}

static struct dst_entry *mqvpn_udp_lookup_v4(struct sock *sk,
					     struct mqvpn_via *via)
{
	__be32 saddr = via->local.v4.sin_addr.s_addr;
	struct rtable *rt;

	/* the look-up would say that there is no route */
	if (via->local.family == AF_INET && saddr &&
	    !mqvpn_udp_has4(sock_net(sk), saddr))
		return ERR_PTR(-EADDRNOTAVAIL);
	rt = mqvpn_udp_lookup4(sk, &via->remote, &via->local, via->ifindex, 0,
			       &saddr);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	via->local.v4.sin_family = AF_INET;
	via->local.v4.sin_addr.s_addr = saddr;
	return &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *mqvpn_udp_lookup_v6(struct sock *sk,
					     struct mqvpn_via *via)
{
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = mqvpn_udp_lookup6(sk, &via->remote, &via->local, via->ifindex, 0,
				&saddr);
	if (IS_ERR(dst))
		return dst;
	/* unlike that of IPv4, the look-up takes any source address */
	if (!ipv6_chk_addr(sock_net(sk), &saddr, dst->dev, 0)) {
		dst_release(dst);
		return ERR_PTR(-EADDRNOTAVAIL);
	}
	via->local.v6.sin6_family = AF_INET6;
	via->local.v6.sin6_addr = saddr;
	return dst;
}
#else
static struct dst_entry *mqvpn_udp_lookup_v6(struct sock *sk,
					     struct mqvpn_via *via)
{
	return ERR_PTR(-EAFNOSUPPORT);
}
#endif

/**
 * mqvpn_udp_lookup() - look up the route of a datagram that has no path
 * @sk: socket it leaves from
 * @via: where to; the source address that the route gives is filled in
 *
 * Context: process.
 * Return: the route with a reference, or -ELOOP when it leads into a tunnel of
 * ours, -EADDRNOTAVAIL for a source address that is not ours, -EACCES for a
 * broadcast, or what the look-up says.
 */
struct dst_entry *mqvpn_udp_lookup(struct sock *sk, struct mqvpn_via *via)
{
	if (via->remote.family == AF_INET)
		return mqvpn_udp_lookup_v4(sk, via);
	return mqvpn_udp_lookup_v6(sk, via);
}

/**
 * mqvpn_udp_emit() - send a datagram that has no path
 * @sk: socket it leaves from
 * @via: where to, as mqvpn_udp_lookup() left it
 * @dst: route, stays the caller's
 * @skb: UDP payload with room for all headers; consumed
 *
 * Context: process.
 */
void mqvpn_udp_emit(struct sock *sk, const struct mqvpn_via *via,
		    struct dst_entry *dst, struct sk_buff *skb)
{
	skb->mark = READ_ONCE(sk->sk_mark);
	dst_hold(dst);
	local_bh_disable();
	rcu_read_lock();
	if (via->remote.family == AF_INET)
		mqvpn_udp_xmit4(sk, container_of(dst, struct rtable, dst), skb,
				via->local.v4.sin_addr.s_addr, &via->remote.v4,
				via->ecn);
#if IS_ENABLED(CONFIG_IPV6)
	else
		mqvpn_udp_xmit6(sk, dst, skb, &via->local.v6.sin6_addr,
				&via->remote.v6, via->ecn);
#endif
	rcu_read_unlock();
	local_bh_enable();
}
