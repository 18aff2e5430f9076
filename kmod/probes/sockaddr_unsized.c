// SPDX-License-Identifier: GPL-2.0
/* kernel_bind() takes struct sockaddr_unsized (6.19). */

#include <linux/net.h>

int probe(struct socket *sock, struct sockaddr_unsized *addr);
int probe(struct socket *sock, struct sockaddr_unsized *addr)
{
	return kernel_bind(sock, addr, 0);
}
