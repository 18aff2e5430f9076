// SPDX-License-Identifier: GPL-2.0
/* Software segmentation has a header of its own (6.5). */

#include <net/gso.h>
