// SPDX-License-Identifier: GPL-2.0
/*
 * The owner of a device: who it is, when it is gone, messages to it.
 *
 * An owner is known by netlink ports, and is gone when the socket of one of
 * them is released. That is told by port and netns, so all owners are in one
 * list; its lock is innermost, and the device's mutex protects who owns it.
 */

#include <linux/slab.h>

#include "netlink.h"
#include "owner.h"

static LIST_HEAD(mqvpn_owners);
static DEFINE_SPINLOCK(mqvpn_owners_lock); /* protects mqvpn_owners */

static struct mqvpn_owner *mqvpn_owner_of(const struct mqvpn_dev *md)
{
	return rcu_dereference_protected(md->owner,
					 lockdep_is_held(&md->lock));
}

static void mqvpn_owner_link(struct mqvpn_owner *owner)
{
	spin_lock(&mqvpn_owners_lock);
	list_add_tail(&owner->list, &mqvpn_owners);
	spin_unlock(&mqvpn_owners_lock);
}

static void mqvpn_owner_free(struct mqvpn_owner *owner)
{
	spin_lock(&mqvpn_owners_lock);
	list_del(&owner->list);
	spin_unlock(&mqvpn_owners_lock);
	kfree_rcu(owner, rcu);
}

static bool mqvpn_owner_has(const struct mqvpn_owner *owner,
			    const struct net *net, u32 port)
{
	unsigned int i;

	for (i = 0; i < MQVPN_OWNER_PORTS; i++)
		if (owner->ports[i] == port && net_eq(owner->net, net))
			return true;
	return false;
}

static int mqvpn_owner_probe_port(struct net *net, u32 port)
{
	struct sk_buff *msg;

	msg = nlmsg_new(0, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	if (!nlmsg_put(msg, 0, 0, NLMSG_NOOP, 0, 0)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return genlmsg_unicast(net, msg, port);
}

/*
 * That there is a socket behind a port can only be found out by a message to
 * it: one that every program skips. Whose socket is not yet released once the
 * owner is in the list, of that one the release is noticed.
 */
static int mqvpn_owner_probe(const struct mqvpn_owner *owner,
			     struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	for (i = 0; i < MQVPN_OWNER_PORTS; i++) {
		err = mqvpn_owner_probe_port(owner->net, owner->ports[i]);
		if (err == -ECONNREFUSED)
			NL_SET_ERR_MSG_MOD(extack,
					   "no generic netlink socket has this port in this network namespace");
		else if (err)
			NL_SET_ERR_MSG_MOD(extack,
					   "a socket of the owner takes no message");
		if (err)
			return err;
	}
	return 0;
}

/**
 * mqvpn_owner_set() - make somebody the owner of a device
 * @md: device
 * @net: netns of its sockets
 * @ports: their netlink ports, by enum mqvpn_owner_port
 * @takeover: replace a living owner
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -EBUSY while another owner lives, -ECONNREFUSED for a port
 * without a socket, -ENOBUFS or -EAGAIN for one that takes nothing, -ENOMEM.
 */
int mqvpn_owner_set(struct mqvpn_dev *md, struct net *net,
		    const u32 ports[MQVPN_OWNER_PORTS], bool takeover,
		    struct netlink_ext_ack *extack)
{
	struct mqvpn_owner *old = mqvpn_owner_of(md), *owner;
	int err;

	lockdep_assert_held(&md->lock);

	if (old && !takeover) {
		NL_SET_ERR_MSG_MOD(extack,
				   "device has an owner that lives; it can be taken over");
		return -EBUSY;
	}
	owner = kzalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);
	if (!owner)
		return -ENOMEM;
	owner->md = md;
	owner->net = net;
	memcpy(owner->ports, ports, sizeof(owner->ports));
	mqvpn_owner_link(owner);
	err = mqvpn_owner_probe(owner, extack);
	if (err) {
		mqvpn_owner_free(owner);
		return err;
	}
	rcu_assign_pointer(md->owner, owner);
	mqvpn_nl_owner_event(md, owner, old);
	if (old)
		mqvpn_owner_free(old);
	return 0;
}

/**
 * mqvpn_owner_del() - a device has no owner any more
 * @md: device
 *
 * Context: process, device mutex held.
 */
void mqvpn_owner_del(struct mqvpn_dev *md)
{
	struct mqvpn_owner *old = mqvpn_owner_of(md);

	lockdep_assert_held(&md->lock);

	if (!old)
		return;
	RCU_INIT_POINTER(md->owner, NULL);
	mqvpn_nl_owner_event(md, NULL, old);
	mqvpn_owner_free(old);
}

/**
 * mqvpn_owner_send() - hand a message to the owner
 * @md: device
 * @port: which of its sockets
 * @msg: the message; consumed
 *
 * Never waits. What a full socket does not take is counted under the name of
 * that socket, and netlink tells the owner by ENOBUFS.
 *
 * Context: any.
 * Return: 0, -ENOTCONN without an owner, -ENOBUFS when its socket is full.
 */
int mqvpn_owner_send(struct mqvpn_dev *md, enum mqvpn_owner_port port,
		     struct sk_buff *msg)
{
	const struct mqvpn_owner *owner;
	int err = -ECONNREFUSED;

	local_bh_disable();
	rcu_read_lock();
	owner = rcu_dereference(md->owner);
	if (owner)
		err = genlmsg_unicast(owner->net, msg, owner->ports[port]);
	else
		nlmsg_free(msg);
	rcu_read_unlock();
	if (err && err != -ECONNREFUSED) {
		mqvpn_count(md, MQVPN_A_COUNTERS_OWNER_FRAMES_FULL + port);
		err = -ENOBUFS;
	}
	local_bh_enable();
	return err == -ECONNREFUSED ? -ENOTCONN : err;
}

/* Return: the device of an owner with that port, held, or NULL. */
static struct mqvpn_dev *mqvpn_owner_find(const struct net *net, u32 port)
{
	struct mqvpn_dev *md = NULL;
	struct mqvpn_owner *owner;

	spin_lock(&mqvpn_owners_lock);
	list_for_each_entry(owner, &mqvpn_owners, list)
		if (mqvpn_owner_has(owner, net, port)) {
			md = owner->md;
			dev_hold(md->dev);
			break;
		}
	spin_unlock(&mqvpn_owners_lock);
	return md;
}

/* A socket may own several devices; each turn takes it from one of them. */
static int mqvpn_owner_released(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	const struct netlink_notify *n = ptr;
	const struct mqvpn_owner *owner;
	struct mqvpn_dev *md;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	while ((md = mqvpn_owner_find(n->net, n->portid))) {
		mutex_lock(&md->lock);
		owner = mqvpn_owner_of(md);
		if (owner && mqvpn_owner_has(owner, n->net, n->portid))
			mqvpn_owner_del(md);
		mutex_unlock(&md->lock);
		dev_put(md->dev);
	}
	return NOTIFY_DONE;
}

static struct notifier_block mqvpn_owner_notifier = {
	.notifier_call = mqvpn_owner_released,
};

/**
 * mqvpn_owner_init() - begin to watch for sockets that are released
 *
 * Context: module init.
 * Return: 0 or a negative error.
 */
int mqvpn_owner_init(void)
{
	return netlink_register_notifier(&mqvpn_owner_notifier);
}

/**
 * mqvpn_owner_exit() - stop to watch
 *
 * Context: module exit, after all devices are gone.
 */
void mqvpn_owner_exit(void)
{
	netlink_unregister_notifier(&mqvpn_owner_notifier);
}
