// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC, RFC 9438: after a loss the window comes back to where it was along a
 * cubic function of time, stays there for a while, and then goes beyond.
 *
 * Windows are in bytes, times in ms. It fills the queue of the path until that
 * overflows: for paths that are shared with flows that do the same.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "cc.h"

#define CUBIC_BETA_NUM		7	/* beta, 0.7 */
#define CUBIC_BETA_DEN		10
#define CUBIC_FAST_NUM		17	/* (1 + beta) / 2 */
#define CUBIC_FAST_DEN		20
#define CUBIC_ALPHA_NUM		9	/* 3 (1 - beta) / (1 + beta) */
#define CUBIC_ALPHA_DEN		17
#define CUBIC_TIME_MAX		100000ULL	/* ms; its cube fits 64 bits */
/* C is 0.4 packets/s^3: one packet in so many ms^3 */
#define CUBIC_MS3_PER_PKT	2500000000ULL
#define CUBIC_BYTES_MAX		4000000000ULL

/**
 * struct cubic - state of a path, 72 bytes
 * @ssthresh: where slow start ends, bytes
 * @w_max: window at the last congestion, bytes
 * @w_est: what Reno would have by now, bytes
 * @prior: window before the last congestion, bytes
 * @epoch_at: when the window began to grow after it, ns; 0 when it did not yet
 * @epoch_cwnd: the window then, bytes
 * @k: from then to @w_max, ms
 * @recovery_at: when the last congestion was seen, ns
 * @credit: acknowledged and not yet counted, in bytes times bytes
 */
struct cubic {
	u64 ssthresh;
	u64 w_max;
	u64 w_est;
	u64 prior;
	u64 epoch_at;
	u64 epoch_cwnd;
	u64 k;
	u64 recovery_at;
	u64 credit;
};

static struct cubic *cubic_of(struct mqvpn_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct cubic) > sizeof(cc->priv));
	return (struct cubic *)cc->priv;
}

static u64 cubic_part(u64 bytes, u32 num, u32 den)
{
	return div_u64(bytes * num, den);
}

/* The largest number whose cube is not above @x. */
static u64 cubic_root(u64 x)
{
	u64 root = 0, bit = 1ULL << 21;

	for (; bit; bit >>= 1) {
		u64 try = root | bit;

		if (try < 1ULL << 21 && try * try * try <= x)
			root = try;
	}
	return root;
}

/* RFC 9438 section 4.2: how long the window takes to grow by @bytes, ms */
static u64 cubic_time(u64 bytes, u32 pkt)
{
	return cubic_root(div_u64(min(bytes, CUBIC_BYTES_MAX) *
				  CUBIC_MS3_PER_PKT, pkt));
}

/* ... and by how many bytes it grows in @ms */
static u64 cubic_growth(u64 ms, u32 pkt)
{
	ms = min(ms, CUBIC_TIME_MAX);
	return div_u64(div_u64(ms * ms * ms, 1000) * pkt,
		       CUBIC_MS3_PER_PKT / 1000);
}

static u64 cubic_window(const struct cubic *cubic, u64 ms, u32 pkt)
{
	u64 less;

	if (ms >= cubic->k)
		return cubic->w_max + cubic_growth(ms - cubic->k, pkt);
	less = cubic_growth(cubic->k - ms, pkt);
	return cubic->w_max - min(less, cubic->w_max);
}

static void cubic_start_epoch(struct cubic *cubic, u64 cwnd, u32 pkt, u64 now)
{
	cubic->epoch_at = now;
	cubic->epoch_cwnd = cwnd;
	cubic->w_est = cwnd;
	cubic->w_max = max(cubic->w_max, cwnd);
	cubic->k = cubic_time(cubic->w_max - cwnd, pkt);
}

/* Section 4.3: as fast as Reno, where that is faster. */
static void cubic_grow_reno(struct cubic *cubic, u64 acked, u64 cwnd, u32 pkt)
{
	u64 step = acked * pkt;

	if (cubic->w_est < cubic->prior)
		step = cubic_part(step, CUBIC_ALPHA_NUM, CUBIC_ALPHA_DEN);
	cubic->w_est += div64_u64(step, cwnd);
}

/* Section 4.4 and 4.5: towards where the function is a round trip from now. */
static void cubic_avoid(struct mqvpn_cc *cc, struct cubic *cubic, u64 acked,
			const struct mqvpn_recovery *rec, u64 now)
{
	u32 pkt = rec->rate.largest;
	u64 ms, target, step;

	if (!cubic->epoch_at)
		cubic_start_epoch(cubic, cc->cwnd, pkt, now);
	cubic_grow_reno(cubic, acked, cc->cwnd, pkt);
	ms = div_u64(now - cubic->epoch_at, NSEC_PER_MSEC) +
	     rec->rtt.smoothed / USEC_PER_MSEC;
	target = cubic_window(cubic, ms, pkt);
	target = min(target, cc->cwnd + cc->cwnd / 2);
	if (target > cc->cwnd) {
		cubic->credit += (target - cc->cwnd) * acked;
		step = div64_u64(cubic->credit, cc->cwnd);
		cubic->credit -= step * cc->cwnd;
		cc->cwnd += step;
	}
	cc->cwnd = max(cc->cwnd, cubic->w_est);
}

/* Section 4.6 and 4.7: once a round trip, however many are lost in it. */
static void cubic_congested(struct mqvpn_cc *cc, struct cubic *cubic,
			    const struct mqvpn_acked *acked,
			    const struct mqvpn_recovery *rec, u64 now)
{
	u64 least = MQVPN_CWND_MIN_PKTS * rec->rate.largest;

	if (acked->lost_sent_at > cubic->recovery_at) {
		cubic->recovery_at = now;
		cubic->prior = cc->cwnd;
		cubic->w_max = cc->cwnd < cubic->w_max ?
			       cubic_part(cc->cwnd, CUBIC_FAST_NUM,
					  CUBIC_FAST_DEN) :
			       cc->cwnd;
		cubic->epoch_at = 0;
		cubic->credit = 0;
		cc->cwnd = max(cubic_part(cc->cwnd, CUBIC_BETA_NUM,
					  CUBIC_BETA_DEN), least);
		cubic->ssthresh = cc->cwnd;
	}
	if (acked->persistent)
		cc->cwnd = least;
}

/* RFC 9002 section 7.8 */
static bool cubic_used(const struct mqvpn_cc *cc, const struct cubic *cubic,
		       const struct mqvpn_acked *acked,
		       const struct mqvpn_recovery *rec)
{
	u64 used = rec->in_flight + acked->acked_bytes + acked->lost_bytes;
	u64 slack = 2 * rec->rate.largest;

	if (cc->cwnd < cubic->ssthresh)
		slack = cc->cwnd / 2;
	return used + slack >= cc->cwnd;
}

/* A window that was not used does not grow, nor does time pass for it. */
static void cubic_grow(struct mqvpn_cc *cc, struct cubic *cubic,
		       const struct mqvpn_acked *acked,
		       const struct mqvpn_recovery *rec, u64 now)
{
	if (!cubic_used(cc, cubic, acked, rec))
		cubic->epoch_at = 0;
	else if (cc->cwnd < cubic->ssthresh)
		cc->cwnd += acked->acked_bytes;
	else
		cubic_avoid(cc, cubic, acked->acked_bytes, rec, now);
}

/* RFC 9002 section 7.7; slow start needs twice what it has. */
static void cubic_pace(struct mqvpn_cc *cc, const struct cubic *cubic,
		       const struct mqvpn_recovery *rec)
{
	u64 rate;

	if (!rec->rtt.smoothed)
		return;
	rate = div_u64(min(cc->cwnd, CUBIC_BYTES_MAX) * USEC_PER_SEC,
		       rec->rtt.smoothed);
	cc->rate = cc->cwnd < cubic->ssthresh ? 2 * rate : rate + rate / 4;
}

static void cubic_acked(struct mqvpn_cc *cc, const struct mqvpn_acked *acked,
			const struct mqvpn_recovery *rec, u64 now)
{
	struct cubic *cubic = cubic_of(cc);

	if (acked->lost_pkts)
		cubic_congested(cc, cubic, acked, rec, now);
	else if (acked->rate.sent_at > cubic->recovery_at)
		cubic_grow(cc, cubic, acked, rec, now);
	cubic_pace(cc, cubic, rec);
}

static void cubic_init(struct mqvpn_cc *cc)
{
	cubic_of(cc)->ssthresh = MQVPN_CWND_UNLIMITED;
	cc->cwnd = MQVPN_CWND_INITIAL;
	cc->rate = 0;
}

const struct mqvpn_cc_ops mqvpn_cc_cubic = {
	.name = "cubic",
	.init = cubic_init,
	.acked = cubic_acked,
};
