/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses that listening sockets heard of, and that nobody has validated. */
#ifndef MQVPN_STRANGER_H
#define MQVPN_STRANGER_H

#include <linux/siphash.h>
#include <linux/spinlock.h>

#include "udp.h"

struct mqvpn_stranger;

/**
 * struct mqvpn_strangers - addresses that listening sockets heard of lately
 * @lock: protects @slots; innermost, bottom halves disabled
 * @key: nobody can choose addresses that meet in one set
 * @slots: MQVPN_STRANGERS in sets of MQVPN_STRANGER_WAYS; NULL before the first
 *	listening socket
 */
struct mqvpn_strangers {
	spinlock_t lock; /* protects slots */
	siphash_key_t key;
	struct mqvpn_stranger *slots;
};

void mqvpn_strangers_init(struct mqvpn_strangers *strangers);
int mqvpn_strangers_prepare(struct mqvpn_strangers *strangers);
void mqvpn_strangers_exit(struct mqvpn_strangers *strangers);
void mqvpn_stranger_received(struct mqvpn_strangers *strangers, u32 socket,
			     const union mqvpn_addr *remote, u32 bytes);
bool mqvpn_stranger_take(struct mqvpn_strangers *strangers, u32 socket,
			 const union mqvpn_addr *remote, u32 bytes);
bool mqvpn_stranger_limited(struct mqvpn_strangers *strangers, u32 socket,
			    const union mqvpn_addr *remote);
u64 mqvpn_stranger_room(struct mqvpn_strangers *strangers, u32 socket,
			const union mqvpn_addr *remote);
void mqvpn_stranger_sent(struct mqvpn_strangers *strangers, u32 socket,
			 const union mqvpn_addr *remote, u32 bytes);
void mqvpn_stranger_validate(struct mqvpn_strangers *strangers, u32 socket,
			     const union mqvpn_addr *remote);

#endif
