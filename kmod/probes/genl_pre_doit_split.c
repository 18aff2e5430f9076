// SPDX-License-Identifier: GPL-2.0
/* genl_family.pre_doit is given a struct genl_split_ops (6.2). */
#include <net/genetlink.h>

int probe(const struct genl_split_ops *ops, struct sk_buff *skb,
	  struct genl_info *info);

const struct genl_family probe_family;
const struct genl_family probe_family = {
	.pre_doit = probe,
};
