/* SPDX-License-Identifier: GPL-2.0 */
/* Dropped packets: counted, traced, freed with a reason. */
#ifndef MQVPN_DROP_H
#define MQVPN_DROP_H

#include <linux/mqvpn.h>

struct mqvpn_dev;
struct sk_buff;

/*
 * The counters, in their order, by what MQVPN_A_COUNTERS_ is followed by; with
 * each the reason of the kernel's own that comes closest. A reason of our own
 * would need a number in enum skb_drop_reason_subsys, which only code in the
 * kernel's tree can have. drop.c checks that none is missing.
 */
#define MQVPN_DROP_REASONS(X)				\
	X(TX_MALFORMED, PKT_TOO_SMALL)			\
	X(TX_MULTICAST, NOT_SPECIFIED)			\
	X(TX_NO_CONNECTION, IP_OUTNOROUTES)		\
	X(TX_NO_PATH, DEV_READY)			\
	X(TX_NO_KEY, NOT_SPECIFIED)			\
	X(TX_KEY_LIMIT, NOT_SPECIFIED)			\
	X(TX_TOO_BIG, PKT_TOO_BIG)			\
	X(TX_QUEUE_FULL, FULL_RING)			\
	X(TX_NO_MEMORY, NOMEM)				\
	X(TX_NO_REQUEST, NOMEM)				\
	X(TX_CRYPTO, NOT_SPECIFIED)			\
	X(TX_NO_ROUTE, IP_OUTNOROUTES)			\
	X(OWNER_FRAMES_FULL, NOT_SPECIFIED)		\
	X(OWNER_PACKETS_FULL, NOT_SPECIFIED)		\
	X(OWNER_EVENTS_FULL, NOT_SPECIFIED)		\
	X(OWNER_ERRORS_LIMIT, NOT_SPECIFIED)		\
	X(RX_MALFORMED, HDR_TRUNC)			\
	X(RX_LONG_HEADER, UNHANDLED_PROTO)		\
	X(RX_SERVERS_ONLY, UNHANDLED_PROTO)		\
	X(RX_SMALL, PKT_TOO_SMALL)			\
	X(RX_UP_LIMIT, FULL_RING)			\
	X(RX_UNKNOWN_CID, NO_SOCKET)			\
	X(RX_RESET, NOT_SPECIFIED)			\
	X(RX_NO_PATH, NO_SOCKET)			\
	X(RX_NO_KEY, NOT_SPECIFIED)			\
	X(RX_KEY_PHASE, NOT_SPECIFIED)			\
	X(RX_DUPLICATE, NOT_SPECIFIED)			\
	X(RX_AUTH, NOT_SPECIFIED)			\
	X(RX_NO_MEMORY, NOMEM)				\
	X(RX_NO_REQUEST, NOMEM)				\
	X(RX_PROTOCOL, NOT_SPECIFIED)			\
	X(RX_CLOSED, NOT_SPECIFIED)			\
	X(RX_NO_CREDIT, NOT_SPECIFIED)			\
	X(RX_CONTEXT, UNHANDLED_PROTO)			\
	X(RX_INNER, IP_INHDR)				\
	X(RX_SOURCE, IP_RPFILTER)			\
	X(RX_MULTICAST, NOT_SPECIFIED)			\
	X(RX_COPIED, NOT_SPECIFIED)			\
	X(RX_PATH_PENDING, NOT_SPECIFIED)		\
	X(RX_PATH_REFUSED, NO_SOCKET)

void mqvpn_drop(struct mqvpn_dev *md, struct sk_buff *skb,
		enum mqvpn_direction direction, unsigned int which);

#endif
