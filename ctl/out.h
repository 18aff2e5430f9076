/* SPDX-License-Identifier: GPL-2.0 */
/* What the user sees: errors, tables of text, JSON. */
#ifndef MQVPNCTL_OUT_H
#define MQVPNCTL_OUT_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; mqvpnctl(8) explains them. */
enum {
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_ABSENT = 3,
	EXIT_SYSTEM = 4,
};

/* Columns that a table may have. */
#define TABLE_COLUMNS 16

/**
 * struct table - rows of text, printed in aligned columns
 * @heads: names of the columns, NULL-terminated
 * @cells: row after row
 * @n: number of cells
 * @columns: number of columns
 */
struct table {
	const char *const *heads;
	char **cells;
	size_t n;
	size_t columns;
};

void out_context(const char *object, const char *command);
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void out_exit(int status) __attribute__((noreturn));
void *check_alloc(void *memory);

void out_json(struct json_object *object);

void table_start(struct table *table, const char *const *heads);
void table_cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_print(struct table *table, int indent);
void table_free(struct table *table);

struct json_object *member(struct json_object *object, const char *key);
uint64_t member_number(struct json_object *object, const char *key);
const char *member_text(struct json_object *object, const char *key);

void list_append(char *list, size_t size, const char *separator,
		 const char *word);

const char *text_bytes(uint64_t bytes);
const char *text_rtt(uint64_t microseconds);
const char *text_rate(uint64_t bytes_per_second);
const char *text_ifname(struct json_object *object);
const char *text_endpoint(struct json_object *object, const char *end);

#endif /* MQVPNCTL_OUT_H */
