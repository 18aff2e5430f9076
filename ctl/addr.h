/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, prefixes and hex strings, between text and bytes. */
#ifndef MQVPNCTL_ADDR_H
#define MQVPNCTL_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text of an endpoint: brackets, address, scope, colon, port. */
#define ENDPOINT_TEXT_MAX 96

/**
 * struct address - an IPv4 or IPv6 address
 * @family: AF_INET or AF_INET6
 * @v4: the address, if AF_INET
 * @v6: the address, if AF_INET6
 */
struct address {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/**
 * struct endpoint - where a UDP datagram comes from or goes to
 * @address: the address
 * @port: the port, in host byte order
 * @has_port: a port was given
 * @scope: name of the device of a link-local address, or empty
 */
struct endpoint {
	struct address address;
	uint16_t port;
	bool has_port;
	char scope[16];
};

/**
 * struct prefix - a range of inner addresses
 * @address: the lowest address
 * @length: number of leading bits that count
 */
struct prefix {
	struct address address;
	uint8_t length;
};

const char *address_parse(const char *text, struct address *address);
const char *endpoint_parse(const char *text, struct endpoint *endpoint);
const char *prefix_parse(const char *text, struct prefix *prefix);
bool number_parse(const char *text, uint64_t *number);
bool hex_decode(const char *text, size_t len, uint8_t *bytes);
void hex_encode(const uint8_t *bytes, size_t len, char *text);

#endif /* MQVPNCTL_ADDR_H */
