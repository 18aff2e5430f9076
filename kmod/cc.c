// SPDX-License-Identifier: GPL-2.0
/* The congestion controllers there are, by name. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "cc.h"

static const struct mqvpn_cc_ops *const cc_table[] = {
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
 * mqvpn_cc_init() - start controlling a new path
 * @cc: the state; whatever it held is overwritten
 * @ops: the controller
 *
 * Context: any; the caller's lock protects @cc.
 */
void mqvpn_cc_init(struct mqvpn_cc *cc, const struct mqvpn_cc_ops *ops)
{
	memset(cc, 0, sizeof(*cc));
	cc->ops = ops;
	ops->init(cc);
}
