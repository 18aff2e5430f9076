// SPDX-License-Identifier: GPL-2.0
/*
 * Packet protection of 1-RTT packets: keys, header protection and AEAD, RFC
 * 9001 section 5 with the nonce of RFC 10069 section 2.4.
 *
 * The AEAD may finish inline or later: the fastest AES-GCM of 6.1 and 6.12 is
 * flagged asynchronous, though it hardly ever defers. So each packet has a
 * request of its own, taken from a pool of the CPU.
 */
#include <crypto/chacha.h>
#include <crypto/hash.h>
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/wait_bit.h>

#include "protect.h"

/* RFC 9001 section 5.4.2: from the packet number's first byte, however long */
#define PROTECT_SAMPLE_OFFSET	4

/* RFC 9001 section 5.3 and RFC 8446 appendix B.4 */
struct protect_suite {
	const char *aead;
	const char *prf;
	u8 secret_len;
	u8 key_len;
	u64 seal_max;
	u64 fail_max;
};

static const struct protect_suite protect_suites[] = {
	[MQVPN_AEAD_AES_128_GCM] = {
		"gcm(aes)", "hmac(sha256)", 32, 16, MQVPN_GCM_SEAL_MAX,
		MQVPN_GCM_FAIL_MAX,
	},
	[MQVPN_AEAD_AES_256_GCM] = {
		"gcm(aes)", "hmac(sha384)", 48, 32, MQVPN_GCM_SEAL_MAX,
		MQVPN_GCM_FAIL_MAX,
	},
	/* No limit below that of the packet number. */
	[MQVPN_AEAD_CHACHA20_POLY1305] = {
		"rfc7539(chacha20,poly1305)", "hmac(sha256)", 32, 32,
		MQVPN_PN_MAX, MQVPN_CHACHA_FAIL_MAX,
	},
};

/**
 * struct mqvpn_crypt_pool - requests of one CPU for one use
 * @free: those at hand; only this CPU touches it, with softirqs off
 * @returned: those that came back on another CPU
 * @count: requests that belong here
 * @cpu: the CPU
 */
struct mqvpn_crypt_pool {
	struct llist_node *free;
	struct llist_head returned;
	unsigned int count;
	unsigned int cpu;
};

static DEFINE_PER_CPU(struct mqvpn_crypt_pool [MQVPN_CRYPT_USES], crypt_pools);
static struct kmem_cache *crypt_cache;
static enum cpuhp_state crypt_hotplug;

static struct workqueue_struct *key_wq;
static atomic_t key_count;

/* Pool */

static void crypt_pool_add(struct mqvpn_crypt_pool *pool, struct mqvpn_crypt *c)
{
	c->pool = pool;
	c->node.next = pool->free;
	pool->free = &c->node;
	pool->count++;
}

static int crypt_pool_fill(struct mqvpn_crypt_pool *pool, unsigned int cpu)
{
	struct mqvpn_crypt *c;

	pool->cpu = cpu;
	while (pool->count < MQVPN_CRYPT_POOL) {
		/* zeroed: not every use sets every member */
		c = kmem_cache_alloc_node(crypt_cache, GFP_KERNEL | __GFP_ZERO,
					  cpu_to_node(cpu));
		if (!c)
			return -ENOMEM;
		crypt_pool_add(pool, c);
	}
	return 0;
}

/* A CPU's requests are made when it is first seen, and kept. */
static int crypt_pools_prepare(unsigned int cpu)
{
	struct mqvpn_crypt_pool *pools = per_cpu(crypt_pools, cpu);

	return crypt_pool_fill(&pools[MQVPN_CRYPT_SEAL], cpu) ?:
	       crypt_pool_fill(&pools[MQVPN_CRYPT_OPEN], cpu);
}

static void crypt_list_free(struct llist_node *node)
{
	struct mqvpn_crypt *c, *next;

	llist_for_each_entry_safe(c, next, node, node)
		kmem_cache_free(crypt_cache, c);
}

static void crypt_pool_empty(struct mqvpn_crypt_pool *pool)
{
	crypt_list_free(pool->free);
	crypt_list_free(llist_del_all(&pool->returned));
	pool->free = NULL;
	pool->count = 0;
}

static void crypt_pools_free(void)
{
	struct mqvpn_crypt_pool *pools;
	int cpu;

	for_each_possible_cpu(cpu) {
		pools = per_cpu(crypt_pools, cpu);
		crypt_pool_empty(&pools[MQVPN_CRYPT_SEAL]);
		crypt_pool_empty(&pools[MQVPN_CRYPT_OPEN]);
	}
	kmem_cache_destroy(crypt_cache);
}

static int crypt_pools_init(void)
{
	int err;

	crypt_cache = kmem_cache_create(KBUILD_MODNAME "_crypt",
					sizeof(struct mqvpn_crypt) +
					MQVPN_CRYPT_REQSIZE,
					__alignof__(struct mqvpn_crypt), 0,
					NULL);
	if (!crypt_cache)
		return -ENOMEM;
	err = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "net/mqvpn:prepare",
				crypt_pools_prepare, NULL);
	if (err < 0) {
		crypt_pools_free();
		return err;
	}
	crypt_hotplug = err;
	return 0;
}

/**
 * mqvpn_protect_init() - make ready what keys and requests need
 *
 * Context: process, sleeps.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_protect_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(u32) + sizeof(u64) != MQVPN_IV_LEN);
	BUILD_BUG_ON(MQVPN_SAMPLE_LEN != AES_BLOCK_SIZE);
	BUILD_BUG_ON(MQVPN_SAMPLE_LEN != CHACHA_IV_SIZE);

	key_wq = alloc_workqueue("mqvpn_key", WQ_UNBOUND, 0);
	if (!key_wq)
		return -ENOMEM;
	err = crypt_pools_init();
	if (err)
		destroy_workqueue(key_wq);
	return err;
}

/**
 * mqvpn_protect_exit() - undo mqvpn_protect_init()
 *
 * Waits for deferred requests: each holds a reference to its key, which it
 * drops as the last thing it does, with softirqs off. A key is freed one grace
 * period after its last reference, so when no key is left, no request is
 * outstanding, and no CPU is in the code that returns one.
 *
 * Context: process, sleeps; the callers' own references to keys are dropped.
 */
void mqvpn_protect_exit(void)
{
	wait_var_event(&key_count, !atomic_read(&key_count));
	destroy_workqueue(key_wq);
	cpuhp_remove_state_nocalls(crypt_hotplug);
	crypt_pools_free();
}

/* Keys */

static void key_free(struct mqvpn_key *key)
{
	if (!IS_ERR_OR_NULL(key->aead))
		crypto_free_aead(key->aead);
	kfree_sensitive(key);
	if (atomic_dec_and_test(&key_count))
		wake_up_var(&key_count);
}

static void key_free_work(struct work_struct *work)
{
	key_free(container_of(to_rcu_work(work), struct mqvpn_key, free_work));
}

/*
 * HKDF-Expand-Label, RFC 8446 section 7.1, with an empty context. No output is
 * longer than the hash, so one round of HKDF-Expand (RFC 5869) does.
 */
static int key_expand(struct crypto_shash *prf, const char *label, u8 *out,
		      unsigned int len)
{
	u8 info[MQVPN_HKDF_LABEL_MAX + 1];
	u8 block[MQVPN_SECRET_MAX];
	unsigned int n;
	int err;

	n = mqvpn_hkdf_label(info, len, label);
	info[n++] = 1;
	err = crypto_shash_tfm_digest(prf, info, n, block);
	if (!err)
		memcpy(out, block, len);
	memzero_explicit(block, sizeof(block));
	return err;
}

static int key_set_mask(struct mqvpn_key *key, const u8 *raw, unsigned int len)
{
	unsigned int i;

	if (key->alg != MQVPN_AEAD_CHACHA20_POLY1305)
		return mqvpn_aes_set_key(&key->aes, raw, len);
	for (i = 0; i < ARRAY_SIZE(key->chacha); i++)
		key->chacha[i] = get_unaligned_le32(raw + i * sizeof(u32));
	return 0;
}

/* RFC 9001 section 5.1 */
static int key_derive(struct mqvpn_key *key, const struct protect_suite *suite,
		      struct crypto_shash *prf)
{
	u8 raw[MQVPN_KEY_MAX];
	int err;

	err = key_expand(prf, "quic key", raw, suite->key_len) ?:
	      crypto_aead_setkey(key->aead, raw, suite->key_len) ?:
	      key_expand(prf, "quic iv", key->iv, MQVPN_IV_LEN);
	memzero_explicit(raw, sizeof(raw));
	return err;
}

/* RFC 9001 section 6: this one stays the same over all key updates. */
static int key_derive_mask(struct mqvpn_key *key,
			   const struct protect_suite *suite,
			   struct crypto_shash *prf)
{
	u8 raw[MQVPN_KEY_MAX];
	int err;

	err = key_expand(prf, "quic hp", raw, suite->key_len) ?:
	      key_set_mask(key, raw, suite->key_len);
	memzero_explicit(raw, sizeof(raw));
	return err;
}

/* The hash of a secret, keyed with it. */
static struct crypto_shash *key_prf(const struct mqvpn_key *key,
				    const struct protect_suite *suite,
				    struct netlink_ext_ack *extack)
{
	struct crypto_shash *prf;
	int err;

	prf = crypto_alloc_shash(suite->prf, 0, 0);
	if (IS_ERR(prf)) {
		NL_SET_ERR_MSG(extack, "The kernel has no HMAC for this AEAD");
		return prf;
	}
	err = crypto_shash_setkey(prf, key->secret, key->secret_len);
	if (!err)
		return prf;
	crypto_free_shash(prf);
	return ERR_PTR(err);
}

static int key_derive_from_secret(struct mqvpn_key *key,
				  const struct protect_suite *suite,
				  struct netlink_ext_ack *extack)
{
	struct crypto_shash *prf;
	int err;

	prf = key_prf(key, suite, extack);
	if (IS_ERR(prf))
		return PTR_ERR(prf);
	err = key_derive(key, suite, prf);
	/* a later generation has it from the one before */
	if (!err && !key->generation)
		err = key_derive_mask(key, suite, prf);
	crypto_free_shash(prf);
	if (err)
		NL_SET_ERR_MSG(extack, "Keys cannot be derived from the secret");
	return err;
}

/* RFC 9001 section 6.1 */
static int key_derive_secret(struct mqvpn_key *key, const struct mqvpn_key *old,
			     const struct protect_suite *suite,
			     struct netlink_ext_ack *extack)
{
	struct crypto_shash *prf;
	int err;

	prf = key_prf(old, suite, extack);
	if (IS_ERR(prf))
		return PTR_ERR(prf);
	err = key_expand(prf, "quic ku", key->secret, suite->secret_len);
	crypto_free_shash(prf);
	return err;
}

static int key_alloc_aead(struct mqvpn_key *key,
			  const struct protect_suite *suite,
			  struct netlink_ext_ack *extack)
{
	key->aead = crypto_alloc_aead(suite->aead, 0, 0);
	if (IS_ERR(key->aead)) {
		NL_SET_ERR_MSG(extack, "The kernel has no such AEAD");
		return PTR_ERR(key->aead);
	}
	if (crypto_aead_reqsize(key->aead) > MQVPN_CRYPT_REQSIZE ||
	    crypto_aead_ivsize(key->aead) != MQVPN_IV_LEN) {
		NL_SET_ERR_MSG(extack, "The AEAD's driver needs too much memory a packet");
		return -EOPNOTSUPP;
	}
	return crypto_aead_setauthsize(key->aead, MQVPN_TAG_LEN);
}

static const struct protect_suite *
protect_suite_find(u32 alg, size_t len, struct netlink_ext_ack *extack)
{
	if (alg < MQVPN_AEAD_AES_128_GCM || alg >= ARRAY_SIZE(protect_suites)) {
		NL_SET_ERR_MSG(extack, "Unknown AEAD");
		return NULL;
	}
	if (len != protect_suites[alg].secret_len) {
		NL_SET_ERR_MSG(extack, "A traffic secret has 48 bytes with AES-256-GCM, else 32");
		return NULL;
	}
	return &protect_suites[alg];
}

static struct mqvpn_key *key_make(u32 alg)
{
	const struct protect_suite *suite = &protect_suites[alg];
	struct mqvpn_key *key;

	key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	if (!key)
		return NULL;
	atomic_inc(&key_count);
	refcount_set(&key->ref, 1);
	INIT_RCU_WORK(&key->free_work, key_free_work);
	key->alg = alg;
	key->secret_len = suite->secret_len;
	key->seal_max = suite->seal_max;
	key->fail_max = suite->fail_max;
	return key;
}

/**
 * mqvpn_key_new() - keys of one direction from a traffic secret
 * @alg: enum mqvpn_aead
 * @secret: traffic secret of RFC 8446; the caller wipes its copy
 * @len: bytes in @secret, must be what the AEAD's hash has
 * @extack: for the reason of a refusal
 *
 * RFC 9001 section 5.1.
 *
 * Context: process, sleeps.
 * Return: keys with one reference, or ERR_PTR: -EINVAL for an AEAD or length
 *	that is not known, -EOPNOTSUPP or -ENOENT for what this kernel cannot
 *	do, -ENOMEM.
 */
struct mqvpn_key *mqvpn_key_new(u32 alg, const u8 *secret, size_t len,
				struct netlink_ext_ack *extack)
{
	const struct protect_suite *suite;
	struct mqvpn_key *key;
	int err;

	suite = protect_suite_find(alg, len, extack);
	if (!suite)
		return ERR_PTR(-EINVAL);
	key = key_make(alg);
	if (!key)
		return ERR_PTR(-ENOMEM);
	memcpy(key->secret, secret, len);
	err = key_alloc_aead(key, suite, extack) ?:
	      key_derive_from_secret(key, suite, extack);
	if (err) {
		key_free(key);
		return ERR_PTR(err);
	}
	return key;
}

/**
 * mqvpn_key_next() - keys of the generation after another
 * @key: the other; its secret is wiped, so it has one successor
 * @extack: for the reason of a refusal
 *
 * RFC 9001 section 6.1. Limits are those of @key.
 *
 * Context: process, sleeps; the caller sees to it that there is no other.
 * Return: keys with one reference, or ERR_PTR: -ENOMEM, or what the kernel's
 *	cryptography says; @key is then as it was.
 */
struct mqvpn_key *mqvpn_key_next(struct mqvpn_key *key,
				 struct netlink_ext_ack *extack)
{
	const struct protect_suite *suite = &protect_suites[key->alg];
	struct mqvpn_key *next;
	int err;

	if (WARN_ON_ONCE(!key->secret_len))
		return ERR_PTR(-EINVAL);
	next = key_make(key->alg);
	if (!next)
		return ERR_PTR(-ENOMEM);
	next->generation = key->generation + 1;
	next->seal_max = key->seal_max;
	next->fail_max = key->fail_max;
	if (key->alg == MQVPN_AEAD_CHACHA20_POLY1305)
		memcpy(next->chacha, key->chacha, sizeof(next->chacha));
	else
		next->aes = key->aes;
	err = key_alloc_aead(next, suite, extack) ?:
	      key_derive_secret(next, key, suite, extack) ?:
	      key_derive_from_secret(next, suite, extack);
	if (err) {
		key_free(next);
		return ERR_PTR(err);
	}
	memzero_explicit(key->secret, sizeof(key->secret));
	key->secret_len = 0;
	return next;
}

/**
 * mqvpn_key_get() - take a reference to keys found under RCU
 * @key: the keys
 *
 * Context: any; RCU read lock or a reference is held.
 * Return: false if the last reference is already gone.
 */
bool mqvpn_key_get(struct mqvpn_key *key)
{
	return refcount_inc_not_zero(&key->ref);
}

/**
 * mqvpn_key_put() - drop a reference
 * @key: the keys, or NULL
 *
 * They are freed after a grace period and in process context, because freeing
 * the transform may sleep.
 *
 * Context: any.
 */
void mqvpn_key_put(struct mqvpn_key *key)
{
	if (key && refcount_dec_and_test(&key->ref))
		queue_rcu_work(key_wq, &key->free_work);
}

/**
 * mqvpn_key_mask() - header protection mask, RFC 9001 section 5.4
 * @key: the keys
 * @sample: 16 bytes of ciphertext, 4 bytes after the packet number's first
 * @mask: result, for the first byte and up to four of the packet number
 *
 * Context: any; RCU read lock or a reference is held.
 */
void mqvpn_key_mask(const struct mqvpn_key *key,
		    const u8 sample[MQVPN_SAMPLE_LEN], u8 mask[MQVPN_MASK_LEN])
{
	u8 block[CHACHA_BLOCK_SIZE];

	if (key->alg == MQVPN_AEAD_CHACHA20_POLY1305)
		mqvpn_chacha20_block(key->chacha, sample, block);
	else
		mqvpn_aes_encrypt(&key->aes, block, sample);
	memcpy(mask, block, MQVPN_MASK_LEN);
}

/* Requests */

/**
 * mqvpn_crypt_get() - take a request for one packet
 * @key: keys to use; the request holds a reference
 * @use: what for; a backlog of one use does not starve the other
 *
 * Context: softirqs off; RCU read lock or a reference to @key is held.
 * Return: the request, or NULL if this CPU's are all in use, or @key is gone:
 *	the caller drops the packet and counts it.
 */
struct mqvpn_crypt *mqvpn_crypt_get(struct mqvpn_key *key,
				    enum mqvpn_crypt_use use)
{
	struct mqvpn_crypt_pool *pool = this_cpu_ptr(&crypt_pools[use]);
	struct mqvpn_crypt *c;

	lockdep_assert_in_softirq();
	if (unlikely(!pool->free))
		pool->free = llist_del_all(&pool->returned);
	if (unlikely(!pool->free || !mqvpn_key_get(key)))
		return NULL;
	c = llist_entry(pool->free, struct mqvpn_crypt, node);
	pool->free = c->node.next;
	c->key = key;
	return c;
}

/**
 * mqvpn_crypt_put() - give a request back
 * @c: the request; what its members point to is the caller's, but the key
 *
 * Context: softirqs off; any CPU.
 */
void mqvpn_crypt_put(struct mqvpn_crypt *c)
{
	struct mqvpn_crypt_pool *pool = c->pool;
	struct mqvpn_key *key = c->key;

	lockdep_assert_in_softirq();
	if (likely(pool->cpu == smp_processor_id())) {
		c->node.next = pool->free;
		pool->free = &c->node;
	} else {
		llist_add(&c->node, &pool->returned);
	}
	/* Last, see mqvpn_protect_exit(). */
	mqvpn_key_put(key);
}

/*
 * The head and @skb from @offset on as one list. A packet with more pieces than
 * a driver ever makes does not fit: -EMSGSIZE.
 */
static int crypt_list(struct mqvpn_crypt *c, struct sk_buff *skb, int offset)
{
	unsigned int len = skb->len - offset;
	int n;

	if (!skb_is_nonlinear(skb)) {
		sg_init_table(c->src, 2);
		sg_set_buf(c->src, c->head, c->head_len);
		sg_set_buf(c->src + 1, skb->data + offset, len);
		return 0;
	}
	sg_init_table(c->src, ARRAY_SIZE(c->src));
	sg_set_buf(c->src, c->head, c->head_len);
	n = skb_to_sgvec(skb, c->src + 1, offset, len);
	return n < 0 ? n : 0;
}

static void crypt_prepare(struct mqvpn_crypt *c, struct scatterlist *dst,
			  unsigned int len, crypto_completion_t done)
{
	mqvpn_nonce(c->key->iv, c->path_id, c->pn, c->nonce);
	aead_request_set_tfm(&c->req, c->key->aead);
	aead_request_set_callback(&c->req, 0, done, c);
	aead_request_set_ad(&c->req, c->hdr_len);
	aead_request_set_crypt(&c->req, c->src, dst, len, c->nonce);
}

/* Seal */

/* RFC 9001 section 5.4.1 */
static void seal_mask(struct mqvpn_crypt *c)
{
	u8 *hdr = c->skb->data;
	unsigned int pn_len = (hdr[0] & MQVPN_HDR_PN_LEN) + 1;
	u8 *pn = hdr + c->hdr_len - pn_len;
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i;

	mqvpn_key_mask(c->key, pn + PROTECT_SAMPLE_OFFSET, mask);
	hdr[0] ^= mask[0] & (MQVPN_HDR_RESERVED | MQVPN_HDR_KEY_PHASE |
			     MQVPN_HDR_PN_LEN);
	for (i = 0; i < pn_len; i++)
		pn[i] ^= mask[1 + i];
}

static void seal_done(mqvpn_crypto_cb_arg *arg, int err)
{
	struct mqvpn_crypt *c = mqvpn_crypto_cb_data(arg);

	if (!err)
		seal_mask(c);
	c->done(c, err);
}

/* What is to be read; *dst is where the result goes, @out its memory. */
static int seal_source(struct mqvpn_crypt *c, u8 *out, unsigned int size,
		       struct scatterlist **dst)
{
	*dst = c->dst;
	sg_init_one(c->dst, out, size);
	if (!c->inner) {
		sg_init_one(c->src, c->head, c->head_len);
		return 0;
	}
	if (likely(!crypt_list(c, c->inner, 0)))
		return 0;
	*dst = c->src;
	sg_init_one(c->src, out, size);
	memcpy(out, c->head, c->head_len);
	return skb_copy_bits(c->inner, 0, out + c->head_len, c->inner->len);
}

/**
 * mqvpn_crypt_seal() - encrypt a packet and protect its header
 * @c: request; set are @skb (linear, empty, with tail room for everything),
 *	@inner, @path_id, @pn, @head, @head_len, @hdr_len and @done. The header
 *	ends with the packet number, of the length that its first byte says;
 *	if that is below four, the payload has what is missing at least.
 *
 * The payload is what follows the header in @head, then @inner's bytes, which
 * are only read. RFC 9001 sections 5.3 and 5.4.
 *
 * Context: softirqs off.
 * Return:
 * * 0 - @skb holds the packet
 * * -EINPROGRESS - @done will be called, or was called, with 0 or an error,
 *   softirqs off; @c may be gone
 * * -ENOSPC, -EBUSY - too many requests are deferred
 * * other - the AEAD failed
 */
int mqvpn_crypt_seal(struct mqvpn_crypt *c)
{
	unsigned int len = c->head_len - c->hdr_len;
	struct scatterlist *dst;
	unsigned int size;
	u8 *out;
	int err;

	if (c->inner)
		len += c->inner->len;
	size = c->hdr_len + len + MQVPN_TAG_LEN;
	out = skb_put(c->skb, size);
	err = seal_source(c, out, size, &dst);
	if (unlikely(err))
		return err;
	/* Not all transforms copy the additional data. */
	memcpy(out, c->head, c->hdr_len);
	crypt_prepare(c, dst, len, seal_done);
	err = crypto_aead_encrypt(&c->req);
	if (likely(!err))
		seal_mask(c);
	return err;
}

/* Open */

/*
 * On success the new packet takes the place of the one received. On failure
 * that one stays: its last bytes may be a stateless reset token.
 */
static void open_finish(struct mqvpn_crypt *c, int err)
{
	if (likely(!c->copied))
		return;
	if (err) {
		consume_skb(c->inner);
	} else {
		consume_skb(c->skb);
		c->skb = c->inner;
	}
	c->inner = NULL;
}

static void open_done(mqvpn_crypto_cb_arg *arg, int err)
{
	struct mqvpn_crypt *c = mqvpn_crypto_cb_data(arg);

	open_finish(c, err);
	c->done(c, err);
}

/* Room for the plaintext, behind a copy of the headers around the packet. */
static struct sk_buff *open_alloc(const struct mqvpn_crypt *c)
{
	const struct sk_buff *old = c->skb;
	int outer = -skb_network_offset(old);
	struct sk_buff *skb;

	if (outer < 0)
		outer = 0;
	skb = netdev_alloc_skb(old->dev, outer + old->len);
	if (!skb)
		return NULL;
	skb_put_data(skb, old->data - outer, outer);
	skb_reset_network_header(skb);
	__skb_pull(skb, outer);
	skb_set_transport_header(skb, skb_transport_offset(old));
	skb_put_data(skb, c->head, c->hdr_len);
	skb_put(skb, old->len - c->hdr_len);
	skb->protocol = old->protocol;
	skb->tstamp = old->tstamp;
	skb->mark = old->mark;
	skb_copy_hash(skb, old);
	return skb;
}

/* Decrypt into a new packet, of whose memory nobody else knows. */
static int open_copy(struct mqvpn_crypt *c, struct scatterlist **dst)
{
	struct sk_buff *skb = open_alloc(c);

	if (!skb)
		return -ENOMEM;
	c->copied = true;
	c->inner = skb;
	*dst = c->dst;
	sg_init_one(c->dst, skb->data, skb->len);
	if (likely(!crypt_list(c, c->skb, c->hdr_len)))
		return 0;
	*dst = c->src;
	sg_init_one(c->src, skb->data, skb->len);
	return skb_copy_bits(c->skb, c->hdr_len, skb->data + c->hdr_len,
			     skb->len - c->hdr_len);
}

static int open_source(struct mqvpn_crypt *c, struct scatterlist **dst)
{
	const struct sk_buff *skb = c->skb;

	c->copied = false;
	if (skb_is_nonlinear(skb) || skb_cloned(skb) || skb_shared(skb))
		return open_copy(c, dst);
	*dst = c->src;
	return crypt_list(c, c->skb, c->hdr_len);
}

/**
 * mqvpn_crypt_open() - authenticate and decrypt a packet
 * @c: request; set are @skb (data is the packet's first byte, at least 16 bytes
 *	follow the header), @path_id, @pn, @head (the unprotected header),
 *	@head_len, @hdr_len (both its length) and @done
 *
 * A packet that others can see, or that is in pieces, is not written: @skb is
 * then replaced by a linear one with the same headers from the network header
 * on, and @copied is set. The plaintext is at @skb->data + @hdr_len, and the
 * tag still behind it. RFC 9001 section 5.3.
 *
 * Context: softirqs off.
 * Return:
 * * 0 - the packet is genuine
 * * -EINPROGRESS - @done will be called, or was called, with 0 or an error,
 *   softirqs off; @c may be gone
 * * -EBADMSG - it is not; @skb is the packet as received, of which the last 16
 *   bytes are as they were
 * * -ENOMEM, -ENOSPC, -EBUSY - no memory, or too many requests are deferred
 * * other - the AEAD failed
 */
int mqvpn_crypt_open(struct mqvpn_crypt *c)
{
	struct scatterlist *dst;
	int err;

	err = open_source(c, &dst);
	if (likely(!err)) {
		crypt_prepare(c, dst, c->skb->len - c->hdr_len, open_done);
		err = crypto_aead_decrypt(&c->req);
	}
	if (err != -EINPROGRESS)
		open_finish(c, err);
	return err;
}
