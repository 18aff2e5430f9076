// SPDX-License-Identifier: GPL-2.0
/* The congestion controllers there are, by name. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "cc.h"

static const struct mqvpn_cc_ops *const cc_table[] = {
	&mqvpn_cc_bbr,
	&mqvpn_cc_cubic,
	&mqvpn_cc_none,
};

/**
 * mqvpn_cc_find() - look a congestion controller up
 * @name: its name
 *
 * Context: any.
 * Return: the controller, or NULL if there is none of that name.
 */
const struct mqvpn_cc_ops *mqvpn_cc_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cc_table); i++)
		if (!strcmp(cc_table[i]->name, name))
			return cc_table[i];
	return NULL;
}

/**
 * mqvpn_cc_init() - start controlling a path
 * @cc: the state; whatever it held is overwritten
 * @ops: the controller
 * @turn: shared by the paths of a connection, or NULL
 *
 * Context: any; the caller's lock protects @cc.
 */
void mqvpn_cc_init(struct mqvpn_cc *cc, const struct mqvpn_cc_ops *ops,
		   atomic64_t *turn)
{
	memset(cc, 0, sizeof(*cc));
	cc->ops = ops;
	cc->turn = turn;
	ops->init(cc);
}

/**
 * mqvpn_cc_turn() - take the turn to send less for a while
 * @cc: the path's
 * @now: ns
 * @until: when it is over, ns
 *
 * It ends by itself, so a path that dies meanwhile keeps nobody waiting.
 *
 * Context: any; the caller's lock protects @cc.
 * Return: false while it is another path's.
 */
bool mqvpn_cc_turn(struct mqvpn_cc *cc, u64 now, u64 until)
{
	s64 taken;

	if (!cc->turn)
		return true;
	taken = atomic64_read(cc->turn);
	return taken <= (s64)now &&
	       atomic64_try_cmpxchg(cc->turn, &taken, until);
}
