/* SPDX-License-Identifier: GPL-2.0 */
/* Options that concern the output of every command. */
#ifndef MQVPNCTL_OPTIONS_H
#define MQVPNCTL_OPTIONS_H

#include <stdbool.h>

/**
 * struct options - how to print
 * @json: JSON instead of text
 * @pretty: JSON with white space
 * @stats: every detail and counter
 */
struct options {
	bool json;
	bool pretty;
	bool stats;
};

extern struct options options;

bool option_parse(const char *word);
bool is_help(const char *word);

#endif /* MQVPNCTL_OPTIONS_H */
