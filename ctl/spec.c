// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of family mqvpn, and how to turn them into JSON.
 *
 * The tables say what Documentation/netlink/specs/mqvpn.yaml says.
 */
#include "spec.h"

#include <arpa/inet.h>
#include <linux/mqvpn.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "out.h"

#define ATTR_SET(table)                                                        \
	{                                                                      \
		.attrs = (table),                                              \
		.max = sizeof(table) / sizeof((table)[0]) - 1,                 \
	}

const char *const spec_roles[] = {
	[MQVPN_ROLE_CLIENT] = "client",
	[MQVPN_ROLE_SERVER] = "server",
	NULL,
};

const char *const spec_aeads[] = {
	"",
	[MQVPN_AEAD_AES_128_GCM] = "aes-128-gcm",
	[MQVPN_AEAD_AES_256_GCM] = "aes-256-gcm",
	[MQVPN_AEAD_CHACHA20_POLY1305] = "chacha20-poly1305",
	NULL,
};

const char *const spec_directions[] = {
	[MQVPN_DIRECTION_TX] = "tx",
	[MQVPN_DIRECTION_RX] = "rx",
	NULL,
};

const char *const spec_ends[] = {
	[MQVPN_END_LOCAL] = "local",
	[MQVPN_END_PEER] = "peer",
	NULL,
};

static const char *const conn_states[] = {
	[MQVPN_CONN_STATE_OPEN] = "open",
	[MQVPN_CONN_STATE_CLOSING] = "closing",
	[MQVPN_CONN_STATE_DRAINING] = "draining",
	NULL,
};

static const char *const path_states[] = {
	[MQVPN_PATH_STATE_VALIDATING] = "validating",
	[MQVPN_PATH_STATE_ACTIVE] = "active",
	[MQVPN_PATH_STATE_SUSPECT] = "suspect",
	[MQVPN_PATH_STATE_DEAD] = "dead",
	[MQVPN_PATH_STATE_CLOSING] = "closing",
	NULL,
};

static const char *const reasons[] = {
	[MQVPN_REASON_ADMIN] = "admin",
	[MQVPN_REASON_DEVICE] = "device",
	[MQVPN_REASON_NO_TRANSPORT] = "no-transport",
	[MQVPN_REASON_TIMEOUT] = "timeout",
	[MQVPN_REASON_PEER] = "peer",
	[MQVPN_REASON_RESET] = "reset",
	[MQVPN_REASON_PROTOCOL] = "protocol",
	[MQVPN_REASON_KEY_LIMIT] = "key-limit",
	[MQVPN_REASON_KEY_USE] = "key-use",
	[MQVPN_REASON_SUSPEND] = "suspend",
	NULL,
};

static const struct attr_spec counters[] = {
	[MQVPN_A_COUNTERS_TX_MALFORMED] = { "tx-malformed", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_MULTICAST] = { "tx-multicast", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_CONNECTION] = { "tx-no-connection", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_PATH] = { "tx-no-path", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_KEY] = { "tx-no-key", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_KEY_LIMIT] = { "tx-key-limit", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_TOO_BIG] = { "tx-too-big", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_QUEUE_FULL] = { "tx-queue-full", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_MEMORY] = { "tx-no-memory", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_REQUEST] = { "tx-no-request", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_CRYPTO] = { "tx-crypto", TYPE_U64 },
	[MQVPN_A_COUNTERS_TX_NO_ROUTE] = { "tx-no-route", TYPE_U64 },
	[MQVPN_A_COUNTERS_OWNER_FRAMES_FULL] = { "owner-frames-full",
						 TYPE_U64 },
	[MQVPN_A_COUNTERS_OWNER_PACKETS_FULL] = { "owner-packets-full",
						  TYPE_U64 },
	[MQVPN_A_COUNTERS_OWNER_EVENTS_FULL] = { "owner-events-full",
						 TYPE_U64 },
	[MQVPN_A_COUNTERS_OWNER_ERRORS_LIMIT] = { "owner-errors-limit",
						  TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_MALFORMED] = { "rx-malformed", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_LONG_HEADER] = { "rx-long-header", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_SERVERS_ONLY] = { "rx-servers-only", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_SMALL] = { "rx-small", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_UP_LIMIT] = { "rx-up-limit", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_UNKNOWN_CID] = { "rx-unknown-cid", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_RESET] = { "rx-reset", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_NO_PATH] = { "rx-no-path", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_NO_KEY] = { "rx-no-key", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_KEY_PHASE] = { "rx-key-phase", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_DUPLICATE] = { "rx-duplicate", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_AUTH] = { "rx-auth", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_NO_MEMORY] = { "rx-no-memory", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_NO_REQUEST] = { "rx-no-request", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_PROTOCOL] = { "rx-protocol", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_CLOSED] = { "rx-closed", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_NO_CREDIT] = { "rx-no-credit", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_CONTEXT] = { "rx-context", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_INNER] = { "rx-inner", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_SOURCE] = { "rx-source", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_MULTICAST] = { "rx-multicast", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_COPIED] = { "rx-copied", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_PATH_PENDING] = { "rx-path-pending", TYPE_U64 },
	[MQVPN_A_COUNTERS_RX_PATH_REFUSED] = { "rx-path-refused", TYPE_U64 },
};

static const struct attr_set counters_set = ATTR_SET(counters);

static const struct attr_spec device[] = {
	[MQVPN_A_DEVICE_SCHEDULER] = { "scheduler", TYPE_STRING },
	[MQVPN_A_DEVICE_COUNTERS] = { "counters", TYPE_NEST, &counters_set },
	[MQVPN_A_DEVICE_CONNECTIONS] = { "connections", TYPE_U32 },
	[MQVPN_A_DEVICE_SOCKETS] = { "sockets", TYPE_U32 },
	[MQVPN_A_DEVICE_PREFIXES] = { "prefixes", TYPE_U32 },
	[MQVPN_A_DEVICE_NO_TRANSPORT] = { "no-transport", TYPE_FLAG },
};

static const struct attr_set device_set = ATTR_SET(device);

static const struct attr_spec sock[] = {
	[MQVPN_A_SOCKET_ID] = { "id", TYPE_U32 },
	[MQVPN_A_SOCKET_LOCAL_IPV4] = { "local-ipv4", TYPE_IPV4 },
	[MQVPN_A_SOCKET_LOCAL_IPV6] = { "local-ipv6", TYPE_IPV6 },
	[MQVPN_A_SOCKET_LOCAL_PORT] = { "local-port", TYPE_PORT },
	[MQVPN_A_SOCKET_IFINDEX] = { "ifindex", TYPE_UNDERLAY },
	[MQVPN_A_SOCKET_MARK] = { "mark", TYPE_U32 },
	[MQVPN_A_SOCKET_LISTENING] = { "listening", TYPE_FLAG },
	[MQVPN_A_SOCKET_USERS] = { "users", TYPE_U32 },
};

static const struct attr_set sock_set = ATTR_SET(sock);

static const struct attr_spec parameters[] = {
	[MQVPN_A_TP_ACK_DELAY_EXPONENT] = { "ack-delay-exponent", TYPE_U8 },
	[MQVPN_A_TP_MAX_ACK_DELAY] = { "max-ack-delay", TYPE_U16 },
	[MQVPN_A_TP_MAX_UDP_PAYLOAD_SIZE] = { "max-udp-payload-size",
					      TYPE_U16 },
	[MQVPN_A_TP_MAX_DATAGRAM_FRAME_SIZE] = { "max-datagram-frame-size",
						 TYPE_U32 },
	[MQVPN_A_TP_ACTIVE_CONNECTION_ID_LIMIT] = { "active-connection-id-limit",
						    TYPE_U32 },
	[MQVPN_A_TP_MAX_PATH_ID] = { "max-path-id", TYPE_U32 },
};

static const struct attr_set parameters_set = ATTR_SET(parameters);

static const struct attr_spec connection[] = {
	[MQVPN_A_CONN_ROLE] = { "role", TYPE_ENUM, .names = spec_roles },
	[MQVPN_A_CONN_STATE] = { "state", TYPE_ENUM, .names = conn_states },
	[MQVPN_A_CONN_MULTIPATH] = { "multipath", TYPE_FLAG },
	[MQVPN_A_CONN_CONFIRMED] = { "confirmed", TYPE_FLAG },
	[MQVPN_A_CONN_LOCAL] = { "local", TYPE_NEST, &parameters_set },
	[MQVPN_A_CONN_PEER] = { "peer", TYPE_NEST, &parameters_set },
	[MQVPN_A_CONN_IDLE_TIMEOUT] = { "idle-timeout", TYPE_U32 },
	[MQVPN_A_CONN_KEEPALIVE] = { "keepalive", TYPE_U32 },
	[MQVPN_A_CONN_INITIAL_RTT] = { "initial-rtt", TYPE_U32 },
	[MQVPN_A_CONN_QUARTER_STREAM_ID] = { "quarter-stream-id", TYPE_U64 },
	[MQVPN_A_CONN_DATAGRAM] = { "datagram", TYPE_FLAG },
	[MQVPN_A_CONN_REORDER] = { "reorder", TYPE_FLAG },
	[MQVPN_A_CONN_SCHEDULER] = { "scheduler", TYPE_STRING },
	[MQVPN_A_CONN_RX_PACKETS] = { "rx-packets", TYPE_U64 },
	[MQVPN_A_CONN_RX_BYTES] = { "rx-bytes", TYPE_U64 },
	[MQVPN_A_CONN_TX_PACKETS] = { "tx-packets", TYPE_U64 },
	[MQVPN_A_CONN_TX_BYTES] = { "tx-bytes", TYPE_U64 },
	[MQVPN_A_CONN_CLOSE_CODE] = { "close-code", TYPE_U64 },
	[MQVPN_A_CONN_CLOSE_APPLICATION] = { "close-application", TYPE_FLAG },
	[MQVPN_A_CONN_CLOSE_REASON] = { "close-reason", TYPE_TEXT },
	[MQVPN_A_CONN_REASON] = { "reason", TYPE_ENUM, .names = reasons },
	[MQVPN_A_CONN_KEY_GENERATION] = { "key-generation", TYPE_U32 },
};

static const struct attr_set connection_set = ATTR_SET(connection);

static const struct attr_spec path[] = {
	[MQVPN_A_PATH_ID] = { "id", TYPE_U32 },
	[MQVPN_A_PATH_SOCKET] = { "socket", TYPE_U32 },
	[MQVPN_A_PATH_REMOTE_IPV4] = { "remote-ipv4", TYPE_IPV4 },
	[MQVPN_A_PATH_REMOTE_IPV6] = { "remote-ipv6", TYPE_IPV6 },
	[MQVPN_A_PATH_REMOTE_SCOPE_ID] = { "remote-scope-id", TYPE_U32 },
	[MQVPN_A_PATH_REMOTE_PORT] = { "remote-port", TYPE_PORT },
	[MQVPN_A_PATH_LOCAL_IPV4] = { "local-ipv4", TYPE_IPV4 },
	[MQVPN_A_PATH_LOCAL_IPV6] = { "local-ipv6", TYPE_IPV6 },
	[MQVPN_A_PATH_LOCAL_PORT] = { "local-port", TYPE_PORT },
	[MQVPN_A_PATH_IFINDEX] = { "ifindex", TYPE_UNDERLAY },
	[MQVPN_A_PATH_MARK] = { "mark", TYPE_U32 },
	[MQVPN_A_PATH_DSCP] = { "dscp", TYPE_U8 },
	[MQVPN_A_PATH_WEIGHT] = { "weight", TYPE_U32 },
	[MQVPN_A_PATH_BACKUP] = { "backup", TYPE_FLAG },
	[MQVPN_A_PATH_RATE_LIMIT] = { "rate-limit", TYPE_U64 },
	[MQVPN_A_PATH_STATE] = { "state", TYPE_ENUM, .names = path_states },
	[MQVPN_A_PATH_REASON] = { "reason", TYPE_ENUM, .names = reasons },
	[MQVPN_A_PATH_CONGESTION_CONTROL] = { "congestion-control",
					      TYPE_STRING },
	[MQVPN_A_PATH_CWND] = { "cwnd", TYPE_U64 },
	[MQVPN_A_PATH_IN_FLIGHT] = { "in-flight", TYPE_U64 },
	[MQVPN_A_PATH_RTT] = { "rtt", TYPE_U32 },
	[MQVPN_A_PATH_RTT_MIN] = { "rtt-min", TYPE_U32 },
	[MQVPN_A_PATH_RTT_VAR] = { "rtt-var", TYPE_U32 },
	[MQVPN_A_PATH_RTT_LATEST] = { "rtt-latest", TYPE_U32 },
	[MQVPN_A_PATH_RX_PACKETS] = { "rx-packets", TYPE_U64 },
	[MQVPN_A_PATH_RX_BYTES] = { "rx-bytes", TYPE_U64 },
	[MQVPN_A_PATH_TX_PACKETS] = { "tx-packets", TYPE_U64 },
	[MQVPN_A_PATH_TX_BYTES] = { "tx-bytes", TYPE_U64 },
	[MQVPN_A_PATH_ACKED] = { "acked", TYPE_U64 },
	[MQVPN_A_PATH_LOST] = { "lost", TYPE_U64 },
	[MQVPN_A_PATH_REORDERED] = { "reordered", TYPE_U64 },
	[MQVPN_A_PATH_PROBE_TIMEOUTS] = { "probe-timeouts", TYPE_U64 },
	[MQVPN_A_PATH_PERSISTENT_CONGESTION] = { "persistent-congestion",
						 TYPE_U64 },
	[MQVPN_A_PATH_CHALLENGE_FAILED] = { "challenge-failed", TYPE_FLAG },
	[MQVPN_A_PATH_VALIDATED] = { "validated", TYPE_FLAG },
	[MQVPN_A_PATH_PACING_RATE] = { "pacing-rate", TYPE_U64 },
};

static const struct attr_set path_set = ATTR_SET(path);

static const struct attr_spec cid[] = {
	[MQVPN_A_CID_END] = { "end", TYPE_ENUM, .names = spec_ends },
	[MQVPN_A_CID_PATH_ID] = { "path-id", TYPE_U32 },
	[MQVPN_A_CID_SEQUENCE] = { "sequence", TYPE_U64 },
	[MQVPN_A_CID_ID] = { "id", TYPE_HEX },
	/* A secret of the peer's: named in errors, never shown. */
	[MQVPN_A_CID_RESET_TOKEN] = { "reset-token", TYPE_UNUSED },
};

static const struct attr_set cid_set = ATTR_SET(cid);

static const struct attr_spec key[] = {
	[MQVPN_A_KEY_DIRECTION] = { "direction", TYPE_ENUM,
				    .names = spec_directions },
	[MQVPN_A_KEY_AEAD] = { "aead", TYPE_ENUM, .names = spec_aeads },
	[MQVPN_A_KEY_SECRET] = { "secret", TYPE_UNUSED },
	[MQVPN_A_KEY_GENERATION] = { "generation", TYPE_U32 },
	[MQVPN_A_KEY_PACKET_LIMIT] = { "packet-limit", TYPE_U64 },
	[MQVPN_A_KEY_REASON] = { "reason", TYPE_ENUM, .names = reasons },
};

static const struct attr_set key_set = ATTR_SET(key);

static const struct attr_spec prefix[] = {
	[MQVPN_A_PREFIX_IPV4] = { "ipv4", TYPE_IPV4 },
	[MQVPN_A_PREFIX_IPV6] = { "ipv6", TYPE_IPV6 },
	[MQVPN_A_PREFIX_LENGTH] = { "length", TYPE_U8 },
};

static const struct attr_set prefix_set = ATTR_SET(prefix);

static const struct attr_spec owner[] = {
	[MQVPN_A_OWNER_FRAMES_PORT] = { "frames-port", TYPE_U32 },
	[MQVPN_A_OWNER_PACKETS_PORT] = { "packets-port", TYPE_U32 },
	[MQVPN_A_OWNER_EVENTS_PORT] = { "events-port", TYPE_U32 },
	[MQVPN_A_OWNER_TAKEOVER] = { "takeover", TYPE_FLAG },
};

static const struct attr_set owner_set = ATTR_SET(owner);

static const struct attr_spec message[] = {
	[MQVPN_A_IFINDEX] = { "ifindex", TYPE_DEVICE },
	[MQVPN_A_CONN_ID] = { "conn-id", TYPE_U32 },
	[MQVPN_A_DEVICE] = { "device", TYPE_NEST, &device_set },
	[MQVPN_A_SOCKET] = { "socket", TYPE_NEST, &sock_set },
	[MQVPN_A_CONNECTION] = { "connection", TYPE_NEST, &connection_set },
	[MQVPN_A_PATH] = { "path", TYPE_NEST, &path_set },
	[MQVPN_A_CID] = { "cid", TYPE_NEST, &cid_set },
	[MQVPN_A_KEY] = { "key", TYPE_NEST, &key_set },
	[MQVPN_A_PREFIX] = { "prefix", TYPE_NEST, &prefix_set },
	[MQVPN_A_OWNER] = { "owner", TYPE_NEST, &owner_set },
};

const struct attr_set spec_message = ATTR_SET(message);

static const char *const events[__MQVPN_CMD_MAX] = {
	[MQVPN_CMD_CONN_NTF] = "conn-ntf",
	[MQVPN_CMD_CONN_DEL_NTF] = "conn-del-ntf",
	[MQVPN_CMD_CID_NTF] = "cid-ntf",
	[MQVPN_CMD_KEY_NTF] = "key-ntf",
	[MQVPN_CMD_PATH_NTF] = "path-ntf",
	[MQVPN_CMD_PATH_DEL_NTF] = "path-del-ntf",
	[MQVPN_CMD_PATH_IDS_NEEDED_NTF] = "path-ids-needed-ntf",
	[MQVPN_CMD_OWNER_NTF] = "owner-ntf",
};

/**
 * spec_event() - name of an event
 * @command: command of the message
 *
 * Return: the name, or NULL if it is not an event.
 */
const char *spec_event(unsigned int command)
{
	return command < __MQVPN_CMD_MAX ? events[command] : NULL;
}

/* Least number of bytes of a payload. */
static const int type_sizes[] = {
	[TYPE_U8] = 1,	     [TYPE_U16] = 2,  [TYPE_U32] = 4,
	[TYPE_U64] = 8,	     [TYPE_PORT] = 2, [TYPE_FLAG] = 0,
	[TYPE_STRING] = 0,   [TYPE_HEX] = 0,  [TYPE_IPV4] = 4,
	[TYPE_IPV6] = 16,    [TYPE_ENUM] = 4, [TYPE_DEVICE] = 4,
	[TYPE_UNDERLAY] = 4, [TYPE_NEST] = 0, [TYPE_TEXT] = 0,
};

/* "max-path-id" -> "max_path_id" */
static void member_add(struct json_object *object, const char *name,
		       struct json_object *value)
{
	char text[40];
	size_t i = 0;

	for (; name[i] && i < sizeof(text) - 1; i++)
		text[i] = (char)(name[i] == '-' ? '_' : name[i]);
	text[i] = '\0';
	json_object_object_add(object, text, check_alloc(value));
}

static struct json_object *decode_address(int family, const void *bytes)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, bytes, text, sizeof(text));
	return json_object_new_string(text);
}

static struct json_object *decode_hex(const struct nlattr *attr)
{
	int len = nla_len(attr);
	struct json_object *text;
	char *digits;

	digits = check_alloc(malloc(2 * (size_t)len + 1));
	hex_encode(nla_data(attr), (size_t)len, digits);
	text = json_object_new_string(digits);
	free(digits);
	return text;
}

/* What a stranger wrote, and shall not command the terminal. */
static struct json_object *decode_text(const struct nlattr *attr)
{
	size_t len = (size_t)nla_len(attr);
	struct json_object *object;
	char *text;

	text = check_alloc(malloc(len + 1));
	memcpy(text, nla_data(attr), len);
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	object = json_object_new_string_len(text, (int)len);
	free(text);
	return object;
}

static struct json_object *decode_enum(const struct attr_spec *spec,
				       uint32_t value)
{
	uint32_t i = 0;

	while (i < value && spec->names[i])
		i++;
	if (spec->names[i] && spec->names[i][0])
		return json_object_new_string(spec->names[i]);
	return json_object_new_uint64(value);
}

static struct json_object *decode_nest(const struct attr_set *set,
				       struct nlattr *attr)
{
	struct json_object *object = check_alloc(json_object_new_object());

	spec_decode(object, set, nla_data(attr), nla_len(attr));
	return object;
}

static struct json_object *decode_value(const struct attr_spec *spec,
					struct nlattr *attr)
{
	switch (spec->type) {
	case TYPE_U8:
		return json_object_new_uint64(nla_get_u8(attr));
	case TYPE_U16:
		return json_object_new_uint64(nla_get_u16(attr));
	case TYPE_U64:
		return json_object_new_uint64(nla_get_u64(attr));
	case TYPE_PORT:
		return json_object_new_uint64(ntohs(nla_get_u16(attr)));
	case TYPE_FLAG:
		return json_object_new_boolean(true);
	case TYPE_STRING:
		return json_object_new_string_len(
			nla_data(attr),
			(int)strnlen(nla_data(attr), (size_t)nla_len(attr)));
	case TYPE_HEX:
		return decode_hex(attr);
	case TYPE_TEXT:
		return decode_text(attr);
	case TYPE_IPV4:
		return decode_address(AF_INET, nla_data(attr));
	case TYPE_IPV6:
		return decode_address(AF_INET6, nla_data(attr));
	case TYPE_ENUM:
		return decode_enum(spec, nla_get_u32(attr));
	case TYPE_NEST:
		return decode_nest(spec->set, attr);
	default:
		return json_object_new_uint64(nla_get_u32(attr));
	}
}

/* A device also gets its name. */
static void decode_name(struct json_object *object, struct nlattr *attr)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(nla_get_u32(attr), name))
		member_add(object, "ifname", json_object_new_string(name));
}

static void decode_attr(struct json_object *object,
			const struct attr_spec *spec, struct nlattr *attr)
{
	if (nla_len(attr) < type_sizes[spec->type])
		return;
	member_add(object, spec->name, decode_value(spec, attr));
	if (spec->type == TYPE_DEVICE || spec->type == TYPE_UNDERLAY)
		decode_name(object, attr);
}

static struct nlattr *attr_find(struct nlattr *attrs, int len, int type)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, attrs, len, rest)
		if (nla_type(attr) == type)
			return attr;
	return NULL;
}

/**
 * spec_decode() - turn attributes into JSON
 * @object: where to put them, in the order of the specification
 * @set: their set
 * @attrs: the first of them
 * @len: bytes of all of them
 */
void spec_decode(struct json_object *object, const struct attr_set *set,
		 struct nlattr *attrs, int len)
{
	struct nlattr *attr;

	for (int i = 1; i <= set->max; i++) {
		if (set->attrs[i].type == TYPE_UNUSED)
			continue;
		attr = attr_find(attrs, len, i);
		if (attr)
			decode_attr(object, &set->attrs[i], attr);
	}
}

static bool attr_contains(const struct nlattr *attr, const void *at)
{
	const char *start = (const char *)attr;

	return (const char *)at >= start &&
	       (const char *)at < start + attr->nla_len;
}

/**
 * spec_locate() - name an attribute of a message
 * @attrs: the attributes of the message
 * @len: bytes of all of them
 * @at: where the attribute is
 * @found: where to put its set, if it is a nest
 * @name: where to put something like "path.weight"; empty if unknown
 * @size: room there
 */
void spec_locate(struct nlattr *attrs, int len, const void *at,
		 const struct attr_set **found, char *name, size_t size)
{
	const struct attr_set *set = &spec_message;
	struct nlattr *attr;
	size_t used = 0;
	int rest;

	name[0] = '\0';
again:
	nla_for_each_attr(attr, attrs, len, rest) {
		if (!attr_contains(attr, at) || nla_type(attr) > set->max ||
		    !set->attrs[nla_type(attr)].name)
			continue;
		used += (size_t)snprintf(name + used, size - used, "%s%s",
					 used ? "." : "",
					 set->attrs[nla_type(attr)].name);
		set = set->attrs[nla_type(attr)].set;
		*found = set;
		if (attr == at || !set)
			return;
		attrs = nla_data(attr);
		len = nla_len(attr);
		goto again;
	}
}
