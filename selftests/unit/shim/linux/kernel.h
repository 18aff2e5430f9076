/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/kernel.h> and below it. */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t s32;

#ifndef U32_MAX
#define U32_MAX		UINT32_MAX
#endif

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile typeof(x) *)&(x) = (value))

#define BUILD_BUG_ON(condition)	static_assert(!(condition), #condition)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) \
	static_assert((n) && !((n) & ((n) - 1)), #n " is no power of 2")

#endif
