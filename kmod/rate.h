/* SPDX-License-Identifier: GPL-2.0 */
/* How fast a path delivers: numbers in, numbers out. */
#ifndef MQVPN_RATE_H
#define MQVPN_RATE_H

#include "frame.h"

/**
 * struct mqvpn_rate - what a path has delivered
 * @delivered: bytes acknowledged so far, never reset
 * @delivered_at: when the last of them were acknowledged, ns
 * @first_sent_at: when the packet left that is newest of those acknowledged, ns
 * @limited_until: packets sent before @delivered comes here tell how much there
 *	was to send, not what the path can carry; 0 for none
 * @largest: bytes of the largest packet sent
 * @dry: how often there was nothing left to send since something was sent
 *
 * The caller's lock protects it.
 */
struct mqvpn_rate {
	u64 delivered;
	u64 delivered_at;
	u64 first_sent_at;
	u64 limited_until;
	u32 largest;
	u32 dry;
};

/**
 * struct mqvpn_rate_snap - the same as a packet left, kept with the packet
 * @delivered: low half of the bytes delivered
 * @ack_age: time since then the last acknowledgment came, us
 * @send_age: time since the newest of those acknowledged had left, us
 */
struct mqvpn_rate_snap {
	u32 delivered;
	u32 ack_age;
	u32 send_age;
};

/**
 * struct mqvpn_rate_sample - what an acknowledgment tells of a path's rate
 * @sent_at: when the newest packet left that it acknowledges, ns; 0 for none
 * @prior: bytes delivered before that
 * @delivered: bytes delivered since
 * @interval: how long that took, us; 0 when there is nothing to be told
 * @bw: the rate, bytes/s
 * @ack_bw: the rate at which it was acknowledged, however long sending took
 * @limited: the sender had nothing to send meanwhile
 * @snap: that packet's
 */
struct mqvpn_rate_sample {
	u64 sent_at;
	u64 prior;
	u64 delivered;
	u32 interval;
	u64 bw;
	u64 ack_bw;
	bool limited;
	struct mqvpn_rate_snap snap;
};

struct mqvpn_sent;

void mqvpn_rate_sent(struct mqvpn_rate *rate, struct mqvpn_sent *sent,
		     bool idle);
void mqvpn_rate_acked(struct mqvpn_rate *rate, const struct mqvpn_sent *sent,
		      u64 now, struct mqvpn_rate_sample *sample);
void mqvpn_rate_take(struct mqvpn_rate *rate, u32 min_rtt,
		     struct mqvpn_rate_sample *sample);
void mqvpn_rate_resume(struct mqvpn_rate *rate, u64 in_flight, u64 free_at,
		       u64 now);

/**
 * mqvpn_rate_dry() - there is nothing to send
 * @rate: the state
 *
 * Context: any; the caller's lock protects @rate.
 */
static inline void mqvpn_rate_dry(struct mqvpn_rate *rate)
{
	rate->dry++;
}

#endif
