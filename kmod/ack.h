/* SPDX-License-Identifier: GPL-2.0 */
/* Which packet numbers of one space arrived: duplicates and acknowledgments. */
#ifndef MQVPN_ACK_H
#define MQVPN_ACK_H

#include <linux/bitmap.h>

#include "frame.h"

/**
 * struct mqvpn_ack - packet numbers received on a path, RFC 9000 section 13.2
 * @next: one above the largest received, 0 before the first
 * @largest_at: when the largest arrived, ns
 * @pending: ack-eliciting packets since the last acknowledgment was built
 * @now: an acknowledgment is due at once (a gap, a reordering)
 * @seen: bit (number mod window) of the MQVPN_ACK_WINDOW numbers below @next
 *
 * The caller's lock protects it.
 */
struct mqvpn_ack {
	u64 next;
	u64 largest_at;
	u32 pending;
	bool now;
	DECLARE_BITMAP(seen, MQVPN_ACK_WINDOW);
};

bool mqvpn_ack_is_new(const struct mqvpn_ack *ack, u64 pn);
bool mqvpn_ack_mark(struct mqvpn_ack *ack, u64 pn, bool eliciting, u64 now);
bool mqvpn_ack_due(const struct mqvpn_ack *ack);
unsigned int mqvpn_ack_ranges(const struct mqvpn_ack *ack,
			      struct mqvpn_ack_range *ranges, unsigned int max);
void mqvpn_ack_sent(struct mqvpn_ack *ack);

#endif
