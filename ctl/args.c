// SPDX-License-Identifier: GPL-2.0
/*
 * The words behind object and command: keywords in any order, with values.
 */
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "options.h"
#include "out.h"

/**
 * parse_text() - any text that is not empty
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_text(const struct keyword *keyword, struct value *v)
{
	v->len = strlen(v->text);
	if (!v->len)
		return "empty";
	if (keyword->max && v->len > keyword->max)
		return "too long";
	return NULL;
}

/**
 * parse_number() - a number in the keyword's range
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_number(const struct keyword *keyword, struct value *v)
{
	static char wrong[80];

	if (number_parse(v->text, &v->number) && v->number >= keyword->min &&
	    v->number <= keyword->max)
		return NULL;
	snprintf(wrong, sizeof(wrong),
		 "not a number from %" PRIu64 " to %" PRIu64, keyword->min,
		 keyword->max);
	return wrong;
}

/**
 * parse_name() - a name of the keyword's enumeration
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_name(const struct keyword *keyword, struct value *v)
{
	static char wrong[80];

	for (uint64_t i = 0; keyword->names[i]; i++) {
		if (*v->text && !strcmp(keyword->names[i], v->text)) {
			v->number = i;
			return NULL;
		}
	}
	snprintf(wrong, sizeof(wrong), "not one of %s", keyword->value);
	return wrong;
}

/* Bits per second of a unit, or 0. */
static double unit_parse(const char *unit)
{
	static const struct {
		const char *name;
		double bits;
	} units[] = {
		{ "", 1 },	 { "bit", 1 },	   { "kbit", 1e3 },
		{ "mbit", 1e6 }, { "gbit", 1e9 },  { "tbit", 1e12 },
		{ "bps", 8 },	 { "kbps", 8e3 },  { "mbps", 8e6 },
		{ "gbps", 8e9 }, { "tbps", 8e12 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcasecmp(unit, units[i].name))
			return units[i].bits;
	return 0;
}

/**
 * parse_rate() - a rate as in tc(8); the number is bytes per second
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_rate(const struct keyword *keyword, struct value *v)
{
	double bits;
	char *end;

	if (!strchr("0123456789.", v->text[0]) || !v->text[0])
		return "not a rate such as 50mbit";
	bits = strtod(v->text, &end);
	if (end == v->text || unit_parse(end) == 0)
		return "not a rate such as 50mbit; units are bit, kbit, mbit, gbit, tbit, and bps, kbps, ... for bytes";
	bits *= unit_parse(end);
	if (!isfinite(bits) || bits / 8 > (double)keyword->max)
		return "too high a rate";
	v->number = (uint64_t)(bits / 8);
	if (v->number < keyword->min && bits > 0)
		return "too low a rate";
	return NULL;
}

/**
 * parse_local() - an address, with or without a port
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_local(const struct keyword *keyword, struct value *v)
{
	const char *wrong = endpoint_parse(v->text, &v->endpoint);

	(void)keyword;
	if (!wrong && v->endpoint.scope[0])
		wrong = "a local address takes its device from ifname";
	return wrong;
}

/**
 * parse_remote() - an address and a port
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_remote(const struct keyword *keyword, struct value *v)
{
	const char *wrong = endpoint_parse(v->text, &v->endpoint);

	(void)keyword;
	if (!wrong && !v->endpoint.has_port)
		wrong = "the port is missing, write ADDR:PORT or [ADDR]:PORT";
	if (!wrong && !v->endpoint.port)
		wrong = "the port is 0";
	return wrong;
}

/**
 * parse_prefix() - a prefix
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_prefix(const struct keyword *keyword, struct value *v)
{
	(void)keyword;
	return prefix_parse(v->text, &v->prefix);
}

/**
 * parse_hex() - bytes in hex, up to the keyword's max; "-" for none
 * @keyword: the keyword
 * @v: its value
 *
 * Return: what is wrong, or NULL.
 */
const char *parse_hex(const struct keyword *keyword, struct value *v)
{
	size_t digits = strlen(v->text);

	if (!strcmp(v->text, "-"))
		return NULL;
	if (!digits || digits % 2)
		return "not an even number of hex digits";
	if (digits / 2 > keyword->max)
		return "too long";
	v->len = digits / 2;
	return hex_decode(v->text, v->len, v->bytes) ? NULL :
						       "not hex digits only";
}

/* Index of the keyword that @word is, -1 if none. */
static int keyword_find(const struct object *object,
			const struct command *command, const char *word)
{
	const struct keyword *k = object->keywords;

	for (int i = 0; k[i].help; i++)
		if (command->takes & TAKES(i) && k[i].name &&
		    !strcmp(k[i].name, word))
			return i;
	return -1;
}

/* Index of the keyword that is a bare word and not yet given, -1 if none. */
static int keyword_bare(const struct object *object,
			const struct command *command, const struct value *v)
{
	const struct keyword *k = object->keywords;

	for (int i = 0; k[i].help; i++)
		if (command->takes & TAKES(i) && !k[i].name && !v[i].given)
			return i;
	return -1;
}

/* "dev, conn": the keywords that the command knows. */
static const char *keyword_list(const struct object *object,
				const struct command *command)
{
	const struct keyword *k = object->keywords;
	static char list[512];

	list[0] = '\0';
	for (int i = 0; k[i].help; i++)
		if (command->takes & TAKES(i) && k[i].name)
			list_append(list, sizeof(list), ", ", k[i].name);
	return list;
}

static void __attribute__((noreturn))
unknown_word(const struct object *object, const struct command *command,
	     const char *word)
{
	die(EXIT_USAGE, "unknown keyword \"%s\"; there are: %s", word,
	    keyword_list(object, command));
}

/* A bare word that its keyword does not like may be a misspelt keyword. */
static void parse_bare(const struct object *object,
		       const struct command *command, int i, char *word,
		       struct value *v)
{
	const struct keyword *k = &object->keywords[i];
	const char *wrong;

	v[i].given = true;
	v[i].text = word;
	wrong = k->parse(k, &v[i]);
	if (wrong)
		die(EXIT_USAGE, "\"%s\" is neither a keyword (%s) nor %s: %s",
		    word, keyword_list(object, command), k->value, wrong);
}

/* Returns the number of words used. */
static int parse_keyword(const struct keyword *k, char **words, struct value *v)
{
	const char *wrong;

	if (v->given)
		die(EXIT_USAGE, "%s is given twice", k->name);
	v->given = true;
	if (!k->value)
		return 1;
	if (!words[1])
		die(EXIT_USAGE, "%s needs a value: %s", k->name, k->value);
	v->text = words[1];
	wrong = k->parse(k, v);
	if (wrong)
		die(EXIT_USAGE, "bad value \"%s\" of %s: %s", v->text, k->name,
		    wrong);
	return 2;
}

static void check_needs(const struct object *object,
			const struct command *command, const struct value *v)
{
	const struct keyword *k = object->keywords;

	for (int i = 0; k[i].help; i++)
		if (command->needs & TAKES(i) && !v[i].given)
			die(EXIT_USAGE, "%s%s%s is missing",
			    k[i].name ? k[i].name : "",
			    k[i].name && k[i].value ? " " : "",
			    k[i].value ? k[i].value : "");
}

/**
 * args_parse() - parse the words behind a command
 * @object: the object
 * @command: its command
 * @words: the words, NULL-terminated
 * @v: where to put the values, KEYWORDS_MAX of them
 *
 * Does not return if they are wrong or ask for help.
 */
void args_parse(const struct object *object, const struct command *command,
		char **words, struct value *v)
{
	int i;

	memset(v, 0, KEYWORDS_MAX * sizeof(*v));
	while (*words) {
		if (is_help(*words))
			help_command(object, command);
		i = keyword_find(object, command, *words);
		if (i >= 0) {
			words += parse_keyword(&object->keywords[i], words,
					       &v[i]);
			continue;
		}
		if (option_parse(*words)) {
			words++;
			continue;
		}
		i = keyword_bare(object, command, v);
		if (i < 0)
			unknown_word(object, command, *words);
		parse_bare(object, command, i, *words++, v);
	}
	check_needs(object, command, v);
}
