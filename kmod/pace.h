/* SPDX-License-Identifier: GPL-2.0 */
/* When the next packet of a path may leave: numbers in, numbers out. */
#ifndef MQVPN_PACE_H
#define MQVPN_PACE_H

#include "frame.h"

/**
 * struct mqvpn_pacer - pacing state of a path
 * @rate: bytes/s, 0 for no pacing
 * @next: when the next packet may leave, ns
 *
 * The caller's lock protects it.
 */
struct mqvpn_pacer {
	u64 rate;
	u64 next;
};

u64 mqvpn_pace_wait(const struct mqvpn_pacer *pacer, u64 now);
void mqvpn_pace_sent(struct mqvpn_pacer *pacer, u32 bytes, u64 now);

#endif
