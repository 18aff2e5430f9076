/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/slab.h>. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdbool.h>
#include <stdlib.h>

#define GFP_KERNEL	0
#define GFP_KERNEL_ACCOUNT 0
#define GFP_ATOMIC	0
#define __GFP_NOWARN	0

/* Set by a test that wants the next allocations to fail. */
static bool shim_no_memory;

/* What is allocated and not yet freed. */
static unsigned int shim_allocated;

static inline void *kcalloc(size_t n, size_t size, int flags)
{
	(void)flags;
	if (shim_no_memory)
		return NULL;
	shim_allocated++;
	return calloc(n, size);
}

static inline void *kzalloc(size_t size, int flags)
{
	return kcalloc(1, size, flags);
}

static inline void kfree(const void *memory)
{
	shim_allocated -= !!memory;
	free((void *)memory);
}

#endif
