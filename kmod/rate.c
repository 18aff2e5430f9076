// SPDX-License-Identifier: GPL-2.0
/*
 * How fast a path delivers, draft-ietf-ccwg-bbr section 4.1.
 *
 * A packet takes along what was delivered when it left. When it is acknowledged
 * the difference is what the path carried in one round trip. The time for that
 * is the longer one of what sending and what acknowledging took, so that
 * neither a burst nor acknowledgments that come in a bunch make the path look
 * faster than it is.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "recovery.h"

/* From one time to a later one; both are of one round trip. */
static u32 rate_us(u64 from, u64 to)
{
	if (to <= from)
		return 0;
	return min_t(u64, div_u64(to - from, NSEC_PER_USEC), U32_MAX);
}

static u64 rate_of(u64 bytes, u32 us)
{
	return min_t(u64, MQVPN_RATE_MAX,
		     div_u64(bytes * USEC_PER_SEC, max_t(u32, us, 1)));
}

/**
 * mqvpn_rate_sent() - take a snapshot for a packet that leaves
 * @rate: the state
 * @sent: the packet, whose time is set
 * @idle: nothing else is in flight
 *
 * Context: any; the caller's lock protects @rate.
 */
void mqvpn_rate_sent(struct mqvpn_rate *rate, struct mqvpn_sent *sent,
		     bool idle)
{
	if (idle) {
		rate->first_sent_at = sent->at;
		rate->delivered_at = sent->at;
	}
	rate->largest = max_t(u32, rate->largest, sent->bytes);
	sent->limited = rate->limited_until;
	sent->snap.delivered = rate->delivered;
	sent->snap.ack_age = rate_us(rate->delivered_at, sent->at);
	sent->snap.send_age = rate_us(rate->first_sent_at, sent->at);
}

/**
 * mqvpn_rate_acked() - a packet arrived
 * @rate: the state
 * @sent: the packet, whose fate is not settled yet
 * @now: ns
 * @sample: filled in from the newest packet
 *
 * Context: any; the caller's lock protects @rate.
 */
void mqvpn_rate_acked(struct mqvpn_rate *rate, const struct mqvpn_sent *sent,
		      u64 now, struct mqvpn_rate_sample *sample)
{
	rate->delivered += sent->bytes;
	rate->delivered_at = now;
	if (sent->at < sample->sent_at)
		return;
	sample->sent_at = sent->at;
	sample->snap = sent->snap;
	sample->limited = sent->limited;
}

/**
 * mqvpn_rate_take() - work out what the packets of an acknowledgment tell
 * @rate: the state
 * @min_rtt: least round-trip time of the path, us
 * @sample: of the newest of these packets; completed
 *
 * A time shorter than a round trip is none in which a packet came to the peer
 * and its acknowledgment back: it is of packets that were held up and then
 * acknowledged all at once, and tells nothing.
 *
 * Context: any; the caller's lock protects @rate.
 */
void mqvpn_rate_take(struct mqvpn_rate *rate, u32 min_rtt,
		     struct mqvpn_rate_sample *sample)
{
	u32 ack_us, interval;

	if (rate->delivered > rate->limited_until)
		rate->limited_until = 0;
	if (!sample->sent_at)
		return;
	/* what is in flight is less than 4 GiB: the low half tells the whole */
	sample->delivered = (u32)((u32)rate->delivered -
				  sample->snap.delivered);
	sample->prior = rate->delivered - sample->delivered;
	rate->first_sent_at = sample->sent_at;

	ack_us = rate_us(sample->sent_at, rate->delivered_at) +
		 sample->snap.ack_age;
	interval = max(sample->snap.send_age, ack_us);
	if (!interval || interval < min_rtt)
		return;
	sample->interval = interval;
	sample->bw = rate_of(sample->delivered, interval);
	sample->ack_bw = rate_of(sample->delivered, ack_us);
}

/**
 * mqvpn_rate_resume() - something is sent again
 * @rate: the state
 * @in_flight: bytes in flight
 * @free_at: since when pacing would have let something out, ns
 * @now: ns
 *
 * Where there was nothing to send when something could have been sent, the
 * rate of a round trip is that of the sender.
 *
 * Context: any; the caller's lock protects @rate.
 */
void mqvpn_rate_resume(struct mqvpn_rate *rate, u64 in_flight, u64 free_at,
		       u64 now)
{
	if (rate->dry && free_at < now)
		rate->limited_until = rate->delivered + in_flight ?: 1;
	rate->dry = 0;
}
