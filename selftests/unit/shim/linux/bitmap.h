/* SPDX-License-Identifier: GPL-2.0 */
/* What the tested files use of the kernel's <linux/bitmap.h>, plainly. */
#ifndef SHIM_LINUX_BITMAP_H
#define SHIM_LINUX_BITMAP_H

#include <stdbool.h>

#define BITS_PER_LONG		(8 * (unsigned int)sizeof(long))
#define BITS_TO_LONGS(bits)	(((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT_WORD(bit)		((bit) / BITS_PER_LONG)
#define BIT_MASK(bit)		(1UL << ((bit) % BITS_PER_LONG))
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline bool test_bit(unsigned long bit, const unsigned long *map)
{
	return map[BIT_WORD(bit)] & BIT_MASK(bit);
}

static inline void __set_bit(unsigned long bit, unsigned long *map)
{
	map[BIT_WORD(bit)] |= BIT_MASK(bit);
}

static inline void __clear_bit(unsigned long bit, unsigned long *map)
{
	map[BIT_WORD(bit)] &= ~BIT_MASK(bit);
}

static inline void bitmap_clear(unsigned long *map, unsigned int start,
				unsigned int count)
{
	while (count--)
		__clear_bit(start++, map);
}

static inline void bitmap_zero(unsigned long *map, unsigned int bits)
{
	bitmap_clear(map, 0, bits);
}

static inline unsigned long __fls(unsigned long word)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(word);
}

#endif
