// SPDX-License-Identifier: GPL-2.0
/*
 * The gate in front of the owner: what no server has to answer is dropped
 * before it costs more than a look at its header.
 */

#include <linux/mqvpn.h>

#include "gate.h"

/* RFC 9000 section 17.2: long packet types of version 1 */
enum {
	MQVPN_LONG_INITIAL,
	MQVPN_LONG_0RTT,
	MQVPN_LONG_HANDSHAKE,
	MQVPN_LONG_RETRY,
};

static u8 mqvpn_gate_type(const struct mqvpn_long_header *header)
{
	return header->first >> 4 & 3;
}

/* Return: whether both connection IDs are whole. */
static bool mqvpn_gate_parse(const u8 *data, size_t len, size_t size,
			     struct mqvpn_long_header *header)
{
	const size_t dcid_at = 1 + 4 + 1;

	if (len <= dcid_at)
		return false;
	header->first = data[0];
	header->version = (u32)data[1] << 24 | data[2] << 16 | data[3] << 8 |
			  data[4];
	header->dcid_len = data[5];
	header->dcid = data + dcid_at;
	if (len <= dcid_at + header->dcid_len)
		return false;
	header->scid_len = data[dcid_at + header->dcid_len];
	return size >= dcid_at + header->dcid_len + 1 + header->scid_len;
}

/* RFC 9000 sections 17.2 and 7.2: IDs that a client chose have 8 bytes. */
static bool mqvpn_gate_version1(const struct mqvpn_long_header *header,
				bool listening)
{
	u8 type = mqvpn_gate_type(header);

	if (!(header->first & MQVPN_HDR_FIXED_BIT) ||
	    header->dcid_len > MQVPN_CID_MAX ||
	    header->scid_len > MQVPN_CID_MAX)
		return false;
	return !listening || type > MQVPN_LONG_0RTT ||
	       header->dcid_len >= MQVPN_CID_MIN_INITIAL;
}

static bool mqvpn_gate_servers_only(const struct mqvpn_long_header *header)
{
	return !header->version ||
	       (header->version == MQVPN_VERSION_1 &&
		mqvpn_gate_type(header) == MQVPN_LONG_RETRY);
}

/* RFC 9000 sections 14.1 and 5.2.2: whoever begins fills its datagram. */
static bool mqvpn_gate_begins(const struct mqvpn_long_header *header)
{
	return header->version != MQVPN_VERSION_1 ||
	       mqvpn_gate_type(header) == MQVPN_LONG_INITIAL;
}

/**
 * mqvpn_gate() - look at a datagram that begins with a long header
 * @data: its first bytes, MQVPN_GATE_BYTES or all that there are
 * @len: bytes in @data
 * @size: bytes of the datagram
 * @listening: it came to a socket of a server
 * @header: filled in when it may pass; points into @data
 *
 * Context: any.
 * Return: 0, or the counter of the reason why it may not pass.
 */
unsigned int mqvpn_gate(const u8 *data, size_t len, size_t size, bool listening,
			struct mqvpn_long_header *header)
{
	if (!mqvpn_gate_parse(data, len, size, header))
		return MQVPN_A_COUNTERS_RX_MALFORMED;
	if (header->version == MQVPN_VERSION_1 &&
	    !mqvpn_gate_version1(header, listening))
		return MQVPN_A_COUNTERS_RX_MALFORMED;
	if (!listening)
		return 0;
	if (mqvpn_gate_servers_only(header))
		return MQVPN_A_COUNTERS_RX_SERVERS_ONLY;
	if (mqvpn_gate_begins(header) && size < MQVPN_DATAGRAM_MIN)
		return MQVPN_A_COUNTERS_RX_SMALL;
	return 0;
}
