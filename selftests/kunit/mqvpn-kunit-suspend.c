// SPDX-License-Identifier: GPL-2.0
/* What makes the module give its keys up, which not every machine can do: a
 * virtual one that was copied, an image on disk.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../kmod/suspend.c"

static unsigned int stopped;
static u8 stopped_why;

/* In place of that of device.c. */
void mqvpn_devices_stop(u8 reason)
{
	stopped++;
	stopped_why = reason;
}

static unsigned int stops(struct notifier_block *nb, unsigned long action)
{
	stopped = 0;
	nb->notifier_call(nb, action, NULL);
	return stopped;
}

static void suspend_test_fork(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, stops(&suspend_fork, 0), 1);
	KUNIT_EXPECT_EQ(test, stopped_why, MQVPN_REASON_SUSPEND);
}

/* Before, so that no image has them; afterwards would be too late. */
static void suspend_test_pm(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, stops(&suspend_pm, PM_HIBERNATION_PREPARE), 1);
	KUNIT_EXPECT_EQ(test, stops(&suspend_pm, PM_SUSPEND_PREPARE), 1);
	KUNIT_EXPECT_EQ(test, stopped_why, MQVPN_REASON_SUSPEND);
	KUNIT_EXPECT_EQ(test, stops(&suspend_pm, PM_POST_HIBERNATION), 0);
	KUNIT_EXPECT_EQ(test, stops(&suspend_pm, PM_POST_SUSPEND), 0);
	KUNIT_EXPECT_EQ(test, stops(&suspend_pm, PM_RESTORE_PREPARE), 0);
}

static struct kunit_case suspend_cases[] = {
	KUNIT_CASE(suspend_test_fork),
	KUNIT_CASE(suspend_test_pm),
	{}
};

static struct kunit_suite suspend_kunit_suite = {
	.name = "mqvpn-suspend",
	.test_cases = suspend_cases,
};

kunit_test_suite(suspend_kunit_suite);

MODULE_DESCRIPTION("KUnit tests of mqvpn");
MODULE_LICENSE("GPL");
