/* SPDX-License-Identifier: GPL-2.0 */
/* Which long headers are worth the owner's time: a pure look at bytes. */
#ifndef MQVPN_GATE_H
#define MQVPN_GATE_H

#include "frame.h"

/* First byte, version, the longest ID with its length, length of the next */
#define MQVPN_GATE_BYTES	(1 + 4 + 1 + 255 + 1)

/**
 * struct mqvpn_long_header - what all versions have, RFC 8999 section 5.1
 * @first: first byte
 * @version: 0 for Version Negotiation
 * @dcid: destination connection ID
 * @dcid_len: bytes in @dcid
 * @scid_len: bytes of the source connection ID
 */
struct mqvpn_long_header {
	u8 first;
	u32 version;
	const u8 *dcid;
	u8 dcid_len;
	u8 scid_len;
};

unsigned int mqvpn_gate(const u8 *data, size_t len, size_t size, bool listening,
			struct mqvpn_long_header *header);

#endif
