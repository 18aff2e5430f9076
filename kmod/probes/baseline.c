// SPDX-License-Identifier: GPL-2.0
/* Compiles on every kernel, or none of the answers means anything. */

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <crypto/aead.h>
#include <crypto/aes.h>
#include <net/genetlink.h>
#include <net/ip6_route.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
	netif_carrier_on(dev);
}
