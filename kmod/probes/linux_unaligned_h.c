// SPDX-License-Identifier: GPL-2.0
/* Unaligned access is no longer in asm/ (6.12). */

#include <linux/unaligned.h>
