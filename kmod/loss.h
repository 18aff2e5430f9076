/* SPDX-License-Identifier: GPL-2.0 */
/* Loss detection of a path: the timer, and what follows from a loss. */
#ifndef MQVPN_LOSS_H
#define MQVPN_LOSS_H

#include "path.h"

void mqvpn_loss_timer_init(struct mqvpn_path *path);
void mqvpn_loss_timer_arm(struct mqvpn_path *path);
void mqvpn_loss_account(struct mqvpn_path *path,
			const struct mqvpn_acked *acked);

#endif
