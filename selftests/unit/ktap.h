/* SPDX-License-Identifier: GPL-2.0 */
/* KTAP for unit tests: a case is a function full of EXPECT(). */
#ifndef KTAP_H
#define KTAP_H

#include <stdbool.h>
#include <stdio.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

#define KTAP_CASE(function)	{ #function, function }

static bool ktap_failed;

#define EXPECT(condition)						\
	do {								\
		if (!(condition)) {					\
			printf("# %s:%d: %s\n", __FILE__, __LINE__,	\
			       #condition);				\
			ktap_failed = true;				\
		}							\
	} while (0)

#define EXPECT_EQ(value, want)						\
	do {								\
		long long ktap_value = (value), ktap_want = (want);	\
		if (ktap_value != ktap_want) {				\
			printf("# %s:%d: %s is %lld, not %lld\n",	\
			       __FILE__, __LINE__, #value, ktap_value,	\
			       ktap_want);				\
			ktap_failed = true;				\
		}							\
	} while (0)

/* Returns the exit status. */
static inline int ktap_run(const struct ktap_case *cases, unsigned int count)
{
	unsigned int i, failures = 0;

	printf("KTAP version 1\n1..%u\n", count);
	for (i = 0; i < count; i++) {
		ktap_failed = false;
		cases[i].run();
		failures += ktap_failed;
		printf("%sok %u %s\n", ktap_failed ? "not " : "", i + 1,
		       cases[i].name);
		fflush(stdout);
	}
	return !!failures;
}

#endif
