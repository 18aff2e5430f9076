/* SPDX-License-Identifier: GPL-2.0 */
/* The family by its specification: tables of what there is, requests with the
 * kernel's whole answer, a strict check of what the kernel sends.
 */
#ifndef NLSPEC_H
#define NLSPEC_H

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/mqvpn.h>

enum spec_kind {
	SPEC_U8, SPEC_U16, SPEC_U32, SPEC_U64, SPEC_PAD, SPEC_FLAG,
	SPEC_STRING, SPEC_BINARY, SPEC_NEST,
};

struct spec_set;

/* least and most: of a number's value, of all others' length */
struct spec_attr {
	const char *name;
	enum spec_kind kind;
	uint64_t least;
	uint64_t most;
	const struct spec_set *nest;
	bool multi;
};

struct spec_set {
	const char *name;
	const struct spec_attr *attrs;
	unsigned int max;
};

/* Which top-level attributes each way has, as bits. */
struct spec_op {
	const char *name;
	bool has_do;
	bool has_dump;
	uint32_t do_request;
	uint32_t do_reply;
	uint32_t dump_request;
	uint32_t dump_reply;
	uint32_t event;
	bool multicast;
};

#include "nlspec-table.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define SPEC_OPS		ARRAY_SIZE(spec_ops)
#define NL_ROOM			65536

struct nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t group;
	uint32_t ifindex;
	unsigned int seq;
	/* what this kernel implements */
	bool can_do[SPEC_OPS];
	bool can_dump[SPEC_OPS];
};

/* What the kernel says to a request. */
struct nl_answer {
	int err;
	char text[128];
	bool has_offset;
	uint32_t offset;
	bool has_miss;
	uint32_t miss;
	bool has_miss_nest;
	uint32_t miss_nest;
};

static inline void nl_die(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline unsigned int spec_size(enum spec_kind kind)
{
	return 1U << (kind - SPEC_U8);
}

static inline bool spec_is_number(enum spec_kind kind)
{
	return kind <= SPEC_U64;
}

/* Numbers in network order are so only for people: bounds are 0 or 1. */
static inline uint64_t nl_number(const void *data, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, data, size);
	return value;
}

/* --- what the kernel sends has to be as the specification says --- */

static inline bool spec_complain(const char *where, const char *name,
				 const char *what)
{
	printf("# %s: %s %s\n", where, name, what);
	return false;
}

static inline bool spec_check_value(const char *where,
				    const struct spec_attr *spec,
				    const struct nlattr *attr)
{
	unsigned int len = attr->nla_len - NLA_HDRLEN;
	const char *data = (const char *)attr + NLA_HDRLEN;
	uint64_t value = len;

	if (spec->kind == SPEC_FLAG || spec->kind == SPEC_PAD)
		return !len || spec_complain(where, spec->name, "is not empty");
	if (spec_is_number(spec->kind)) {
		if (len != spec_size(spec->kind))
			return spec_complain(where, spec->name, "has no length");
		value = nl_number(data, len);
	} else if (spec->kind == SPEC_STRING) {
		if (!len || strnlen(data, len) != len - 1)
			return spec_complain(where, spec->name, "does not end");
		value = len - 1;
	}
	if (value < spec->least || value > spec->most)
		return spec_complain(where, spec->name, "is out of range");
	return true;
}

/* The attributes in [data, data + len) are those of set that mask allows. */
static inline bool spec_check_set(const char *where, const struct spec_set *set,
				  uint64_t mask, const char *data,
				  unsigned int len)
{
	const struct spec_attr *spec;
	const struct nlattr *attr;
	unsigned int type, step;
	uint64_t seen = 0;

	for (; len; len -= step, data += step) {
		attr = (const struct nlattr *)data;
		if (len < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
		    attr->nla_len > len)
			return spec_complain(where, set->name, "is not whole");
		type = attr->nla_type & NLA_TYPE_MASK;
		if (!type || type > set->max)
			return spec_complain(where, set->name,
					     "has an unknown attribute");
		spec = &set->attrs[type];
		if (!(mask >> type & 1))
			return spec_complain(where, spec->name,
					     "does not belong there");
		if (seen >> type & 1 && !spec->multi && spec->kind != SPEC_PAD)
			return spec_complain(where, spec->name, "comes twice");
		seen |= 1ULL << type;
		if (!(attr->nla_type & NLA_F_NESTED) !=
		    (spec->kind != SPEC_NEST))
			return spec_complain(where, spec->name,
					     "is flagged wrong");
		if (spec->kind == SPEC_NEST ?
		    !spec_check_set(where, spec->nest, ~0ULL, data + NLA_HDRLEN,
				    attr->nla_len - NLA_HDRLEN) :
		    !spec_check_value(where, spec, attr))
			return false;
		step = NLA_ALIGN(attr->nla_len);
		if (step > len)
			step = len;
	}
	return true;
}

/* A reply to a request, or an event if there was none. */
static inline bool spec_check_msg(const struct nlmsghdr *nlh, int request,
				  bool dump)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *data = mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN);
	unsigned int len = mnl_nlmsg_get_payload_len(nlh);
	const struct spec_op *op;
	uint32_t mask;

	if (len < GENL_HDRLEN || !genl->cmd || genl->cmd >= SPEC_OPS)
		return spec_complain("message", "its command", "is unknown");
	op = &spec_ops[genl->cmd];
	if (request && genl->cmd != request)
		return spec_complain(op->name, "its command", "was not asked");
	mask = request ? (dump ? op->dump_reply : op->do_reply) : op->event;
	return spec_check_set(op->name, &spec_set_mqvpn, mask, data,
			      len - GENL_HDRLEN);
}

/* --- requests --- */

static inline struct nlmsghdr *nl_begin(void *buffer, uint16_t family,
					unsigned int cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static inline int nl_read_text(const struct nlattr *attr, void *data)
{
	struct nl_answer *answer = data;

	switch (mnl_attr_get_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		snprintf(answer->text, sizeof(answer->text), "%s",
			 mnl_attr_get_str(attr));
		break;
	case NLMSGERR_ATTR_OFFS:
		answer->has_offset = true;
		answer->offset = mnl_attr_get_u32(attr);
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		answer->has_miss = true;
		answer->miss = mnl_attr_get_u32(attr);
		break;
	case NLMSGERR_ATTR_MISS_NEST:
		answer->has_miss_nest = true;
		answer->miss_nest = mnl_attr_get_u32(attr);
		break;
	}
	return MNL_CB_OK;
}

/* The end of an answer: an error, an acknowledgment, or the end of a dump. */
static inline void nl_read_end(const struct nlmsghdr *nlh,
			       struct nl_answer *answer)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	unsigned int offset = sizeof(*error);

	answer->err = -*(const int *)mnl_nlmsg_get_payload(nlh);
	if (nlh->nlmsg_type == NLMSG_DONE)
		offset = sizeof(int);
	else if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, NLMSG_ALIGN(offset), nl_read_text, answer);
}

/* Called with each message of an answer. */
typedef void (*nl_reader)(const struct nlmsghdr *nlh, void *data);

/* Read the answer to the request sent last to its end; false if none comes. */
static inline bool nl_receive(struct nl *nl, struct nl_answer *answer,
			      nl_reader reader, void *data)
{
	static char buffer[NL_ROOM] __attribute__((aligned(8)));
	const struct nlmsghdr *got;
	int len;

	memset(answer, 0, sizeof(*answer));
	for (;;) {
		len = mnl_socket_recvfrom(nl->sock, buffer, sizeof(buffer));
		if (len < 0)
			return false;
		for (got = (const void *)buffer; mnl_nlmsg_ok(got, len);
		     got = mnl_nlmsg_next(got, &len)) {
			if (got->nlmsg_seq != nl->seq)
				continue;
			if (got->nlmsg_type == NLMSG_ERROR ||
			    got->nlmsg_type == NLMSG_DONE) {
				nl_read_end(got, answer);
				return true;
			}
			if (reader)
				reader(got, data);
		}
	}
}

/* Send a request, and read the answer. */
static inline void nl_call(struct nl *nl, struct nlmsghdr *nlh,
			   struct nl_answer *answer, nl_reader reader,
			   void *data)
{
	nlh->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		nl_die("send");
	if (!nl_receive(nl, answer, reader, data))
		nl_die("no answer");
}

static inline void nl_read_op(const struct nlattr *op, struct nl *nl)
{
	const struct nlattr *attr;
	uint32_t id = 0, flags = 0;

	mnl_attr_for_each_nested(attr, op) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_ID)
			id = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_FLAGS)
			flags = mnl_attr_get_u32(attr);
	}
	if (id >= SPEC_OPS)
		return;
	nl->can_do[id] = flags & GENL_CMD_CAP_DO;
	nl->can_dump[id] = flags & GENL_CMD_CAP_DUMP;
}

static inline void nl_read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *one, *field;
	struct nl *nl = data;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			nl->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_OPS:
			mnl_attr_for_each_nested(one, attr)
				nl_read_op(one, nl);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(one, attr)
				mnl_attr_for_each_nested(field, one)
					if (mnl_attr_get_type(field) ==
					    CTRL_ATTR_MCAST_GRP_ID)
						nl->group =
						mnl_attr_get_u32(field);
			break;
		}
	}
}

static inline struct mnl_socket *nl_socket(void)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_GENERIC);
	struct timeval patience = { .tv_sec = 10 };
	int on = 1, fd, room = 4 << 20;

	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID))
		nl_die("netlink");
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	fd = mnl_socket_get_fd(sock);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return sock;
}

/* Find the family, and what this kernel has of it. */
static inline void nl_open(struct nl *nl, const char *device)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nl_answer answer;
	struct nlmsghdr *nlh;

	memset(nl, 0, sizeof(*nl));
	nl->sock = nl_socket();
	nl->ifindex = if_nametoindex(device);
	if (!nl->ifindex)
		nl_die(device);
	nlh = nl_begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MQVPN_FAMILY_NAME);
	nl_call(nl, nlh, &answer, nl_read_family, nl);
	errno = answer.err;
	if (errno)
		nl_die("family");
}

/* --- the state of a device, as its dumps tell it --- */

struct nl_state {
	char *data;
	size_t len;
	size_t room;
	unsigned int cmd;
	bool bad;
};

static inline void nl_state_read(const struct nlmsghdr *nlh, void *data)
{
	struct nl_state *state = data;
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (!spec_check_msg(nlh, state->cmd, true))
		state->bad = true;
	if (state->len + len > state->room) {
		state->room = 2 * (state->len + len);
		state->data = realloc(state->data, state->room);
		if (!state->data)
			nl_die("memory");
	}
	memcpy(state->data + state->len, mnl_nlmsg_get_payload(nlh), len);
	state->len += len;
}

/* Dump all that there is. False if it is not as specified. */
static inline bool nl_state_take(struct nl *nl, struct nl_state *state)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nl_answer answer;
	struct nlmsghdr *nlh;

	state->len = 0;
	state->bad = false;
	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++) {
		if (!nl->can_dump[cmd])
			continue;
		state->cmd = cmd;
		nlh = nl_begin(buffer, nl->family, cmd, NLM_F_DUMP);
		if (spec_ops[cmd].dump_request >> MQVPN_A_IFINDEX & 1)
			mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, nl->ifindex);
		nl_call(nl, nlh, &answer, nl_state_read, state);
		if (answer.err)
			state->bad = !spec_complain(spec_ops[cmd].name, "dump",
						    strerror(answer.err));
	}
	return !state->bad;
}

static inline bool nl_state_same(const struct nl_state *a,
				 const struct nl_state *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

#endif
