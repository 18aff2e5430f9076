/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a packet from the underlay to the device. */
#ifndef MQVPN_RX_H
#define MQVPN_RX_H

struct mqvpn_conn;
struct mqvpn_dev;
struct mqvpn_opening;
struct mqvpn_path;
struct mqvpn_sock;
struct sk_buff;

void mqvpn_rx(struct mqvpn_sock *s, struct sk_buff *skb);
unsigned int mqvpn_rx_try(struct mqvpn_sock *s, struct sk_buff *skb);
void mqvpn_rx_first(struct mqvpn_conn *conn, struct mqvpn_path *path,
		    const struct mqvpn_opening *opening);
void mqvpn_rx_drop(struct mqvpn_dev *md, struct sk_buff *skb,
		   unsigned int which);

#endif
