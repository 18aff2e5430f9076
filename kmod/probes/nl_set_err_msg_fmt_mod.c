// SPDX-License-Identifier: GPL-2.0
/* An error text can be formatted (6.2). */

#include <linux/netlink.h>

void probe(struct netlink_ext_ack *extack, int value);
void probe(struct netlink_ext_ack *extack, int value)
{
	NL_SET_ERR_MSG_FMT_MOD(extack, "value %d", value);
}
