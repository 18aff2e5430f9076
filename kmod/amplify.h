/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much may be sent to an address that nobody has validated: three times
 * what came from it, RFC 9000 section 8.1.
 */
#ifndef MQVPN_AMPLIFY_H
#define MQVPN_AMPLIFY_H

#include "frame.h"

/**
 * struct mqvpn_amplify - bytes of UDP payload from and to an address
 * @received: bytes that came
 * @sent: bytes that were sent before the address was validated
 * @validated: no limit any more
 *
 * The caller's lock protects it.
 */
struct mqvpn_amplify {
	u64 received;
	u64 sent;
	bool validated;
};

/**
 * mqvpn_amplify_room() - how much may be sent
 * @amplify: of the address
 *
 * Context: any.
 * Return: bytes.
 */
static inline u64 mqvpn_amplify_room(const struct mqvpn_amplify *amplify)
{
	u64 most = MQVPN_AMPLIFY_FACTOR * amplify->received;

	if (amplify->validated)
		return ~0ULL;
	return most > amplify->sent ? most - amplify->sent : 0;
}

/**
 * mqvpn_amplify_received() - something came from the address
 * @amplify: of the address
 * @bytes: size of the datagram
 *
 * Context: any.
 */
static inline void mqvpn_amplify_received(struct mqvpn_amplify *amplify,
					  u32 bytes)
{
	amplify->received += bytes;
}

/**
 * mqvpn_amplify_sent() - something goes to the address
 * @amplify: of the address
 * @bytes: size of the datagram
 *
 * Context: any.
 */
static inline void mqvpn_amplify_sent(struct mqvpn_amplify *amplify, u32 bytes)
{
	amplify->sent += bytes;
}

/**
 * mqvpn_amplify_take() - send, if it may be
 * @amplify: of the address
 * @bytes: how much
 *
 * Context: any.
 * Return: false if it may not.
 */
static inline bool mqvpn_amplify_take(struct mqvpn_amplify *amplify, u32 bytes)
{
	if (bytes > mqvpn_amplify_room(amplify))
		return false;
	mqvpn_amplify_sent(amplify, bytes);
	return true;
}

/**
 * mqvpn_amplify_validate() - somebody answers at the address
 * @amplify: of the address
 *
 * Context: any.
 */
static inline void mqvpn_amplify_validate(struct mqvpn_amplify *amplify)
{
	amplify->validated = true;
}

#endif
