/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/atomic.h>: one thread. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <stdbool.h>

typedef struct {
	long long counter;
} atomic64_t;

static inline long long atomic64_read(const atomic64_t *v)
{
	return v->counter;
}

static inline bool atomic64_try_cmpxchg(atomic64_t *v, long long *old,
					long long new)
{
	if (v->counter == *old) {
		v->counter = new;
		return true;
	}
	*old = v->counter;
	return false;
}

#endif
