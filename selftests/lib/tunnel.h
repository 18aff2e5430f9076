/* SPDX-License-Identifier: GPL-2.0 */
/* The objects of a tunnel, put into requests: what both ends have to agree on
 * follows from which end it is and from the number of the tunnel.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <arpa/inet.h>

#include "nlspec.h"

#define TUNNEL_SECRET_LEN	32
#define TUNNEL_PORT		4600	/* of both ends' path 0, and on */

enum tunnel_end { CLIENT, SERVER, ENDS };

/* A request of the family to a device and one of its connections. */
static inline struct nlmsghdr *tunnel_begin(struct nl *nl, void *buffer,
					    unsigned int cmd, uint16_t flags,
					    uint32_t conn)
{
	struct nlmsghdr *nlh = nl_begin(buffer, nl->family, cmd, flags);
	uint32_t mask = flags ? spec_ops[cmd].dump_request :
			spec_ops[cmd].do_request;

	if (mask >> MQVPN_A_IFINDEX & 1)
		mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, nl->ifindex);
	if (mask >> MQVPN_A_CONN_ID & 1 && conn)
		mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID, conn);
	return nlh;
}

static inline void tunnel_put_ipv4(struct nlmsghdr *nlh, uint16_t type,
				   const char *address)
{
	struct in_addr in;

	inet_pton(AF_INET, address, &in);
	mnl_attr_put(nlh, type, sizeof(in), &in);
}

static inline void tunnel_put_tp(struct nlmsghdr *nlh, uint16_t end)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, end);

	mnl_attr_put_u32(nlh, MQVPN_A_TP_MAX_PATH_ID, 8);
	mnl_attr_nest_end(nlh, nest);
}

static inline void tunnel_put_conn(struct nlmsghdr *nlh, enum tunnel_end here)
{
	mnl_attr_put_u32(nlh, MQVPN_A_CONN_ROLE,
			 here == CLIENT ? MQVPN_ROLE_CLIENT :
			 MQVPN_ROLE_SERVER);
	mnl_attr_put(nlh, MQVPN_A_CONN_MULTIPATH, 0, NULL);
	mnl_attr_put(nlh, MQVPN_A_CONN_CONFIRMED, 0, NULL);
	tunnel_put_tp(nlh, MQVPN_A_CONN_LOCAL);
	tunnel_put_tp(nlh, MQVPN_A_CONN_PEER);
}

static inline void tunnel_put_key(struct nlmsghdr *nlh, enum tunnel_end here,
				  uint32_t direction, uint32_t number)
{
	bool sends = direction == MQVPN_DIRECTION_TX;
	unsigned char secret[TUNNEL_SECRET_LEN];

	memset(secret, (here == CLIENT) == sends ? 0xc1 : 0x5e,
	       sizeof(secret));
	memcpy(secret, &number, sizeof(number));
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_DIRECTION, direction);
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_AEAD, MQVPN_AEAD_AES_128_GCM);
	mnl_attr_put(nlh, MQVPN_A_KEY_SECRET, sizeof(secret), secret);
}

static inline void tunnel_put_cid(struct nlmsghdr *nlh, enum tunnel_end here,
				  uint32_t end, uint32_t path,
				  uint32_t sequence, uint32_t number)
{
	bool ours = end == MQVPN_END_LOCAL;
	unsigned char id[MQVPN_CID_LEN] = {
		(here == CLIENT) == ours ? 0xc1 : 0x5e, number >> 24,
		number >> 16, number >> 8, number, 0, path, sequence };

	mnl_attr_put_u32(nlh, MQVPN_A_CID_END, end);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_PATH_ID, path);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_SEQUENCE, sequence);
	mnl_attr_put(nlh, MQVPN_A_CID_ID, sizeof(id), id);
}

static inline void tunnel_put_path(struct nlmsghdr *nlh, uint32_t path,
				   const char *local, const char *remote)
{
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, path);
	tunnel_put_ipv4(nlh, MQVPN_A_PATH_REMOTE_IPV4, remote);
	tunnel_put_ipv4(nlh, MQVPN_A_PATH_LOCAL_IPV4, local);
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_REMOTE_PORT,
			 htons(TUNNEL_PORT + path));
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_LOCAL_PORT,
			 htons(TUNNEL_PORT + path));
	if (!path)
		mnl_attr_put(nlh, MQVPN_A_PATH_VALIDATED, 0, NULL);
}

static inline void tunnel_put_prefix(struct nlmsghdr *nlh, const char *address,
				     unsigned int length)
{
	tunnel_put_ipv4(nlh, MQVPN_A_PREFIX_IPV4, address);
	mnl_attr_put_u8(nlh, MQVPN_A_PREFIX_LENGTH, length);
}

/* One end of a tunnel, whose connection is 1 on that end's device. */
struct tunnel {
	struct nl *nl;
	enum tunnel_end here;
	uint32_t number;
	const char *inner;	/* the other end's address in the tunnel */
	unsigned int paths;
	const char *const *local;	/* outer addresses, of each path */
	const char *const *remote;
	void (*answered)(unsigned int cmd, int err);
};

static inline void tunnel_step(const struct tunnel *t, unsigned int cmd,
			       uint16_t nest, uint32_t a, uint32_t b)
{
	char buffer[1024] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = tunnel_begin(t->nl, buffer, cmd, 0, 1);
	struct nlattr *start = mnl_attr_nest_start(nlh, nest);
	struct nl_answer answer;

	if (cmd == MQVPN_CMD_CONN_NEW)
		tunnel_put_conn(nlh, t->here);
	else if (cmd == MQVPN_CMD_KEY_SET)
		tunnel_put_key(nlh, t->here, a, t->number);
	else if (cmd == MQVPN_CMD_CID_NEW)
		tunnel_put_cid(nlh, t->here, a, b, 0, t->number);
	else if (cmd == MQVPN_CMD_PATH_NEW)
		tunnel_put_path(nlh, a, t->local[a], t->remote[a]);
	else
		tunnel_put_prefix(nlh, t->inner, 32);
	mnl_attr_nest_end(nlh, start);
	nl_call(t->nl, nlh, &answer, NULL, NULL);
	t->answered(cmd, answer.err);
}

/* All of it. */
static inline void tunnel_make(const struct tunnel *t)
{
	tunnel_step(t, MQVPN_CMD_CONN_NEW, MQVPN_A_CONNECTION, 0, 0);
	tunnel_step(t, MQVPN_CMD_KEY_SET, MQVPN_A_KEY, MQVPN_DIRECTION_TX, 0);
	tunnel_step(t, MQVPN_CMD_KEY_SET, MQVPN_A_KEY, MQVPN_DIRECTION_RX, 0);
	tunnel_step(t, MQVPN_CMD_PREFIX_NEW, MQVPN_A_PREFIX, 0, 0);
	for (uint32_t path = 0; path < t->paths; path++) {
		tunnel_step(t, MQVPN_CMD_CID_NEW, MQVPN_A_CID, MQVPN_END_LOCAL,
			    path);
		tunnel_step(t, MQVPN_CMD_CID_NEW, MQVPN_A_CID, MQVPN_END_PEER,
			    path);
		tunnel_step(t, MQVPN_CMD_PATH_NEW, MQVPN_A_PATH, path, 0);
	}
}

#endif
