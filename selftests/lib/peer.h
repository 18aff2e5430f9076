/* SPDX-License-Identifier: GPL-2.0 */
/* A QUIC peer that has the right keys: packet protection for programs that send
 * more than tools/quic.py can. AES-128-GCM alone. RFC 9001 section 5.
 */
#ifndef PEER_H
#define PEER_H

#include <gnutls/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kmod/frame.h"

#define PEER_SECRET_LEN	32
#define PEER_KEY_LEN	16
/* what a packet is longer than its frames */
#define PEER_OVERHEAD	(1 + MQVPN_CID_LEN + MQVPN_PN_LEN + MQVPN_TAG_LEN)

struct peer {
	u8 secret[PEER_SECRET_LEN];	/* of what it sends */
	u8 iv[MQVPN_IV_LEN];
	gnutls_aead_cipher_hd_t aead;
	gnutls_cipher_hd_t hp;
};

static inline void peer_check(bool fine, const char *what)
{
	if (fine)
		return;
	printf("# %s\n", what);
	exit(1);
}

static inline void peer_expand(const struct peer *peer, const char *label,
			       u8 *out, u16 len)
{
	gnutls_datum_t prk = { (u8 *)peer->secret, PEER_SECRET_LEN };
	u8 bytes[MQVPN_HKDF_LABEL_MAX];
	gnutls_datum_t info = { bytes, mqvpn_hkdf_label(bytes, len, label) };

	peer_check(!gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &prk, &info, out,
				       len), "HKDF");
}

/* The secret is there; all else follows from it. */
static inline void peer_set_keys(struct peer *peer)
{
	u8 key[PEER_KEY_LEN], mask[PEER_KEY_LEN], zeros[16] = { 0 };
	gnutls_datum_t key_datum = { key, sizeof(key) };
	gnutls_datum_t mask_datum = { mask, sizeof(mask) };
	gnutls_datum_t zeros_datum = { zeros, sizeof(zeros) };

	peer_expand(peer, "quic key", key, sizeof(key));
	peer_expand(peer, "quic iv", peer->iv, sizeof(peer->iv));
	peer_expand(peer, "quic hp", mask, sizeof(mask));
	if (peer->aead)
		gnutls_aead_cipher_deinit(peer->aead);
	if (peer->hp)
		gnutls_cipher_deinit(peer->hp);
	peer_check(!gnutls_aead_cipher_init(&peer->aead,
					    GNUTLS_CIPHER_AES_128_GCM,
					    &key_datum), "AES-GCM");
	peer_check(!gnutls_cipher_init(&peer->hp, GNUTLS_CIPHER_AES_128_CBC,
				       &mask_datum, &zeros_datum), "AES");
}

/* The first block of CBC without an IV is that of ECB. */
static inline void peer_mask(const struct peer *peer, const u8 *sample,
			     u8 *mask)
{
	u8 zeros[16] = { 0 };

	gnutls_cipher_set_iv(peer->hp, zeros, sizeof(zeros));
	peer_check(!gnutls_cipher_encrypt2(peer->hp, sample, 16, mask, 16),
		   "mask");
}

/*
 * Seal frames, whose packet has room for PEER_OVERHEAD more and its connection
 * ID in place already; odd are bits of the first byte that a good peer leaves.
 * Return: length of the packet.
 */
static inline unsigned int peer_seal(const struct peer *peer, u8 *packet,
				     u8 odd, unsigned int path, u64 number,
				     const u8 *frames, unsigned int len)
{
	u8 *at = packet + 1 + MQVPN_CID_LEN;
	size_t size = len + MQVPN_TAG_LEN;
	u8 nonce[MQVPN_IV_LEN], mask[16];

	packet[0] = MQVPN_HDR_FIXED_BIT | odd | (MQVPN_PN_LEN - 1);
	mqvpn_pn_put(at, number);
	mqvpn_nonce(peer->iv, path, number, nonce);
	peer_check(!gnutls_aead_cipher_encrypt(peer->aead, nonce, sizeof(nonce),
					       packet,
					       at + MQVPN_PN_LEN - packet,
					       MQVPN_TAG_LEN, frames, len,
					       at + MQVPN_PN_LEN, &size),
		   "seal");
	peer_mask(peer, at + MQVPN_PN_LEN, mask);
	packet[0] ^= mask[0] & 0x1f;
	for (unsigned int i = 0; i < MQVPN_PN_LEN; i++)
		at[i] ^= mask[1 + i];
	return at + MQVPN_PN_LEN + size - packet;
}

#endif
