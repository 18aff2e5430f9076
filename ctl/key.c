// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl key: traffic secrets and key updates.
 */
#include <linux/mqvpn.h>

#include "nl.h"
#include "objects.h"
#include "out.h"
#include "secret.h"
#include "spec.h"

enum {
	DEV,
	CONN,
	DIRECTION,
	AEAD,
	FILE_NAME,
	PACKET_LIMIT
};

static const struct keyword keywords[] = {
	[DEV] = KEYWORD_DEV,
	[CONN] = KEYWORD_CONN("conn"),
	[DIRECTION] = { NULL, "tx|rx",
			"protects what this end sends, or receives", parse_name,
			.names = spec_directions },
	[AEAD] = { "aead", "aes-128-gcm|aes-256-gcm|chacha20-poly1305",
		   "packet protection", parse_name, .names = spec_aeads },
	[FILE_NAME] = { "file", "FILE",
			"holds the secret in hex; - for standard input",
			parse_text },
	[PACKET_LIMIT] = { "packet-limit", "N",
			   "least use of a key that ends the connection",
			   parse_number, 256, UINT64_MAX },
	{ 0 }
};

/* As long as the output of the cipher suite's hash (RFC 8446 section B.4). */
static size_t secret_len(uint64_t aead)
{
	return aead == MQVPN_AEAD_AES_256_GCM ? 48 : 32;
}

static int key_install(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_KEY_SET);
	struct secret secret;
	struct nlattr *nest;

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	nest = put_nest(msg, MQVPN_A_KEY);
	put_u32(msg, MQVPN_A_KEY_DIRECTION, &v[DIRECTION]);
	put_u32(msg, MQVPN_A_KEY_AEAD, &v[AEAD]);
	secret_read(&secret, v[FILE_NAME].text, secret_len(v[AEAD].number));
	put_bytes(msg, MQVPN_A_KEY_SECRET, secret.bytes, secret.len);
	secret_wipe(&secret);
	put_u64(msg, MQVPN_A_KEY_PACKET_LIMIT, &v[PACKET_LIMIT]);
	put_nest_end(msg, nest);
	return mqnl_do(nl, msg, NULL);
}

static int key_update(struct mqnl *nl, const struct value *v)
{
	struct nl_msg *msg = mqnl_request(nl, MQVPN_CMD_KEY_UPDATE);

	put_dev(msg, &v[DEV]);
	put_conn(msg, &v[CONN]);
	return mqnl_do(nl, msg, NULL);
}

static const struct command commands[] = {
	{ "set", "Install the traffic secret of one direction.",
	  TAKES(DEV) | TAKES(CONN) | TAKES(DIRECTION) | TAKES(AEAD) |
		  TAKES(FILE_NAME) | TAKES(PACKET_LIMIT),
	  TAKES(DEV) | TAKES(DIRECTION) | TAKES(AEAD) | TAKES(FILE_NAME),
	  key_install },
	{ "update", "Go on with new keys, in both directions.",
	  TAKES(DEV) | TAKES(CONN), TAKES(DEV), key_update },
	{ 0 }
};

const struct object object_key = {
	"key",
	"traffic secrets of a connection, and key updates",
	keywords,
	commands,
};
