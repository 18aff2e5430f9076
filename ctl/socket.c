// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl socket: UDP sockets that the kernel keeps for a device.
 */
#include <inttypes.h>
#include <linux/mqvpn.h>
#include <stdio.h>
#include <stdlib.h>

#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"

enum {
	DEV,
	ID,
	LOCAL,
	PORT,
	IFNAME,
	MARK
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[ID] = { "id", "N", "number of the socket", parse_number, 0,
		 UINT32_MAX },
	[LOCAL] = { "local", "ADDR[:PORT]",
		    "address to listen on (default all)", parse_local },
	[PORT] = { "port", "PORT", "port to listen on", parse_number, 0,
		   UINT16_MAX },
	[IFNAME] = { "ifname", "UNDERLAY", "device to listen on (default all)",
		     parse_text, .max = 15 },
	[MARK] = { "mark", "M", "firewall mark of what it sends", parse_number,
		   0, UINT32_MAX },
	{ 0 }
};

static void put_local(struct nl_msg *msg, const struct value *v)
{
	const struct endpoint *local = &v[LOCAL].endpoint;
	bool has_port = v[LOCAL].given && local->has_port;

	if (has_port && v[PORT].given && v[PORT].number != local->port)
		die(EXIT_USAGE, "local and port name two different ports");
	if (v[LOCAL].given)
		put_address(msg, MQVPN_A_SOCKET_LOCAL_IPV4,
			    MQVPN_A_SOCKET_LOCAL_IPV6, &local->address);
	if (has_port || v[PORT].given)
		put_port(msg, MQVPN_A_SOCKET_LOCAL_PORT,
			 has_port ? local->port : (uint16_t)v[PORT].number);
}

static int socket_add(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_SOCKET_NEW);
	struct json_object *reply;
	struct nlattr *nest;
	int status;

	put_dev(msg, &v[DEV]);
	nest = put_nest(msg, MQVPN_A_SOCKET);
	put_local(msg, v);
	put_underlay(msg, MQVPN_A_SOCKET_IFINDEX, &v[IFNAME]);
	put_u32(msg, MQVPN_A_SOCKET_MARK, &v[MARK]);
	put_nest_end(msg, nest);
	status = mqnl_do(nl, msg, &reply);
	if (status)
		return status;
	if (options.json)
		out_json(reply);
	else
		puts(member_text(member(reply, "socket"), "id"));
	json_object_put(reply);
	return status;
}

static int socket_del(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_SOCKET_DEL);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	nest = put_nest(msg, MQVPN_A_SOCKET);
	put_u32(msg, MQVPN_A_SOCKET_ID, &v[ID]);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static void socket_print(struct json_object *list)
{
	static const char *const heads[] = { "DEV",    "SOCKET", "LOCAL",
					     "IFNAME", "MARK",	 "PATHS",
					     "KIND",   NULL };
	struct json_object *message;
	struct json_object *sock;
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		sock = member(message, "socket");
		table_cell(&table, "%s", member_text(message, "ifname"));
		table_cell(&table, "%s", member_text(sock, "id"));
		table_cell(&table, "%s", text_endpoint(sock, "local"));
		table_cell(&table, "%s", text_ifname(sock));
		table_cell(&table, "0x%" PRIx64, member_number(sock, "mark"));
		table_cell(&table, "%s", member_text(sock, "users"));
		table_cell(&table, "%s",
			   member(sock, "listening") ? "listening" : "paths");
	}
	table_print(&table, 0);
	table_free(&table);
}

static int socket_show(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_SOCKET_GET);
	struct json_object *list;

	put_dev(msg, &v[DEV]);
	list = mqnl_dump(nl, msg);
	if (options.json)
		out_json(list);
	else
		socket_print(list);
	json_object_put(list);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "add", "Make a listening socket, and print its number.",
	  TAKES(DEV) | TAKES(LOCAL) | TAKES(PORT) | TAKES(IFNAME) | TAKES(MARK),
	  TAKES(DEV), socket_add },
	{ "del", "Delete a listening socket that no path uses.",
	  TAKES(DEV) | TAKES(ID), TAKES(DEV) | TAKES(ID), socket_del },
	{ "show", "List the sockets of a device.", TAKES(DEV), TAKES(DEV),
	  socket_show },
	{ 0 }
};

const struct object object_socket = {
	"socket",
	"UDP sockets that the kernel keeps for a device",
	keywords,
	commands,
};
