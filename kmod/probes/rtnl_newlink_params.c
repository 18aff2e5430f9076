// SPDX-License-Identifier: GPL-2.0
/* rtnl_link_ops.newlink takes struct rtnl_newlink_params (6.15). */

#include <net/rtnetlink.h>

int probe(struct net_device *dev, struct rtnl_newlink_params *params,
	  struct netlink_ext_ack *extack);

const struct rtnl_link_ops probe_ops;
const struct rtnl_link_ops probe_ops = {
	.newlink = probe,
};
