// SPDX-License-Identifier: GPL-2.0
/* The completion callback of a request gets its data, not the request (6.3). */

#include <linux/crypto.h>

void probe(void *data, int err);

const crypto_completion_t probe_cb;
const crypto_completion_t probe_cb = probe;
