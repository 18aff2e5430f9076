/* SPDX-License-Identifier: GPL-2.0 */
/* Packet protection, RFC 9001 section 5 and RFC 10069 section 5. */
#ifndef MQVPN_PROTECT_H
#define MQVPN_PROTECT_H

#include <crypto/aead.h>
#include <crypto/aes.h>
#include <linux/llist.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <linux/mqvpn.h>

#include "compat.h"
#include "frame.h"
#include "udp.h"

struct mqvpn_conn;
struct mqvpn_path;

/**
 * struct mqvpn_key - one direction's keys of one key phase
 * @ref: references; RCU readers may use it without one until a grace period
 * @aead: transform, possibly asynchronous
 * @alg: enum mqvpn_aead
 * @iv: RFC 9001 section 5.1 "quic iv"
 * @aes: expanded header protection key, when AES
 * @chacha: header protection key, when ChaCha20
 * @generation: key updates before it, RFC 9001 section 6
 * @secret: traffic secret, wiped once the next generation is derived from it
 * @secret_len: bytes in @secret, 0 once it is wiped
 * @seal_max: packets that may be sealed with it, RFC 9001 section 6.6
 * @fail_max: packets that may fail to authenticate, likewise
 * @sealed: packets that were sealed
 * @free_work: the transform is freed in process context after a grace period
 *
 * Of all this only @ref, @sealed and, by mqvpn_key_next(), @secret change once
 * it is in use.
 */
struct mqvpn_key {
	refcount_t ref;
	struct crypto_aead *aead;
	u8 alg;
	u8 iv[MQVPN_IV_LEN];
	union {
		struct mqvpn_aes_key aes;
		u32 chacha[MQVPN_KEY_MAX / sizeof(u32)];
	};
	u32 generation;
	u8 secret[MQVPN_SECRET_MAX];
	u8 secret_len;
	u64 seal_max;
	u64 fail_max;
	atomic64_t sealed;
	struct rcu_work free_work;
};

/**
 * enum mqvpn_crypt_use - what a request is for; each has a pool of its own
 * @MQVPN_CRYPT_SEAL: to seal
 * @MQVPN_CRYPT_OPEN: to open
 * @MQVPN_CRYPT_USES: how many there are
 */
enum mqvpn_crypt_use {
	MQVPN_CRYPT_SEAL,
	MQVPN_CRYPT_OPEN,
	MQVPN_CRYPT_USES,
};

struct mqvpn_crypt_pool;

/**
 * struct mqvpn_crypt - one packet on its way through the AEAD
 * @node: link in @pool
 * @pool: where it belongs
 * @key: key in use, referenced from get to put
 * @done: called once, softirq context, if the request was deferred
 * @skb: seal: the outer packet that is written; open: the packet read, replaced
 *	by a new one when it may not be written
 * @inner: seal: the packet read, NULL when @head holds all frames; stays the
 *	caller's; open: private
 * @path: the caller's, referenced by the caller for deferred requests
 * @conn: open: the caller's, referenced by the caller unless @path is there
 * @via: open: the caller's, between which addresses it came, if @moved
 * @moved: open: the caller's, they are not those of a path
 * @socket: open: the caller's, number of the socket it came to
 * @pn: packet number
 * @path_id: path identifier, part of the nonce
 * @bytes: the caller's
 * @head: seal: header and the frames before the inner packet; open: header
 *	without protection, the additional data
 * @head_len: bytes in @head
 * @hdr_len: header bytes at the start of @head
 * @copied: open: the packet could not be decrypted where it was
 * @nonce: RFC 10069 section 2.4
 * @src: what is read
 * @dst: what is written, when it is not @src
 * @req: the request, its transform's context follows; last
 */
struct mqvpn_crypt {
	struct llist_node node;
	struct mqvpn_crypt_pool *pool;
	struct mqvpn_key *key;
	void (*done)(struct mqvpn_crypt *c, int err);
	struct sk_buff *skb;
	struct sk_buff *inner;
	struct mqvpn_path *path;
	struct mqvpn_conn *conn;
	struct mqvpn_via via;
	u32 socket;
	u64 pn;
	u32 path_id;
	u32 bytes;
	u16 head_len;
	u16 hdr_len;
	bool copied;
	bool moved;
	u8 head[MQVPN_HEAD_MAX];
	u8 nonce[MQVPN_IV_LEN];
	struct scatterlist src[MAX_SKB_FRAGS + 2];
	struct scatterlist dst[1];
	struct aead_request req ____cacheline_aligned;
};

int mqvpn_protect_init(void);
void mqvpn_protect_exit(void);

struct mqvpn_key *mqvpn_key_new(u32 alg, const u8 *secret, size_t len,
				struct netlink_ext_ack *extack);
struct mqvpn_key *mqvpn_key_next(struct mqvpn_key *key,
				 struct netlink_ext_ack *extack);
bool mqvpn_key_get(struct mqvpn_key *key);
void mqvpn_key_put(struct mqvpn_key *key);
void mqvpn_key_mask(const struct mqvpn_key *key,
		    const u8 sample[MQVPN_SAMPLE_LEN], u8 mask[MQVPN_MASK_LEN]);

struct mqvpn_crypt *mqvpn_crypt_get(struct mqvpn_key *key,
				    enum mqvpn_crypt_use use);
void mqvpn_crypt_put(struct mqvpn_crypt *c);
int mqvpn_crypt_seal(struct mqvpn_crypt *c);
int mqvpn_crypt_open(struct mqvpn_crypt *c);

#endif
