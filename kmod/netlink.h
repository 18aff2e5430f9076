/* SPDX-License-Identifier: GPL-2.0 */
/* The genl family; Documentation/netlink/specs/mqvpn.yaml specifies it. */
#ifndef MQVPN_NETLINK_H
#define MQVPN_NETLINK_H

#include <net/genetlink.h>
#include <linux/mqvpn.h>

#include "compat.h"
#include "conn.h"
#include "owner.h"
#include "path.h"
#include "udp.h"

/**
 * struct mqvpn_nl_addr_attrs - which attributes of a nest make an address
 * @ipv4: attribute type of the IPv4 address
 * @ipv6: of the IPv6 address
 * @port: of the port, 0 for none
 * @scope: of the device of a link-local address, 0 for none
 */
struct mqvpn_nl_addr_attrs {
	u8 ipv4;
	u8 ipv6;
	u8 port;
	u8 scope;
};

/**
 * struct mqvpn_nl_dump - where a dump goes on, in netlink_callback.ctx
 * @id: number of the connection, socket or device to go on with
 * @index: how many objects below it are done
 */
struct mqvpn_nl_dump {
	unsigned long id;
	unsigned long index;
};

int mqvpn_netlink_init(void);
void mqvpn_netlink_exit(void);

/* common to all commands: netlink.c */
struct mqvpn_dev *mqvpn_nl_begin(struct net *net, struct nlattr **attrs,
				 struct netlink_ext_ack *extack);
void mqvpn_nl_end(struct mqvpn_dev *md);
struct mqvpn_conn *mqvpn_nl_conn(struct mqvpn_dev *md, struct genl_info *info);
int mqvpn_nl_nest(struct nlattr **tb, int max, unsigned int attr,
		  const struct nla_policy *policy, struct genl_info *info);
int mqvpn_nl_transport(struct mqvpn_dev *md, struct sk_buff *skb,
		       struct netlink_ext_ack *extack);
int mqvpn_nl_get_addr(struct nlattr **tb,
		      const struct mqvpn_nl_addr_attrs *attrs,
		      union mqvpn_addr *addr, struct netlink_ext_ack *extack);
int mqvpn_nl_put_addr(struct sk_buff *msg,
		      const struct mqvpn_nl_addr_attrs *attrs,
		      const union mqvpn_addr *addr);
void *mqvpn_nl_put_header(struct sk_buff *msg, struct netlink_callback *cb,
			  u32 portid, u32 seq, u8 cmd,
			  const struct mqvpn_dev *md,
			  const struct mqvpn_conn *conn);
void mqvpn_nl_multicast(const struct mqvpn_dev *md, struct sk_buff *msg);
int mqvpn_nl_dump_device(struct sk_buff *msg, struct netlink_callback *cb,
			 int (*dump)(struct sk_buff *msg,
				     struct netlink_callback *cb,
				     struct mqvpn_dev *md));
int mqvpn_nl_dump_conns(struct sk_buff *msg, struct netlink_callback *cb,
			struct mqvpn_dev *md,
			int (*dump)(struct sk_buff *msg,
				    struct netlink_callback *cb,
				    struct mqvpn_conn *conn));

/* what policies cannot say: nl-strict.c */
int mqvpn_nl_strict(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack);
int mqvpn_nl_pre_doit(const struct mqvpn_genl_ops *ops, struct sk_buff *skb,
		      struct genl_info *info);
int mqvpn_nl_not_in_dump(struct netlink_callback *cb, unsigned int attr);
int mqvpn_nl_missing(unsigned int attr, const char *text,
		     struct netlink_ext_ack *extack);
int mqvpn_nl_require(struct nlattr **tb, struct nlattr *nest, unsigned int attr,
		     const char *text, struct netlink_ext_ack *extack);

/* device: nl-device.c */
extern const struct nla_policy mqvpn_nl_ifindex_policy[MQVPN_A_MAX + 1];
extern const struct nla_policy mqvpn_nl_device_set_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_device_get_dumpit(struct sk_buff *msg,
			       struct netlink_callback *cb);
int mqvpn_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info);

/* sockets: nl-socket.c */
extern const struct nla_policy mqvpn_nl_socket_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_socket_new_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_socket_del_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_socket_get_dumpit(struct sk_buff *msg,
			       struct netlink_callback *cb);

/* connections: nl-conn.c */
extern const struct nla_policy mqvpn_nl_conn_id_policy[MQVPN_A_MAX + 1];
extern const struct nla_policy mqvpn_nl_conn_policy[MQVPN_A_MAX + 1];
extern const struct nla_policy mqvpn_nl_conn_close_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_conn_new_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_conn_set_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_conn_del_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_conn_close_doit(struct sk_buff *skb, struct genl_info *info);
void mqvpn_nl_conn_event(struct mqvpn_conn *conn, u8 cmd);
int mqvpn_nl_conn_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);

/* connection IDs and keys: nl-cid.c, nl-key.c */
extern const struct nla_policy mqvpn_nl_cid_policy[MQVPN_A_MAX + 1];
void mqvpn_nl_cid_event(const struct mqvpn_cid *cid);
int mqvpn_nl_cid_new_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_cid_del_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_cid_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
extern const struct nla_policy mqvpn_nl_key_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_key_set_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_key_update_doit(struct sk_buff *skb, struct genl_info *info);
void mqvpn_nl_key_event(struct mqvpn_conn *conn, u32 direction, u32 generation,
			u32 reason);

/* paths: nl-path.c */
extern const struct nla_policy mqvpn_nl_path_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_path_new_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_path_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
void mqvpn_nl_path_event(struct mqvpn_path *path, u8 cmd);
void mqvpn_nl_path_ids_needed(struct mqvpn_conn *conn);

/* the owner: nl-owner.c */
extern const struct nla_policy mqvpn_nl_owner_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_owner_set_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_put_owner(struct sk_buff *msg, const struct mqvpn_owner *owner);
void mqvpn_nl_owner_event(struct mqvpn_dev *md, const struct mqvpn_owner *owner,
			  const struct mqvpn_owner *old);

/* datagrams: nl-packet.c */
extern const struct nla_policy mqvpn_nl_packet_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_packet_tx_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_packet_rx_doit(struct sk_buff *skb, struct genl_info *info);
struct sk_buff *mqvpn_nl_packet_up(const struct mqvpn_sock *s,
				   const struct mqvpn_via *via,
				   const struct sk_buff *skb);
struct sk_buff *mqvpn_nl_packet_error(const struct mqvpn_sock *s,
				      const struct mqvpn_via *via, int err);

/* control frames: nl-frames.c */
extern const struct nla_policy mqvpn_nl_frame_tx_policy[MQVPN_A_MAX + 1];
extern const struct nla_policy mqvpn_nl_frames_ack_policy[MQVPN_A_MAX + 1];
extern const struct nla_policy mqvpn_nl_frame_cancel_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_frame_tx_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_frames_ack_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_frame_cancel_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_conn_adopt_start(struct netlink_callback *cb);
int mqvpn_nl_conn_adopt_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
struct sk_buff *mqvpn_nl_frames_note(size_t len, gfp_t gfp);
void mqvpn_nl_frames_up(struct mqvpn_conn *conn, struct mqvpn_message *msg);
void mqvpn_nl_frame_tx_done(struct mqvpn_conn *conn,
			    struct mqvpn_delivery *delivery);

/* prefixes: nl-prefix.c */
extern const struct nla_policy mqvpn_nl_prefix_policy[MQVPN_A_MAX + 1];
int mqvpn_nl_prefix_new_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_prefix_del_doit(struct sk_buff *skb, struct genl_info *info);
int mqvpn_nl_prefix_get_dumpit(struct sk_buff *msg,
			       struct netlink_callback *cb);

#endif
