// SPDX-License-Identifier: GPL-2.0
/* The network device: rtnl link operations, netdev operations, namespaces. */

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <net/ip_tunnels.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "conn.h"
#include "device.h"
#include "netlink.h"
#include "owner.h"
#include "path.h"
#include "tx.h"
#include "udp.h"

#define MQVPN_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			 NETIF_F_HW_CSUM | NETIF_F_RXCSUM | \
			 NETIF_F_GSO_SOFTWARE)

/* All devices of all namespaces; protected by rtnl. */
static LIST_HEAD(mqvpn_devices);

/**
 * mqvpn_counter_sum() - add a counter up over the CPUs
 * @md: device
 * @which: MQVPN_A_COUNTERS_*
 *
 * Context: any.
 * Return: the sum.
 */
u64 mqvpn_counter_sum(const struct mqvpn_dev *md, unsigned int which)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct mqvpn_counters *counters;
		unsigned int start;
		u64 n;

		counters = per_cpu_ptr(md->counters, cpu);
		do {
			start = u64_stats_fetch_begin(&counters->sync);
			n = u64_stats_read(&counters->n[which]);
		} while (u64_stats_fetch_retry(&counters->sync, start));
		sum += n;
	}
	return sum;
}

/* The objects below the device; the reverse of this is mqvpn_dev_clear(). */
static int mqvpn_dev_prepare(struct mqvpn_dev *md)
{
	int err;

	err = mqvpn_cids_init(md);
	if (err)
		return err;
	err = mqvpn_tokens_init(&md->tokens);
	if (err)
		goto free_cids;
	err = mqvpn_prefixes_init(&md->prefixes);
	if (err)
		goto free_tokens;
	return 0;

free_tokens:
	mqvpn_tokens_exit(&md->tokens);
free_cids:
	rhashtable_destroy(&md->cids);
	return err;
}

static int mqvpn_dev_init_stats(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);
	int cpu;

	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	md->counters = alloc_percpu(struct mqvpn_counters);
	if (!md->counters) {
		free_percpu(dev->tstats);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(md->counters, cpu)->sync);
	return 0;
}

static void mqvpn_dev_free_stats(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);

	free_percpu(md->counters);
	free_percpu(dev->tstats);
}

static int mqvpn_ndo_init(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);
	int err;

	err = mqvpn_dev_init_stats(dev);
	if (err)
		return err;
	err = gro_cells_init(&md->gro, dev);
	if (err)
		goto free_stats;
	err = mqvpn_dev_prepare(md);
	if (err)
		goto free_gro;
	return 0;

free_gro:
	gro_cells_destroy(&md->gro);
free_stats:
	mqvpn_dev_free_stats(dev);
	return err;
}

/* The last of the configuration; what is in flight keeps its memory. */
static void mqvpn_ndo_uninit(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);

	ASSERT_RTNL();
	list_del_init(&md->node);
	mutex_lock(&md->lock);
	md->dying = true;
	mqvpn_owner_del(md);
	RCU_INIT_POINTER(md->transport, NULL);
	mqvpn_conn_del_all(md);
	mqvpn_sock_del_all(md);
	mutex_unlock(&md->lock);
}

/* After the last reference: no packet, no connection, no reader is left. */
static void mqvpn_dev_destructor(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);

	mqvpn_prefixes_exit(&md->prefixes);
	mqvpn_tokens_exit(&md->tokens);
	mqvpn_strangers_exit(&md->strangers);
	rhashtable_destroy(&md->cids);
	xa_destroy(&md->conns);
	gro_cells_destroy(&md->gro);
	mqvpn_dev_free_stats(dev);
	mutex_destroy(&md->lock);
}

static const struct net_device_ops mqvpn_netdev_ops = {
	.ndo_init = mqvpn_ndo_init,
	.ndo_uninit = mqvpn_ndo_uninit,
	.ndo_start_xmit = mqvpn_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

static void mqvpn_get_drvinfo(struct net_device *dev,
			      struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
}

static const struct ethtool_ops mqvpn_ethtool_ops = {
	.get_drvinfo = mqvpn_get_drvinfo,
	.get_link = ethtool_op_get_link,
};

static const struct device_type mqvpn_device_type = {
	.name = KBUILD_MODNAME,
};

static void mqvpn_setup(struct net_device *dev)
{
	struct mqvpn_dev *md = netdev_priv(dev);

	dev->netdev_ops = &mqvpn_netdev_ops;
	dev->ethtool_ops = &mqvpn_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->priv_destructor = mqvpn_dev_destructor;
	dev->needs_free_netdev = true;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->mtu = MQVPN_MTU_DEFAULT;
	dev->min_mtu = MQVPN_MTU_MIN;
	dev->max_mtu = MQVPN_MTU_MAX;
	/* a tag would stand where the IP header is looked for */
	dev->features |= MQVPN_FEATURES | NETIF_F_VLAN_CHALLENGED;
	dev->hw_features |= MQVPN_FEATURES;
	dev->hw_enc_features |= MQVPN_FEATURES;
	mqvpn_set_lltx(dev);
	netif_keep_dst(dev);
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
	SET_NETDEV_DEVTYPE(dev, &mqvpn_device_type);

	md->dev = dev;
	mutex_init(&md->lock);
	INIT_LIST_HEAD(&md->node);
	INIT_LIST_HEAD(&md->sockets);
	xa_init(&md->conns);
	mqvpn_strangers_init(&md->strangers);
	md->sched = &mqvpn_sched_wlb;
}

static int mqvpn_newlink_common(struct net *net, struct net_device *dev,
				struct nlattr *tb[], struct nlattr *data[],
				struct netlink_ext_ack *extack)
{
	struct mqvpn_dev *md = netdev_priv(dev);
	int err;

	rcu_assign_pointer(md->transport, net);
	err = register_netdevice(dev);
	if (err)
		return err;
	list_add_tail(&md->node, &mqvpn_devices);
	return 0;
}

MQVPN_DEFINE_NEWLINK(mqvpn_newlink, mqvpn_newlink_common)

/* Where underlay devices are named; the device's own netns once it is gone. */
static struct net *mqvpn_get_link_net(const struct net_device *dev)
{
	const struct mqvpn_dev *md = netdev_priv(dev);
	struct net *net = rcu_dereference_rtnl(md->transport);

	return net ?: dev_net(dev);
}

static struct rtnl_link_ops mqvpn_link_ops __read_mostly = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct mqvpn_dev),
	.setup = mqvpn_setup,
	.newlink = mqvpn_newlink,
	.get_link_net = mqvpn_get_link_net,
};

/**
 * mqvpn_is_mqvpn() - tell whether a network device is one of ours
 * @dev: the device
 *
 * Context: any.
 * Return: true if so.
 */
bool mqvpn_is_mqvpn(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &mqvpn_link_ops;
}

static void mqvpn_dev_stop(struct mqvpn_dev *md, u8 reason)
{
	struct mqvpn_conn *conn;
	unsigned long id;

	mutex_lock(&md->lock);
	xa_for_each(&md->conns, id, conn)
		mqvpn_keys_stop(conn, reason);
	mutex_unlock(&md->lock);
}

/**
 * mqvpn_devices_stop() - never send again with any key there is
 * @reason: enum mqvpn_reason
 *
 * Context: process, takes rtnl.
 */
void mqvpn_devices_stop(u8 reason)
{
	struct mqvpn_dev *md;

	rtnl_lock();
	list_for_each_entry(md, &mqvpn_devices, node)
		mqvpn_dev_stop(md, reason);
	rtnl_unlock();
}

/* The sockets go with their namespace, the devices may live elsewhere. */
static void mqvpn_transport_gone(struct mqvpn_dev *md)
{
	struct mqvpn_conn *conn;
	unsigned long id;

	mutex_lock(&md->lock);
	RCU_INIT_POINTER(md->transport, NULL);
	xa_for_each(&md->conns, id, conn)
		mqvpn_conn_transport_gone(conn);
	mqvpn_sock_close_all(md);
	/* closing waited for the senders; IPv6 routes point into the netns */
	xa_for_each(&md->conns, id, conn)
		mqvpn_conn_forget_routes(conn);
	md->generation++;
	mutex_unlock(&md->lock);
}

static void __net_exit mqvpn_net_pre_exit(struct net *net)
{
	struct mqvpn_dev *md;

	rtnl_lock();
	list_for_each_entry(md, &mqvpn_devices, node)
		if (rcu_access_pointer(md->transport) == net)
			mqvpn_transport_gone(md);
	rtnl_unlock();
	/* paths that were just deleted hold routes until they are freed */
	rcu_barrier();
	flush_workqueue(mqvpn_wq);
}

static struct pernet_operations mqvpn_net_ops = {
	.pre_exit = mqvpn_net_pre_exit,
};

/**
 * mqvpn_device_init() - register the link kind
 *
 * Context: module init.
 * Return: 0 or a negative error.
 */
int mqvpn_device_init(void)
{
	int err;

	err = register_pernet_device(&mqvpn_net_ops);
	if (err)
		return err;
	err = rtnl_link_register(&mqvpn_link_ops);
	if (err)
		unregister_pernet_device(&mqvpn_net_ops);
	return err;
}

/**
 * mqvpn_device_exit() - delete all devices and the link kind
 *
 * Context: module exit.
 */
void mqvpn_device_exit(void)
{
	rtnl_link_unregister(&mqvpn_link_ops);
	unregister_pernet_device(&mqvpn_net_ops);
}
