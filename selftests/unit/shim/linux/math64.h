/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/math64.h>. */
#ifndef SHIM_LINUX_MATH64_H
#define SHIM_LINUX_MATH64_H

#include <stdint.h>

static inline uint64_t div64_u64(uint64_t dividend, uint64_t divisor)
{
	return dividend / divisor;
}

static inline uint64_t div_u64(uint64_t dividend, uint32_t divisor)
{
	return dividend / divisor;
}

static inline int64_t div_s64(int64_t dividend, int32_t divisor)
{
	return dividend / divisor;
}

#define DIV64_U64_ROUND_UP(dividend, divisor) ({			\
	uint64_t shim_divisor = (divisor);				\
	div64_u64((dividend) + shim_divisor - 1, shim_divisor); })

#endif
