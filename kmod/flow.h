/* SPDX-License-Identifier: GPL-2.0 */
/* Flow key of an inner packet. */
#ifndef MQVPN_FLOW_H
#define MQVPN_FLOW_H

#include <linux/types.h>

struct sk_buff;

u32 mqvpn_flow_hash(const struct sk_buff *skb);

#endif
