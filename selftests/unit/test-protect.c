// SPDX-License-Identifier: GPL-2.0
/* RFC 9001 appendix A with our codec and GnuTLS's cryptography: the bytes that
 * the codec gives to the kernel's cryptography are those that the RFC means.
 */
#include <gnutls/crypto.h>

#include "../../kmod/frame.c"

#include "ktap.h"
#include "../kunit/vectors.h"

#define KEY_MAX		32
#define CHACHA20	3

static gnutls_datum_t datum(const void *data, unsigned int size)
{
	return (gnutls_datum_t){ (u8 *)data, size };
}

static void expand(const char *secret, const char *label, u8 *out, u16 len)
{
	gnutls_datum_t prk = datum(secret, 32);
	u8 bytes[MQVPN_HKDF_LABEL_MAX];
	gnutls_datum_t info = datum(bytes, mqvpn_hkdf_label(bytes, len, label));

	EXPECT_EQ(gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &prk, &info, out, len),
		  0);
}

/* RFC 9001 sections 5.4.3 and 5.4.4 */
static void mask_of(const struct vector_keys *v, const u8 *sample, u8 *mask)
{
	static const u8 zeros[16];
	gnutls_cipher_algorithm_t alg = GNUTLS_CIPHER_AES_128_CBC;
	gnutls_datum_t key = datum(v->hp, v->key_len);
	/* The first block of CBC with no IV is that of ECB. */
	gnutls_datum_t iv = datum(zeros, sizeof(zeros));
	const u8 *in = sample;
	gnutls_cipher_hd_t handle;
	u8 out[16];

	if (v->aead == CHACHA20) {
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

static void keys_from_secrets(void)
{
	const struct vector_keys *v;
	unsigned int i;
	u8 out[KEY_MAX];

	for (i = 0; i < ARRAY_SIZE(vector_keys); i++) {
		v = &vector_keys[i];
		expand(v->secret, "quic key", out, v->key_len);
		EXPECT(!memcmp(out, v->key, v->key_len));
		expand(v->secret, "quic iv", out, MQVPN_IV_LEN);
		EXPECT(!memcmp(out, v->iv, MQVPN_IV_LEN));
		expand(v->secret, "quic hp", out, v->key_len);
		EXPECT(!memcmp(out, v->hp, v->key_len));
	}
}

static void header_masks(void)
{
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_keys); i++) {
		mask_of(&vector_keys[i], (const u8 *)vector_keys[i].sample,
			mask);
		EXPECT(!memcmp(mask, vector_keys[i].mask, sizeof(mask)));
	}
}

/* RFC 9001 appendix A.5: a PING in a short header packet, byte for byte. */
static void whole_packet(void)
{
	const struct vector_keys *v = VECTOR_A5_KEYS;
	gnutls_datum_t key = datum(v->key, v->key_len);
	u8 packet[sizeof(VECTOR_A5_PACKET) - 1];
	size_t size = sizeof(packet) - 1 - VECTOR_A5_PN_LEN;
	u8 pn[4], mask[MQVPN_MASK_LEN], nonce[MQVPN_IV_LEN];
	gnutls_aead_cipher_hd_t handle;
	unsigned int i;

	packet[0] = MQVPN_HDR_FIXED_BIT | (VECTOR_A5_PN_LEN - 1);
	mqvpn_pn_put(pn, VECTOR_A5_PN);
	memcpy(packet + 1, pn + 1, VECTOR_A5_PN_LEN);
	EXPECT(!memcmp(packet, VECTOR_A5_HEADER, 1 + VECTOR_A5_PN_LEN));
	mqvpn_nonce((const u8 *)v->iv, 0, VECTOR_A5_PN, nonce);
	EXPECT_EQ(gnutls_aead_cipher_init(&handle,
					  GNUTLS_CIPHER_CHACHA20_POLY1305,
					  &key), 0);
	EXPECT_EQ(gnutls_aead_cipher_encrypt(handle, nonce, sizeof(nonce),
					     packet, 1 + VECTOR_A5_PN_LEN,
					     MQVPN_TAG_LEN, VECTOR_A5_PAYLOAD,
					     sizeof(VECTOR_A5_PAYLOAD) - 1,
					     packet + 1 + VECTOR_A5_PN_LEN,
					     &size), 0);
	gnutls_aead_cipher_deinit(handle);
	mask_of(v, packet + 1 + MQVPN_PN_LEN, mask);
	packet[0] ^= mask[0] & 0x1f;
	for (i = 0; i < VECTOR_A5_PN_LEN; i++)
		packet[1 + i] ^= mask[1 + i];
	EXPECT(!memcmp(packet, VECTOR_A5_PACKET, sizeof(packet)));
}

/* And back: the number is completed, the frame is found. */
static void packet_opened(void)
{
	const struct vector_keys *v = VECTOR_A5_KEYS;
	gnutls_datum_t key = datum(v->key, v->key_len);
	u8 packet[sizeof(VECTOR_A5_PACKET) - 1];
	unsigned int i, len, hdr_len;
	u8 plain[32], mask[MQVPN_MASK_LEN], nonce[MQVPN_IV_LEN];
	gnutls_aead_cipher_hd_t handle;
	struct mqvpn_reader r = { plain, plain };
	struct mqvpn_frame frame;
	size_t size = sizeof(plain);
	u64 pn;

	memcpy(packet, VECTOR_A5_PACKET, sizeof(packet));
	mask_of(v, packet + 1 + MQVPN_PN_LEN, mask);
	packet[0] ^= mask[0] & 0x1f;
	len = (packet[0] & MQVPN_HDR_PN_LEN) + 1;
	EXPECT_EQ(len, VECTOR_A5_PN_LEN);
	hdr_len = 1 + len;
	for (i = 0; i < len; i++)
		packet[1 + i] ^= mask[1 + i];
	pn = mqvpn_pn_decode(VECTOR_A5_PN - 1000, mqvpn_pn_get(packet + 1, len),
			     len);
	EXPECT_EQ(pn, VECTOR_A5_PN);
	mqvpn_nonce((const u8 *)v->iv, 0, pn, nonce);
	EXPECT_EQ(gnutls_aead_cipher_init(&handle,
					  GNUTLS_CIPHER_CHACHA20_POLY1305,
					  &key), 0);
	EXPECT_EQ(gnutls_aead_cipher_decrypt(handle, nonce, sizeof(nonce),
					     packet, hdr_len, MQVPN_TAG_LEN,
					     packet + hdr_len,
					     sizeof(packet) - hdr_len, plain,
					     &size), 0);
	gnutls_aead_cipher_deinit(handle);
	r.end = plain + size;
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), 0);
	EXPECT_EQ(frame.type, MQVPN_FRAME_PING);
	EXPECT_EQ(mqvpn_frame_next(&r, &frame), -ENODATA);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(keys_from_secrets),
	KTAP_CASE(header_masks),
	KTAP_CASE(whole_packet),
	KTAP_CASE(packet_opened),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
