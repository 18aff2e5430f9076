// SPDX-License-Identifier: GPL-2.0
/*
 * mqvpnctl: control mqvpn tunnels.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "help.h"
#include "nl.h"
#include "objects.h"
#include "options.h"
#include "out.h"

static const struct object *const objects[] = {
	&object_show,	&object_set, &object_monitor, &object_conn,
	&object_cid,	&object_key, &object_path,    &object_socket,
	&object_prefix, NULL,
};

/* The names that @word may abbreviate, to be told apart. */
struct match {
	const char *word;
	int index;
	int count;
	char names[128];
};

/* Consider @name, number @index: an exact match beats all others. */
static void match_name(struct match *m, const char *name, int index)
{
	if (m->index >= 0 && m->count == 0)
		return;
	if (!strcmp(m->word, name)) {
		m->index = index;
		m->count = 0;
		return;
	}
	if (strncmp(m->word, name, strlen(m->word)) != 0)
		return;
	m->index = index;
	m->count++;
	list_append(m->names, sizeof(m->names), ", ", name);
}

static void match_check(const struct match *m, const char *what,
			const char *all)
{
	if (m->index < 0)
		die(EXIT_USAGE, "unknown %s \"%s\"; there are: %s", what,
		    m->word, all);
	if (m->count > 1)
		die(EXIT_USAGE, "%s \"%s\" is ambiguous: %s", what, m->word,
		    m->names);
}

static const struct object *object_find(const char *word)
{
	struct match m = { .word = word, .index = -1 };
	char all[128] = "";

	for (int i = 0; objects[i]; i++) {
		match_name(&m, objects[i]->name, i);
		list_append(all, sizeof(all), ", ", objects[i]->name);
	}
	match_check(&m, "object", all);
	return objects[m.index];
}

static const struct command *command_find(const struct object *object,
					  const char *word)
{
	const struct command *c = object->commands;
	struct match m = { .word = word, .index = -1 };
	char all[128] = "";

	for (int i = 0; c[i].name; i++) {
		match_name(&m, c[i].name, i);
		list_append(all, sizeof(all), ", ", c[i].name);
	}
	match_check(&m, "command", all);
	return &c[m.index];
}

/* Options stand in front of the object, and where a keyword may stand. */
static char **options_skip(char **words)
{
	while (*words && !is_help(*words) && option_parse(*words))
		words++;
	return words;
}

/* Without a command, "show". */
static const struct command *command_default(const struct object *object)
{
	const struct command *c = object->commands;

	while (c->name && strcmp(c->name, "show") != 0)
		c++;
	if (!c->name)
		die(EXIT_USAGE, "a command is missing, see mqvpnctl %s --help",
		    object->name);
	return c;
}

static const struct command *command_take(const struct object *object,
					  char ***words)
{
	const struct command *command = object->commands;

	if (!command->name)
		return command;
	*words = options_skip(*words);
	if (!**words)
		return command_default(object);
	if (is_help(**words))
		help_object(object);
	command = command_find(object, **words);
	++*words;
	return command;
}

static int run(const struct command *command, const struct value *v)
{
	struct mqnl nl;
	int status;

	mqnl_open(&nl);
	status = command->run(&nl, v);
	mqnl_close(&nl);
	return status;
}

int main(int argc, char **argv)
{
	struct value v[KEYWORDS_MAX];
	const struct command *command;
	const struct object *object;
	char **words;

	(void)argc;
	words = options_skip(argv + !!argv[0]);
	if (!*words) {
		help_program(stderr, objects);
		return EXIT_USAGE;
	}
	if (is_help(*words)) {
		help_program(stdout, objects);
		out_exit(EXIT_SUCCESS);
	}
	object = object_find(*words++);
	out_context(object->name, NULL);
	command = command_take(object, &words);
	out_context(object->name, command->name);
	args_parse(object, command, words, v);
	out_exit(run(command, v));
}
