/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Datagrams between the sockets of a device and its owner: up what is no
 * packet of an open path, down what is none of a connection's 1-RTT packets.
 */
#ifndef MQVPN_PACKET_H
#define MQVPN_PACKET_H

#include <linux/netlink.h>
#include <linux/skbuff.h>

#include "bucket.h"
#include "udp.h"

struct mqvpn_dev;

/**
 * enum mqvpn_up_kind - what is handed up, each with a limit of its own
 * @MQVPN_UP_KNOWN: names a connection
 * @MQVPN_UP_STRANGER: may begin one
 * @MQVPN_UP_VERSION: of a version that we do not speak
 * @MQVPN_UP_LOST: may be of a connection that we have lost
 * @MQVPN_UP_ERROR: an ICMP error
 * @MQVPN_UP_KINDS: how many there are
 */
enum mqvpn_up_kind {
	MQVPN_UP_KNOWN,
	MQVPN_UP_STRANGER,
	MQVPN_UP_VERSION,
	MQVPN_UP_LOST,
	MQVPN_UP_ERROR,
	MQVPN_UP_KINDS,
};

/**
 * struct mqvpn_up - how much was handed up lately
 * @buckets: by enum mqvpn_up_kind
 */
struct mqvpn_up {
	struct mqvpn_bucket buckets[MQVPN_UP_KINDS];
};

/* up: packet-up.c */
void mqvpn_via_read(struct mqvpn_via *via, const struct sk_buff *skb);
void mqvpn_packet_unusable(struct mqvpn_sock *s, struct sk_buff *skb,
			   unsigned int why);
void mqvpn_packet_error(struct mqvpn_sock *s, const struct sk_buff *skb,
			int err, unsigned int payload);

/* down: packet-tx.c */
struct sk_buff *mqvpn_packet_new(const void *data, unsigned int len);
struct sk_buff *mqvpn_packet_rebuild(const struct mqvpn_sock *s,
				     const struct mqvpn_via *via,
				     const void *data, unsigned int len);
int mqvpn_packets_send(struct mqvpn_sock *s, struct mqvpn_via *via,
		       bool validated, struct sk_buff_head *packets,
		       struct netlink_ext_ack *extack);

#endif
