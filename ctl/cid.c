// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl cid: connection IDs.
 */
#include <linux/mqvpn.h>
#include <stdlib.h>

#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"
#include "secret.h"
#include "spec.h"

enum {
	DEV,
	CONN,
	END,
	PATH,
	SEQUENCE,
	ID,
	TOKEN
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[CONN] = KEYWORD_CONN("conn"),
	[END] = { NULL, "local|peer", "which end issued it", parse_name,
		  .names = spec_ends },
	[PATH] = { "path", "P", "path it is for", parse_number, 0,
		   UINT32_MAX - 1 },
	[SEQUENCE] = { "seq", "S", "its sequence number (default 0)",
		       parse_number, 0, (1ULL << 62) - 1 },
	[ID] = { "id", "HEX", "the connection ID in hex; - for an empty one",
		 parse_hex, .max = MQVPN_CID_MAX },
	[TOKEN] = { "token-file", "FILE",
		    "holds the peer's stateless reset token in hex; - for standard input",
		    parse_text },
	{ 0 }
};

static void put_token(struct nl_msg *msg, const struct value *file)
{
	struct secret token;

	if (!file->given)
		return;
	secret_read(&token, file->text, MQVPN_RESET_TOKEN_LEN);
	put_bytes(msg, MQVPN_A_CID_RESET_TOKEN, token.bytes, token.len);
	secret_wipe(&token);
}

static int cid_request(struct mqnl *nl, uint8_t command, const struct value *v)
{
	struct value sequence = { .given = true, .number = v[SEQUENCE].number };
	struct nl_msg *msg = mqnl_request(nl, command);
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	nest = put_nest(msg, MQVPN_A_CID);
	put_u32(msg, MQVPN_A_CID_END, &v[END]);
	put_u32(msg, MQVPN_A_CID_PATH_ID, &v[PATH]);
	put_u64(msg, MQVPN_A_CID_SEQUENCE, &sequence);
	if (v[ID].given)
		put_bytes(msg, MQVPN_A_CID_ID, v[ID].bytes, v[ID].len);
	put_token(msg, &v[TOKEN]);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static int cid_add(struct mqnl *nl, const struct value *v)
{
	return cid_request(nl, MQVPN_CMD_CID_NEW, v);
}

static int cid_del(struct mqnl *nl, const struct value *v)
{
	return cid_request(nl, MQVPN_CMD_CID_DEL, v);
}

static void cid_print(struct json_object *list)
{
	static const char *const heads[] = { "DEV", "CONN", "END", "PATH",
					     "SEQ", "ID",   NULL };
	struct json_object *message;
	struct json_object *cid;
	struct table table;

	table_start(&table, heads);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		message = json_object_array_get_idx(list, i);
		cid = member(message, "cid");
		table_cell(&table, "%s", member_text(message, "ifname"));
		table_cell(&table, "%s", member_text(message, "conn_id"));
		table_cell(&table, "%s", member_text(cid, "end"));
		table_cell(&table, "%s", member_text(cid, "path_id"));
		table_cell(&table, "%s", member_text(cid, "sequence"));
		table_cell(&table, "%s", member_text(cid, "id"));
	}
	table_print(&table, 0);
	table_free(&table);
}

static int cid_show(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_CID_GET);
	struct json_object *list;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	list = mqnl_dump(nl, msg);
	if (options.json)
		out_json(list);
	else
		cid_print(list);
	json_object_put(list);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "add", "Install a connection ID, this end's or the peer's.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(END) | TAKES(PATH) |
		  TAKES(SEQUENCE) | TAKES(ID) | TAKES(TOKEN),
	  TAKES(DEV) | TAKES(END) | TAKES(PATH) | TAKES(ID), cid_add },
	{ "del", "Retire a connection ID.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(END) | TAKES(PATH) | TAKES(SEQUENCE),
	  TAKES(DEV) | TAKES(END) | TAKES(PATH) | TAKES(SEQUENCE), cid_del },
	{ "show", "List the connection IDs of a connection.",
	  TAKES(DEV) | TAKES(CONN), TAKES(DEV), cid_show },
	{ 0 }
};

const struct object object_cid = {
	"cid",
	"connection IDs of a connection, for its paths",
	keywords,
	commands,
};
