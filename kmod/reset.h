/* SPDX-License-Identifier: GPL-2.0 */
/* Stateless resets, RFC 9000 section 10.3. */
#ifndef MQVPN_RESET_H
#define MQVPN_RESET_H

#include <linux/rhashtable.h>
#include <linux/siphash.h>

struct mqvpn_cid;
struct mqvpn_dev;
struct netlink_ext_ack;
struct sk_buff;

/**
 * struct mqvpn_tokens - the peers' reset tokens of a device
 * @table: struct mqvpn_cid by the hash of its token
 * @key: of that hash
 *
 * Found by a keyed hash and then compared in constant time: how long a look-up
 * takes tells nothing of a token, and does not depend on their number.
 *
 * The device's mutex protects it against writers; readers hold RCU.
 */
struct mqvpn_tokens {
	struct rhashtable table;
	siphash_key_t key;
};

int mqvpn_tokens_init(struct mqvpn_tokens *tokens);
void mqvpn_tokens_exit(struct mqvpn_tokens *tokens);
int mqvpn_token_add(struct mqvpn_tokens *tokens, struct mqvpn_cid *cid,
		    struct netlink_ext_ack *extack);
void mqvpn_token_del(struct mqvpn_tokens *tokens, struct mqvpn_cid *cid);
bool mqvpn_reset_take(struct mqvpn_dev *md, const struct sk_buff *skb);

#endif
