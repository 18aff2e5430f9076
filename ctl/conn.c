// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl conn: QUIC connections.
 */
#include "conn.h"

#include <linux/mqvpn.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"
#include "spec.h"

enum {
	DEV,
	ID,
	ROLE,
	MULTIPATH,
	CONFIRMED,
	MAX_PATH_ID,
	PEER_MAX_PATH_ID,
	QUARTER_STREAM_ID,
	IDLE_TIMEOUT,
	INITIAL_RTT,
	PEER_EXPONENT,
	PEER_MAX_ACK_DELAY,
	PEER_MAX_UDP_PAYLOAD,
	PEER_MAX_DATAGRAM,
	SCHEDULER,
	MAX_DATAGRAM,
	KEEPALIVE,
	CODE,
	APPLICATION,
	REASON,
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[ID] = KEYWORD_CONN("id"),
	[ROLE] = { "role", "client|server", "which end this is", parse_name,
		   .names = spec_roles },
	[MULTIPATH] = { "multipath", NULL, "both ends offered multipath" },
	[CONFIRMED] = { "confirmed", NULL, "the handshake is confirmed" },
	[MAX_PATH_ID] = { "max-path-id", "N",
			  "highest path identifier this end allows",
			  parse_number, 0, UINT32_MAX },
	[PEER_MAX_PATH_ID] = { "peer-max-path-id", "N",
			       "highest path identifier the peer allows",
			       parse_number, 0, UINT32_MAX },
	[QUARTER_STREAM_ID] = { "quarter-stream-id", "Q",
				"of the CONNECT-IP request (default 0)",
				parse_number, 0, (1ULL << 60) - 1 },
	[IDLE_TIMEOUT] = { "idle-timeout", "MS",
			   "idle time-out, milliseconds; 0 for none",
			   parse_number, 0, UINT32_MAX },
	[INITIAL_RTT] = { "initial-rtt", "US",
			  "round-trip time seen so far, microseconds",
			  parse_number, 0, UINT32_MAX },
	[PEER_EXPONENT] = { "peer-ack-delay-exponent", "N",
			    "the peer's ack_delay_exponent", parse_number, 0,
			    20 },
	[PEER_MAX_ACK_DELAY] = { "peer-max-ack-delay", "MS",
				 "the peer's max_ack_delay, milliseconds",
				 parse_number, 0, 16383 },
	[PEER_MAX_UDP_PAYLOAD] = { "peer-max-udp-payload", "N",
				   "the peer's max_udp_payload_size",
				   parse_number, 1200, UINT16_MAX },
	[PEER_MAX_DATAGRAM] = { "peer-max-datagram", "N",
				"the peer's max_datagram_frame_size",
				parse_number, 0, UINT32_MAX },
	[SCHEDULER] = { "scheduler", "NAME",
			"path scheduler (default the device's)", parse_text,
			.max = 15 },
	[MAX_DATAGRAM] = { "max-datagram", "N",
			   "this end's max_datagram_frame_size", parse_number,
			   0, UINT32_MAX },
	[KEEPALIVE] = { "keepalive", "MS",
			"send a PING on a path silent so long, milliseconds; 0 for never",
			parse_number, 0, UINT32_MAX },
	[CODE] = { "code", "N", "error code (default 0, no error)",
		   parse_number, 0, (1ULL << 62) - 1 },
	[APPLICATION] = { "application", NULL,
			  "the error code is the application's" },
	[REASON] = { "reason", "TEXT", "reason phrase", parse_text,
		     .max = MQVPN_CLOSE_REASON_MAX },
	{ 0 }
};

/* A nest with nothing in it would say "the defaults"; leave it out. */
static void put_parameters(struct nl_msg *msg, const struct value *v)
{
	struct nlattr *nest;

	if (v[MAX_PATH_ID].given || v[MAX_DATAGRAM].given) {
		nest = put_nest(msg, MQVPN_A_CONN_LOCAL);
		put_u32(msg, MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE,
			&v[MAX_DATAGRAM]);
		put_u32(msg, MQVPN_A_TP_MAX_PATH_ID, &v[MAX_PATH_ID]);
		put_nest_end(msg, nest);
	}
	if (!v[PEER_MAX_PATH_ID].given && !v[PEER_EXPONENT].given &&
	    !v[PEER_MAX_ACK_DELAY].given && !v[PEER_MAX_UDP_PAYLOAD].given &&
	    !v[PEER_MAX_DATAGRAM].given)
		return;
	nest = put_nest(msg, MQVPN_A_CONN_PEER);
	put_u8(msg, MQVPN_A_TP_ACK_DELAY_EXPONENT, &v[PEER_EXPONENT]);
	put_u16(msg, MQVPN_A_TP_MAX_ACK_DELAY, &v[PEER_MAX_ACK_DELAY]);
	put_u16(msg, MQVPN_A_TP_MAX_UDP_PAYLOAD_SIZE, &v[PEER_MAX_UDP_PAYLOAD]);
	put_u32(msg, MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE, &v[PEER_MAX_DATAGRAM]);
	put_u32(msg, MQVPN_A_TP_MAX_PATH_ID, &v[PEER_MAX_PATH_ID]);
	put_nest_end(msg, nest);
}

static int conn_request(struct mqnl *nl, uint8_t command, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, command);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[ID]);
	nest = put_nest(msg, MQVPN_A_CONNECTION);
	put_u32(msg, MQVPN_A_CONN_ROLE, &v[ROLE]);
	put_flag(msg, MQVPN_A_CONN_MULTIPATH, &v[MULTIPATH]);
	put_flag(msg, MQVPN_A_CONN_CONFIRMED, &v[CONFIRMED]);
	put_parameters(msg, v);
	put_u32(msg, MQVPN_A_CONN_IDLE_TIMEOUT, &v[IDLE_TIMEOUT]);
	put_u32(msg, MQVPN_A_CONN_KEEPALIVE, &v[KEEPALIVE]);
	put_u32(msg, MQVPN_A_CONN_INITIAL_RTT, &v[INITIAL_RTT]);
	put_u64(msg, MQVPN_A_CONN_QUARTER_STREAM_ID, &v[QUARTER_STREAM_ID]);
	put_string(msg, MQVPN_A_CONN_SCHEDULER, &v[SCHEDULER]);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static int conn_add(struct mqnl *nl, const struct value *v)
{
	return conn_request(nl, MQVPN_CMD_CONN_NEW, v);
}

static int conn_set(struct mqnl *nl, const struct value *v)
{
	return conn_request(nl, MQVPN_CMD_CONN_SET, v);
}

static int conn_del(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_CONN_DEL);

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[ID]);
	return mqnl_do(nl, msg, NULL);
}

static int conn_close(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_CONN_CLOSE);
	struct value code = v[CODE];
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[ID]);
	nest = put_nest(msg, MQVPN_A_CONNECTION);
	code.given = true;
	put_u64(msg, MQVPN_A_CONN_CLOSE_CODE, &code);
	put_flag(msg, MQVPN_A_CONN_CLOSE_APPLICATION, &v[APPLICATION]);
	if (v[REASON].given)
		put_bytes(msg, MQVPN_A_CONN_CLOSE_REASON, v[REASON].text,
			  v[REASON].len);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

/**
 * conn_flags() - the flags of a connection
 * @connection: the decoded connection
 *
 * Return: such as "multipath,confirmed", to be used soon.
 */
const char *conn_flags(struct json_object *connection)
{
	static const char *const flags[] = { "multipath", "confirmed",
					     "datagram", "reorder" };
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (member(connection, flags[i]))
			list_append(text, sizeof(text), ",", flags[i]);
	return text[0] ? text : "-";
}

static void conn_print(struct json_object *list)
{
	static const char *const heads[] = { "DEV",   "CONN",	   "ROLE",
					     "STATE", "SCHEDULER", "FLAGS",
					     "TX",    "RX",	   NULL };
	struct json_object *message;
	struct json_object *conn;
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		conn = member(message, "connection");
		table_cell(&table, "%s", member_text(message, "ifname"));
		table_cell(&table, "%s", member_text(message, "conn_id"));
		table_cell(&table, "%s", member_text(conn, "role"));
		table_cell(&table, "%s", member_text(conn, "state"));
		table_cell(&table, "%s", member_text(conn, "scheduler"));
		table_cell(&table, "%s", conn_flags(conn));
		table_cell(&table, "%s",
			   text_bytes(member_number(conn, "tx_bytes")));
		table_cell(&table, "%s",
			   text_bytes(member_number(conn, "rx_bytes")));
	}
	table_print(&table, 0);
	table_free(&table);
}

/* One connection, in an array like those of a dump. */
static int conn_get(struct mqnl *nl, const struct value *v,
		    struct json_object **list)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_CONN_GET);
	struct json_object *reply;
	int status;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[ID]);
	status = mqnl_do(nl, msg, &reply);
	if (status)
		return status;
	*list = check_alloc(json_object_new_array());
	json_object_array_add(*list, reply);
	return status;
}

static int conn_show(struct mqnl *nl, const struct value *v)
{
	static const struct value all;
	struct json_object *list;
	int status = EXIT_SUCCESS;

	if (v[ID].given && !v[DEV].given)
		die(EXIT_USAGE, "id needs dev DEV");
	if (v[ID].given)
		status = conn_get(nl, v, &list);
	else
		list = dump_devices(nl, MQVPN_CMD_CONN_GET, &v[DEV], &all);
	if (status)
		return status;
	if (options.json)
		out_json(list);
	else if (options.stats)
		details_print(list, "connection");
	else
		conn_print(list);
	json_object_put(list);
	return status;
}

static const struct command commands[] = {
	{ "add", "Make a connection, from what its two ends have negotiated.",
	  (1U << (KEEPALIVE + 1)) - 1, TAKES(DEV) | TAKES(ROLE), conn_add },
	{ "set", "Change a connection.",
	  TAKES(DEV) | TAKES(ID) | TAKES(CONFIRMED) | TAKES(IDLE_TIMEOUT) |
		  TAKES(QUARTER_STREAM_ID) | TAKES(SCHEDULER) |
		  TAKES(KEEPALIVE),
	  TAKES(DEV), conn_set },
	{ "close", "Tell the peer that the connection ends, and end it.",
	  TAKES(DEV) | TAKES(ID) | TAKES(CODE) | TAKES(APPLICATION) |
		  TAKES(REASON),
	  TAKES(DEV), conn_close },
	{ "del", "Delete a connection without a word to the peer.",
	  TAKES(DEV) | TAKES(ID), TAKES(DEV), conn_del },
	{ "show", "List the connections, of all devices or one.",
	  TAKES(DEV) | TAKES(ID), 0, conn_show },
	{ 0 }
};

const struct object object_conn = {
	"conn",
	"QUIC connections of a device",
	keywords,
	commands,
};
