/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of keys when the machine sleeps, or becomes two. */
#ifndef MQVPN_SUSPEND_H
#define MQVPN_SUSPEND_H

int mqvpn_suspend_init(void);
void mqvpn_suspend_exit(void);

#endif
