/* SPDX-License-Identifier: GPL-2.0 */
/* The attributes of family mqvpn, and how to turn them into JSON. */
#ifndef MQVPNCTL_SPEC_H
#define MQVPNCTL_SPEC_H

#include <json-c/json.h>
#include <netlink/netlink.h>
#include <stddef.h>

/* Encoding of an attribute's payload. */
enum attr_type {
	TYPE_UNUSED,
	TYPE_U8,
	TYPE_U16,
	TYPE_U32,
	TYPE_U64,
	TYPE_PORT,
	TYPE_FLAG,
	TYPE_STRING,
	TYPE_HEX,
	TYPE_IPV4,
	TYPE_IPV6,
	TYPE_ENUM,
	TYPE_DEVICE,
	TYPE_UNDERLAY,
	TYPE_NEST,
	TYPE_TEXT,
};

/**
 * struct attr_spec - an attribute
 * @name: its name in the YAML specification; NULL if it is not shown
 * @type: its encoding
 * @set: the set below it, if TYPE_NEST
 * @names: the enumeration, if TYPE_ENUM, NULL-terminated, gaps are empty
 */
struct attr_spec {
	const char *name;
	enum attr_type type;
	const struct attr_set *set;
	const char *const *names;
};

/**
 * struct attr_set - an attribute set
 * @attrs: its attributes, by number
 * @max: highest number
 */
struct attr_set {
	const struct attr_spec *attrs;
	int max;
};

extern const struct attr_set spec_message;
extern const char *const spec_roles[];
extern const char *const spec_aeads[];
extern const char *const spec_directions[];
extern const char *const spec_ends[];

const char *spec_event(unsigned int command);
void spec_decode(struct json_object *object, const struct attr_set *set,
		 struct nlattr *attrs, int len);
void spec_locate(struct nlattr *attrs, int len, const void *at,
		 const struct attr_set **found, char *name, size_t size);

#endif /* MQVPNCTL_SPEC_H */
