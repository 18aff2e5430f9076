/* SPDX-License-Identifier: GPL-2.0 */
/* Secrets: from a file to the kernel, and nowhere else. */
#ifndef MQVPNCTL_SECRET_H
#define MQVPNCTL_SECRET_H

#include <linux/mqvpn.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the hex digits and some white space around them. */
#define SECRET_TEXT_MAX (2 * MQVPN_SECRET_MAX + 32)

/**
 * struct secret - a secret that does not leave memory
 * @len: number of bytes
 * @bytes: the secret
 * @text: the file it came from
 */
struct secret {
	size_t len;
	uint8_t bytes[MQVPN_SECRET_MAX];
	char text[SECRET_TEXT_MAX];
};

void secret_read(struct secret *secret, const char *name, size_t len);
void secret_wipe(struct secret *secret);

#endif /* MQVPNCTL_SECRET_H */
