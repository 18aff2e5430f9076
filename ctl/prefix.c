// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl prefix: which inner addresses belong to which connection.
 */
#include <linux/mqvpn.h>
#include <stdlib.h>

#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"

enum {
	DEV,
	CONN,
	PREFIX
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[CONN] = KEYWORD_CONN("conn"),
	[PREFIX] = { NULL, "PREFIX", "ADDR/LENGTH, IPv4 or IPv6",
		     parse_prefix },
	{ 0 }
};

static int prefix_request(struct mqnl *nl, uint8_t command,
			  const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, command);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	nest = put_nest(msg, MQVPN_A_PREFIX);
	put_address(msg, MQVPN_A_PREFIX_IPV4, MQVPN_A_PREFIX_IPV6,
		    &v[PREFIX].prefix.address);
	put_number8(msg, MQVPN_A_PREFIX_LENGTH, v[PREFIX].prefix.length);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static int prefix_add(struct mqnl *nl, const struct value *v)
{
	return prefix_request(nl, MQVPN_CMD_PREFIX_NEW, v);
}

static int prefix_del(struct mqnl *nl, const struct value *v)
{
	return prefix_request(nl, MQVPN_CMD_PREFIX_DEL, v);
}

static void prefix_print(struct json_object *list)
{
	static const char *const heads[] = { "DEV", "CONN", "PREFIX", NULL };
	struct json_object *message;
	struct json_object *prefix;
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		prefix = member(message, "prefix");
		table_cell(&table, "%s", member_text(message, "ifname"));
		table_cell(&table, "%s", member_text(message, "conn_id"));
		table_cell(&table, "%s/%s",
			   member_text(prefix, member(prefix, "ipv6") ? "ipv6" :
									"ipv4"),
			   member_text(prefix, "length"));
	}
	table_print(&table, 0);
	table_free(&table);
}

static int prefix_show(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_PREFIX_GET);
	struct json_object *list;

	put_dev(msg, &v[DEV]);
	list = mqnl_dump(nl, msg);
	if (options.json)
		out_json(list);
	else
		prefix_print(list);
	json_object_put(list);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "add", "Give a prefix to a connection, taking it from any other.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(PREFIX), TAKES(DEV) | TAKES(PREFIX),
	  prefix_add },
	{ "del", "Take a prefix from a connection.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(PREFIX), TAKES(DEV) | TAKES(PREFIX),
	  prefix_del },
	{ "show", "List the prefixes of a device.", TAKES(DEV), TAKES(DEV),
	  prefix_show },
	{ 0 }
};

const struct object object_prefix = {
	"prefix",
	"inner addresses that belong to a connection",
	keywords,
	commands,
};
