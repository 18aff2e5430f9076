// SPDX-License-Identifier: GPL-2.0
/* timer_delete_sync() replaces del_timer_sync() (6.2 and backports). */

#include <linux/timer.h>

void probe(struct timer_list *timer);
void probe(struct timer_list *timer)
{
	timer_delete_sync(timer);
}
