// SPDX-License-Identifier: GPL-2.0
/*
 * From what the user said to attributes; what was not said is left out.
 */
#include <linux/mqvpn.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"
#include "out.h"

/* A message has room for a page, more than any request needs. */
static void check_put(int err)
{
	if (err < 0)
		die(EXIT_SYSTEM, "the request is too long");
}

/**
 * put_nest() - begin a nest
 * @msg: the request
 * @attr: the nest's attribute
 *
 * Return: what put_nest_end() needs.
 */
struct nlattr *put_nest(struct nl_msg *msg, int attr)
{
	return check_alloc(nla_nest_start(msg, attr));
}

/**
 * put_nest_end() - end a nest, which may be empty
 * @msg: the request
 * @nest: from put_nest()
 */
void put_nest_end(struct nl_msg *msg, struct nlattr *nest)
{
	nla_nest_end_keep_empty(msg, nest);
}

/**
 * device_index() - find a device, or die
 * @name: its name
 *
 * Return: its number.
 */
uint32_t device_index(const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index)
		die(EXIT_ABSENT, "there is no device %s", name);
	return index;
}

/**
 * put_dev() - the mqvpn device
 * @msg: the request
 * @dev: its name
 */
void put_dev(struct nl_msg *msg, const struct value *dev)
{
	if (dev->given)
		put_number(msg, MQVPN_A_IFINDEX, device_index(dev->text));
}

/**
 * put_conn() - the connection, 1 by default
 * @msg: the request
 * @conn: its number
 */
void put_conn(struct nl_msg *msg, const struct value *conn)
{
	put_number(msg, MQVPN_A_CONN_ID,
		   conn->given ? (uint32_t)conn->number : 1);
}

/**
 * put_number() - a number that is always there
 * @msg: the request
 * @attr: its attribute
 * @number: the number
 */
void put_number(struct nl_msg *msg, int attr, uint32_t number)
{
	check_put(nla_put_u32(msg, attr, number));
}

/**
 * put_number8() - a number of 8 bits that is always there
 * @msg: the request
 * @attr: its attribute
 * @number: the number
 */
void put_number8(struct nl_msg *msg, int attr, uint8_t number)
{
	check_put(nla_put_u8(msg, attr, number));
}

/**
 * put_u8() - a number of 8 bits
 * @msg: the request
 * @attr: its attribute
 * @v: the number
 */
void put_u8(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_u8(msg, attr, (uint8_t)v->number));
}

/**
 * put_u16() - a number of 16 bits
 * @msg: the request
 * @attr: its attribute
 * @v: the number
 */
void put_u16(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_u16(msg, attr, (uint16_t)v->number));
}

/**
 * put_u32() - a number of 32 bits
 * @msg: the request
 * @attr: its attribute
 * @v: the number
 */
void put_u32(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_u32(msg, attr, (uint32_t)v->number));
}

/**
 * put_u64() - a number of 64 bits
 * @msg: the request
 * @attr: its attribute
 * @v: the number
 */
void put_u64(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_u64(msg, attr, v->number));
}

/**
 * put_flag() - a flag
 * @msg: the request
 * @attr: its attribute
 * @v: whether it was given
 */
void put_flag(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_flag(msg, attr));
}

/**
 * put_string() - a string
 * @msg: the request
 * @attr: its attribute
 * @v: the string
 */
void put_string(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		check_put(nla_put_string(msg, attr, v->text));
}

/* "if5" is device 5, which may have no name in our namespace. */
static uint32_t underlay_index(const char *name)
{
	uint64_t index;

	if (!if_nametoindex(name) && !strncmp(name, "if", 2) &&
	    number_parse(name + 2, &index) && index && index <= INT32_MAX)
		return (uint32_t)index;
	return device_index(name);
}

/**
 * put_underlay() - a device below the tunnel
 * @msg: the request
 * @attr: its attribute
 * @v: its name
 */
void put_underlay(struct nl_msg *msg, int attr, const struct value *v)
{
	if (v->given)
		put_number(msg, attr, underlay_index(v->text));
}

/**
 * put_bytes() - bytes
 * @msg: the request
 * @attr: their attribute
 * @bytes: the bytes
 * @len: how many
 */
void put_bytes(struct nl_msg *msg, int attr, const void *bytes, size_t len)
{
	check_put(nla_put(msg, attr, (int)len, bytes));
}

/**
 * put_address() - an address
 * @msg: the request
 * @v4: attribute for IPv4
 * @v6: attribute for IPv6
 * @address: the address
 */
void put_address(struct nl_msg *msg, int v4, int v6,
		 const struct address *address)
{
	if (address->family == AF_INET)
		put_bytes(msg, v4, &address->v4, sizeof(address->v4));
	else
		put_bytes(msg, v6, &address->v6, sizeof(address->v6));
}

/**
 * put_port() - a port
 * @msg: the request
 * @attr: its attribute
 * @port: the port, in host byte order
 */
void put_port(struct nl_msg *msg, int attr, uint16_t port)
{
	check_put(nla_put_u16(msg, attr, htons(port)));
}
