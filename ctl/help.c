// SPDX-License-Identifier: GPL-2.0
/*
 * Help at every level, made from the tables that the parser uses.
 */
#include "help.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

/* Columns that a line of usage may fill. */
#define USAGE_WIDTH 79

/* Where the explanation of a keyword begins. */
#define HELP_COLUMN 29

static const char *space_before(const char *text)
{
	return text ? " " : "";
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* "[weight W]", "dev DEV", "local|peer": a keyword as usage shows it. */
static void keyword_usage(const struct keyword *k, bool needed, char *text,
			  size_t size)
{
	bool both = k->name && k->value;

	snprintf(text, size, "%s%s%s%s%s", needed ? "" : "[", or_empty(k->name),
		 both ? " " : "", or_empty(k->value), needed ? "" : "]");
}

static void command_usage(const struct object *object,
			  const struct command *command)
{
	const struct keyword *k = object->keywords;
	int column = 0;
	int indent;
	char text[80];

	column = printf("Usage: mqvpnctl %s%s%s", object->name,
			space_before(command->name), or_empty(command->name));
	indent = column;
	for (int i = 0; k[i].help; i++) {
		if (!(command->takes & TAKES(i)))
			continue;
		keyword_usage(&k[i], command->needs & TAKES(i), text,
			      sizeof(text));
		if (column + 1 + (int)strlen(text) > USAGE_WIDTH)
			column = printf("\n%*s", indent, "") - 1;
		column += printf(" %s", text);
	}
	printf("\n");
}

static void keyword_help(const struct keyword *k)
{
	int width = printf("  %s%s%s", or_empty(k->name),
			   k->name ? space_before(k->value) : "",
			   or_empty(k->value));

	if (width >= HELP_COLUMN)
		width = printf("\n") - 1;
	printf("%*s%s", HELP_COLUMN - width, "", k->help);
	if (k->parse == parse_number && k->max < UINT32_MAX - 1)
		printf(" (%" PRIu64 " to %" PRIu64 ")", k->min, k->max);
	printf("\n");
}

/**
 * help_command() - explain a command, and exit
 * @object: the object
 * @command: its command
 */
void help_command(const struct object *object, const struct command *command)
{
	const struct keyword *k = object->keywords;

	command_usage(object, command);
	printf("\n%s\n\n", command->help);
	for (int i = 0; k[i].help; i++)
		if (command->takes & TAKES(i))
			keyword_help(&k[i]);
	out_exit(EXIT_SUCCESS);
}

/**
 * help_object() - explain an object, and exit
 * @object: the object
 */
void help_object(const struct object *object)
{
	printf("Usage: mqvpnctl %s COMMAND ...\n\n%s\n\nCommands:\n",
	       object->name, object->help);
	for (const struct command *c = object->commands; c->help; c++)
		printf("  %-8s %s\n", c->name, c->help);
	printf("\nSee mqvpnctl %s COMMAND --help.\n", object->name);
	out_exit(EXIT_SUCCESS);
}

static void object_line(FILE *to, const struct object *object)
{
	char commands[64] = "";

	for (const struct command *c = object->commands; c->name; c++)
		list_append(commands, sizeof(commands), "|", c->name);
	fprintf(to, "  %-8s %-20s %s\n", object->name, commands, object->help);
}

/**
 * help_program() - explain the program
 * @to: standard output or error
 * @objects: all of them, NULL-terminated
 */
void help_program(FILE *to, const struct object *const *objects)
{
	fputs("Usage: mqvpnctl [OPTION...] OBJECT [COMMAND] [KEYWORD [VALUE]]...\n\n"
	      "Control mqvpn tunnels (ip link add DEV type mqvpn).\n\n"
	      "Objects and commands:\n",
	      to);
	for (; *objects; objects++)
		object_line(to, *objects);
	fputs("\nOptions:\n"
	      "  -j, --json     print JSON\n"
	      "  -p, --pretty   print JSON with white space\n"
	      "  -s, --stats    print every detail, and the drop counters\n"
	      "  -V, --version  print the version\n"
	      "  -h, --help     print help, also behind OBJECT and COMMAND\n\n"
	      "Objects and commands may be abbreviated. See mqvpnctl(8).\n",
	      to);
}

/**
 * help_version() - print the version, and exit
 */
void help_version(void)
{
	printf("mqvpnctl, netlink family %s version %d\n", MQVPN_FAMILY_NAME,
	       MQVPN_FAMILY_VERSION);
	out_exit(EXIT_SUCCESS);
}
