/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to rtnetlink, as far as tests of many a second need them; everything
 * else is for ip(8).
 */
#ifndef RTNL_H
#define RTNL_H

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "nlspec.h"

static inline struct mnl_socket *rtnl_socket(void)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_ROUTE);

	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID))
		nl_die("rtnetlink");
	return sock;
}

static inline struct nlmsghdr *rtnl_begin(void *buffer, uint16_t type,
					  uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return nlh;
}

/* Send it; a positive error number, or 0. */
static inline int rtnl_call(struct mnl_socket *sock, struct nlmsghdr *nlh)
{
	const struct nlmsghdr *got;
	char answer[4096];

	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0 ||
	    mnl_socket_recvfrom(sock, answer, sizeof(answer)) < 0)
		nl_die("rtnetlink");
	got = (const void *)answer;
	return -*(const int *)mnl_nlmsg_get_payload(got);
}

/* A link by its name, to be changed by the caller's attributes. */
static inline struct nlmsghdr *rtnl_link(void *buffer, uint16_t type,
					 uint16_t flags, const char *name)
{
	struct nlmsghdr *nlh = rtnl_begin(buffer, type, flags);
	struct ifinfomsg *info;

	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

static inline struct ifinfomsg *rtnl_link_info(struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload(nlh);
}

static inline void rtnl_link_kind(struct nlmsghdr *nlh, const char *kind)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(nlh, nest);
}

/* A device with a fixed index; in another namespace unless netns is -1. */
static inline int rtnl_mqvpn_add(struct mnl_socket *sock, const char *name,
				 unsigned int ifindex, int netns)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_link(buffer, RTM_NEWLINK,
					 NLM_F_CREATE | NLM_F_EXCL, name);

	rtnl_link_info(nlh)->ifi_index = (int)ifindex;
	if (netns >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, netns);
	rtnl_link_kind(nlh, "mqvpn");
	return rtnl_call(sock, nlh);
}

/* Two ends of the same name, the other in another namespace. */
static inline int rtnl_veth_add(struct mnl_socket *sock, const char *name,
				int peer_netns)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_link(buffer, RTM_NEWLINK,
					 NLM_F_CREATE | NLM_F_EXCL, name);
	struct nlattr *info, *data, *peer;

	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, peer_netns);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return rtnl_call(sock, nlh);
}

static inline int rtnl_link_up(struct mnl_socket *sock, const char *name,
			       bool up)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_link(buffer, RTM_NEWLINK, 0, name);

	rtnl_link_info(nlh)->ifi_change = IFF_UP;
	rtnl_link_info(nlh)->ifi_flags = up ? IFF_UP : 0;
	return rtnl_call(sock, nlh);
}

/* What leaves by a link is under way for so long. */
static inline int rtnl_netem(struct mnl_socket *sock, unsigned int ifindex,
			     unsigned int delay_us)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_begin(buffer, RTM_NEWQDISC,
					  NLM_F_CREATE | NLM_F_REPLACE);
	struct tc_netem_qopt options = { .limit = 1000 };
	struct tcmsg *tc;

	tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = TC_H_ROOT;
	/* in units of 64 ns */
	options.latency = delay_us * 1000 / 64;
	mnl_attr_put_strz(nlh, TCA_KIND, "netem");
	mnl_attr_put(nlh, TCA_OPTIONS, sizeof(options), &options);
	return rtnl_call(sock, nlh);
}

static inline int rtnl_link_del(struct mnl_socket *sock, const char *name)
{
	char buffer[256] __attribute__((aligned(8)));

	return rtnl_call(sock, rtnl_link(buffer, RTM_DELLINK, 0, name));
}

/* RTM_NEWADDR or RTM_DELADDR of an IPv4 address. */
static inline int rtnl_addr(struct mnl_socket *sock, uint16_t type,
			    unsigned int ifindex, const char *address)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_begin(buffer, type, NLM_F_CREATE);
	struct ifaddrmsg *info;
	struct in_addr in;

	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->ifa_family = AF_INET;
	info->ifa_prefixlen = 24;
	info->ifa_index = ifindex;
	inet_pton(AF_INET, address, &in);
	mnl_attr_put(nlh, IFA_LOCAL, sizeof(in), &in);
	mnl_attr_put(nlh, IFA_ADDRESS, sizeof(in), &in);
	return rtnl_call(sock, nlh);
}

/* RTM_NEWROUTE or RTM_DELROUTE to one IPv4 host. */
static inline int rtnl_route(struct mnl_socket *sock, uint16_t type,
			     unsigned int ifindex, const char *address)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = rtnl_begin(buffer, type, NLM_F_CREATE);
	struct in_addr in;
	struct rtmsg *info;

	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->rtm_family = AF_INET;
	info->rtm_dst_len = 32;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_scope = RT_SCOPE_LINK;
	info->rtm_type = RTN_UNICAST;
	inet_pton(AF_INET, address, &in);
	mnl_attr_put(nlh, RTA_DST, sizeof(in), &in);
	mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	return rtnl_call(sock, nlh);
}

#endif
