/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets: created, bound and owned by the kernel. */
#ifndef MQVPN_UDP_H
#define MQVPN_UDP_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>

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
int mqvpn_udp_route(struct mqvpn_path *path);
void mqvpn_udp_send(struct mqvpn_path *path, struct sk_buff *skb);

#endif
