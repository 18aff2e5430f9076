/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a packet from the device to the underlay. */
#ifndef MQVPN_TX_H
#define MQVPN_TX_H

#include <linux/netdevice.h>

struct mqvpn_path;

netdev_tx_t mqvpn_xmit(struct sk_buff *skb, struct net_device *dev);
bool mqvpn_tx_wanted(const struct mqvpn_path *path);
void mqvpn_tx_kick(struct mqvpn_path *path);
void mqvpn_tx_ack_later(struct mqvpn_path *path);
unsigned int mqvpn_tx_ack(struct mqvpn_path *path, u8 *to, unsigned int room,
			  u64 now);
void mqvpn_tx_timers_init(struct mqvpn_path *path);

#endif
