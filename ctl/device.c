// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl show, set: devices, with all they have.
 */
#include "device.h"

#include <linux/mqvpn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"
#include "path.h"

enum {
	DEV,
	SCHEDULER
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[SCHEDULER] = { "scheduler", "NAME",
			"path scheduler of the connections made from now on",
			parse_text, .max = 15 },
	{ 0 }
};

static struct json_object *dump_one(struct mqnl *nl, uint8_t command,
				    uint32_t ifindex, const struct value *conn)
{
	struct nl_msg *msg = mqnl_request(nl, command);

	put_number(msg, MQVPN_A_IFINDEX, ifindex);
	put_u32(msg, MQVPN_A_CONN_ID, conn);
	return mqnl_dump_if_there(nl, msg);
}

static void array_move(struct json_object *to, struct json_object *from)
{
	for (size_t i = 0; i < json_object_array_length(from); i++)
		json_object_array_add(
			to,
			json_object_get(json_object_array_get_idx(from, i)));
	json_object_put(from);
}

/* The devices as an array: one, or all. Dies if it does not exist. */
static struct json_object *devices(struct mqnl *nl, const struct value *dev)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_DEVICE_GET);
	struct json_object *reply;
	struct json_object *list;
	int status;

	if (!dev->given)
		return mqnl_dump(nl, msg);
	put_dev(msg, dev);
	status = mqnl_do(nl, msg, &reply);
	if (status)
		exit(status);
	list = check_alloc(json_object_new_array());
	json_object_array_add(list, reply);
	return list;
}

/**
 * dump_devices() - list objects of one device, or of all
 * @nl: the connection
 * @command: command that lists them
 * @dev: the device, if it is given
 * @conn: their connection, if it is given
 *
 * Return: an array of decoded messages, the caller's to put.
 */
struct json_object *dump_devices(struct mqnl *nl, uint8_t command,
				 const struct value *dev,
				 const struct value *conn)
{
	struct json_object *all = check_alloc(json_object_new_array());
	struct json_object *list = devices(nl, dev);
	struct json_object *device;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		device = json_object_array_get_idx(list, i);
		array_move(all,
			   dump_one(nl, command,
				    (uint32_t)member_number(device, "ifindex"),
				    conn));
	}
	json_object_put(list);
	return all;
}

/* All ones say that there is no limit. */
static const char *value_text(struct json_object *value)
{
	if (json_object_is_type(value, json_type_int) &&
	    json_object_get_uint64(value) == UINT64_MAX)
		return "unlimited";
	return json_object_get_string(value);
}

/* "  name value" for every member, those of nested objects behind a dot. */
static void members_print(struct json_object *object, const char *prefix)
{
	char name[80];

	json_object_object_foreach(object, key, value)
	{
		snprintf(name, sizeof(name), "%s%s%s", prefix,
			 *prefix ? "." : "", key);
		if (json_object_is_type(value, json_type_object))
			members_print(value, name);
		else
			printf("  %-32s %s\n", name, value_text(value));
	}
}

/**
 * details_print() - print all that is known about objects
 * @list: array of decoded messages
 * @key: which member of each message is the object
 */
void details_print(struct json_object *list, const char *key)
{
	struct json_object *message;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		printf("%s conn %s %s", member_text(message, "ifname"),
		       member_text(message, "conn_id"), key);
		if (member(member(message, key), "id"))
			printf(" %s", member_text(member(message, key), "id"));
		printf("\n");
		members_print(member(message, key), "");
	}
}

/*
 * The paths of one connection out of those of a device, which are in the order
 * of their connections: from @next on, which moves behind them.
 */
static struct json_object *paths_of(struct json_object *paths, size_t *next,
				    uint64_t conn)
{
	struct json_object *list = check_alloc(json_object_new_array());
	struct json_object *message;
	uint64_t id;

	for (; *next < json_object_array_length(paths); ++*next) {
		message = json_object_array_get_idx(paths, *next);
		id = member_number(message, "conn_id");
		if (id > conn)
			break;
		if (id == conn)
			json_object_array_add(
				list, json_object_get(member(message, "path")));
	}
	return list;
}

static void conn_fill(struct json_object *conn, struct json_object *paths,
		      size_t *next)
{
	json_object_object_del(conn, "ifindex");
	json_object_object_del(conn, "ifname");
	json_object_object_add(conn, "paths",
			       paths_of(paths, next,
					member_number(conn, "conn_id")));
}

/* Put what a device has into it: its connections, and into them their paths. */
static void device_fill(struct mqnl *nl, struct json_object *device)
{
	uint32_t ifindex = (uint32_t)member_number(device, "ifindex");
	static const struct value all;
	struct json_object *conns;
	struct json_object *paths;
	size_t next = 0;

	conns = dump_one(nl, MQVPN_CMD_CONN_GET, ifindex, &all);
	paths = dump_one(nl, MQVPN_CMD_PATH_GET, ifindex, &all);
	for (size_t i = 0; i < json_object_array_length(conns); i++)
		conn_fill(json_object_array_get_idx(conns, i), paths, &next);
	json_object_put(paths);
	json_object_object_add(device, "connections", conns);
}

static void path_lines(struct json_object *paths)
{
	static const char *const heads[] = { PATH_HEADS, NULL };
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(paths); i++)
		path_cells(&table, json_object_array_get_idx(paths, i));
	table_print(&table, 4);
	table_free(&table);
}

static void conn_lines(struct json_object *message)
{
	struct json_object *conn = member(message, "connection");

	printf("  connection %s: %s, %s, scheduler %s, %s, tx %s, rx %s\n",
	       member_text(message, "conn_id"), member_text(conn, "role"),
	       member_text(conn, "state"), member_text(conn, "scheduler"),
	       conn_flags(conn), text_bytes(member_number(conn, "tx_bytes")),
	       text_bytes(member_number(conn, "rx_bytes")));
	path_lines(member(message, "paths"));
}

/* By the names that the manual explains; JSON has them without hyphens. */
static void counter_lines(struct json_object *counters)
{
	char name[32];

	json_object_object_foreach(counters, key, value)
	{
		snprintf(name, sizeof(name), "%s", key);
		for (char *c = strchr(name, '_'); c; c = strchr(c, '_'))
			*c = '-';
		printf("    %-20s %s\n", name, json_object_get_string(value));
	}
}

static void device_lines(struct json_object *message)
{
	struct json_object *conns = member(message, "connections");
	struct json_object *device = member(message, "device");

	printf("%s: scheduler %s, connections %s, sockets %s, prefixes %s%s%s\n",
	       member_text(message, "ifname"), member_text(device, "scheduler"),
	       member_text(device, "connections"),
	       member_text(device, "sockets"), member_text(device, "prefixes"),
	       member(message, "owner") ? ", owned" : "",
	       member(device, "no_transport") ? ", no transport" : "");
	for (size_t i = 0; i < json_object_array_length(conns); i++)
		conn_lines(json_object_array_get_idx(conns, i));
	if (options.stats && member(device, "counters")) {
		printf("  counters:\n");
		counter_lines(member(device, "counters"));
	}
}

static int device_show(struct mqnl *nl, const struct value *v)
{
	struct json_object *list = devices(nl, &v[DEV]);

	for (size_t i = 0; i < json_object_array_length(list); i++)
		device_fill(nl, json_object_array_get_idx(list, i));
	if (options.json)
		out_json(list);
	for (size_t i = 0; !options.json && i < json_object_array_length(list);
	     i++)
		device_lines(json_object_array_get_idx(list, i));
	json_object_put(list);
	return EXIT_SUCCESS;
}

static int device_set(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_DEVICE_SET);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	nest = put_nest(msg, MQVPN_A_DEVICE);
	put_string(msg, MQVPN_A_DEVICE_SCHEDULER, &v[SCHEDULER]);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static const struct command show_commands[] = {
	{ NULL, "Show devices, their connections and paths; with -s counters.",
	  TAKES(DEV), 0, device_show },
	{ 0 }
};

const struct object object_show = {
	"show",
	"devices with connections and paths",
	keywords,
	show_commands,
};

static const struct command set_commands[] = {
	{ NULL, "Change a device.", TAKES(DEV) | TAKES(SCHEDULER),
	  TAKES(DEV) | TAKES(SCHEDULER), device_set },
	{ 0 }
};

const struct object object_set = {
	"set",
	"change a device",
	keywords,
	set_commands,
};
