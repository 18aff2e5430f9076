/* SPDX-License-Identifier: GPL-2.0 */
/* Paths, as other commands show them too. */
#ifndef MQVPNCTL_PATH_H
#define MQVPNCTL_PATH_H

#include <json-c/json.h>

struct table;

/* Heads of the columns that path_cells() fills. */
#define PATH_HEADS                                                             \
	"PATH", "STATE", "REMOTE", "LOCAL", "IFNAME", "WEIGHT", "RTT", "CC",   \
		"CWND", "RATE", "TX", "RX", "LOST"

void path_cells(struct table *table, struct json_object *path);

#endif /* MQVPNCTL_PATH_H */
