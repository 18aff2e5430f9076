/* SPDX-License-Identifier: GPL-2.0 */
/* Lists over all devices. */
#ifndef MQVPNCTL_DEVICE_H
#define MQVPNCTL_DEVICE_H

#include <json-c/json.h>
#include <stdint.h>

#include "args.h"

struct mqnl;

struct json_object *dump_devices(struct mqnl *nl, uint8_t command,
				 const struct value *dev,
				 const struct value *conn);
void details_print(struct json_object *list, const char *key);

#endif /* MQVPNCTL_DEVICE_H */
