// SPDX-License-Identifier: GPL-2.0
/*
 * Options that concern the output of every command.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "out.h"

struct options options;

static bool is_either(const char *word, const char *brief, const char *full)
{
	return !strcmp(word, brief) || !strcmp(word, full);
}

/**
 * is_help() - does the user ask for help?
 * @word: a word of the command line
 *
 * Return: whether it is one of the ways to ask.
 */
bool is_help(const char *word)
{
	return is_either(word, "-h", "--help") || !strcmp(word, "help");
}

/**
 * option_parse() - take an option
 * @word: a word of the command line
 *
 * Return: whether it was one.
 */
bool option_parse(const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	if (is_either(word, "-j", "--json")) {
		options.json = true;
	} else if (is_either(word, "-p", "--pretty")) {
		options.json = true;
		options.pretty = true;
	} else if (is_either(word, "-s", "--stats")) {
		options.stats = true;
	} else if (is_either(word, "-V", "--version")) {
		help_version();
	} else {
		die(EXIT_USAGE,
		    "unknown option %s; there are: --json, --pretty, --stats, --version, --help",
		    word);
	}
	return true;
}
