// SPDX-License-Identifier: GPL-2.0
/*
 * A machine may wake up twice with the same memory: from an image on disk, or
 * as a virtual machine that was copied. Both would go on with the same keys and
 * the same packet numbers, and AES-GCM does not survive that. So what seals is
 * given up before a machine sleeps, and when it finds out that it is a copy.
 */

#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/suspend.h>

#include "device.h"
#include "suspend.h"

/* Before the image is made: what is not in it cannot be used again. */
static int suspend_pm_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	/* Such machines doze off all the time, and never from an image. */
	bool dozes = IS_ENABLED(CONFIG_PM_AUTOSLEEP) ||
		     IS_ENABLED(CONFIG_PM_USERSPACE_AUTOSLEEP);

	if (action == PM_HIBERNATION_PREPARE ||
	    (action == PM_SUSPEND_PREPARE && !dozes))
		mqvpn_devices_stop(MQVPN_REASON_SUSPEND);
	return NOTIFY_DONE;
}

static int suspend_fork_notify(struct notifier_block *nb, unsigned long action,
			       void *data)
{
	mqvpn_devices_stop(MQVPN_REASON_SUSPEND);
	return NOTIFY_DONE;
}

static struct notifier_block suspend_pm = {
	.notifier_call = suspend_pm_notify,
};

static struct notifier_block suspend_fork = {
	.notifier_call = suspend_fork_notify,
};

/**
 * mqvpn_suspend_init() - be told when the machine sleeps or is copied
 *
 * Context: module init.
 * Return: 0 or a negative error.
 */
int mqvpn_suspend_init(void)
{
	int err;

	err = register_pm_notifier(&suspend_pm);
	if (err)
		return err;
	err = register_random_vmfork_notifier(&suspend_fork);
	if (err)
		unregister_pm_notifier(&suspend_pm);
	return err;
}

/**
 * mqvpn_suspend_exit() - undo mqvpn_suspend_init()
 *
 * Context: module exit.
 */
void mqvpn_suspend_exit(void)
{
	unregister_random_vmfork_notifier(&suspend_fork);
	unregister_pm_notifier(&suspend_pm);
}
