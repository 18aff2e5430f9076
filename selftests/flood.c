// SPDX-License-Identifier: GPL-2.0
/* As many packets as each CPU can send into a tunnel, and how long each call
 * that sends one takes: no sender shall pay for all others.
 *
 * usage: flood SECONDS FROM ADDRESS
 *
 * FROM is the namespace to send from, ADDRESS one of the other end's in the
 * tunnel; whatever comes there is counted in the namespace "server".
 *
 * A machine that has other things to do takes the CPU away for longer than any
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT		9
#define SIZE		200
#define LIMIT_NS	5000000ULL	/* of a call */
#define TURN_NS		1000000000ULL
#define FLOOD_SHARE	3		/* of four parts of a turn */
#define STALL_S		5
#define CPUS_MAX	8

static struct shared {
	atomic_ulong calls, received;
	atomic_ulong longest_cpu, longest_wall;
	atomic_ulong late_calls, late_looks;	/* beyond LIMIT_NS */
	atomic_bool over;
} *shared;

static void die(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
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

/* The time of a thread is not that of others in the guest. */
static void send_one(int fd)
{
	static const char bytes[SIZE];
	uint64_t cpu = now(CLOCK_THREAD_CPUTIME_ID);
	uint64_t wall = now(CLOCK_MONOTONIC);

	send(fd, bytes, sizeof(bytes), 0);
	wall = now(CLOCK_MONOTONIC) - wall;
	cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	shared->calls++;
	raise_to(&shared->longest_wall, wall);
	raise_to(&shared->longest_cpu, cpu);
	if (cpu > LIMIT_NS)
		shared->late_calls++;
}

static void look(void)
{
	uint64_t cpu = now(CLOCK_THREAD_CPUTIME_ID);

	for (unsigned int i = 0; i < 20; i++)
		now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (cpu > LIMIT_NS)
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
		if (now(CLOCK_MONOTONIC) % TURN_NS <
		    TURN_NS / 4 * FLOOD_SHARE)
			send_one(fd);
		else
			look();
	}
}

static void sink(void)
{
	struct timeval patience = { .tv_usec = 100000 };
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	char bytes[2 * SIZE];
	int fd;

	enter("server");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die("sink");
	while (!shared->over)
		if (recv(fd, bytes, sizeof(bytes), 0) > 0)
			shared->received++;
}

/* Return: false if for some seconds nothing arrived. */
static bool watch(unsigned int seconds)
{
	unsigned long before = 0;
	bool stalled = false;

	for (unsigned int s = 1; s <= seconds; s++) {
		sleep(1);
		if (s % STALL_S)
			continue;
		stalled |= shared->received == before;
		before = shared->received;
	}
	return !stalled;
}

/* Return: whether no call was late but by what the machine did meanwhile. */
static bool report(void)
{
	unsigned long excused = FLOOD_SHARE * (2 * shared->late_looks + 1);

	printf("# %lu calls, %lu arrived\n", shared->calls, shared->received);
	printf("# longest call %.3f ms of CPU, %.3f ms of time\n",
	       shared->longest_cpu / 1e6, shared->longest_wall / 1e6);
	printf("# %lu calls above %llu ms, %lu looks at the clock\n",
	       shared->late_calls, LIMIT_NS / 1000000, shared->late_looks);
	return shared->late_calls <= excused;
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
	for (int cpu = -1; cpu < cpus && cpu < CPUS_MAX; cpu++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		if (cpu < 0) {
			sink();
		} else {
			pin(cpu);
			flood(argv[2], argv[3]);
		}
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
