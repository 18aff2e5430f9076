/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/random.h>. */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <stdint.h>

/* A test says what comes. */
static uint32_t shim_random;

static inline uint32_t get_random_u32(void)
{
	return shim_random;
}

#endif
