/* SPDX-License-Identifier: GPL-2.0 */
/* Help at every level, made from the tables that the parser uses. */
#ifndef MQVPNCTL_HELP_H
#define MQVPNCTL_HELP_H

#include <stdio.h>

#include "args.h"

void help_program(FILE *to, const struct object *const *objects);
void help_object(const struct object *object) __attribute__((noreturn));
void help_command(const struct object *object, const struct command *command)
	__attribute__((noreturn));
void help_version(void) __attribute__((noreturn));

#endif /* MQVPNCTL_HELP_H */
