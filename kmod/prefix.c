// SPDX-License-Identifier: GPL-2.0
/* Longest-prefix table: which connection an inner address belongs to. */

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "conn.h"
#include "limits.h"
#include "prefix.h"

static const struct rhashtable_params mqvpn_prefix_params = {
	.key_len = sizeof(struct mqvpn_prefix_key),
	.key_offset = offsetof(struct mqvpn_prefix, key),
	.head_offset = offsetof(struct mqvpn_prefix, node),
	.automatic_shrinking = true,
};

static unsigned int mqvpn_prefix_bits(u16 family)
{
	return family == AF_INET ? 32 : 128;
}

static unsigned long *mqvpn_prefix_used(struct mqvpn_prefixes *prefixes,
					u16 family)
{
	return family == AF_INET ? prefixes->used4 : prefixes->used6;
}

/* Keep the first len bits of addr. */
static void mqvpn_prefix_mask(__be32 *to, const __be32 *addr,
			      unsigned int words, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < words; i++) {
		unsigned int bits = min(len, 32U);

		to[i] = bits ? addr[i] & htonl(~0U << (32 - bits)) : 0;
		len -= bits;
	}
}

static void mqvpn_prefix_account(struct mqvpn_prefixes *prefixes,
				 const struct mqvpn_prefix_key *key, int change)
{
	unsigned long *used = mqvpn_prefix_used(prefixes, key->family);
	u32 *n = &prefixes->lengths[key->family == AF_INET6][key->len];
	unsigned int bit = mqvpn_prefix_bits(key->family) - key->len;

	*n += change;
	prefixes->count += change;
	if (*n)
		set_bit(bit, used);
	else
		clear_bit(bit, used);
}

/**
 * mqvpn_prefixes_init() - make an empty table
 * @prefixes: the table
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_prefixes_init(struct mqvpn_prefixes *prefixes)
{
	return rhashtable_init(&prefixes->table, &mqvpn_prefix_params);
}

/**
 * mqvpn_prefixes_exit() - free a table whose prefixes are all gone
 * @prefixes: the table
 *
 * Context: process, no reader left.
 */
void mqvpn_prefixes_exit(struct mqvpn_prefixes *prefixes)
{
	WARN_ON_ONCE(prefixes->count);
	rhashtable_destroy(&prefixes->table);
}

/**
 * mqvpn_prefix_add() - give a prefix to a connection
 * @prefixes: the table
 * @conn: the connection
 * @key: the prefix, host bits zero
 *
 * A prefix of another connection moves: so an address that is assigned anew
 * changes hands without a gap.
 *
 * Context: process, device mutex held.
 * Return: 0, -ENOSPC when the table is full, or -ENOMEM.
 */
int mqvpn_prefix_add(struct mqvpn_prefixes *prefixes, struct mqvpn_conn *conn,
		     const struct mqvpn_prefix_key *key)
{
	struct mqvpn_prefix *p;
	int err;

	lockdep_assert_held(&conn->md->lock);

	p = rhashtable_lookup_fast(&prefixes->table, key, mqvpn_prefix_params);
	if (p) {
		list_move(&p->list, &conn->prefixes);
		rcu_assign_pointer(p->conn, conn);
		return 0;
	}
	if (prefixes->count >= MQVPN_PREFIXES_MAX)
		return -ENOSPC;

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	p->key = *key;
	RCU_INIT_POINTER(p->conn, conn);
	err = rhashtable_insert_fast(&prefixes->table, &p->node,
				     mqvpn_prefix_params);
	if (err) {
		kfree(p);
		return err;
	}
	list_add_tail(&p->list, &conn->prefixes);
	mqvpn_prefix_account(prefixes, key, 1);
	return 0;
}

static void mqvpn_prefix_remove(struct mqvpn_prefixes *prefixes,
				struct mqvpn_prefix *p)
{
	rhashtable_remove_fast(&prefixes->table, &p->node, mqvpn_prefix_params);
	mqvpn_prefix_account(prefixes, &p->key, -1);
	list_del(&p->list);
	kfree_rcu(p, rcu);
}

/**
 * mqvpn_prefix_del() - take a prefix from a connection
 * @prefixes: the table
 * @conn: the connection
 * @key: the prefix
 *
 * Context: process, device mutex held.
 * Return: 0 or -ENOENT when the connection has no such prefix.
 */
int mqvpn_prefix_del(struct mqvpn_prefixes *prefixes, struct mqvpn_conn *conn,
		     const struct mqvpn_prefix_key *key)
{
	struct mqvpn_prefix *p;

	lockdep_assert_held(&conn->md->lock);

	p = rhashtable_lookup_fast(&prefixes->table, key, mqvpn_prefix_params);
	if (!p || rcu_access_pointer(p->conn) != conn)
		return -ENOENT;
	mqvpn_prefix_remove(prefixes, p);
	return 0;
}

/**
 * mqvpn_prefix_del_all() - take all prefixes from a connection
 * @prefixes: the table
 * @conn: the connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_prefix_del_all(struct mqvpn_prefixes *prefixes,
			  struct mqvpn_conn *conn)
{
	struct mqvpn_prefix *p, *next;

	lockdep_assert_held(&conn->md->lock);

	list_for_each_entry_safe(p, next, &conn->prefixes, list)
		mqvpn_prefix_remove(prefixes, p);
}

/**
 * mqvpn_prefix_lookup() - find the connection of an inner address
 * @prefixes: the table
 * @family: AF_INET or AF_INET6
 * @addr: the address, network order
 *
 * Context: any, RCU read lock held, which also keeps the result.
 * Return: the connection with the longest matching prefix, or NULL.
 */
struct mqvpn_conn *mqvpn_prefix_lookup(struct mqvpn_prefixes *prefixes,
				       u16 family, const void *addr)
{
	const unsigned long *used = mqvpn_prefix_used(prefixes, family);
	unsigned int bits = mqvpn_prefix_bits(family);
	struct mqvpn_prefix_key key = { .family = family };
	struct mqvpn_prefix *p;
	unsigned int bit;

	for_each_set_bit(bit, used, bits + 1) {
		key.len = bits - bit;
		mqvpn_prefix_mask(key.addr, addr, bits / 32, key.len);
		p = rhashtable_lookup(&prefixes->table, &key,
				      mqvpn_prefix_params);
		if (p)
			return rcu_dereference(p->conn);
	}
	return NULL;
}

/**
 * mqvpn_prefix_dst() - find the connection that a packet goes to
 * @prefixes: the table
 * @skb: packet with skb->protocol set and its IP header in the linear part
 *
 * Context: any, RCU read lock held, which also keeps the result.
 * Return: the connection, or NULL.
 */
struct mqvpn_conn *mqvpn_prefix_dst(struct mqvpn_prefixes *prefixes,
				    const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return mqvpn_prefix_lookup(prefixes, AF_INET,
					   &ip_hdr(skb)->daddr);
	return mqvpn_prefix_lookup(prefixes, AF_INET6, &ipv6_hdr(skb)->daddr);
}

/**
 * mqvpn_prefix_src() - find the connection that a packet may come from
 * @prefixes: the table
 * @skb: packet with skb->protocol set and its IP header in the linear part
 *
 * Context: any, RCU read lock held, which also keeps the result.
 * Return: the connection, or NULL.
 */
struct mqvpn_conn *mqvpn_prefix_src(struct mqvpn_prefixes *prefixes,
				    const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return mqvpn_prefix_lookup(prefixes, AF_INET,
					   &ip_hdr(skb)->saddr);
	return mqvpn_prefix_lookup(prefixes, AF_INET6, &ipv6_hdr(skb)->saddr);
}
