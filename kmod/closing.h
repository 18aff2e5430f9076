/* SPDX-License-Identifier: GPL-2.0 */
/* How a path ends while others go on. */
#ifndef MQVPN_CLOSING_H
#define MQVPN_CLOSING_H

#include "path.h"

void mqvpn_closing_init(struct mqvpn_path *path);
bool mqvpn_closing_begin(struct mqvpn_path *path);
void mqvpn_closing_ack(struct mqvpn_path *path);

#endif
