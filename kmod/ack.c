// SPDX-License-Identifier: GPL-2.0
/*
 * Packet numbers that arrived in one space, RFC 9000 sections 12.3 and 13.2.
 *
 * One window of bits serves two purposes: it tells duplicates, and
 * acknowledgments are built from it. A number's bit is its value modulo the
 * window; bits are cleared when numbers pass them again.
 */
#include "ack.h"

/* Smallest number that the window below @next can tell about. */
static inline u64 ack_low(u64 next)
{
	return next > MQVPN_ACK_WINDOW ? next - MQVPN_ACK_WINDOW : 0;
}

/**
 * mqvpn_ack_is_new() - whether a packet number may still be accepted
 * @ack: the space
 * @pn: packet number
 *
 * A number below the window is not new: it cannot be told from a replay.
 *
 * Context: any; the caller's lock is held. Without it the answer is a guess
 *	that mqvpn_ack_mark() puts right.
 * Return: whether @pn was not marked before.
 */
bool mqvpn_ack_is_new(const struct mqvpn_ack *ack, u64 pn)
{
	u64 next = READ_ONCE(ack->next);

	if (pn >= next)
		return true;
	if (pn < ack_low(next))
		return false;
	return !test_bit(pn % MQVPN_ACK_WINDOW, ack->seen);
}

/* Forget what had the bits of @count numbers from @pn on. */
static void ack_clear(struct mqvpn_ack *ack, u64 pn, u64 count)
{
	unsigned int start = pn % MQVPN_ACK_WINDOW;
	unsigned int head;

	if (count >= MQVPN_ACK_WINDOW) {
		bitmap_zero(ack->seen, MQVPN_ACK_WINDOW);
		return;
	}
	head = MQVPN_ACK_WINDOW - start;
	if (head > count)
		head = count;
	bitmap_clear(ack->seen, start, head);
	bitmap_clear(ack->seen, 0, count - head);
}

/**
 * mqvpn_ack_mark() - a packet was received and processed
 * @ack: the space
 * @pn: packet number, at most MQVPN_PN_MAX
 * @eliciting: the packet has a frame that wants an acknowledgment
 * @now: when it arrived, ns
 *
 * An ack-eliciting packet that is not the one after the largest is a reason to
 * acknowledge at once, RFC 9000 section 13.2.1.
 *
 * Context: any; the caller's lock is held; the data path in softirq.
 * Return: false if @pn is a duplicate or too old, and nothing changed.
 */
bool mqvpn_ack_mark(struct mqvpn_ack *ack, u64 pn, bool eliciting, u64 now)
{
	bool in_order = pn == ack->next;

	if (!mqvpn_ack_is_new(ack, pn))
		return false;
	if (pn >= ack->next) {
		if (!in_order)
			ack_clear(ack, ack->next, pn - ack->next);
		WRITE_ONCE(ack->next, pn + 1);
		ack->largest_at = now;
	}
	__set_bit(pn % MQVPN_ACK_WINDOW, ack->seen);
	if (eliciting) {
		WRITE_ONCE(ack->pending, ack->pending + 1);
		if (!in_order)
			WRITE_ONCE(ack->now, true);
	}
	return true;
}

/**
 * mqvpn_ack_due() - whether to acknowledge without waiting for the timer
 * @ack: the space
 *
 * Context: any; without the caller's lock the answer is a guess.
 * Return: true after a gap, a reordering or MQVPN_ACK_EVERY packets.
 */
bool mqvpn_ack_due(const struct mqvpn_ack *ack)
{
	return READ_ONCE(ack->now) ||
	       READ_ONCE(ack->pending) >= MQVPN_ACK_EVERY;
}

/*
 * One above the largest number in [low, below) whose bit is set; with @invert
 * of all ones, whose bit is clear. @low if there is none. The window is a
 * whole number of words, so the numbers of a word are neighbours; only the word
 * where the window's ends meet holds two runs, and there the older is on top.
 */
static u64 ack_find(const struct mqvpn_ack *ack, u64 low, u64 below,
		    unsigned long invert)
{
	while (below > low) {
		u64 last = below - 1;
		unsigned int bit = last % BITS_PER_LONG;
		unsigned int at = last % MQVPN_ACK_WINDOW;
		unsigned long word = ack->seen[BIT_WORD(at)];

		below = last - bit;
		word = (word ^ invert) & (~0UL >> (BITS_PER_LONG - 1 - bit));
		if (word) {
			below += __fls(word) + 1;
			break;
		}
	}
	return below > low ? below : low;
}

/**
 * mqvpn_ack_ranges() - what arrived, for an acknowledgment
 * @ack: the space
 * @ranges: result, descending, at least one number missing between two
 * @max: ranges there
 *
 * Context: any; the caller's lock is held; the data path in softirq.
 * Return: ranges written; 0 if nothing arrived yet.
 */
unsigned int mqvpn_ack_ranges(const struct mqvpn_ack *ack,
			      struct mqvpn_ack_range *ranges, unsigned int max)
{
	u64 low = ack_low(ack->next);
	u64 end = ack->next;
	unsigned int i;

	for (i = 0; i < max; i++) {
		end = ack_find(ack, low, end, 0);
		if (end == low)
			break;
		ranges[i].last = end - 1;
		end = ack_find(ack, low, end, ~0UL);
		ranges[i].first = end;
	}
	return i;
}

/**
 * mqvpn_ack_sent() - an acknowledgment of all that arrived is on its way
 * @ack: the space
 *
 * Context: any; the caller's lock is held.
 */
void mqvpn_ack_sent(struct mqvpn_ack *ack)
{
	WRITE_ONCE(ack->pending, 0);
	WRITE_ONCE(ack->now, false);
}
