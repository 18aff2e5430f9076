/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/slab.h>. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdbool.h>
#include <stdlib.h>

#define GFP_KERNEL	0
#define GFP_KERNEL_ACCOUNT 0

/* Set by a test that wants the next allocations to fail. */
static bool shim_no_memory;

static inline void *kvcalloc(size_t n, size_t size, int flags)
{
	(void)flags;
	return shim_no_memory ? NULL : calloc(n, size);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

#endif
