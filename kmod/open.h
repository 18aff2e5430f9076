/* SPDX-License-Identifier: GPL-2.0 */
/* Paths that the peer opens. */
#ifndef MQVPN_OPEN_H
#define MQVPN_OPEN_H

#include "conn.h"
#include "udp.h"

/**
 * struct mqvpn_opening - an authenticated packet whose path is not open yet
 * @skb: decrypted packet, header included
 * @key: key that opened it, referenced
 * @via: between which addresses it came
 * @socket: number of the socket it came to
 * @path_id: path ID
 * @pn: packet number
 * @hdr_len: bytes of the header
 * @first: its first byte, unprotected
 */
struct mqvpn_opening {
	struct sk_buff *skb;
	struct mqvpn_key *key;
	struct mqvpn_via via;
	u32 socket;
	u32 path_id;
	u64 pn;
	u16 hdr_len;
	u8 first;
};

bool mqvpn_open_may(struct mqvpn_conn *conn, u32 path_id);
unsigned int mqvpn_open_begin(struct mqvpn_conn *conn,
			      const struct mqvpn_crypt *c);
void mqvpn_open_finish(struct mqvpn_conn *conn);

#endif
