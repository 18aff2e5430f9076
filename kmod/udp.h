/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets: created, bound and owned by the kernel. */
#ifndef MQVPN_UDP_H
#define MQVPN_UDP_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <net/dst_cache.h>
#include <net/ipv6.h>

struct mqvpn_dev;
struct mqvpn_path;

/**
 * union mqvpn_addr - an address and port of either family
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for none
 * @v4: when AF_INET
 * @v6: when AF_INET6, never a v4-mapped address
 */
union mqvpn_addr {
	sa_family_t family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * mqvpn_addr_same() - tell whether two addresses are one
 * @a: one
 * @b: the other
 *
 * Context: any.
 * Return: true if address, port and scope are the same.
 */
static inline bool mqvpn_addr_same(const union mqvpn_addr *a,
				   const union mqvpn_addr *b)
{
	if (a->family != b->family || a->v4.sin_port != b->v4.sin_port)
		return false;
	if (a->family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return ipv6_addr_equal(&a->v6.sin6_addr, &b->v6.sin6_addr) &&
	       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

/**
 * struct mqvpn_via - where a datagram came from, or goes to
 * @remote: the other end
 * @local: our address; AF_UNSPEC for what the route says
 * @ifindex: underlay device, 0 for any
 * @ecn: ECN field of the IP header
 */
struct mqvpn_via {
	union mqvpn_addr remote;
	union mqvpn_addr local;
	int ifindex;
	u8 ecn;
};

/**
 * struct mqvpn_to - where the packets of a path go
 * @remote: the peer
 * @local: our address; AF_UNSPEC for what the route says
 * @cache: route to the peer
 * @rcu: freed after a grace period
 *
 * Another address has another route, hence both change together.
 */
struct mqvpn_to {
	union mqvpn_addr remote;
	union mqvpn_addr local;
	struct dst_cache cache;
	struct rcu_head rcu;
};

/**
 * struct mqvpn_sock_config - what a socket is bound to
 * @local: address and port; AF_UNSPEC is both families, any address
 * @ifindex: underlay device in the transport netns, 0 for any
 * @mark: firewall mark
 */
struct mqvpn_sock_config {
	union mqvpn_addr local;
	int ifindex;
	u32 mark;
};

/**
 * struct mqvpn_sock - a UDP socket of a device
 * @list: link in the device's list; the device's mutex
 * @md: its device
 * @sock: the kernel's socket, NULL once the transport netns is gone; RCU
 * @id: number on its device
 * @config: what it is bound to, port included
 * @users: paths that use it; the device's mutex
 * @listening: lives until deleted, also without a path
 * @rcu: freed after a grace period
 */
struct mqvpn_sock {
	struct list_head list;
	struct mqvpn_dev *md;
	struct sock __rcu *sock;
	u32 id;
	struct mqvpn_sock_config config;
	u32 users;
	bool listening;
	struct rcu_head rcu;
};

struct mqvpn_sock *mqvpn_sock_new(struct mqvpn_dev *md,
				  const struct mqvpn_sock_config *config,
				  bool listening,
				  struct netlink_ext_ack *extack);
struct sock *mqvpn_sock_sk(const struct mqvpn_sock *s);
struct mqvpn_sock *mqvpn_sock_find(struct mqvpn_dev *md, u32 id);
void mqvpn_sock_del(struct mqvpn_sock *s);
void mqvpn_sock_get(struct mqvpn_sock *s);
void mqvpn_sock_put(struct mqvpn_sock *s);
void mqvpn_sock_del_all(struct mqvpn_dev *md);
void mqvpn_sock_close_all(struct mqvpn_dev *md);
struct mqvpn_to *mqvpn_to_new(const union mqvpn_addr *remote,
			      const union mqvpn_addr *local);
void mqvpn_to_free(struct mqvpn_to *to);
int mqvpn_udp_route(struct mqvpn_path *path);
void mqvpn_udp_send(struct mqvpn_path *path, struct sk_buff *skb);
struct dst_entry *mqvpn_udp_lookup(struct sock *sk, struct mqvpn_via *via);
void mqvpn_udp_emit(struct sock *sk, const struct mqvpn_via *via,
		    struct dst_entry *dst, struct sk_buff *skb);

#endif
