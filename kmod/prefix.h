/* SPDX-License-Identifier: GPL-2.0 */
/* Longest-prefix table: which connection an inner address belongs to. */
#ifndef MQVPN_PREFIX_H
#define MQVPN_PREFIX_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>

struct mqvpn_conn;

/**
 * struct mqvpn_prefix_key - what a prefix is found by
 * @addr: address, network order, host bits zero, IPv4 in the first word
 * @family: AF_INET or AF_INET6
 * @len: prefix length, bits
 */
struct mqvpn_prefix_key {
	__be32 addr[4];
	u16 family;
	u16 len;
};

/**
 * struct mqvpn_prefix - a prefix
 * @node: link in the table
 * @key: what it is found by
 * @conn: whose it is; without a reference, a connection takes its prefixes
 *	along when it goes
 * @list: link in the connection's list
 * @rcu: freed after a grace period
 */
struct mqvpn_prefix {
	struct rhash_head node;
	struct mqvpn_prefix_key key;
	struct mqvpn_conn __rcu *conn;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct mqvpn_prefixes - the table of a device
 * @table: all prefixes of both families
 * @lengths: how many prefixes there are of each length, IPv4 and IPv6
 * @used4: which lengths of IPv4 are in use at all: bit (32 - length), so that
 *	the first bit found is the longest
 * @used6: the same of IPv6: bit (128 - length)
 * @count: number of prefixes
 *
 * The device's mutex protects it against writers; readers hold RCU. A lookup
 * costs one hash lookup for each length in use, however many prefixes.
 */
struct mqvpn_prefixes {
	struct rhashtable table;
	u32 lengths[2][129];
	DECLARE_BITMAP(used4, 33);
	DECLARE_BITMAP(used6, 129);
	u32 count;
};

int mqvpn_prefixes_init(struct mqvpn_prefixes *prefixes);
void mqvpn_prefixes_exit(struct mqvpn_prefixes *prefixes);
int mqvpn_prefix_add(struct mqvpn_prefixes *prefixes, struct mqvpn_conn *conn,
		     const struct mqvpn_prefix_key *key);
int mqvpn_prefix_del(struct mqvpn_prefixes *prefixes, struct mqvpn_conn *conn,
		     const struct mqvpn_prefix_key *key);
void mqvpn_prefix_del_all(struct mqvpn_prefixes *prefixes,
			  struct mqvpn_conn *conn);
struct mqvpn_conn *mqvpn_prefix_lookup(struct mqvpn_prefixes *prefixes,
				       u16 family, const void *addr);
struct mqvpn_conn *mqvpn_prefix_dst(struct mqvpn_prefixes *prefixes,
				    const struct sk_buff *skb);
struct mqvpn_conn *mqvpn_prefix_src(struct mqvpn_prefixes *prefixes,
				    const struct sk_buff *skb);

#endif
