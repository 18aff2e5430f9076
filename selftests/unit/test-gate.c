// SPDX-License-Identifier: GPL-2.0
/* What a server lets pass to its owner, and how much it may answer. */
#include <stdlib.h>
#include <linux/kernel.h>

#include "../../kmod/gate.c"
#include "../../kmod/amplify.h"

#include "ktap.h"

#define SERVERS_ONLY	MQVPN_A_COUNTERS_RX_SERVERS_ONLY
#define MALFORMED	MQVPN_A_COUNTERS_RX_MALFORMED
#define SMALL		MQVPN_A_COUNTERS_RX_SMALL

static struct mqvpn_long_header header;

/* A header in memory of its own size, so that a byte too far is noticed. */
static unsigned int look(u8 first, u32 version, unsigned int dcid_len,
			 unsigned int scid_len, size_t size, bool listening)
{
	size_t len = size < MQVPN_GATE_BYTES ? size : MQVPN_GATE_BYTES;
	u8 whole[2048] = { first, version >> 24, version >> 16, version >> 8,
			   version, dcid_len };
	unsigned int why;
	u8 *data;

	whole[6 + dcid_len] = scid_len;
	data = malloc(len ? len : 1);
	memcpy(data, whole, len);
	why = mqvpn_gate(data, len, size, listening, &header);
	free(data);
	return why;
}

static void initial(void)
{
	EXPECT_EQ(look(0xc0, 1, 8, 0, 1200, true), 0);
	EXPECT_EQ(header.version, 1);
	EXPECT_EQ(header.dcid_len, 8);
	EXPECT_EQ(header.scid_len, 0);
	EXPECT_EQ(look(0xcf, 1, 20, 20, 1200, true), 0);
	EXPECT_EQ(look(0xc0, 1, 8, 0, 1199, true), SMALL);
	EXPECT_EQ(look(0x80, 1, 8, 0, 1200, true), MALFORMED);
	EXPECT_EQ(look(0xc0, 1, 7, 0, 1200, true), MALFORMED);
	EXPECT_EQ(look(0xc0, 1, 21, 0, 1200, true), MALFORMED);
	EXPECT_EQ(look(0xc0, 1, 8, 21, 1200, true), MALFORMED);
}

static void others(void)
{
	EXPECT_EQ(look(0xd0, 1, 8, 8, 100, true), 0);
	EXPECT_EQ(look(0xd0, 1, 7, 8, 100, true), MALFORMED);
	EXPECT_EQ(look(0xe0, 1, 0, 0, 100, true), 0);
	EXPECT_EQ(look(0xf0, 1, 8, 8, 1200, true), SERVERS_ONLY);
	EXPECT_EQ(look(0xc0, 0, 8, 8, 1200, true), SERVERS_ONLY);
	EXPECT_EQ(look(0x80, 0, 8, 8, 40, true), SERVERS_ONLY);
}

/* RFC 8999: of those only the invariants are known. */
static void versions(void)
{
	EXPECT_EQ(look(0x80, 2, 0, 0, 1200, true), 0);
	EXPECT_EQ(look(0xff, 0xffffffff, 255, 255, 1200, true), 0);
	EXPECT_EQ(header.version, 0xffffffff);
	EXPECT_EQ(header.dcid_len, 255);
	EXPECT_EQ(header.scid_len, 255);
	EXPECT_EQ(look(0xc0, 0x1a2a3a4a, 8, 8, 1199, true), SMALL);
}

/* A client wants all that its server may send. */
static void client(void)
{
	EXPECT_EQ(look(0xc0, 1, 0, 8, 60, false), 0);
	EXPECT_EQ(look(0xf0, 1, 8, 8, 60, false), 0);
	EXPECT_EQ(look(0x80, 0, 8, 8, 27, false), 0);
	EXPECT_EQ(look(0x80, 1, 8, 8, 60, false), MALFORMED);
	EXPECT_EQ(look(0xc0, 1, 21, 8, 60, false), MALFORMED);
}

static void truncated(void)
{
	unsigned int dcid_len, scid_len, whole, size;

	for (dcid_len = 0; dcid_len <= 255; dcid_len += 5)
		for (scid_len = 0; scid_len <= 255; scid_len += 51) {
			whole = 7 + dcid_len + scid_len;
			for (size = 0; size < whole; size++)
				EXPECT_EQ(look(0xc0, 2, dcid_len, scid_len,
					       size, false), MALFORMED);
			EXPECT_EQ(look(0xc0, 2, dcid_len, scid_len, whole,
				       false), 0);
		}
}

static void amplification(void)
{
	struct mqvpn_amplify amplify = { 0 };

	EXPECT_EQ(mqvpn_amplify_room(&amplify), 0);
	EXPECT(!mqvpn_amplify_take(&amplify, 1));
	mqvpn_amplify_received(&amplify, 1200);
	EXPECT_EQ(mqvpn_amplify_room(&amplify), 3600);
	EXPECT(!mqvpn_amplify_take(&amplify, 3601));
	EXPECT(mqvpn_amplify_take(&amplify, 3599));
	EXPECT(mqvpn_amplify_take(&amplify, 1));
	EXPECT(!mqvpn_amplify_take(&amplify, 1));
	mqvpn_amplify_received(&amplify, 1);
	EXPECT_EQ(mqvpn_amplify_room(&amplify), 3);
	mqvpn_amplify_validate(&amplify);
	EXPECT(mqvpn_amplify_take(&amplify, 0xffffffff));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(initial),
	KTAP_CASE(others),
	KTAP_CASE(versions),
	KTAP_CASE(client),
	KTAP_CASE(truncated),
	KTAP_CASE(amplification),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
