/* SPDX-License-Identifier: GPL-2.0 */
/* What the command line can say, and what it did say. */
#ifndef MQVPNCTL_ARGS_H
#define MQVPNCTL_ARGS_H

#include <linux/mqvpn.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

struct mqnl;

/* Most keywords that one object has. */
#define KEYWORDS_MAX 24

#define TAKES(keyword) (1U << (keyword))

/**
 * struct value - what was given for a keyword
 * @given: the keyword was there
 * @text: its value as it was written
 * @number: for numbers, enumerations and rates
 * @endpoint: for addresses
 * @prefix: for prefixes
 * @bytes: for hex
 * @len: number of @bytes
 */
struct value {
	bool given;
	const char *text;
	uint64_t number;
	struct endpoint endpoint;
	struct prefix prefix;
	uint8_t bytes[MQVPN_CID_MAX];
	size_t len;
};

/**
 * struct keyword - a keyword of an object's commands
 * @name: the keyword; NULL for a bare word
 * @value: what its value is called in help; NULL for a flag
 * @help: what it says
 * @parse: reads the value; returns what is wrong with it, or NULL; the
 *	range is the caller's to check
 * @min: lowest number
 * @max: highest number
 * @names: names of an enumeration, NULL-terminated, gaps are empty
 */
struct keyword {
	const char *name;
	const char *value;
	const char *help;
	const char *(*parse)(const struct keyword *keyword, struct value *v);
	uint64_t min;
	uint64_t max;
	const char *const *names;
};

/**
 * struct command - what can be done with an object
 * @name: the command; NULL if the object's name is the whole command
 * @help: one line
 * @takes: TAKES() of the keywords that may be given
 * @needs: TAKES() of those that must
 * @run: does it; @v is indexed like the object's keywords. Returns the exit
 *	status.
 */
struct command {
	const char *name;
	const char *help;
	unsigned int takes;
	unsigned int needs;
	int (*run)(struct mqnl *nl, const struct value *v);
};

/**
 * struct object - a noun of the command line
 * @name: the noun
 * @help: one line
 * @keywords: all that its commands know, ends with one without help
 * @commands: ends with one without help
 */
struct object {
	const char *name;
	const char *help;
	const struct keyword *keywords;
	const struct command *commands;
};

const char *parse_text(const struct keyword *keyword, struct value *v);
const char *parse_number(const struct keyword *keyword, struct value *v);
const char *parse_name(const struct keyword *keyword, struct value *v);
const char *parse_rate(const struct keyword *keyword, struct value *v);
const char *parse_local(const struct keyword *keyword, struct value *v);
const char *parse_remote(const struct keyword *keyword, struct value *v);
const char *parse_prefix(const struct keyword *keyword, struct value *v);
const char *parse_hex(const struct keyword *keyword, struct value *v);

void args_parse(const struct object *object, const struct command *command,
		char **words, struct value *v);

#endif /* MQVPNCTL_ARGS_H */
