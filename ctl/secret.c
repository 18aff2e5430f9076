// SPDX-License-Identifier: GPL-2.0
/*
 * Secrets: from a file to the kernel, and nowhere else.
 *
 * They are never printed, never in an argument, never in a stdio buffer, kept
 * out of swap and core files, and wiped.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addr.h"
#include "out.h"

/* Neither swap nor a core file shall see what is read from now on. */
static void secret_lock(struct secret *secret)
{
	memset(secret, 0, sizeof(*secret));
	/* Both are for the better only: a limit may forbid to lock memory. */
	(void)mlock(secret, sizeof(*secret));
	(void)prctl(PR_SET_DUMPABLE, 0);
}

/**
 * secret_wipe() - forget a secret
 * @secret: the secret
 */
void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
	(void)munlock(secret, sizeof(*secret));
}

static int secret_open(const char *name)
{
	struct stat st;
	int fd;

	if (!strcmp(name, "-"))
		return STDIN_FILENO;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		die(EXIT_SYSTEM, "cannot open %s: %s", name, strerror(errno));
	if (S_ISREG(st.st_mode) && st.st_mode & S_IROTH)
		warn("warning: everybody may read %s (chmod 600 it)", name);
	return fd;
}

/* Returns the number of bytes; all of the buffer if there are more. */
static size_t secret_fill(int fd, const char *name, struct secret *secret)
{
	size_t used = 0;
	ssize_t n;

	do {
		n = read(fd, secret->text + used, sizeof(secret->text) - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			secret_wipe(secret);
			die(EXIT_SYSTEM, "cannot read %s: %s", name,
			    strerror(errno));
		}
		used += (size_t)n;
	} while (n && used < sizeof(secret->text));
	return used;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Returns whether the text is the right number of digits in white space. */
static bool secret_decode(struct secret *secret, size_t used, size_t len)
{
	const char *text = secret->text;

	while (used && is_space(text[used - 1]))
		used--;
	for (; used && is_space(*text); used--)
		text++;
	secret->len = len;
	return used == 2 * len && hex_decode(text, len, secret->bytes);
}

/**
 * secret_read() - read a secret in hex
 * @secret: where to put it; secret_wipe() it after use
 * @name: name of the file; "-" for standard input
 * @len: its number of bytes
 *
 * Dies if there is none of that length.
 */
void secret_read(struct secret *secret, const char *name, size_t len)
{
	size_t used;
	bool ok;
	int fd;

	secret_lock(secret);
	fd = secret_open(name);
	used = secret_fill(fd, name, secret);
	if (fd != STDIN_FILENO)
		close(fd);
	ok = secret_decode(secret, used, len);
	explicit_bzero(secret->text, sizeof(secret->text));
	if (ok)
		return;
	secret_wipe(secret);
	die(EXIT_USAGE, "%s does not hold %zu bytes as %zu hex digits",
	    strcmp(name, "-") ? name : "standard input", len, 2 * len);
}
