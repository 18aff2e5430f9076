// SPDX-License-Identifier: GPL-2.0
/*
 * What was sent on a path and what became of it: round-trip time and loss,
 * RFC 9002 sections 5 and 6.1.
 *
 * Only the numbers from @oldest to the largest acknowledged one are ever looked
 * at. Below the packet threshold each of them is acknowledged or lost once the
 * acknowledgment is processed, so @oldest stays close behind and a packet is
 * visited a bounded number of times, however often the peer repeats its ranges.
 *
 * Loss is looked for when an acknowledgment arrives. A packet that is too
 * young then is declared lost by time with a later one: there is no timer yet
 * for the case that none comes.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "recovery.h"

static struct mqvpn_sent *sent_slot(const struct mqvpn_recovery *rec, u64 pn)
{
	return &rec->ring[pn & (MQVPN_SENT_RING - 1)];
}

/* Empty a slot. Returns the bytes that were in flight: a bare acknowledgment
 * is remembered, but is not congestion controlled (RFC 9002 section 2).
 */
static u16 sent_forget(struct mqvpn_recovery *rec, struct mqvpn_sent *sent)
{
	u16 bytes = sent->eliciting ? sent->bytes : 0;

	sent->bytes = 0;
	rec->in_flight -= bytes;
	return bytes;
}

/**
 * mqvpn_recovery_init() - start a packet number space
 * @rec: the state; whatever it held is overwritten
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_recovery_init(struct mqvpn_recovery *rec)
{
	BUILD_BUG_ON_NOT_POWER_OF_2(MQVPN_SENT_RING);

	memset(rec, 0, sizeof(*rec));
	rec->ring = kvcalloc(MQVPN_SENT_RING, sizeof(*rec->ring),
			     GFP_KERNEL_ACCOUNT);
	return rec->ring ? 0 : -ENOMEM;
}

/**
 * mqvpn_recovery_exit() - give back what mqvpn_recovery_init() allocated
 * @rec: the state; also one whose initialisation failed
 *
 * Context: process; may sleep.
 */
void mqvpn_recovery_exit(struct mqvpn_recovery *rec)
{
	kvfree(rec->ring);
	rec->ring = NULL;
}

/**
 * mqvpn_recovery_sent() - remember a packet that leaves
 * @rec: the state
 * @pn: its number: @rec->next_pn, or more where numbers are skipped
 * @bytes: size of its UDP payload, not 0
 * @eliciting: whether the peer must acknowledge it; only such packets count as
 *	in flight, acknowledged or lost
 * @now: ns
 *
 * The ring remembers MQVPN_SENT_RING numbers. Packets older than that which are
 * still outstanding are declared lost, or they would be in flight for ever.
 *
 * Context: any; the caller's lock protects @rec.
 * Return: packets declared lost, 0 unless more are outstanding than fit.
 */
u32 mqvpn_recovery_sent(struct mqvpn_recovery *rec, u64 pn, u16 bytes,
			bool eliciting, u64 now)
{
	u32 lost = 0;

	for (; rec->oldest + MQVPN_SENT_RING <= pn; rec->oldest++)
		if (sent_forget(rec, sent_slot(rec, rec->oldest)))
			lost++;
	*sent_slot(rec, pn) = (struct mqvpn_sent){
		.at = now,
		.bytes = bytes,
		.eliciting = eliciting,
	};
	if (eliciting)
		rec->in_flight += bytes;
	rec->next_pn = pn + 1;
	return lost;
}

/* RFC 9002 section 5.3, in the order of its appendix A.7: the deviation is
 * taken from the mean before this sample. Rounded to nearest, because the mean
 * would stop up to 7 us below a steady round-trip time otherwise.
 */
static void rtt_update(struct mqvpn_rtt *rtt, u32 latest, u64 delay)
{
	u32 adjusted = latest;
	u32 deviation;

	rtt->latest = latest;
	if (!rtt->smoothed) {
		rtt->min = latest;
		rtt->smoothed = latest;
		rtt->var = latest / 2;
		return;
	}
	rtt->min = min(rtt->min, latest);
	if (latest - rtt->min >= delay)
		adjusted -= delay;
	deviation = max(rtt->smoothed, adjusted) - min(rtt->smoothed, adjusted);
	rtt->var = (3ULL * rtt->var + deviation + 2) / 4;
	rtt->smoothed = (7ULL * rtt->smoothed + adjusted + 4) / 8;
}

/* At least 1 us, as 0 stands for "no sample". */
static u32 rtt_sample(u64 sent_at, u64 now)
{
	return clamp_t(s64, div_s64(now - sent_at, NSEC_PER_USEC), 1, U32_MAX);
}

/* RFC 9002 section 6.1.2, ns */
static u64 loss_delay(const struct mqvpn_rtt *rtt)
{
	u64 us = max(rtt->smoothed, rtt->latest);

	if (!us)
		us = MQVPN_RTT_INITIAL_US;
	us += us / 8;
	return max_t(u64, us, MQVPN_RTT_GRANULE_US) * NSEC_PER_USEC;
}

/* Move @oldest up to the first packet that may still arrive. Packets leave in
 * the order of their numbers: behind one that is not lost, none is.
 */
static void recovery_detect_lost(struct mqvpn_recovery *rec, u64 now,
				 struct mqvpn_acked *out)
{
	u64 delay = loss_delay(&rec->rtt);

	for (; rec->oldest < rec->largest_acked; rec->oldest++) {
		struct mqvpn_sent *sent = sent_slot(rec, rec->oldest);
		u16 bytes;

		if (sent->bytes && sent->at + delay > now &&
		    rec->oldest + MQVPN_REORDER_PKTS >= rec->largest_acked)
			return;
		bytes = sent_forget(rec, sent);
		out->lost_pkts += !!bytes;
		out->lost_bytes += bytes;
	}
}

static void recovery_ack_range(struct mqvpn_recovery *rec,
			       const struct mqvpn_ack_range *range,
			       struct mqvpn_acked *out)
{
	u64 pn;

	for (pn = max(range->first, rec->oldest); pn <= range->last; pn++) {
		u16 bytes = sent_forget(rec, sent_slot(rec, pn));

		out->acked_pkts += !!bytes;
		out->acked_bytes += bytes;
	}
}

/**
 * mqvpn_recovery_ack() - process an acknowledgment, RFC 9002 appendix A.7
 * @rec: the state
 * @ack: the frame; its ranges are consumed
 * @delay_us: its ACK Delay in us, at most the peer's max_ack_delay
 * @now: ns
 * @out: what it told; written in any case
 *
 * Context: any; the caller's lock protects @rec.
 * Return: 0, or -EPROTO for a packet that was never sent (RFC 9000 section
 * 13.1): the connection is to be closed, and nothing has changed.
 */
int mqvpn_recovery_ack(struct mqvpn_recovery *rec, struct mqvpn_ack_frame *ack,
		       u64 delay_us, u64 now, struct mqvpn_acked *out)
{
	struct mqvpn_ack_range range;
	struct mqvpn_sent sent;
	u64 largest;

	memset(out, 0, sizeof(*out));
	largest = ack->largest;
	if (largest >= rec->next_pn)
		return -EPROTO;

	sent = *sent_slot(rec, largest);
	while (!mqvpn_ack_frame_next(ack, &range) && range.last >= rec->oldest)
		recovery_ack_range(rec, &range, out);

	/* RFC 9002 section 5.1: else it may be as late as the peer likes. A
	 * largest one below @oldest, whose slot may be another's by now,
	 * acknowledges nothing new either.
	 */
	if (sent.bytes && out->acked_pkts) {
		out->rtt_us = rtt_sample(sent.at, now);
		rtt_update(&rec->rtt, out->rtt_us, delay_us);
	}
	rec->largest_acked = max(rec->largest_acked, largest + 1);
	recovery_detect_lost(rec, now, out);
	return 0;
}
