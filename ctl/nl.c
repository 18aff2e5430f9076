// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the kernel, and what it answers.
 */
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/mqvpn.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "out.h"
#include "spec.h"

/* A dump that changes below us is asked for again, so many times. */
#define DUMP_TRIES 16

/* Most bytes of events that may wait for us. */
#define EVENT_BUFFER (1 << 20)

static void option_set(struct mqnl *nl, int option)
{
	int on = 1;

	/* An older kernel says less in its errors; that is no failure. */
	(void)setsockopt(nl_socket_get_fd(nl->sock), SOL_NETLINK, option, &on,
			 sizeof(on));
}

/* Name the attribute at an offset of the request. */
static const struct attr_set *locate(struct mqnl *nl, const uint32_t *offset,
				     char *name, size_t size)
{
	struct nlmsghdr *hdr = nlmsg_hdr(nl->request);
	struct genlmsghdr *genl = nlmsg_data(hdr);
	const struct attr_set *set = &spec_message;

	name[0] = '\0';
	if (offset)
		spec_locate(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0),
			    (char *)hdr + *offset, &set, name, size);
	return set;
}

static void explain_attr(struct mqnl *nl, const uint32_t *offset)
{
	char name[80];

	locate(nl, offset, name, sizeof(name));
	if (name[0])
		snprintf(nl->where, sizeof(nl->where), "; attribute %s", name);
}

static void explain_missing(struct mqnl *nl, uint32_t type,
			    const uint32_t *nest)
{
	char name[80];
	const struct attr_set *set = locate(nl, nest, name, sizeof(name));

	if (set && type <= (uint32_t)set->max && set->attrs[type].name)
		snprintf(nl->where, sizeof(nl->where), "; missing %s%s%s", name,
			 name[0] ? "." : "", set->attrs[type].name);
}

/* The kernel puts its module's name in front. */
static void explain_text(struct mqnl *nl, const struct nlattr *attr)
{
	static const char module[] = MQVPN_FAMILY_NAME ": ";
	size_t len = sizeof(module) - 1;

	nla_strlcpy(nl->text, attr, sizeof(nl->text));
	if (!strncmp(nl->text, module, len))
		memmove(nl->text, nl->text + len, strlen(nl->text + len) + 1);
}

static const uint32_t *u32_or_null(struct nlattr *attr)
{
	return attr && nla_len(attr) >= 4 ? nla_data(attr) : NULL;
}

/* Read the extended acknowledgement: libnl 3.7 has no access to it. */
static void explain(struct mqnl *nl, struct nlattr *attrs, int len)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	const uint32_t *offset;
	const uint32_t *type;

	if (nla_parse(tb, NLMSGERR_ATTR_MAX, attrs, len, NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		explain_text(nl, tb[NLMSGERR_ATTR_MSG]);
	offset = u32_or_null(tb[NLMSGERR_ATTR_OFFS]);
	if (offset)
		explain_attr(nl, offset);
	type = u32_or_null(tb[NLMSGERR_ATTR_MISS_TYPE]);
	if (type)
		explain_missing(nl, *type,
				u32_or_null(tb[NLMSGERR_ATTR_MISS_NEST]));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)err - 1;
	struct mqnl *nl = arg;
	size_t used = sizeof(*err);

	(void)from;
	nl->error = -err->error;
	nl->done = true;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		used += err->msg.nlmsg_len - sizeof(err->msg);
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS &&
	    hdr->nlmsg_len > NLMSG_HDRLEN + NLMSG_ALIGN(used))
		explain(nl, (struct nlattr *)((char *)err + NLMSG_ALIGN(used)),
			(int)(hdr->nlmsg_len - NLMSG_HDRLEN -
			      NLMSG_ALIGN(used)));
	return NL_STOP;
}

/* The end of a dump carries its error, which libnl 3.7 does not look at. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct mqnl *nl = arg;
	int error;

	nl->done = true;
	if (nlmsg_datalen(hdr) < (int)sizeof(error))
		return NL_STOP;
	memcpy(&error, nlmsg_data(hdr), sizeof(error));
	nl->error = error < 0 ? -error : 0;
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
		explain(nl, nlmsg_attrdata(hdr, sizeof(error)),
			nlmsg_attrlen(hdr, sizeof(error)));
	return NL_STOP;
}

static void decode(struct json_object *object, struct nl_msg *msg)
{
	struct genlmsghdr *genl = nlmsg_data(nlmsg_hdr(msg));

	spec_decode(object, &spec_message, genlmsg_attrdata(genl, 0),
		    genlmsg_attrlen(genl, 0));
}

static int on_reply(struct nl_msg *msg, void *arg)
{
	struct json_object *reply;
	struct mqnl *nl = arg;

	if (!genlmsg_valid_hdr(nlmsg_hdr(msg), 0))
		return NL_OK;
	reply = check_alloc(json_object_new_object());
	decode(reply, msg);
	json_object_array_add(nl->replies, reply);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct mqnl *nl = arg;

	(void)msg;
	nl->done = true;
	return NL_STOP;
}

/**
 * mqnl_open() - find the kernel's side
 * @nl: what to fill in
 *
 * Dies if the module is not loaded.
 */
void mqnl_open(struct mqnl *nl)
{
	int err;

	memset(nl, 0, sizeof(*nl));
	nl->sock = check_alloc(nl_socket_alloc());
	err = genl_connect(nl->sock);
	if (err < 0)
		die(EXIT_SYSTEM, "cannot open a netlink socket: %s",
		    nl_geterror(err));
	nl->family = genl_ctrl_resolve(nl->sock, MQVPN_FAMILY_NAME);
	if (nl->family < 0 && nl->family != -NLE_OBJ_NOTFOUND)
		die(EXIT_SYSTEM, "cannot ask for netlink family mqvpn: %s",
		    nl_geterror(nl->family));
	if (nl->family < 0)
		die(EXIT_ABSENT,
		    "the kernel does not know mqvpn: load its module (modprobe mqvpn)");
	option_set(nl, NETLINK_EXT_ACK);
	option_set(nl, NETLINK_CAP_ACK);
	option_set(nl, NETLINK_GET_STRICT_CHK);
	nl_socket_modify_err_cb(nl->sock, NL_CB_CUSTOM, on_error, nl);
	nl_socket_modify_cb(nl->sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish,
			    nl);
	nl_socket_modify_cb(nl->sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, nl);
	nl_socket_modify_cb(nl->sock, NL_CB_VALID, NL_CB_CUSTOM, on_reply, nl);
}

/**
 * mqnl_close() - undo mqnl_open()
 * @nl: the connection
 */
void mqnl_close(struct mqnl *nl)
{
	nl_socket_free(nl->sock);
}

/**
 * mqnl_request() - begin a request
 * @nl: the connection
 * @command: its command
 *
 * Return: the message, which mqnl_do() or mqnl_dump() frees.
 */
struct nl_msg *mqnl_request(struct mqnl *nl, uint8_t command)
{
	struct nl_msg *msg = check_alloc(nlmsg_alloc());

	check_alloc(genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0,
				NLM_F_REQUEST | NLM_F_ACK, command,
				MQVPN_FAMILY_VERSION));
	return msg;
}

/* Send the request and gather the replies; returns libnl's error. */
static int transact(struct mqnl *nl, struct nl_msg *msg)
{
	int err;

	nl->error = 0;
	nl->done = false;
	nl->text[0] = '\0';
	nl->where[0] = '\0';
	nl->request = msg;
	json_object_put(nl->replies);
	nl->replies = check_alloc(json_object_new_array());
	err = nl_send_auto(nl->sock, msg);
	while (err >= 0 && !nl->done)
		err = nl_recvmsgs_default(nl->sock);
	return err;
}

/* What to say when the kernel itself is silent. */
static const char *advice(int error)
{
	if (error == EPERM)
		return "; needs CAP_NET_ADMIN";
	if (error == EOPNOTSUPP)
		return "; the module is too old for this";
	return "";
}

static int refused(const struct mqnl *nl, int err)
{
	if (!nl->error) {
		warn("no answer from the kernel: %s", nl_geterror(err));
		return EXIT_SYSTEM;
	}
	if (nl->text[0])
		warn("the kernel refused: %s (%s%s)", nl->text,
		     strerror(nl->error), nl->where);
	else
		warn("the kernel refused: %s%s%s", strerror(nl->error),
		     nl->where, advice(nl->error));
	return nl->error == ENODEV ? EXIT_ABSENT : EXIT_REFUSED;
}

/* Requests may hold secrets. */
static void request_free(struct mqnl *nl, struct nl_msg *msg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	explicit_bzero(nlmsg_data(hdr), (size_t)nlmsg_datalen(hdr));
	nlmsg_free(msg);
	nl->request = NULL;
}

static struct json_object *replies_take(struct mqnl *nl)
{
	struct json_object *replies = nl->replies;

	nl->replies = NULL;
	return replies;
}

/**
 * mqnl_do() - send a request and say so if the kernel refuses it
 * @nl: the connection
 * @msg: the request, freed
 * @reply: where to put the decoded reply, or NULL if none is wanted; the
 *	caller's to put
 *
 * Return: the exit status.
 */
int mqnl_do(struct mqnl *nl, struct nl_msg *msg, struct json_object **reply)
{
	struct json_object *replies;
	int status = EXIT_SUCCESS;
	int err;

	err = transact(nl, msg);
	if (err < 0 || nl->error)
		status = refused(nl, err);
	replies = replies_take(nl);
	if (!status && reply) {
		*reply = json_object_get(json_object_array_get_idx(replies, 0));
		if (!*reply) {
			warn("the kernel's answer is empty");
			status = EXIT_SYSTEM;
		}
	}
	json_object_put(replies);
	request_free(nl, msg);
	return status;
}

/*
 * Again while others change the list; what cannot be had in one piece is
 * better than nothing.
 */
static int dump(struct mqnl *nl, struct nl_msg *msg)
{
	int tries = DUMP_TRIES;
	int err;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	do {
		nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
		err = transact(nl, msg);
	} while (err == -NLE_DUMP_INTR && --tries);
	if (err == -NLE_DUMP_INTR) {
		warn("warning: the list changed while it was read");
		err = 0;
	}
	return err;
}

/**
 * mqnl_dump() - list objects
 * @nl: the connection
 * @msg: the request, freed
 *
 * Return: an array of decoded replies, the caller's to put. Dies if the kernel
 * refuses.
 */
struct json_object *mqnl_dump(struct mqnl *nl, struct nl_msg *msg)
{
	int err = dump(nl, msg);

	if (err < 0 || nl->error)
		exit(refused(nl, err));
	request_free(nl, msg);
	return replies_take(nl);
}

/**
 * mqnl_dump_if_there() - list objects of a device that may vanish meanwhile
 * @nl: the connection
 * @msg: the request, freed
 *
 * Return: as mqnl_dump(); an empty array if there is no such device.
 */
struct json_object *mqnl_dump_if_there(struct mqnl *nl, struct nl_msg *msg)
{
	int err = dump(nl, msg);

	if ((err < 0 || nl->error) && nl->error != ENODEV)
		exit(refused(nl, err));
	request_free(nl, msg);
	return replies_take(nl);
}

/**
 * struct listener - who wants events
 * @event: is called with each
 * @arg: its second argument
 */
struct listener {
	void (*event)(struct json_object *event, void *arg);
	void *arg;
};

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct listener *listener = arg;
	struct json_object *event;
	const char *name;

	if (!genlmsg_valid_hdr(hdr, 0))
		return NL_OK;
	name = spec_event(((struct genlmsghdr *)nlmsg_data(hdr))->cmd);
	if (!name)
		return NL_OK;
	event = check_alloc(json_object_new_object());
	json_object_object_add(event, "event",
			       check_alloc(json_object_new_string(name)));
	decode(event, msg);
	listener->event(event, listener->arg);
	json_object_put(event);
	return NL_OK;
}

/**
 * mqnl_listen() - receive events until something goes wrong
 * @nl: the connection
 * @event: is called with each, decoded, with its name as member "event"
 * @arg: its second argument
 *
 * Return: the exit status.
 */
int mqnl_listen(struct mqnl *nl,
		void (*event)(struct json_object *event, void *arg), void *arg)
{
	struct listener listener = { .event = event, .arg = arg };
	int err;

	err = genl_ctrl_resolve_grp(nl->sock, MQVPN_FAMILY_NAME,
				    MQVPN_MCGRP_EVENTS);
	if (err >= 0)
		err = nl_socket_add_memberships(nl->sock, err, 0);
	if (err < 0)
		die(EXIT_REFUSED, "cannot subscribe to events: %s",
		    nl_geterror(err));
	nl_socket_set_buffer_size(nl->sock, EVENT_BUFFER, 0);
	nl_socket_disable_seq_check(nl->sock);
	nl_socket_modify_cb(nl->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event,
			    &listener);
	for (;;) {
		err = nl_recvmsgs_default(nl->sock);
		if (err == -NLE_NOMEM)
			warn("events were lost, too many at once");
		else if (err < 0)
			die(EXIT_SYSTEM, "cannot receive events: %s",
			    nl_geterror(err));
	}
}
