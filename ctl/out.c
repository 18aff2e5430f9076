// SPDX-License-Identifier: GPL-2.0
/*
 * What the user sees: errors, tables of text, JSON.
 */
#include "out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "options.h"

/* "path add: " in front of messages. */
static char context[40];

/**
 * out_context() - say which command messages are about
 * @object: the object
 * @command: its command, or NULL
 */
void out_context(const char *object, const char *command)
{
	snprintf(context, sizeof(context), "%s%s%s: ", object,
		 command ? " " : "", command ? command : "");
}

static void vwarn(const char *format, va_list ap)
{
	char *text;

	fflush(stdout);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	fprintf(stderr, "mqvpnctl: %s%s\n", context,
		text ? text : "out of memory");
	free(text);
}

/**
 * warn() - print a message for the user
 * @format: as printf(), without a newline
 */
void warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vwarn(format, ap);
	va_end(ap);
}

/**
 * die() - print why the command failed, and exit
 * @status: exit status
 * @format: as printf(), without a newline
 */
void die(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vwarn(format, ap);
	va_end(ap);
	exit(status);
}

/**
 * out_exit() - exit; not with success if output was lost
 * @status: exit status
 */
void out_exit(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_SYSTEM, "cannot write the output");
	exit(status);
}

/**
 * check_alloc() - die unless an allocation succeeded
 * @memory: what it returned
 *
 * Return: @memory.
 */
void *check_alloc(void *memory)
{
	if (!memory)
		die(EXIT_SYSTEM, "out of memory");
	return memory;
}

/**
 * out_json() - print an object and a newline, at once
 * @object: any JSON
 */
void out_json(struct json_object *object)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	if (options.pretty)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	puts(check_alloc(
		(void *)json_object_to_json_string_ext(object, flags)));
	fflush(stdout);
}

/**
 * table_start() - begin a table
 * @table: the table
 * @heads: names of the columns, NULL-terminated
 */
void table_start(struct table *table, const char *const *heads)
{
	memset(table, 0, sizeof(*table));
	table->heads = heads;
	while (heads[table->columns])
		table->columns++;
}

/**
 * table_cell() - add a cell to the right of, or below, the last one
 * @table: the table
 * @format: as printf()
 */
void table_cell(struct table *table, const char *format, ...)
{
	va_list ap;
	int len;

	if (table->n % table->columns == 0)
		table->cells = check_alloc(
			realloc(table->cells, (table->n + table->columns) *
						      sizeof(*table->cells)));
	va_start(ap, format);
	len = vasprintf(&table->cells[table->n], format, ap);
	va_end(ap);
	if (len < 0)
		die(EXIT_SYSTEM, "out of memory");
	table->n++;
}

static int column_width(const struct table *table, size_t column)
{
	size_t width = strlen(table->heads[column]);

	for (size_t i = column; i < table->n; i += table->columns)
		if (strlen(table->cells[i]) > width)
			width = strlen(table->cells[i]);
	return (int)width;
}

static void row_print(const struct table *table, const int *widths,
		      const char *const *cells, int indent)
{
	printf("%*s", indent, "");
	for (size_t i = 0; i + 1 < table->columns; i++)
		printf("%-*s  ", widths[i], cells[i]);
	printf("%s\n", cells[table->columns - 1]);
}

/**
 * table_print() - print a table below a line of heads; nothing if it is empty
 * @table: the table
 * @indent: columns to leave free at the left
 */
void table_print(struct table *table, int indent)
{
	int widths[TABLE_COLUMNS];

	if (!table->n)
		return;
	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	row_print(table, widths, table->heads, indent);
	for (size_t i = 0; i < table->n; i += table->columns)
		row_print(table, widths, (const char *const *)&table->cells[i],
			  indent);
}

/**
 * table_free() - free the cells of a table
 * @table: the table
 */
void table_free(struct table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
}

/**
 * member() - a member of an object
 * @object: the object, or NULL
 * @key: its key
 *
 * Return: the member, or NULL.
 */
struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

/**
 * member_number() - a number in an object
 * @object: the object, or NULL
 * @key: its key
 *
 * Return: the number; 0 if there is none.
 */
uint64_t member_number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key));
}

/**
 * member_text() - a string in an object
 * @object: the object, or NULL
 * @key: its key
 *
 * Return: the string; "-" if there is none.
 */
const char *member_text(struct json_object *object, const char *key)
{
	struct json_object *text = member(object, key);

	return text ? json_object_get_string(text) : "-";
}

/**
 * list_append() - append a word to a list of words
 * @list: the list; what does not fit is cut off
 * @size: room there
 * @separator: what stands between words
 * @word: the word
 */
void list_append(char *list, size_t size, const char *separator,
		 const char *word)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? separator : "", word);
}

/* A string that lives until eight more were asked for. */
static char *scratch(size_t *size)
{
	static char buffers[8][ENDPOINT_TEXT_MAX];
	static unsigned int next;

	*size = sizeof(buffers[0]);
	return buffers[next++ % 8];
}

/**
 * text_bytes() - a number of bytes to be read at a glance
 * @bytes: the number
 *
 * Return: such as "12.3MiB", to be used soon.
 */
const char *text_bytes(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	unsigned int unit = 0;
	size_t size;
	char *text = scratch(&size);

	if (bytes < 1024) {
		snprintf(text, size, "%" PRIu64 "B", bytes);
		return text;
	}
	for (; value >= 1024 && unit < 3; unit++)
		value /= 1024;
	snprintf(text, size, "%.1f%s", value, units[unit]);
	return text;
}

/**
 * text_rtt() - a round-trip time
 * @microseconds: the time; 0 if it is not known
 *
 * Return: such as "20.1ms", to be used soon.
 */
const char *text_rtt(uint64_t microseconds)
{
	size_t size;
	char *text;

	if (!microseconds)
		return "-";
	text = scratch(&size);
	snprintf(text, size, microseconds < 10000 ? "%.2fms" : "%.1fms",
		 (double)microseconds / 1000);
	return text;
}

/**
 * text_rate() - a rate as in tc(8)
 * @bytes_per_second: the rate
 *
 * Return: such as "50mbit", to be used soon.
 */
const char *text_rate(uint64_t bytes_per_second)
{
	static const char *const units[] = { "", "k", "m", "g", "t" };
	double bits = (double)bytes_per_second * 8;
	unsigned int unit = 0;
	size_t size;
	char *text = scratch(&size);

	for (; bits >= 1000 && unit < 4; unit++)
		bits /= 1000;
	snprintf(text, size, "%.4g%sbit", bits, units[unit]);
	return text;
}

/**
 * text_ifname() - the underlay device of a path or socket
 * @object: may have ifindex and ifname
 *
 * Return: its name, "if" and its number if it has no name here, or "-"; to be
 * used soon.
 */
const char *text_ifname(struct json_object *object)
{
	size_t size;
	char *text;

	if (member(object, "ifname") || !member(object, "ifindex"))
		return member_text(object, "ifname");
	text = scratch(&size);
	snprintf(text, size, "if%s", member_text(object, "ifindex"));
	return text;
}

/* The member "<end>_<what>". */
static struct json_object *end_member(struct json_object *object,
				      const char *end, const char *what)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_%s", end, what);
	return member(object, key);
}

/**
 * text_endpoint() - one end of a path or socket
 * @object: has END_ipv4 or END_ipv6, and END_port
 * @end: "remote" or "local"
 *
 * Return: such as "[2001:db8::1]:443", to be used soon.
 */
const char *text_endpoint(struct json_object *object, const char *end)
{
	struct json_object *v4 = end_member(object, end, "ipv4");
	struct json_object *v6 = end_member(object, end, "ipv6");
	struct json_object *port = end_member(object, end, "port");
	size_t size;
	char *text;

	if (!v4 && !v6 && !port)
		return "-";
	text = scratch(&size);
	snprintf(text, size, "%s%s%s:%s", v6 ? "[" : "",
		 v6 ? json_object_get_string(v6) :
		 v4 ? json_object_get_string(v4) :
		      "*",
		 v6 ? "]" : "", port ? json_object_get_string(port) : "*");
	return text;
}
