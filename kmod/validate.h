/* SPDX-License-Identifier: GPL-2.0 */
/* Is the peer at the other end of a path? RFC 9000 section 8.2. */
#ifndef MQVPN_VALIDATE_H
#define MQVPN_VALIDATE_H

#include <linux/hrtimer.h>
#include <linux/skbuff.h>

#include "amplify.h"
#include "frame.h"

struct mqvpn_path;

/**
 * struct mqvpn_challenge - a PATH_CHALLENGE that was sent
 * @data: what the answer has to repeat
 * @open: not answered yet
 * @padded: its datagram had the size that a path has to carry
 */
struct mqvpn_challenge {
	u8 data[MQVPN_CHALLENGE_LEN];
	bool open;
	bool padded;
};

/**
 * struct mqvpn_validation - what validates a path, and what the peer asks
 * @sent: the newest challenges
 * @newest: index of the last one in @sent
 * @going: the path is being validated
 * @due: a challenge is to be sent
 * @respond: @response is to be sent
 * @failed: too many challenges were sent in vain
 * @limited: the peer's address is not validated, and was not our choice
 * @stranger: the address's account is that of the handshake's datagrams
 * @failures: challenges without an answer in a row, at most U8_MAX
 * @response: data of the peer's newest challenge
 * @account: bytes from and to the address while @limited, unless @stranger
 * @timer: sends the next challenge
 *
 * The path's lock protects it.
 */
struct mqvpn_validation {
	struct mqvpn_challenge sent[MQVPN_CHALLENGES];
	u8 newest;
	bool going;
	bool due;
	bool respond;
	bool failed;
	bool limited;
	bool stranger;
	u8 failures;
	u8 response[MQVPN_CHALLENGE_LEN];
	struct mqvpn_amplify account;
	struct hrtimer timer;
};

void mqvpn_validation_init(struct mqvpn_path *path);
void mqvpn_validation_handshake(struct mqvpn_path *path);
void mqvpn_validation_begin(struct mqvpn_path *path);
void mqvpn_validation_again(struct mqvpn_path *path, unsigned int bytes);
void mqvpn_validation_stop(struct mqvpn_path *path);
void mqvpn_validation_frame(struct mqvpn_path *path,
			    const struct mqvpn_frame *frame);
struct sk_buff *mqvpn_validation_load(struct mqvpn_path *path);
void mqvpn_validation_pad(const struct mqvpn_validation *v,
			  struct sk_buff *frames, unsigned int len);
u64 mqvpn_validation_room(const struct mqvpn_validation *v);
void mqvpn_validation_heard(struct mqvpn_validation *v, unsigned int bytes);
void mqvpn_validation_spend(struct mqvpn_validation *v, unsigned int bytes);

/**
 * mqvpn_validation_due() - tell whether a path has such frames to send
 * @v: validation of the path
 *
 * Context: any; looks without the lock, who changes the answer kicks.
 * Return: true if so.
 */
static inline bool mqvpn_validation_due(const struct mqvpn_validation *v)
{
	return READ_ONCE(v->due) || READ_ONCE(v->respond);
}

/**
 * mqvpn_validation_spare() - bytes that may be sent to the peer's address
 * @v: validation of the path
 * @used: bytes of the datagram that are spoken for
 *
 * RFC 9000 section 8: three times as many as came from it, until it is
 * validated.
 *
 * Context: any, the path's lock held.
 * Return: bytes.
 */
static inline unsigned int
mqvpn_validation_spare(const struct mqvpn_validation *v, unsigned int used)
{
	u64 room;

	if (likely(!v->limited))
		return U16_MAX;
	room = mqvpn_validation_room(v);
	return room > used ? min_t(u64, room - used, U16_MAX) : 0;
}

/**
 * mqvpn_validation_received() - a datagram came from the peer's address
 * @v: validation of the path
 * @bytes: its UDP payload
 *
 * Context: any, the path's lock held.
 */
static inline void mqvpn_validation_received(struct mqvpn_validation *v,
					     unsigned int bytes)
{
	if (unlikely(v->limited))
		mqvpn_validation_heard(v, bytes);
}

/**
 * mqvpn_validation_sent() - a datagram goes to the peer's address
 * @v: validation of the path
 * @bytes: its UDP payload, no more than what may be sent
 *
 * Context: any, the path's lock held.
 */
static inline void mqvpn_validation_sent(struct mqvpn_validation *v,
					 unsigned int bytes)
{
	if (unlikely(v->limited))
		mqvpn_validation_spend(v, bytes);
}

#endif
