/* SPDX-License-Identifier: GPL-2.0 */
/* How a connection stays alive, and how it ends. */
#ifndef MQVPN_LIFE_H
#define MQVPN_LIFE_H

#include "conn.h"

/* time-outs: life.c */
int mqvpn_life_init(void);
void mqvpn_life_exit(void);
void mqvpn_life_begin(struct mqvpn_conn *conn);
void mqvpn_life_end(struct mqvpn_conn *conn);
void mqvpn_life_rearm(struct mqvpn_conn *conn);
void mqvpn_life_arm(struct mqvpn_conn *conn, u64 now);
void mqvpn_life_changed(struct mqvpn_conn *conn);
u64 mqvpn_conn_pto(struct mqvpn_conn *conn);

/* closing and draining: close.c */
int mqvpn_conn_check_open(const struct mqvpn_conn *conn,
			  struct netlink_ext_ack *extack);
int mqvpn_conn_close(struct mqvpn_conn *conn, bool app,
		     const struct mqvpn_close_frame *close,
		     struct netlink_ext_ack *extack);
void mqvpn_conn_protocol_error(struct mqvpn_conn *conn, u64 code,
			       u64 frame_type, const char *why);
bool mqvpn_conn_key_limit(struct mqvpn_conn *conn);
void mqvpn_conn_peer_closed(struct mqvpn_conn *conn, bool app,
			    const struct mqvpn_close_frame *close);
void mqvpn_conn_reset(struct mqvpn_conn *conn);
void mqvpn_conn_late(struct mqvpn_path *path);

/**
 * mqvpn_life_received() - a packet of the peer's was taken
 * @conn: connection
 * @now: ns
 *
 * RFC 9000 section 10.1: this restarts the idle time-out. The timer finds out
 * when it fires.
 *
 * Context: any.
 */
static inline void mqvpn_life_received(struct mqvpn_conn *conn, u64 now)
{
	atomic64_set(&conn->idle_from, now);
	if (READ_ONCE(conn->idle_sent))
		WRITE_ONCE(conn->idle_sent, false);
}

/**
 * mqvpn_life_sent() - an ack-eliciting packet is being sent
 * @conn: connection
 * @now: ns
 *
 * RFC 9000 section 10.1: only the first one since the peer was heard restarts
 * the idle time-out.
 *
 * Context: any.
 */
static inline void mqvpn_life_sent(struct mqvpn_conn *conn, u64 now)
{
	if (READ_ONCE(conn->idle_sent))
		return;
	WRITE_ONCE(conn->idle_sent, true);
	atomic64_set(&conn->idle_from, now);
}

#endif
