/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/time64.h>. */
#ifndef SHIM_LINUX_TIME64_H
#define SHIM_LINUX_TIME64_H

#define USEC_PER_MSEC	1000L
#define NSEC_PER_USEC	1000L
#define USEC_PER_SEC	1000000L
#define NSEC_PER_MSEC	1000000L
#define NSEC_PER_SEC	1000000000L

#endif
