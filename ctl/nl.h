/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the kernel. */
#ifndef MQVPNCTL_NL_H
#define MQVPNCTL_NL_H

#include <json-c/json.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "args.h"

struct nl_msg;
struct nlattr;

/**
 * struct mqnl - a connection to the kernel
 * @sock: libnl's socket
 * @family: number of the generic netlink family
 * @request: what was sent, to name attributes in errors
 * @replies: array of decoded replies
 * @error: what the kernel answered, positive errno
 * @done: it has answered
 * @text: what it had to say about it, or empty
 * @where: "; attribute path.weight", or empty
 */
struct mqnl {
	struct nl_sock *sock;
	int family;
	struct nl_msg *request;
	struct json_object *replies;
	int error;
	bool done;
	char text[512];
	char where[112];
};

void mqnl_open(struct mqnl *nl);
void mqnl_close(struct mqnl *nl);
struct nl_msg *mqnl_request(struct mqnl *nl, uint8_t command);
int mqnl_do(struct mqnl *nl, struct nl_msg *msg, struct json_object **reply);
struct json_object *mqnl_dump(struct mqnl *nl, struct nl_msg *msg);
struct json_object *mqnl_dump_if_there(struct mqnl *nl, struct nl_msg *msg);
int mqnl_listen(struct mqnl *nl,
		void (*event)(struct json_object *event, void *arg), void *arg);

uint32_t device_index(const char *name);
struct nlattr *put_nest(struct nl_msg *msg, int attr);
void put_nest_end(struct nl_msg *msg, struct nlattr *nest);
void put_dev(struct nl_msg *msg, const struct value *dev);
void put_conn(struct nl_msg *msg, const struct value *conn);
void put_number(struct nl_msg *msg, int attr, uint32_t number);
void put_number8(struct nl_msg *msg, int attr, uint8_t number);
void put_u8(struct nl_msg *msg, int attr, const struct value *v);
void put_u16(struct nl_msg *msg, int attr, const struct value *v);
void put_u32(struct nl_msg *msg, int attr, const struct value *v);
void put_u64(struct nl_msg *msg, int attr, const struct value *v);
void put_flag(struct nl_msg *msg, int attr, const struct value *v);
void put_string(struct nl_msg *msg, int attr, const struct value *v);
void put_underlay(struct nl_msg *msg, int attr, const struct value *v);
void put_bytes(struct nl_msg *msg, int attr, const void *bytes, size_t len);
void put_address(struct nl_msg *msg, int v4, int v6,
		 const struct address *address);
void put_port(struct nl_msg *msg, int attr, uint16_t port);

#endif /* MQVPNCTL_NL_H */
