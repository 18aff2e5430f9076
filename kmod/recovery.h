/* SPDX-License-Identifier: GPL-2.0 */
/* What was sent on a path and what became of it, RFC 9002. */
#ifndef MQVPN_RECOVERY_H
#define MQVPN_RECOVERY_H

#include "frame.h"

/**
 * struct mqvpn_sent - one packet sent
 * @at: when, ns
 * @bytes: size of the UDP payload; 0 once acknowledged, lost or never sent
 * @eliciting: whether the peer must acknowledge it
 */
struct mqvpn_sent {
	u64 at;
	u16 bytes;
	bool eliciting;
};

/**
 * struct mqvpn_rtt - round-trip time of a path, RFC 9002 section 5, us
 * @min: smallest sample
 * @latest: newest sample
 * @smoothed: weighted mean, 0 before the first sample
 * @var: mean deviation
 */
struct mqvpn_rtt {
	u32 min;
	u32 latest;
	u32 smoothed;
	u32 var;
};

/**
 * struct mqvpn_recovery - loss recovery state of one packet number space
 * @next_pn: next packet number to send
 * @largest_acked: largest acknowledged packet number plus one, 0 for none
 * @oldest: no packet below it is outstanding
 * @in_flight: bytes outstanding
 * @rtt: round-trip time
 * @ring: packets by number modulo MQVPN_SENT_RING
 *
 * The caller's lock protects it.
 */
struct mqvpn_recovery {
	u64 next_pn;
	u64 largest_acked;
	u64 oldest;
	u64 in_flight;
	struct mqvpn_rtt rtt;
	struct mqvpn_sent *ring;
};

/**
 * struct mqvpn_acked - what one acknowledgment told
 * @acked_pkts: packets newly acknowledged
 * @acked_bytes: their bytes
 * @lost_pkts: packets declared lost by it
 * @lost_bytes: their bytes
 * @rtt_us: new sample, 0 for none
 */
struct mqvpn_acked {
	u32 acked_pkts;
	u64 acked_bytes;
	u32 lost_pkts;
	u64 lost_bytes;
	u32 rtt_us;
};

int mqvpn_recovery_init(struct mqvpn_recovery *rec);
void mqvpn_recovery_exit(struct mqvpn_recovery *rec);
u32 mqvpn_recovery_sent(struct mqvpn_recovery *rec, u64 pn, u16 bytes,
			bool eliciting, u64 now);
int mqvpn_recovery_ack(struct mqvpn_recovery *rec, struct mqvpn_ack_frame *ack,
		       u64 delay_us, u64 now, struct mqvpn_acked *out);

#endif
