/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The process that owns a device. To hand it a message:
 *
 *	if (!mqvpn_owner_is_there(md))
 *		return;
 *	msg = genlmsg_new(size, GFP_ATOMIC);
 *	hdr = mqvpn_nl_put_header(msg, NULL, 0, 0, cmd, md, conn);
 *	...
 *	genlmsg_end(msg, hdr);
 *	err = mqvpn_owner_send(md, MQVPN_OWNER_FRAMES, msg);
 */
#ifndef MQVPN_OWNER_H
#define MQVPN_OWNER_H

#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>

#include "device.h"

/* Which of the owner's sockets */
enum mqvpn_owner_port {
	MQVPN_OWNER_FRAMES,
	MQVPN_OWNER_PACKETS,
	MQVPN_OWNER_EVENTS,
	MQVPN_OWNER_PORTS
};

/**
 * struct mqvpn_owner - the owner of a device, by its netlink sockets
 * @list: link in the list of all owners
 * @md: the device
 * @net: netns of the sockets; no reference, they hold it as long as they are
 *	open, and the owner is gone before they are
 * @ports: netlink ports, by enum mqvpn_owner_port
 * @rcu: freed after a grace period
 */
struct mqvpn_owner {
	struct list_head list;
	struct mqvpn_dev *md;
	struct net *net;
	u32 ports[MQVPN_OWNER_PORTS];
	struct rcu_head rcu;
};

int mqvpn_owner_init(void);
void mqvpn_owner_exit(void);
int mqvpn_owner_set(struct mqvpn_dev *md, struct net *net,
		    const u32 ports[MQVPN_OWNER_PORTS], bool takeover,
		    struct netlink_ext_ack *extack);
void mqvpn_owner_del(struct mqvpn_dev *md);
int mqvpn_owner_send(struct mqvpn_dev *md, enum mqvpn_owner_port port,
		     struct sk_buff *msg);

/**
 * mqvpn_owner_is_there() - tell whether a device has an owner
 * @md: device
 *
 * Context: any. It may be gone a moment later, which mqvpn_owner_send() then
 * says.
 * Return: true if so.
 */
static inline bool mqvpn_owner_is_there(const struct mqvpn_dev *md)
{
	return rcu_access_pointer(md->owner);
}

#endif
