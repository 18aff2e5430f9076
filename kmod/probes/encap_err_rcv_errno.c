// SPDX-License-Identifier: GPL-2.0
/* A tunnel is told the errno of an ICMP error (6.2). */

#include <net/udp_tunnel.h>

void probe(struct udp_tunnel_sock_cfg *cfg,
	   void (*rcv)(struct sock *sk, struct sk_buff *skb, int err,
		       __be16 port, u32 info, u8 *payload));
void probe(struct udp_tunnel_sock_cfg *cfg,
	   void (*rcv)(struct sock *sk, struct sk_buff *skb, int err,
		       __be16 port, u32 info, u8 *payload))
{
	cfg->encap_err_rcv = rcv;
}
