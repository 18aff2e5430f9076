/* SPDX-License-Identifier: GPL-2.0 */
/* Congestion control of a path behind one small ops struct. */
#ifndef MQVPN_CC_H
#define MQVPN_CC_H

#include <linux/atomic.h>

#include "recovery.h"

#define MQVPN_CC_PRIV		46	/* u64 words of private state */
#define MQVPN_CWND_UNLIMITED	(~0ULL)

struct mqvpn_cc;

/**
 * struct mqvpn_cc_ops - a congestion controller
 * @name: as the user writes it
 * @init: fill in @cwnd and @rate of a new path
 * @acked: an acknowledgment came in, losses included, or time told of losses
 */
struct mqvpn_cc_ops {
	const char *name;
	void (*init)(struct mqvpn_cc *cc);
	void (*acked)(struct mqvpn_cc *cc, const struct mqvpn_acked *acked,
		      const struct mqvpn_recovery *rec, u64 now);
};

/**
 * struct mqvpn_cc - congestion control state of a path
 * @ops: the controller
 * @cwnd: bytes that may be in flight
 * @rate: pacing rate, bytes/s, 0 for no pacing
 * @turn: until when, ns, a path of the connection sends less to measure its
 *	round-trip time, which the others then do not; NULL for a path alone
 * @priv: the controller's own state
 *
 * The caller's lock protects it, except *@turn, which is the connection's.
 */
struct mqvpn_cc {
	const struct mqvpn_cc_ops *ops;
	u64 cwnd;
	u64 rate;
	atomic64_t *turn;
	u64 priv[MQVPN_CC_PRIV];
};

extern const struct mqvpn_cc_ops mqvpn_cc_bbr;
extern const struct mqvpn_cc_ops mqvpn_cc_cubic;
extern const struct mqvpn_cc_ops mqvpn_cc_none;

const struct mqvpn_cc_ops *mqvpn_cc_find(const char *name);
void mqvpn_cc_init(struct mqvpn_cc *cc, const struct mqvpn_cc_ops *ops,
		   atomic64_t *turn);
bool mqvpn_cc_turn(struct mqvpn_cc *cc, u64 now, u64 until);

#endif
