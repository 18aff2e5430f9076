/* SPDX-License-Identifier: GPL-2.0 */
/* The nouns of the command line, one file each. */
#ifndef MQVPNCTL_OBJECTS_H
#define MQVPNCTL_OBJECTS_H

#include "args.h"

/*
 * Every object's keywords begin with the device, and with the connection if
 * there is one.
 */
#define KEYWORD_DEV                                                            \
	{                                                                      \
		"dev", "DEV", "mqvpn device", parse_text, .max = 15            \
	}

#define KEYWORD_CONN(name)                                                     \
	{                                                                      \
		name, "N", "number of the connection (default 1)",             \
			parse_number, 1, UINT32_MAX                            \
	}

extern const struct object object_show;
extern const struct object object_set;
extern const struct object object_monitor;
extern const struct object object_conn;
extern const struct object object_cid;
extern const struct object object_key;
extern const struct object object_path;
extern const struct object object_socket;
extern const struct object object_prefix;

#endif /* MQVPNCTL_OBJECTS_H */
