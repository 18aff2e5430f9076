// SPDX-License-Identifier: GPL-2.0
/* As many packets as each CPU can send into a tunnel, and how long each call
 * that sends one takes: no sender shall pay for all others.
 *
 * usage: flood SECONDS FROM ADDRESS
 *
 * FROM is the namespace to send from, ADDRESS one of the other end's in the
 * tunnel; what comes there, in the namespace "server", is counted by the device
 * of the tunnel.
 *
 * A call during which the guest ran another process is not measured. But a
 * machine that has other things to do takes the CPU away for longer than any
 * call may last, and the guest cannot tell. So for a part of the time the
 * senders do nothing but look at the clock, which says how often that happens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT		9
#define SIZE		200
#define LIMIT_NS	5000000ULL	/* of a call */
#define LATE_SHARE	1000		/* of as many calls one may be late */
#define TURN_NS		1000000000ULL
#define FLOOD_SHARE	3		/* of four parts of a turn */
#define LOOK_NS		50000
#define STALL_S		5
#define CPUS_MAX	8

static struct shared {
	atomic_ulong calls, preempted;
	atomic_ulong longest, longest_look;
	atomic_ulong late_calls, late_looks;	/* beyond LIMIT_NS */
	atomic_bool over;
} *shared;

static void die(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* How often this process has not had its CPU. */
static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

static void enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("affinity");
}

static void raise_to(atomic_ulong *most, unsigned long value)
{
	unsigned long seen = *most;

	while (value > seen && !atomic_compare_exchange_weak(most, &seen, value))
		;
}

/* Measure one turn of what a sender does; whether it was the machine's only. */
static bool measure(int fd, uint64_t *took)
{
	static const char bytes[SIZE];
	long before = switches();
	uint64_t start = now();

	if (fd >= 0)
		send(fd, bytes, sizeof(bytes), 0);
	*took = now() - start;
	return switches() == before;
}

static void send_one(int fd)
{
	uint64_t took;

	shared->calls++;
	if (!measure(fd, &took)) {
		shared->preempted++;
		return;
	}
	raise_to(&shared->longest, took);
	if (took > LIMIT_NS)
		shared->late_calls++;
}

static void look(void)
{
	uint64_t start = now(), took;
	long before = switches();

	/* as long as a call, more or less */
	do {
		took = now() - start;
	} while (took < LOOK_NS);
	if (switches() != before)
		return;
	raise_to(&shared->longest_look, took);
	if (took > LIMIT_NS)
		shared->late_looks++;
}

static void flood(const char *from, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	int fd;

	enter(from);
	inet_pton(AF_INET, address, &to.sin_addr);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (void *)&to, sizeof(to)))
		die("socket");
	while (!shared->over) {
		if (now() % TURN_NS < TURN_NS / 4 * FLOOD_SHARE)
			send_one(fd);
		else
			look();
	}
}

/* Nobody reads there: what comes is counted, and dropped. */
static void open_sink(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	int fd;

	enter("server");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		die("sink");
}

static unsigned long received(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "r");
	unsigned long packets = 0;
	char line[512], *at;

	while (file && fgets(line, sizeof(line), file)) {
		at = strstr(line, "mqvpn0:");
		if (!at)
			continue;
		/* bytes, packets */
		strtoul(at + strlen("mqvpn0:"), &at, 10);
		packets = strtoul(at, NULL, 10);
	}
	if (file)
		fclose(file);
	return packets;
}

/* Return: false if for some seconds nothing arrived. */
static bool watch(unsigned int seconds)
{
	unsigned long before = received(), count;
	bool stalled = false;

	for (unsigned int s = 1; s <= seconds; s++) {
		sleep(1);
		if (s % STALL_S)
			continue;
		count = received();
		stalled |= count == before;
		before = count;
	}
	return !stalled;
}

/*
 * Return: whether calls are in time. Those that the machine's other work makes
 * late are few; on an idle machine there are none.
 */
static bool report(void)
{
	printf("# %lu calls, %lu not measured, %lu packets arrived\n",
	       shared->calls, shared->preempted, received());
	printf("# longest call %.3f ms, longest look %.3f ms\n",
	       shared->longest / 1e6, shared->longest_look / 1e6);
	printf("# %lu calls and %lu looks took more than %llu ms\n",
	       shared->late_calls, shared->late_looks, LIMIT_NS / 1000000);
	return shared->late_calls <= shared->calls / LATE_SHARE;
}

int main(int argc, char **argv)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	bool well;
	int status;

	if (argc != 4) {
		fprintf(stderr, "usage: flood SECONDS FROM ADDRESS\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("memory");
	open_sink();
	for (int cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		pin(cpu);
		flood(argv[2], argv[3]);
		return 0;
	}
	well = watch(strtoul(argv[1], NULL, 10));
	if (!well)
		printf("# nothing arrived for %u s\n", STALL_S);
	shared->over = true;
	while (wait(&status) > 0)
		well &= WIFEXITED(status) && !WEXITSTATUS(status);
	return !(report() && well);
}
