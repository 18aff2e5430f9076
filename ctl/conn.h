/* SPDX-License-Identifier: GPL-2.0 */
/* Connections, as other commands show them too. */
#ifndef MQVPNCTL_CONN_H
#define MQVPNCTL_CONN_H

#include <json-c/json.h>

const char *conn_flags(struct json_object *connection);

#endif /* MQVPNCTL_CONN_H */
