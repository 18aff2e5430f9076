// SPDX-License-Identifier: GPL-2.0
/* The flow key has a DSCP where it had a TOS byte (6.18). */

#include <net/flow.h>

void probe(struct flowi4 *fl4, dscp_t dscp);
void probe(struct flowi4 *fl4, dscp_t dscp)
{
	fl4->flowi4_dscp = dscp;
}
