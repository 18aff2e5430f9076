// SPDX-License-Identifier: GPL-2.0
/* RFC 9001 appendix A with our codec and GnuTLS's cryptography: the bytes that
 * the codec gives to the kernel's cryptography are those that the RFC means.
 */
#include <gnutls/crypto.h>
#include <linux/kernel.h>

#include "../../kmod/frame.c"

#include "ktap.h"
#include "../kunit/vectors-protect.h"

#define AES_256		2
#define CHACHA20	3

/* Keys of a packet as GnuTLS has them */
struct keys {
	unsigned int aead;
	unsigned int len;
	u8 key[32];
	u8 iv[MQVPN_IV_LEN];
	u8 hp[32];
};

static gnutls_datum_t datum(const void *data, unsigned int size)
{
	return (gnutls_datum_t){ (u8 *)data, size };
}

static void expand(const char *secret, unsigned int secret_len,
		   const char *label, u8 *out, u16 len)
{
	gnutls_datum_t prk = datum(secret, secret_len);
	u8 bytes[MQVPN_HKDF_LABEL_MAX];
	gnutls_datum_t info = datum(bytes, mqvpn_hkdf_label(bytes, len, label));

	EXPECT_EQ(gnutls_hkdf_expand(secret_len == 48 ? GNUTLS_MAC_SHA384 :
				     GNUTLS_MAC_SHA256, &prk, &info, out, len),
		  0);
}

static struct keys keys_of(unsigned int aead, const char *secret)
{
	unsigned int secret_len = aead == AES_256 ? 48 : 32;
	struct keys k = { .aead = aead, .len = aead == 1 ? 16 : 32 };

	expand(secret, secret_len, "quic key", k.key, k.len);
	expand(secret, secret_len, "quic iv", k.iv, MQVPN_IV_LEN);
	expand(secret, secret_len, "quic hp", k.hp, k.len);
	return k;
}

/* RFC 9001 sections 5.4.3 and 5.4.4 */
static void mask_of(const struct keys *k, const u8 *sample, u8 *mask)
{
	static const u8 zeros[16];
	gnutls_cipher_algorithm_t alg = k->len == 16 ? GNUTLS_CIPHER_AES_128_CBC :
					GNUTLS_CIPHER_AES_256_CBC;
	gnutls_datum_t key = datum(k->hp, k->len);
	/* The first block of CBC with no IV is that of ECB. */
	gnutls_datum_t iv = datum(zeros, sizeof(zeros));
	const u8 *in = sample;
	gnutls_cipher_hd_t handle;
	u8 out[16];

	if (k->aead == CHACHA20) {
		alg = GNUTLS_CIPHER_CHACHA20_32;
		iv = datum(sample, 16);
		in = zeros;
	}
	EXPECT_EQ(gnutls_cipher_init(&handle, alg, &key, &iv), 0);
	EXPECT_EQ(gnutls_cipher_encrypt2(handle, in, sizeof(out), out,
					 sizeof(out)), 0);
	gnutls_cipher_deinit(handle);
	memcpy(mask, out, MQVPN_MASK_LEN);
}

static gnutls_aead_cipher_hd_t aead_of(const struct keys *k)
{
	static const gnutls_cipher_algorithm_t algs[] = {
		0, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_CIPHER_AES_256_GCM,
		GNUTLS_CIPHER_CHACHA20_POLY1305,
	};
	gnutls_datum_t key = datum(k->key, k->len);
	gnutls_aead_cipher_hd_t handle;

	EXPECT_EQ(gnutls_aead_cipher_init(&handle, algs[k->aead], &key), 0);
	return handle;
}

static void keys_from_secrets(void)
{
	const struct vector_keys *v;
	struct keys k;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_keys); i++) {
		v = &vector_keys[i];
		k = keys_of(v->aead, v->secret);
		EXPECT_EQ(k.len, v->key_len);
		EXPECT(!memcmp(k.key, v->key, v->key_len));
		EXPECT(!memcmp(k.iv, v->iv, MQVPN_IV_LEN));
		EXPECT(!memcmp(k.hp, v->hp, v->key_len));
	}
}

static void header_masks(void)
{
	const struct vector_keys *v;
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i;
	struct keys k;

	for (i = 0; i < ARRAY_SIZE(vector_keys); i++) {
		v = &vector_keys[i];
		k = keys_of(v->aead, v->secret);
		mask_of(&k, (const u8 *)v->sample, mask);
		EXPECT(!memcmp(mask, v->mask, sizeof(mask)));
	}
}

/* First byte and packet number, whose first byte is @pn; RFC 9001, 5.4.1 */
static void mask_header(const struct keys *k, u8 *packet, u8 *pn,
			unsigned int pn_len)
{
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i;

	mask_of(k, pn + 4, mask);
	packet[0] ^= mask[0] & (packet[0] & MQVPN_HDR_FORM_LONG ? 0x0f : 0x1f);
	for (i = 0; i < pn_len; i++)
		pn[i] ^= mask[1 + i];
}

static void seal_packet(const struct vector_packet *v, const struct keys *k)
{
	gnutls_aead_cipher_hd_t handle = aead_of(k);
	unsigned int pn_len = (v->header[0] & MQVPN_HDR_PN_LEN) + 1;
	u8 pn[4], nonce[MQVPN_IV_LEN], packet[VECTOR_PACKET_MAX];
	size_t size = v->payload_len + MQVPN_TAG_LEN;
	u8 *end = packet + v->header_len;

	memcpy(packet, v->header, v->header_len);
	mqvpn_pn_put(pn, v->pn);
	EXPECT(!memcmp(pn + 4 - pn_len, end - pn_len, pn_len));
	mqvpn_nonce(k->iv, v->path_id, v->pn, nonce);
	EXPECT_EQ(gnutls_aead_cipher_encrypt(handle, nonce, sizeof(nonce),
					     packet, v->header_len,
					     MQVPN_TAG_LEN, v->payload,
					     v->payload_len, end, &size), 0);
	gnutls_aead_cipher_deinit(handle);
	mask_header(k, packet, end - pn_len, pn_len);
	EXPECT(!memcmp(packet, v->packet, v->header_len + size));
}

static void open_packet(const struct vector_packet *v)
{
	struct keys k = keys_of(v->aead, v->secret);
	gnutls_aead_cipher_hd_t handle = aead_of(&k);
	unsigned int pn_len = (v->header[0] & MQVPN_HDR_PN_LEN) + 1;
	unsigned int sealed = v->payload_len + MQVPN_TAG_LEN;
	u8 nonce[MQVPN_IV_LEN], packet[VECTOR_PACKET_MAX];
	u8 *end = packet + v->header_len;
	u8 plain[VECTOR_PACKET_MAX];
	size_t size = sizeof(plain);
	u64 pn;

	memcpy(packet, v->packet, v->header_len + sealed);
	mask_header(&k, packet, end - pn_len, pn_len);
	EXPECT(!memcmp(packet, v->header, v->header_len));
	pn = mqvpn_pn_decode(v->pn > 100 ? v->pn - 100 : 0,
			     mqvpn_pn_get(end - pn_len, pn_len), pn_len);
	EXPECT_EQ(pn, v->pn);
	mqvpn_nonce(k.iv, v->path_id, pn, nonce);
	EXPECT_EQ(gnutls_aead_cipher_decrypt(handle, nonce, sizeof(nonce),
					     packet, v->header_len,
					     MQVPN_TAG_LEN, end, sealed, plain,
					     &size), 0);
	gnutls_aead_cipher_deinit(handle);
	EXPECT_EQ(size, v->payload_len);
	EXPECT(!memcmp(plain, v->payload, size));
}

/* RFC 9001 section 6.1 */
static struct keys keys_updated(const struct vector_packet *v,
				unsigned int times, u8 *secret)
{
	struct keys k = keys_of(v->aead, v->secret), updated;
	u8 before[MQVPN_SECRET_MAX];

	memcpy(secret, v->secret, v->secret_len);
	while (times--) {
		memcpy(before, secret, v->secret_len);
		expand((const char *)before, v->secret_len, "quic ku", secret,
		       v->secret_len);
	}
	updated = keys_of(v->aead, (const char *)secret);
	memcpy(updated.hp, k.hp, sizeof(updated.hp));
	return updated;
}

static void packets_updated(void)
{
	const struct vector_updated *v;
	u8 secret[MQVPN_SECRET_MAX];
	struct keys k;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_updates); i++) {
		v = &vector_updates[i];
		k = keys_updated(&v->packet, v->generation, secret);
		EXPECT(!memcmp(secret, v->updated, v->packet.secret_len));
		EXPECT_EQ(!!(v->packet.header[0] & MQVPN_HDR_KEY_PHASE),
			  v->generation & 1);
		seal_packet(&v->packet, &k);
	}
}

static void packets_sealed(void)
{
	const struct vector_packet *v;
	unsigned int i;
	struct keys k;

	for (i = 0; i < ARRAY_SIZE(vector_packets); i++) {
		v = &vector_packets[i];
		k = keys_of(v->aead, v->secret);
		seal_packet(v, &k);
	}
}

static void packets_opened(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_packets); i++)
		open_packet(&vector_packets[i]);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(keys_from_secrets),
	KTAP_CASE(header_masks),
	KTAP_CASE(packets_sealed),
	KTAP_CASE(packets_opened),
	KTAP_CASE(packets_updated),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
