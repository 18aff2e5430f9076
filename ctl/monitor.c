// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl monitor: events as they happen, one line each.
 */
#include <linux/mqvpn.h>
#include <stdio.h>
#include <string.h>

#include "conn.h"
#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"

enum {
	DEV
};

static const struct keyword keywords[] = { [DEV] = KEYWORD_DEV, { 0 } };

static void member_line(struct json_object *object, const char *key)
{
	if (member(object, key))
		printf(" %s %s", key, member_text(object, key));
}

static void path_line(struct json_object *path)
{
	printf(" path %s %s", member_text(path, "id"),
	       member_text(path, "state"));
	printf(" remote %s local %s", text_endpoint(path, "remote"),
	       text_endpoint(path, "local"));
	member_line(path, "ifname");
	if (member(path, "backup"))
		printf(" backup");
	if (member(path, "challenge_failed"))
		printf(" challenge-failed");
	member_line(path, "reason");
}

static void conn_line(struct json_object *conn)
{
	printf(" %s %s %s", member_text(conn, "role"),
	       member_text(conn, "state"), conn_flags(conn));
	member_line(conn, "reason");
	if (member(conn, "close_application"))
		printf(" application");
	member_line(conn, "close_code");
	member_line(conn, "close_reason");
}

static void cid_line(struct json_object *cid)
{
	printf(" cid %s path %s seq %s", member_text(cid, "end"),
	       member_text(cid, "path_id"), member_text(cid, "sequence"));
	member_line(cid, "id");
}

static void key_line(struct json_object *key)
{
	printf(" key %s", member_text(key, "direction"));
	member_line(key, "generation");
	member_line(key, "reason");
}

/* The owner is known by the port of its events; without one there is none. */
static void owner_line(struct json_object *owner)
{
	printf(" owner");
	if (member(owner, "events_port"))
		printf(" port %s", member_text(owner, "events_port"));
	else
		printf(" none");
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);

	return len >= strlen(end) && !strcmp(text + len - strlen(end), end);
}

static void event_line(struct json_object *event)
{
	const char *name = member_text(event, "event");

	if (ends_with(name, "-del-ntf"))
		printf("deleted ");
	printf("%s", member(event, "ifname") ? member_text(event, "ifname") :
					       member_text(event, "ifindex"));
	if (member(event, "conn_id"))
		printf(" conn %s", member_text(event, "conn_id"));
	if (member(event, "path"))
		path_line(member(event, "path"));
	else if (member(event, "connection"))
		conn_line(member(event, "connection"));
	else if (member(event, "cid"))
		cid_line(member(event, "cid"));
	else if (member(event, "key"))
		key_line(member(event, "key"));
	else if (member(event, "owner"))
		owner_line(member(event, "owner"));
	else
		printf(" %s", name);
	printf("\n");
	fflush(stdout);
}

static void on_event(struct json_object *event, void *arg)
{
	const uint64_t *ifindex = arg;

	if (*ifindex && member_number(event, "ifindex") != *ifindex)
		return;
	if (options.json)
		out_json(event);
	else
		event_line(event);
	if (ferror(stdout))
		out_exit(EXIT_SYSTEM);
}

static int monitor(struct mqnl *nl, const struct value *v)
{
	uint64_t ifindex = 0;

	if (v[DEV].given)
		ifindex = device_index(v[DEV].text);
	return mqnl_listen(nl, on_event, &ifindex);
}

static const struct command commands[] = {
	{ NULL, "Print events as they happen, one line each.", TAKES(DEV), 0,
	  monitor },
	{ 0 }
};

const struct object object_monitor = {
	"monitor",
	"print events as they happen",
	keywords,
	commands,
};
