// SPDX-License-Identifier: GPL-2.0
/* Module init and exit. */

#include <linux/module.h>

#include "conn.h"
#include "device.h"
#include "netlink.h"
#include "owner.h"
#include "protect.h"
#include "suspend.h"

static int __init mqvpn_init(void)
{
	int err;

	err = mqvpn_protect_init();
	if (err)
		return err;
	err = mqvpn_conn_init();
	if (err)
		goto protect_exit;
	err = mqvpn_owner_init();
	if (err)
		goto conn_exit;
	err = mqvpn_device_init();
	if (err)
		goto owner_exit;
	err = mqvpn_suspend_init();
	if (err)
		goto device_exit;
	err = mqvpn_netlink_init();
	if (err)
		goto suspend_exit;
	return 0;

suspend_exit:
	mqvpn_suspend_exit();
device_exit:
	mqvpn_device_exit();
owner_exit:
	mqvpn_owner_exit();
conn_exit:
	mqvpn_conn_exit();
protect_exit:
	mqvpn_protect_exit();
	return err;
}

/* First no new orders, then no devices, then what was still in flight. */
static void __exit mqvpn_exit(void)
{
	mqvpn_netlink_exit();
	mqvpn_suspend_exit();
	mqvpn_device_exit();
	mqvpn_owner_exit();
	mqvpn_conn_exit();
	mqvpn_protect_exit();
}

module_init(mqvpn_init);
module_exit(mqvpn_exit);

MODULE_DESCRIPTION("Multipath QUIC VPN, data plane");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY("mqvpn");
