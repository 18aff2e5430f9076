/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what is sent, received and dropped. Numbers and sizes, never a
 * byte of a packet or of a key. Those that are off cost a no-op each.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mqvpn

#if !defined(MQVPN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MQVPN_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "conn.h"
#include "device.h"
#include "drop.h"
#include "path.h"
#include "protect.h"

/* names for who reads the events by their format */
#define X(name, reason) TRACE_DEFINE_ENUM(MQVPN_A_COUNTERS_##name);
MQVPN_DROP_REASONS(X)
#undef X
TRACE_DEFINE_ENUM(MQVPN_DIRECTION_TX);
TRACE_DEFINE_ENUM(MQVPN_DIRECTION_RX);

#ifndef mqvpn_trace_reasons
#define mqvpn_trace_reason(name, reason) { MQVPN_A_COUNTERS_##name, #name },
#define mqvpn_trace_reasons				\
	MQVPN_DROP_REASONS(mqvpn_trace_reason)		\
	{ MQVPN_A_COUNTERS_PAD, "" }
#endif

TRACE_EVENT(mqvpn_tx,
	TP_PROTO(const struct mqvpn_path *path, const struct mqvpn_crypt *c),
	TP_ARGS(path, c),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, conn)
		__field(u32, path)
		__field(u64, pn)
		__field(u32, bytes)
		__field(u32, inner)
	),
	TP_fast_assign(
		memcpy(__entry->name, path->conn->md->dev->name, IFNAMSIZ);
		__entry->conn = path->conn->id;
		__entry->path = path->id;
		__entry->pn = c->pn;
		__entry->bytes = c->bytes;
		__entry->inner = c->inner && c->inner->protocol ?
				 c->inner->len : 0;
	),
	TP_printk("dev=%s conn=%u path=%u pn=%llu bytes=%u inner=%u",
		  __entry->name, __entry->conn, __entry->path, __entry->pn,
		  __entry->bytes, __entry->inner)
);

TRACE_EVENT(mqvpn_rx,
	TP_PROTO(const struct mqvpn_path *path, u64 pn, unsigned int bytes,
		 unsigned int datagrams),
	TP_ARGS(path, pn, bytes, datagrams),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, conn)
		__field(u32, path)
		__field(u64, pn)
		__field(u32, bytes)
		__field(u32, datagrams)
	),
	TP_fast_assign(
		memcpy(__entry->name, path->conn->md->dev->name, IFNAMSIZ);
		__entry->conn = path->conn->id;
		__entry->path = path->id;
		__entry->pn = pn;
		__entry->bytes = bytes;
		__entry->datagrams = datagrams;
	),
	TP_printk("dev=%s conn=%u path=%u pn=%llu bytes=%u datagrams=%u",
		  __entry->name, __entry->conn, __entry->path, __entry->pn,
		  __entry->bytes, __entry->datagrams)
);

TRACE_EVENT(mqvpn_drop,
	TP_PROTO(const struct mqvpn_dev *md, const struct sk_buff *skb,
		 unsigned int direction, unsigned int which),
	TP_ARGS(md, skb, direction, which),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, direction)
		__field(u32, which)
		__field(u32, len)
	),
	TP_fast_assign(
		memcpy(__entry->name, md->dev->name, IFNAMSIZ);
		__entry->direction = direction;
		__entry->which = which;
		__entry->len = skb ? skb->len : 0;
	),
	TP_printk("dev=%s %s reason=%s len=%u", __entry->name,
		  __print_symbolic(__entry->direction,
				   { MQVPN_DIRECTION_TX, "tx" },
				   { MQVPN_DIRECTION_RX, "rx" }),
		  __print_symbolic(__entry->which, mqvpn_trace_reasons),
		  __entry->len)
);

#endif /* MQVPN_TRACE_H */

/* Found by -I: every mirror of the sources has it in the same place. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
