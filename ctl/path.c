// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl path: paths of a connection.
 */
#include "path.h"

#include <linux/mqvpn.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"

enum {
	DEV,
	CONN,
	ID,
	REMOTE,
	LOCAL,
	IFNAME,
	SOCKET,
	MARK,
	DSCP,
	WEIGHT,
	RATE_LIMIT,
	VALIDATED,
	CC,
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[CONN] = KEYWORD_CONN("conn"),
	[ID] = { "id", "P", "path identifier", parse_number, 0,
		 UINT32_MAX - 1 },
	[REMOTE] = { "remote", "ADDR:PORT",
		     "the peer (default as on the connection's other paths)",
		     parse_remote },
	[LOCAL] = { "local", "ADDR[:PORT]",
		    "address to send from (default by route)", parse_local },
	[IFNAME] = { "ifname", "UNDERLAY",
		     "device to send through (default by route)", parse_text,
		     .max = 15 },
	[SOCKET] = { "socket", "S",
		     "socket to use (default a new one of its own)",
		     parse_number, 0, UINT32_MAX },
	[MARK] = { "mark", "M", "firewall mark of what it sends", parse_number,
		   0, UINT32_MAX },
	[DSCP] = { "dscp", "D", "DSCP of what it sends", parse_number, 0, 63 },
	[WEIGHT] = { "weight", "W",
		     "share of the traffic relative to other paths",
		     parse_number, 1, 1000000 },
	[RATE_LIMIT] = { "rate-limit", "RATE",
			 "upper bound such as 50mbit; 0 for none", parse_rate,
			 1, INT64_MAX },
	[VALIDATED] = { "validated", NULL,
			"the handshake was done over it: no challenge" },
	[CC] = { "cc", "NAME",
		 "congestion control: bbr, cubic or none (default none)",
		 parse_text, .max = 15 },
	{ 0 }
};

static void put_remote(struct nl_msg *msg, const struct value *v)
{
	const struct endpoint *remote = &v[REMOTE].endpoint;
	struct value scope = { .given = remote->scope[0],
			       .text = remote->scope };

	if (!v[REMOTE].given)
		return;
	put_address(msg, MQVPN_A_PATH_REMOTE_IPV4, MQVPN_A_PATH_REMOTE_IPV6,
		    &remote->address);
	put_underlay(msg, MQVPN_A_PATH_REMOTE_SCOPE_ID, &scope);
	put_port(msg, MQVPN_A_PATH_REMOTE_PORT, remote->port);
}

static void put_local(struct nl_msg *msg, const struct value *v)
{
	const struct endpoint *local = &v[LOCAL].endpoint;

	if (!v[LOCAL].given)
		return;
	put_address(msg, MQVPN_A_PATH_LOCAL_IPV4, MQVPN_A_PATH_LOCAL_IPV6,
		    &local->address);
	if (local->has_port)
		put_port(msg, MQVPN_A_PATH_LOCAL_PORT, local->port);
}

static struct nl_msg *path_request(struct mqnl *nl, uint8_t command,
				   const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, command);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	nest = put_nest(msg, MQVPN_A_PATH);
	put_u32(msg, MQVPN_A_PATH_ID, &v[ID]);
	put_remote(msg, v);
	put_local(msg, v);
	put_underlay(msg, MQVPN_A_PATH_IFINDEX, &v[IFNAME]);
	put_u32(msg, MQVPN_A_PATH_SOCKET, &v[SOCKET]);
	put_u32(msg, MQVPN_A_PATH_MARK, &v[MARK]);
	put_u8(msg, MQVPN_A_PATH_DSCP, &v[DSCP]);
	put_u32(msg, MQVPN_A_PATH_WEIGHT, &v[WEIGHT]);
	put_u64(msg, MQVPN_A_PATH_RATE_LIMIT, &v[RATE_LIMIT]);
	put_flag(msg, MQVPN_A_PATH_VALIDATED, &v[VALIDATED]);
	put_string(msg, MQVPN_A_PATH_CONGESTION_CONTROL, &v[CC]);
	put_nest_end(msg, nest);
	return msg;
}

static int path_add(struct mqnl *nl, const struct value *v)
{
	struct json_object *reply;
	int status;

	status = mqnl_do(nl, path_request(nl, MQVPN_CMD_PATH_NEW, v), &reply);
	if (status)
		return status;
	if (options.json)
		out_json(reply);
	else
		puts(member_text(member(reply, "path"), "id"));
	json_object_put(reply);
	return status;
}

static int path_set(struct mqnl *nl, const struct value *v)
{
	return mqnl_do(nl, path_request(nl, MQVPN_CMD_PATH_SET, v), NULL);
}

static int path_remove(struct mqnl *nl, const struct value *v)
{
	return mqnl_do(nl, path_request(nl, MQVPN_CMD_PATH_DEL, v), NULL);
}

/* What congestion control lets out; "-" for no limit. */
static void control_cells(struct table *table, struct json_object *path)
{
	uint64_t cwnd = member_number(path, "cwnd");
	uint64_t rate = member_number(path, "pacing_rate");

	table_cell(table, "%s", member_text(path, "congestion_control"));
	table_cell(table, "%s", cwnd == UINT64_MAX ? "-" : text_bytes(cwnd));
	table_cell(table, "%s", rate ? text_rate(rate) : "-");
}

/**
 * path_cells() - add the essentials of a path to a table
 * @table: the table, its last columns are PATH_HEADS
 * @path: the decoded path
 */
void path_cells(struct table *table, struct json_object *path)
{
	table_cell(table, "%s", member_text(path, "id"));
	table_cell(table, "%s%s", member_text(path, "state"),
		   member(path, "backup") ? ",backup" : "");
	table_cell(table, "%s", text_endpoint(path, "remote"));
	table_cell(table, "%s", text_endpoint(path, "local"));
	table_cell(table, "%s", text_ifname(path));
	table_cell(table, "%s", member_text(path, "weight"));
	table_cell(table, "%s", text_rtt(member_number(path, "rtt")));
	control_cells(table, path);
	table_cell(table, "%s", text_bytes(member_number(path, "tx_bytes")));
	table_cell(table, "%s", text_bytes(member_number(path, "rx_bytes")));
	table_cell(table, "%s", member_text(path, "lost"));
}

static void path_print(struct json_object *list)
{
	static const char *const heads[] = { "DEV", "CONN", PATH_HEADS, NULL };
	struct json_object *message;
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		table_cell(&table, "%s", member_text(message, "ifname"));
		table_cell(&table, "%s", member_text(message, "conn_id"));
		path_cells(&table, member(message, "path"));
	}
	table_print(&table, 0);
	table_free(&table);
}

static int path_show(struct mqnl *nl, const struct value *v)
{
	struct json_object *list;

	list = dump_devices(nl, MQVPN_CMD_PATH_GET, &v[DEV], &v[CONN]);
	if (options.json)
		out_json(list);
	else if (options.stats)
		details_print(list, "path");
	else
		path_print(list);
	json_object_put(list);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "add", "Open a path, and print its identifier.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(ID) | TAKES(REMOTE) | TAKES(LOCAL) |
		  TAKES(IFNAME) | TAKES(SOCKET) | TAKES(MARK) | TAKES(DSCP) |
		  TAKES(WEIGHT) | TAKES(RATE_LIMIT) | TAKES(VALIDATED) |
		  TAKES(CC),
	  TAKES(DEV), path_add },
	{ "set", "Change a path.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(ID) | TAKES(WEIGHT) |
		  TAKES(RATE_LIMIT) | TAKES(CC),
	  TAKES(DEV) | TAKES(ID), path_set },
	{ "remove", "Close a path.", TAKES(DEV) | TAKES(CONN) | TAKES(ID),
	  TAKES(DEV) | TAKES(ID), path_remove },
	{ "show", "List the paths, of all devices or one.",
	  TAKES(DEV) | TAKES(CONN), 0, path_show },
	{ 0 }
};

const struct object object_path = {
	"path",
	"paths of a connection",
	keywords,
	commands,
};
