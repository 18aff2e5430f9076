// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes from and to the addresses that listening sockets heard of lately. The
 * table has a fixed size; what is pushed out of it may be sent nothing, until
 * it is heard of again.
 */

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/string.h>

#include "amplify.h"
#include "stranger.h"

/**
 * struct mqvpn_stranger - an address
 * @remote: it; AF_UNSPEC for a free slot
 * @socket: number of the socket that heard of it
 * @amplify: bytes
 * @used: when it was last heard of, or written to, ns
 */
struct mqvpn_stranger {
	union mqvpn_addr remote;
	u32 socket;
	struct mqvpn_amplify amplify;
	u64 used;
};

/**
 * mqvpn_strangers_init() - a table without memory, in which nobody is
 * @strangers: the table
 *
 * Context: process.
 */
void mqvpn_strangers_init(struct mqvpn_strangers *strangers)
{
	spin_lock_init(&strangers->lock);
	get_random_bytes(&strangers->key, sizeof(strangers->key));
}

/**
 * mqvpn_strangers_prepare() - get ready for a listening socket
 * @strangers: the table
 *
 * Context: process, device mutex held.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_strangers_prepare(struct mqvpn_strangers *strangers)
{
	if (!strangers->slots)
		strangers->slots = kvcalloc(MQVPN_STRANGERS,
					    sizeof(*strangers->slots),
					    GFP_KERNEL_ACCOUNT);
	return strangers->slots ? 0 : -ENOMEM;
}

/**
 * mqvpn_strangers_exit() - free the table
 * @strangers: the table, of a device without sockets
 *
 * Context: process.
 */
void mqvpn_strangers_exit(struct mqvpn_strangers *strangers)
{
	kvfree(strangers->slots);
}

static struct mqvpn_stranger *
mqvpn_stranger_set(const struct mqvpn_strangers *strangers, u32 socket,
		   const union mqvpn_addr *remote)
{
	const unsigned int sets = MQVPN_STRANGERS / MQVPN_STRANGER_WAYS;
	u64 hash = siphash(remote, sizeof(*remote), &strangers->key) + socket;

	return strangers->slots + (hash & (sets - 1)) * MQVPN_STRANGER_WAYS;
}

/* The address's own slot, or the one that was not used for the longest time. */
static struct mqvpn_stranger *
mqvpn_stranger_slot(struct mqvpn_strangers *strangers, u32 socket,
		    const union mqvpn_addr *remote, bool *found)
{
	struct mqvpn_stranger *set, *oldest;
	unsigned int i;

	lockdep_assert_held(&strangers->lock);

	set = mqvpn_stranger_set(strangers, socket, remote);
	oldest = set;
	for (i = 0; i < MQVPN_STRANGER_WAYS; i++) {
		*found = set[i].socket == socket &&
			 mqvpn_addr_same(&set[i].remote, remote);
		if (*found)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	return oldest;
}

static void mqvpn_stranger_forget(struct mqvpn_stranger *one)
{
	memset(one, 0, sizeof(*one));
}

/* Return: what is known of the address, NULL for nothing, or nothing recent. */
static struct mqvpn_stranger *
mqvpn_stranger_find(struct mqvpn_strangers *strangers, u32 socket,
		    const union mqvpn_addr *remote)
{
	u64 now = ktime_get_ns();
	struct mqvpn_stranger *one;
	bool found;

	one = mqvpn_stranger_slot(strangers, socket, remote, &found);
	if (!found)
		return NULL;
	if (now - one->used > MQVPN_STRANGER_AGE_NS) {
		mqvpn_stranger_forget(one);
		return NULL;
	}
	one->used = now;
	return one;
}

static struct mqvpn_stranger *
mqvpn_stranger_add(struct mqvpn_strangers *strangers, u32 socket,
		   const union mqvpn_addr *remote)
{
	struct mqvpn_stranger *one;
	bool found;

	one = mqvpn_stranger_slot(strangers, socket, remote, &found);
	mqvpn_stranger_forget(one);
	one->remote = *remote;
	one->socket = socket;
	one->used = ktime_get_ns();
	return one;
}

/**
 * mqvpn_stranger_received() - a datagram came, and goes to the owner
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: where from
 * @bytes: size of the datagram
 *
 * Context: bottom halves disabled.
 */
void mqvpn_stranger_received(struct mqvpn_strangers *strangers, u32 socket,
			     const union mqvpn_addr *remote, u32 bytes)
{
	struct mqvpn_stranger *one;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote) ?:
	      mqvpn_stranger_add(strangers, socket, remote);
	mqvpn_amplify_received(&one->amplify, bytes);
	spin_unlock(&strangers->lock);
}

/**
 * mqvpn_stranger_take() - send to an address, if it may be
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: where to
 * @bytes: how much
 *
 * Context: bottom halves disabled.
 * Return: false if it may not.
 */
bool mqvpn_stranger_take(struct mqvpn_strangers *strangers, u32 socket,
			 const union mqvpn_addr *remote, u32 bytes)
{
	struct mqvpn_stranger *one;
	bool may;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote);
	may = one && mqvpn_amplify_take(&one->amplify, bytes);
	spin_unlock(&strangers->lock);
	return may;
}

/**
 * mqvpn_stranger_limited() - tell whether an address is one to be careful with
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: the address
 *
 * Context: bottom halves disabled.
 * Return: true if it was heard of and is not validated.
 */
bool mqvpn_stranger_limited(struct mqvpn_strangers *strangers, u32 socket,
			    const union mqvpn_addr *remote)
{
	struct mqvpn_stranger *one;
	bool limited;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote);
	limited = one && !one->amplify.validated;
	spin_unlock(&strangers->lock);
	return limited;
}

/**
 * mqvpn_stranger_room() - how much may be sent to an address
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: the address
 *
 * Context: bottom halves disabled.
 * Return: bytes, 0 for an address that was not heard of.
 */
u64 mqvpn_stranger_room(struct mqvpn_strangers *strangers, u32 socket,
			const union mqvpn_addr *remote)
{
	struct mqvpn_stranger *one;
	u64 room;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote);
	room = one ? mqvpn_amplify_room(&one->amplify) : 0;
	spin_unlock(&strangers->lock);
	return room;
}

/**
 * mqvpn_stranger_sent() - something goes to an address
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: the address
 * @bytes: how much
 *
 * Context: bottom halves disabled.
 */
void mqvpn_stranger_sent(struct mqvpn_strangers *strangers, u32 socket,
			 const union mqvpn_addr *remote, u32 bytes)
{
	struct mqvpn_stranger *one;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote);
	if (one)
		mqvpn_amplify_sent(&one->amplify, bytes);
	spin_unlock(&strangers->lock);
}

/**
 * mqvpn_stranger_validate() - the owner knows that somebody answers there
 * @strangers: the table
 * @socket: number of the listening socket
 * @remote: where
 *
 * Of an address that is not in the table nothing is kept: who knows it, says it
 * again.
 *
 * Context: bottom halves disabled.
 */
void mqvpn_stranger_validate(struct mqvpn_strangers *strangers, u32 socket,
			     const union mqvpn_addr *remote)
{
	struct mqvpn_stranger *one;

	spin_lock(&strangers->lock);
	one = mqvpn_stranger_find(strangers, socket, remote);
	if (one)
		mqvpn_amplify_validate(&one->amplify);
	spin_unlock(&strangers->lock);
}
