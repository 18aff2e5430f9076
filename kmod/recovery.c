// SPDX-License-Identifier: GPL-2.0
/*
 * What was sent on a path and what became of it: loss and probe time-outs,
 * RFC 9002 sections 6 and 7.6.
 *
 * Only the numbers from @oldest to the largest acknowledged one are ever looked
 * at. Below the packet threshold each of them is acknowledged or lost once the
 * acknowledgment is processed, so @oldest stays close behind and a packet is
 * visited a bounded number of times, however often the peer repeats its ranges.
 *
 * Most paths of a server with thousands of connections are idle. So what was
 * sent is remembered in small blocks, of which there are as many as the numbers
 * from @oldest on need, and never in one piece that a fragmented memory may not
 * have. One block is always there, with which a path gets by.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "recovery.h"

/* Where nothing is remembered, it is: nothing. Never written. */
static struct mqvpn_sent sent_none;

static u64 block_start(u64 pn)
{
	return pn & ~(MQVPN_SENT_BLOCK - 1ULL);
}

static struct mqvpn_sent_block **sent_block(const struct mqvpn_recovery *rec,
					    u64 pn)
{
	return &rec->blocks[(pn & (rec->size - 1)) / MQVPN_SENT_BLOCK];
}

static struct mqvpn_sent *sent_slot(const struct mqvpn_recovery *rec, u64 pn)
{
	struct mqvpn_sent_block *block = *sent_block(rec, pn);

	if (unlikely(!block))
		return &sent_none;
	return &block->sent[pn & (MQVPN_SENT_BLOCK - 1)];
}

static void block_spare(struct mqvpn_recovery *rec,
			struct mqvpn_sent_block *block)
{
	block->next = rec->spare;
	rec->spare = block;
	rec->spares++;
}

static struct mqvpn_sent_block *block_unspare(struct mqvpn_recovery *rec)
{
	struct mqvpn_sent_block *block = rec->spare;

	if (block) {
		rec->spare = block->next;
		block->next = NULL;
		rec->spares--;
	}
	return block;
}

/*
 * @oldest has left a block behind. What is in flight comes and goes with each
 * acknowledgment, so some blocks are kept for the next packets.
 */
static void block_leave(struct mqvpn_recovery *rec)
{
	struct mqvpn_sent_block **slot = sent_block(rec, rec->oldest - 1);

	if (!*slot)
		return;
	block_spare(rec, *slot);
	*slot = NULL;
	rec->used--;
	while (rec->spares > rec->used / 2 && rec->spares + rec->used > 1)
		kfree(block_unspare(rec));
}

/* The oldest number is over and done with. */
static void sent_pass(struct mqvpn_recovery *rec)
{
	rec->oldest++;
	if (!(rec->oldest & (MQVPN_SENT_BLOCK - 1)))
		block_leave(rec);
}

/*
 * Empty a slot whose fate is known. Returns the bytes that were in flight: a
 * bare acknowledgment is remembered, but is not congestion controlled (RFC 9002
 * section 2).
 */
static u16 sent_settle(struct mqvpn_recovery *rec, struct mqvpn_sent *sent,
		       bool acked, struct mqvpn_acked *out)
{
	u16 bytes = sent->eliciting ? sent->bytes : 0;

	if (!sent->bytes)
		return 0;
	if (sent->note) {
		sent->note->acked = acked;
		sent->note->next = out->notes;
		out->notes = sent->note;
		sent->note = NULL;
	}
	sent->bytes = 0;
	rec->in_flight -= bytes;
	return bytes;
}

static void sent_lost(struct mqvpn_recovery *rec, struct mqvpn_sent *sent,
		      struct mqvpn_acked *out)
{
	u16 bytes = sent_settle(rec, sent, false, out);

	if (!bytes)
		return;
	out->lost_pkts++;
	out->lost_bytes += bytes;
	out->lost_sent_at = max(out->lost_sent_at, sent->at);
}

/*
 * RFC 9000 section 21.4: who acknowledges a number that was never used claims
 * what did not arrive. Where the next one is nobody can guess.
 */
static void skip_plan(struct mqvpn_recovery *rec)
{
	u64 far = (u64)get_random_u32() * MQVPN_SKIP_RANGE >> 32;

	rec->skip_pn = rec->next_pn + MQVPN_SKIP_MIN + far;
}

/**
 * mqvpn_recovery_init() - start a packet number space
 * @rec: the state; whatever it held is overwritten
 * @initial_rtt: what is known of the round-trip time, us; 0 for nothing
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_recovery_init(struct mqvpn_recovery *rec, u32 initial_rtt)
{
	struct mqvpn_sent_block *block;

	BUILD_BUG_ON_NOT_POWER_OF_2(MQVPN_SENT_RING);
	BUILD_BUG_ON_NOT_POWER_OF_2(MQVPN_SENT_SMALL);
	BUILD_BUG_ON_NOT_POWER_OF_2(MQVPN_SENT_BLOCK);
	BUILD_BUG_ON(sizeof(*block) > MQVPN_SENT_BLOCK * 32);

	memset(rec, 0, sizeof(*rec));
	rec->rtt.initial = initial_rtt ?: MQVPN_RTT_INITIAL_US;
	rec->skipped = MQVPN_PN_NONE;
	skip_plan(rec);
	rec->blocks = rec->small;
	rec->size = MQVPN_SENT_SMALL;
	block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	if (!block)
		return -ENOMEM;
	block_spare(rec, block);
	return 0;
}

/**
 * mqvpn_recovery_abandon() - nothing more will be heard of what was sent
 * @rec: the state
 *
 * Context: any; the caller's lock protects @rec.
 * Return: the notes of all packets that were outstanding, answered as lost.
 */
struct mqvpn_sent_note *mqvpn_recovery_abandon(struct mqvpn_recovery *rec)
{
	struct mqvpn_acked out = {};

	while (rec->oldest < rec->next_pn) {
		sent_settle(rec, sent_slot(rec, rec->oldest), false, &out);
		sent_pass(rec);
	}
	return out.notes;
}

/**
 * mqvpn_recovery_exit() - give back what mqvpn_recovery_init() allocated
 * @rec: the state; also one whose initialisation failed
 *
 * Context: process; may sleep.
 */
void mqvpn_recovery_exit(struct mqvpn_recovery *rec)
{
	struct mqvpn_sent_block *block;
	unsigned int i;

	for (i = 0; i < rec->size / MQVPN_SENT_BLOCK; i++)
		kfree(rec->blocks[i]);
	while ((block = block_unspare(rec)))
		kfree(block);
	if (rec->blocks != rec->small)
		kfree(rec->blocks);
	rec->size = 0;
}

/**
 * mqvpn_recovery_new_route() - what was measured was another way to the peer
 * @rec: the state
 *
 * Context: any; the caller's lock protects @rec.
 */
void mqvpn_recovery_new_route(struct mqvpn_recovery *rec)
{
	u32 initial = rec->rtt.initial;

	memset(&rec->rtt, 0, sizeof(rec->rtt));
	rec->rtt.initial = initial;
	rec->sampled_at = 0;
	rec->lost_since = 0;
	rec->pto_count = 0;
}

/**
 * mqvpn_recovery_number() - the number of the next packet
 * @rec: the state
 *
 * Now and then one is left out, RFC 9000 section 21.4.
 *
 * Context: any; the caller's lock protects @rec.
 * Return: packet number.
 */
u64 mqvpn_recovery_number(struct mqvpn_recovery *rec)
{
	if (unlikely(rec->next_pn == rec->skip_pn)) {
		rec->skipped = rec->next_pn++;
		skip_plan(rec);
	}
	return rec->next_pn;
}

/*
 * RFC 9002 section 7.6: everything sent for so long was lost, of which only
 * packets after the first sample count.
 */
static void recovery_note_lost_row(struct mqvpn_recovery *rec, u64 sent_at,
				   u32 max_ack_delay, struct mqvpn_acked *out)
{
	u64 span = MQVPN_PERSISTENT_PTOS *
		   mqvpn_rtt_pto(&rec->rtt, max_ack_delay);

	if (!rec->rtt.smoothed || sent_at < rec->sampled_at)
		return;
	if (!rec->lost_since)
		rec->lost_since = sent_at;
	else if (sent_at - rec->lost_since > span)
		out->persistent = true;
}

/* The oldest one is lost, or its slot is empty because it arrived. */
static void recovery_pass(struct mqvpn_recovery *rec, u32 max_ack_delay,
			  struct mqvpn_acked *out)
{
	struct mqvpn_sent *sent = sent_slot(rec, rec->oldest);

	if (!sent->bytes && rec->oldest != rec->skipped)
		rec->lost_since = 0;
	else if (sent->bytes && sent->eliciting)
		recovery_note_lost_row(rec, sent->at, max_ack_delay, out);
	sent_lost(rec, sent, out);
	sent_pass(rec);
}

static void recovery_give_up(struct mqvpn_recovery *rec,
			     struct mqvpn_acked *out)
{
	sent_lost(rec, sent_slot(rec, rec->oldest), out);
	sent_pass(rec);
}

/* Point to more blocks than fit @small. Return: whether that worked. */
static bool recovery_widen(struct mqvpn_recovery *rec)
{
	const struct mqvpn_recovery old = *rec;
	struct mqvpn_sent_block **blocks;
	u64 pn;

	if (rec->size == MQVPN_SENT_RING)
		return false;
	blocks = kcalloc(MQVPN_SENT_RING / MQVPN_SENT_BLOCK,
			 sizeof(struct mqvpn_sent_block *),
			 GFP_ATOMIC | __GFP_NOWARN);
	if (!blocks)
		return false;
	rec->blocks = blocks;
	rec->size = MQVPN_SENT_RING;
	for (pn = block_start(old.oldest); pn < old.room;
	     pn += MQVPN_SENT_BLOCK)
		*sent_block(rec, pn) = *sent_block(&old, pn);
	memset(rec->small, 0, sizeof(rec->small));
	return true;
}

/* No cgroup's: whoever sends a packet does not own the path. */
static struct mqvpn_sent_block *recovery_new_block(struct mqvpn_recovery *rec)
{
	if (rec->spare)
		return block_unspare(rec);
	return kzalloc(sizeof(struct mqvpn_sent_block),
		       GFP_ATOMIC | __GFP_NOWARN);
}

/*
 * Bare acknowledgments are never acknowledged themselves, so where nothing else
 * is sent they would pile up.
 */
static void recovery_forget_bare(struct mqvpn_recovery *rec,
				 struct mqvpn_acked *out)
{
	while (rec->oldest < rec->next_pn) {
		const struct mqvpn_sent *sent = sent_slot(rec, rec->oldest);

		if (sent->bytes && sent->eliciting)
			return;
		recovery_pass(rec, 0, out);
	}
}

/*
 * Get a block for @pn, the first number that has none. Without memory it is
 * taken from the oldest packets: one of a path's blocks is always there.
 */
static void recovery_enter(struct mqvpn_recovery *rec, u64 pn,
			   struct mqvpn_acked *out)
{
	u64 end = block_start(pn) + MQVPN_SENT_BLOCK;
	struct mqvpn_sent_block *block;

	recovery_forget_bare(rec, out);
	while (end > block_start(rec->oldest) + rec->size)
		if (!recovery_widen(rec))
			recovery_give_up(rec, out);
	while (!(block = recovery_new_block(rec)))
		recovery_give_up(rec, out);
	*sent_block(rec, pn) = block;
	rec->used++;
	rec->room = end;
}

/**
 * mqvpn_recovery_sent() - remember a packet that leaves
 * @rec: the state
 * @pn: its number, from mqvpn_recovery_number()
 * @sent: what to remember; its size is not 0
 * @out: what had to be given up for it, added to what it holds
 *
 * At most MQVPN_SENT_RING numbers are remembered, by whole blocks; fewer when
 * there is no memory. Older packets that are still outstanding are declared
 * lost, or they would be in flight for ever.
 *
 * Context: any; the caller's lock protects @rec.
 */
void mqvpn_recovery_sent(struct mqvpn_recovery *rec, u64 pn,
			 const struct mqvpn_sent *sent,
			 struct mqvpn_acked *out)
{
	struct mqvpn_sent *slot;

	if (unlikely(pn >= rec->room))
		recovery_enter(rec, pn, out);
	slot = sent_slot(rec, pn);
	*slot = *sent;
	if (sent->eliciting) {
		mqvpn_rate_sent(&rec->rate, slot, !rec->in_flight);
		rec->in_flight += sent->bytes;
		rec->eliciting_at = sent->at;
	}
	rec->next_pn = pn + 1;
}

/*
 * Move @oldest up to the first packet that may still arrive. Packets leave in
 * the order of their numbers: behind one that is not lost, none is.
 */
static void recovery_detect_lost(struct mqvpn_recovery *rec, u32 max_ack_delay,
				 u64 now, struct mqvpn_acked *out)
{
	u64 delay = mqvpn_rtt_loss_delay(&rec->rtt);

	while (rec->oldest < rec->largest_acked) {
		struct mqvpn_sent *sent = sent_slot(rec, rec->oldest);

		if (sent->bytes && sent->at + delay > now &&
		    rec->oldest + MQVPN_REORDER_PKTS >= rec->largest_acked)
			return;
		recovery_pass(rec, max_ack_delay, out);
	}
}

static void recovery_ack_range(struct mqvpn_recovery *rec,
			       const struct mqvpn_ack_range *range, u64 now,
			       struct mqvpn_acked *out)
{
	u64 pn;

	for (pn = max(range->first, rec->oldest); pn <= range->last; pn++) {
		struct mqvpn_sent *sent = sent_slot(rec, pn);
		u16 bytes;

		if (sent->bytes && sent->eliciting)
			mqvpn_rate_acked(&rec->rate, sent, now, &out->rate);
		bytes = sent_settle(rec, sent, true, out);
		out->acked_pkts += !!bytes;
		out->acked_bytes += bytes;
	}
}

/*
 * Whether the peer claims a number that was never used. Only the last one that
 * was skipped is known, as long as something that old may be acknowledged.
 */
static bool recovery_caught(const struct mqvpn_recovery *rec,
			    struct mqvpn_ack_frame ack)
{
	struct mqvpn_ack_range range;

	if (likely(rec->skipped == MQVPN_PN_NONE || rec->skipped < rec->oldest))
		return false;
	while (!mqvpn_ack_frame_next(&ack, &range) &&
	       range.last >= rec->skipped)
		if (range.first <= rec->skipped)
			return true;
	return false;
}

static void recovery_sample(struct mqvpn_recovery *rec,
			    const struct mqvpn_sent *largest, u64 delay_us,
			    u64 now, struct mqvpn_acked *out)
{
	/*
	 * RFC 9002 section 5.1: else it may be as late as the peer likes. A
	 * largest one below @oldest, whose slot may be another's by now,
	 * acknowledges nothing new either.
	 */
	if (!largest->bytes || !out->acked_pkts)
		return;
	if (!rec->rtt.smoothed)
		rec->sampled_at = now;
	out->rtt_us = mqvpn_rtt_update(&rec->rtt, largest->at, now, delay_us);
}

/**
 * mqvpn_recovery_ack() - process an acknowledgment, RFC 9002 appendix A.7
 * @rec: the state
 * @ack: the frame; its ranges are consumed
 * @delay_us: its ACK Delay in us, at most the peer's max_ack_delay
 * @max_ack_delay: the peer's, us
 * @now: ns
 * @out: what it told; written in any case
 *
 * Of more than MQVPN_ACK_RANGES_RX ranges the oldest are not looked at.
 *
 * Context: any; the caller's lock protects @rec.
 * Return: 0, or -EPROTO for a packet that was never sent (RFC 9000 section
 * 13.1): the connection is to be closed, and nothing has changed.
 */
int mqvpn_recovery_ack(struct mqvpn_recovery *rec, struct mqvpn_ack_frame *ack,
		       u64 delay_us, u32 max_ack_delay, u64 now,
		       struct mqvpn_acked *out)
{
	unsigned int left = MQVPN_ACK_RANGES_RX;
	struct mqvpn_ack_range range;
	struct mqvpn_sent sent;
	u64 largest;

	memset(out, 0, sizeof(*out));
	largest = ack->largest;
	if (largest >= rec->next_pn || recovery_caught(rec, *ack))
		return -EPROTO;

	sent = *sent_slot(rec, largest);
	while (left-- && !mqvpn_ack_frame_next(ack, &range) &&
	       range.last >= rec->oldest)
		recovery_ack_range(rec, &range, now, out);
	if (out->acked_pkts)
		rec->pto_count = 0;

	recovery_sample(rec, &sent, delay_us, now, out);
	mqvpn_rate_take(&rec->rate, rec->rtt.min, &out->rate);
	rec->largest_acked = max(rec->largest_acked, largest + 1);
	recovery_detect_lost(rec, max_ack_delay, now, out);
	return 0;
}

/*
 * When the oldest packet below the largest acknowledged one is too late, ns; 0
 * when there is none.
 */
static u64 recovery_loss_time(const struct mqvpn_recovery *rec)
{
	if (rec->oldest >= rec->largest_acked)
		return 0;
	return sent_slot(rec, rec->oldest)->at +
	       mqvpn_rtt_loss_delay(&rec->rtt);
}

/**
 * mqvpn_recovery_deadline() - when to call mqvpn_recovery_timeout()
 * @rec: the state
 * @max_ack_delay: the peer's, us
 * @probe: probes may be sent; not before the handshake is confirmed
 *
 * RFC 9002 section 6.2.1: PTO doubles each time, up to MQVPN_PTO_MAX_NS.
 *
 * Context: any; the caller's lock protects @rec.
 * Return: ns, 0 for never.
 */
u64 mqvpn_recovery_deadline(const struct mqvpn_recovery *rec,
			    u32 max_ack_delay, bool probe)
{
	u64 at = recovery_loss_time(rec);

	if (at)
		return at;
	if (!rec->in_flight || !probe)
		return 0;
	at = mqvpn_rtt_pto(&rec->rtt, max_ack_delay);
	at <<= min_t(u32, rec->pto_count, MQVPN_PTO_SHIFT_MAX);
	return rec->eliciting_at + min_t(u64, at, MQVPN_PTO_MAX_NS);
}

/**
 * mqvpn_recovery_timeout() - the deadline has passed, RFC 9002 appendix A.9
 * @rec: the state
 * @max_ack_delay: the peer's, us
 * @now: ns
 * @out: what it told; written in any case
 *
 * A probe time-out loses nothing: it asks the peer.
 *
 * Context: any; the caller's lock protects @rec.
 */
void mqvpn_recovery_timeout(struct mqvpn_recovery *rec, u32 max_ack_delay,
			    u64 now, struct mqvpn_acked *out)
{
	memset(out, 0, sizeof(*out));
	if (recovery_loss_time(rec)) {
		recovery_detect_lost(rec, max_ack_delay, now, out);
		return;
	}
	rec->pto_count++;
	/* the next one counts from here, whether or not a probe can leave */
	rec->eliciting_at = now;
	out->probes = MQVPN_PTO_PROBES;
}
