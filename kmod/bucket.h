/* SPDX-License-Identifier: GPL-2.0 */
/* A limit on how often something may happen, without a lock. */
#ifndef MQVPN_BUCKET_H
#define MQVPN_BUCKET_H

#include <linux/atomic.h>
#include <linux/time64.h>

/**
 * struct mqvpn_bucket - tokens that come at a rate, up to a burst
 * @full_at: when all tokens will be back, ns
 *
 * No lock: one time says how many tokens are missing. Whom it refuses, that one
 * costs no write.
 */
struct mqvpn_bucket {
	atomic64_t full_at;
};

/**
 * mqvpn_bucket_take() - take tokens, if there are as many
 * @bucket: where from
 * @now: ns
 * @rate: tokens a second
 * @burst: tokens that it holds
 * @tokens: how many to take
 *
 * Context: any.
 * Return: true if they were there.
 */
static inline bool mqvpn_bucket_take(struct mqvpn_bucket *bucket, u64 now,
				     u32 rate, u32 burst, u32 tokens)
{
	const u64 each = NSEC_PER_SEC / rate;
	s64 was = atomic64_read(&bucket->full_at);
	u64 full_at;

	do {
		full_at = max_t(u64, was, now) + tokens * each;
		if (full_at > now + burst * each)
			return false;
	} while (!atomic64_try_cmpxchg(&bucket->full_at, &was, full_at));
	return true;
}

#endif
