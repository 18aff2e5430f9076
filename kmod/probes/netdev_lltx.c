// SPDX-License-Identifier: GPL-2.0
/* Lockless transmission is a flag of the device, not a feature (6.12). */

#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
	dev->lltx = true;
}
