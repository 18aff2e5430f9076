// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses, prefixes and hex strings, between text and bytes.
 *
 * The parsers return what is wrong with the text, or NULL.
 */
#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * number_parse() - parse an unsigned number
 * @text: decimal, or hexadecimal after 0x
 * @number: where to put it
 *
 * Return: whether @text is such a number.
 */
bool number_parse(const char *text, uint64_t *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	if (hex && !isxdigit((unsigned char)text[2]))
		return false;
	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*number = strtoull(text, &end, hex ? 16 : 10);
	return !errno && !*end;
}

/**
 * address_parse() - parse an address
 * @text: numeric IPv4 or IPv6 address
 * @address: where to put it
 *
 * Return: what is wrong with @text, or NULL.
 */
const char *address_parse(const char *text, struct address *address)
{
	if (inet_pton(AF_INET, text, &address->v4) == 1) {
		address->family = AF_INET;
		return NULL;
	}
	if (inet_pton(AF_INET6, text, &address->v6) == 1) {
		address->family = AF_INET6;
		return NULL;
	}
	return "not a numeric IPv4 or IPv6 address";
}

static const char *port_parse(const char *text, struct endpoint *endpoint)
{
	uint64_t port;

	if (!number_parse(text, &port) || port > UINT16_MAX)
		return "the port is not a number from 0 to 65535";
	endpoint->port = (uint16_t)port;
	endpoint->has_port = true;
	return NULL;
}

/* Cut "%scope" off @text. */
static const char *scope_parse(char *text, struct endpoint *endpoint)
{
	char *percent = strchr(text, '%');
	size_t len;

	if (!percent)
		return NULL;
	*percent++ = '\0';
	len = strlen(percent);
	if (!len || len >= sizeof(endpoint->scope))
		return "no device name after the percent sign";
	memcpy(endpoint->scope, percent, len + 1);
	return NULL;
}

/*
 * Cut the port off @text, and brackets; point *@port behind the colon, or to
 * NULL. A bare address with more than one colon is IPv6 without a port.
 */
static const char *port_split(char **text, char **port)
{
	char *colon = strchr(*text, ':');
	char *bracket;

	*port = NULL;
	if (**text == '[') {
		bracket = strchr(*text, ']');
		if (!bracket)
			return "the closing bracket is missing";
		if (bracket[1] && bracket[1] != ':')
			return "nothing but a colon and a port may follow the bracket";
		*port = bracket[1] ? bracket + 2 : NULL;
		*bracket = '\0';
		++*text;
	} else if (colon && !strchr(colon + 1, ':')) {
		*port = colon + 1;
		*colon = '\0';
	}
	return NULL;
}

/**
 * endpoint_parse() - parse an address that may have a port
 * @text: ADDR, ADDR:PORT or [ADDR]:PORT; a link-local ADDR may end in %DEVICE
 * @endpoint: where to put it
 *
 * Return: what is wrong with @text, or NULL.
 */
const char *endpoint_parse(const char *text, struct endpoint *endpoint)
{
	char buffer[ENDPOINT_TEXT_MAX];
	char *addr = buffer;
	const char *wrong;
	char *port;

	memset(endpoint, 0, sizeof(*endpoint));
	if (strlen(text) >= sizeof(buffer))
		return "too long for an address";
	memcpy(buffer, text, strlen(text) + 1);
	wrong = port_split(&addr, &port);
	if (!wrong)
		wrong = scope_parse(addr, endpoint);
	if (!wrong)
		wrong = address_parse(addr, &endpoint->address);
	if (!wrong && endpoint->scope[0] &&
	    endpoint->address.family != AF_INET6)
		wrong = "only an IPv6 address can have a device";
	if (!wrong && port)
		wrong = port_parse(port, endpoint);
	return wrong;
}

/* Are all bits behind the prefix zero? */
static bool host_bits_clear(const uint8_t *bytes, size_t len, unsigned int bits)
{
	size_t i = bits / 8;

	if (i < len && bits % 8 && bytes[i++] & (0xff >> bits % 8))
		return false;
	for (; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

static const char *length_parse(const char *text, struct prefix *prefix)
{
	bool v4 = prefix->address.family == AF_INET;
	uint64_t length = v4 ? 32 : 128;
	uint64_t max = length;

	if (text && (!number_parse(text, &length) || length > max))
		return v4 ? "the length is not a number from 0 to 32" :
			    "the length is not a number from 0 to 128";
	prefix->length = (uint8_t)length;
	if (!host_bits_clear((const uint8_t *)&prefix->address.v4, max / 8,
			     prefix->length))
		return "bits behind the prefix length are set";
	return NULL;
}

/**
 * prefix_parse() - parse a prefix
 * @text: ADDR/LENGTH; without a length, one address; "default" is refused
 * @prefix: where to put it
 *
 * Return: what is wrong with @text, or NULL.
 */
const char *prefix_parse(const char *text, struct prefix *prefix)
{
	char buffer[ENDPOINT_TEXT_MAX];
	const char *wrong;
	char *slash;

	memset(prefix, 0, sizeof(*prefix));
	if (strlen(text) >= sizeof(buffer))
		return "too long for a prefix";
	memcpy(buffer, text, strlen(text) + 1);
	slash = strchr(buffer, '/');
	if (slash)
		*slash++ = '\0';
	wrong = address_parse(buffer, &prefix->address);
	return wrong ? wrong : length_parse(slash, prefix);
}

/*
 * The value of a hex digit, or -1: without a branch or a table look-up that
 * depends on it, since it may be part of a secret.
 */
static int hex_digit(unsigned char c)
{
	int digit = c - '0';
	int letter = (c | 0x20) - 'a';
	int is_digit = ~(digit | (9 - digit)) >> 31;
	int is_letter = ~(letter | (5 - letter)) >> 31;

	return (is_digit & (digit + 1)) + (is_letter & (letter + 11)) - 1;
}

/**
 * hex_decode() - decode hex in a time that depends on its length only
 * @text: 2 * @len digits
 * @len: number of bytes
 * @bytes: where to put them
 *
 * Return: whether all were digits.
 */
bool hex_decode(const char *text, size_t len, uint8_t *bytes)
{
	int bad = 0;
	int high;
	int low;

	for (size_t i = 0; i < len; i++) {
		high = hex_digit((unsigned char)text[2 * i]);
		low = hex_digit((unsigned char)text[2 * i + 1]);
		bad |= high | low;
		bytes[i] =
			(uint8_t)((unsigned int)high << 4 | (unsigned int)low);
	}
	return bad >= 0;
}

/**
 * hex_encode() - encode bytes in hex
 * @bytes: the bytes
 * @len: how many
 * @text: where to put 2 * @len digits and a NUL
 */
void hex_encode(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
}
