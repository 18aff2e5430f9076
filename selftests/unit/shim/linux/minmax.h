/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/minmax.h>. Like those, min()
 * and max() refuse to compare different types.
 */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#include <assert.h>

#define shim_same_type(x, y) \
	static_assert(__builtin_types_compatible_p(typeof(x), typeof(y)), \
		      "different types")

#define min(x, y) ({							\
	typeof(x) min_x = (x);						\
	typeof(y) min_y = (y);						\
	shim_same_type(min_x, min_y);					\
	min_x < min_y ? min_x : min_y; })

#define max(x, y) ({							\
	typeof(x) max_x = (x);						\
	typeof(y) max_y = (y);						\
	shim_same_type(max_x, max_y);					\
	max_x > max_y ? max_x : max_y; })

#define min3(x, y, z) ({						\
	typeof(x) min3_x = min(x, y);					\
	min(min3_x, z); })

#define min_t(type, x, y) min((type)(x), (type)(y))
#define max_t(type, x, y) max((type)(x), (type)(y))
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)

#endif
