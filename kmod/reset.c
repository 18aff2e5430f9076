// SPDX-License-Identifier: GPL-2.0
/*
 * Stateless resets, RFC 9000 section 10.3: a datagram that nothing can be done
 * with, and that ends in the token of an ID that we send with, comes from a
 * peer that has lost the connection.
 */

#include <crypto/algapi.h>
#include <linux/random.h>

#include "compat.h"
#include "conn.h"
#include "life.h"
#include "packet.h"
#include "path.h"
#include "reset.h"

static const struct rhashtable_params mqvpn_token_params = {
	.key_len = sizeof_field(struct mqvpn_cid, token_hash),
	.key_offset = offsetof(struct mqvpn_cid, token_hash),
	.head_offset = offsetof(struct mqvpn_cid, node),
	.automatic_shrinking = true,
};

/**
 * mqvpn_tokens_init() - make the table of a device's tokens
 * @tokens: the table
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_tokens_init(struct mqvpn_tokens *tokens)
{
	get_random_bytes(&tokens->key, sizeof(tokens->key));
	return rhashtable_init(&tokens->table, &mqvpn_token_params);
}

/**
 * mqvpn_tokens_exit() - free the table
 * @tokens: the table, empty
 *
 * Context: process.
 */
void mqvpn_tokens_exit(struct mqvpn_tokens *tokens)
{
	rhashtable_destroy(&tokens->table);
}

static u64 mqvpn_token_hash(const struct mqvpn_tokens *tokens, const u8 *token)
{
	return siphash(token, MQVPN_RESET_TOKEN_LEN, &tokens->key);
}

/**
 * mqvpn_token_add() - watch for an ID's token
 * @tokens: of the device
 * @cid: ID of a peer, with a token
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -EEXIST when another ID has that token, which RFC 9000 section
 * 10.3.2 forbids, or -ENOMEM.
 */
int mqvpn_token_add(struct mqvpn_tokens *tokens, struct mqvpn_cid *cid,
		    struct netlink_ext_ack *extack)
{
	int err;

	cid->token_hash = mqvpn_token_hash(tokens, cid->token);
	err = rhashtable_lookup_insert_fast(&tokens->table, &cid->node,
					    mqvpn_token_params);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_MOD(extack,
				   "another connection ID has this reset token");
	return err;
}

/**
 * mqvpn_token_del() - the ID of a token is no longer used
 * @tokens: of the device
 * @cid: the ID
 *
 * Context: process, device mutex held.
 */
void mqvpn_token_del(struct mqvpn_tokens *tokens, struct mqvpn_cid *cid)
{
	rhashtable_remove_fast(&tokens->table, &cid->node, mqvpn_token_params);
}

/* RFC 9000 section 10.3.1: only tokens of IDs in use, from where they are. */
static bool mqvpn_reset_fits(const struct mqvpn_cid *cid,
			     struct mqvpn_path *path,
			     const struct sk_buff *skb)
{
	struct mqvpn_via via;

	if (!mqvpn_path_sends_with(path, cid))
		return false;
	mqvpn_via_read(&via, skb);
	return mqvpn_addr_same(&rcu_dereference(path->to)->remote, &via.remote);
}

static bool mqvpn_reset_conn(const struct mqvpn_cid *cid,
			     const struct sk_buff *skb)
{
	struct mqvpn_path *path = mqvpn_conn_path(cid->conn, cid->path_id);
	bool fits;

	/* the path keeps its connection, which may be going away */
	if (!path || !mqvpn_path_get(path))
		return false;
	fits = mqvpn_reset_fits(cid, path, skb);
	if (fits)
		mqvpn_conn_reset(path->conn);
	mqvpn_path_put(path);
	return fits;
}

/**
 * mqvpn_reset_take() - end the connection that a datagram resets
 * @md: device
 * @skb: datagram that is no packet of a connection, or did not authenticate
 *
 * Context: bottom halves disabled, RCU read lock held, no lock of a connection
 * or path.
 * Return: true if it was a stateless reset.
 */
bool mqvpn_reset_take(struct mqvpn_dev *md, const struct sk_buff *skb)
{
	struct mqvpn_tokens *tokens = &md->tokens;
	u8 buf[MQVPN_RESET_TOKEN_LEN];
	const struct mqvpn_cid *cid;
	const u8 *token;
	u64 hash;

	if (!atomic_read(&tokens->table.nelems) || skb->len < MQVPN_RESET_MIN)
		return false;
	token = skb_header_pointer(skb, skb->len - sizeof(buf), sizeof(buf),
				   buf);
	if (!token)
		return false;
	hash = mqvpn_token_hash(tokens, token);
	cid = rhashtable_lookup(&tokens->table, &hash, mqvpn_token_params);
	if (likely(!cid))
		return false;
	return !crypto_memneq(token, cid->token, sizeof(buf)) &&
	       mqvpn_reset_conn(cid, skb);
}
