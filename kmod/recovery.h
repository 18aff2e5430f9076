/* SPDX-License-Identifier: GPL-2.0 */
/* What was sent on a path and what became of it, RFC 9002. */
#ifndef MQVPN_RECOVERY_H
#define MQVPN_RECOVERY_H

#include "frame.h"
#include "rate.h"
#include "rtt.h"

/**
 * struct mqvpn_sent_note - asks what became of a packet
 * @next: in a list of those that were answered
 * @acked: the answer: it arrived; else it is lost
 */
struct mqvpn_sent_note {
	struct mqvpn_sent_note *next;
	bool acked;
};

/**
 * struct mqvpn_sent - one packet sent
 * @at: when, ns
 * @note: wants to know of its fate, or NULL
 * @snap: what was delivered then
 * @bytes: size of the UDP payload; 0 once acknowledged, lost or never sent
 * @eliciting: whether the peer must acknowledge it; only such packets count as
 *	in flight, acknowledged or lost
 * @limited: there was too little to send to tell what the path can carry
 *
 * 32 bytes: this is what makes up the memory of a path.
 */
struct mqvpn_sent {
	u64 at;
	struct mqvpn_sent_note *note;
	struct mqvpn_rate_snap snap;
	u16 bytes;
	bool eliciting;
	bool limited;
};

/**
 * struct mqvpn_sent_block - packets of neighbouring numbers
 * @sent: they
 * @next: in the list of blocks that are not in use, in place of the time of the
 *	first packet, when all of @sent is empty
 *
 * With that it takes 1 KiB, of which kmalloc() wastes nothing.
 */
struct mqvpn_sent_block {
	union {
		struct mqvpn_sent sent[MQVPN_SENT_BLOCK];
		struct mqvpn_sent_block *next;
	};
};

/**
 * struct mqvpn_recovery - loss recovery state of one packet number space
 * @next_pn: next packet number to send
 * @skip_pn: the number that will be skipped next
 * @skipped: the last one that was, MQVPN_PN_NONE before
 * @largest_acked: largest acknowledged packet number plus one, 0 for none
 * @oldest: no packet below it is outstanding
 * @in_flight: bytes outstanding
 * @eliciting_at: when the last ack-eliciting packet left, or the last probe
 *	time-out, ns
 * @sampled_at: when the packet of the first RTT sample was acknowledged, ns
 * @lost_since: when the first of an unbroken row of lost packets left, ns; 0
 *	when the last one whose fate is known arrived
 * @pto_count: probe time-outs since the last acknowledgment
 * @rtt: round-trip time
 * @rate: what was delivered
 * @blocks: what was sent, by number modulo @size; NULL where nothing is
 *	outstanding
 * @small: what @blocks points to until more is needed
 * @room: no number from here on has a block
 * @spare: list of empty blocks
 * @size: how many numbers @blocks has room for: MQVPN_SENT_SMALL or
 *	MQVPN_SENT_RING
 * @used: blocks in @blocks
 * @spares: blocks in @spare
 *
 * The caller's lock protects it.
 */
struct mqvpn_recovery {
	u64 next_pn;
	u64 skip_pn;
	u64 skipped;
	u64 largest_acked;
	u64 oldest;
	u64 in_flight;
	u64 eliciting_at;
	u64 sampled_at;
	u64 lost_since;
	u32 pto_count;
	struct mqvpn_rtt rtt;
	struct mqvpn_rate rate;
	struct mqvpn_sent_block **blocks;
	struct mqvpn_sent_block *small[MQVPN_SENT_SMALL / MQVPN_SENT_BLOCK];
	u64 room;
	struct mqvpn_sent_block *spare;
	u32 size;
	u16 used;
	u16 spares;
};

/**
 * struct mqvpn_acked - what one acknowledgment, or a time-out, told
 * @acked_pkts: packets newly acknowledged
 * @acked_bytes: their bytes
 * @lost_pkts: packets declared lost by it
 * @lost_bytes: their bytes
 * @lost_sent_at: when the newest of them left, ns
 * @rtt_us: new sample, 0 for none
 * @persistent: persistent congestion, RFC 9002 section 7.6
 * @probes: packets to send at once because of a probe time-out
 * @rate: sample of the delivery rate
 * @notes: those that were answered, oldest packet last
 */
struct mqvpn_acked {
	u32 acked_pkts;
	u64 acked_bytes;
	u32 lost_pkts;
	u64 lost_bytes;
	u64 lost_sent_at;
	u32 rtt_us;
	bool persistent;
	u8 probes;
	struct mqvpn_rate_sample rate;
	struct mqvpn_sent_note *notes;
};

int mqvpn_recovery_init(struct mqvpn_recovery *rec, u32 initial_rtt);
struct mqvpn_sent_note *mqvpn_recovery_abandon(struct mqvpn_recovery *rec);
void mqvpn_recovery_exit(struct mqvpn_recovery *rec);
void mqvpn_recovery_new_route(struct mqvpn_recovery *rec);
u64 mqvpn_recovery_number(struct mqvpn_recovery *rec);
void mqvpn_recovery_sent(struct mqvpn_recovery *rec, u64 pn,
			 const struct mqvpn_sent *sent,
			 struct mqvpn_acked *out);
int mqvpn_recovery_ack(struct mqvpn_recovery *rec, struct mqvpn_ack_frame *ack,
		       u64 delay_us, u32 max_ack_delay, u64 now,
		       struct mqvpn_acked *out);
u64 mqvpn_recovery_deadline(const struct mqvpn_recovery *rec,
			    u32 max_ack_delay, bool probe);
void mqvpn_recovery_timeout(struct mqvpn_recovery *rec, u32 max_ack_delay,
			    u64 now, struct mqvpn_acked *out);

#endif
