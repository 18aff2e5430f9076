// SPDX-License-Identifier: GPL-2.0
/*
 * A flood of UDP datagrams, for selftests and benchmarks.
 *
 *	usage: blast ADDRESS PORT KEY=VALUE...
 *
 *	count=N		datagrams
 *	bytes=N		of each
 *	file=NAME	what to send: one datagram behind the other, over and
 *			over; else zeros
 *	rate=N		a second; else as fast as it goes
 *	conns=N flows=N	ADDRESS is the server's of connection 0 of many-conns:
 *			go through the connections, each with a datagram on each
 *			of the flows, from the client's inner address of it
 *	step=N		only each Nth connection
 *
 * Prints how many nanoseconds all of it took.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CLIENT4		0x0a400000
#define FLOWS_MAX	256
#define SECOND		1000000000ULL

static struct {
	uint32_t address, count, bytes, rate, conns, flows, step;
	uint16_t port;
	const char *file;
} option = { .count = 1, .bytes = 100, .flows = 1, .step = 1 };

static int sockets[FLOWS_MAX];
static const char *data;
static size_t data_count = 1;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void wait_for(uint64_t at)
{
	struct timespec ts = { at / SECOND, at % SECOND };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void send_one(uint32_t n)
{
	uint32_t flow = n % option.flows;
	uint32_t conn = option.conns ?
		1 + n / option.flows * option.step % option.conns : 0;
	union {
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr align;
	} control = {};
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(option.port),
		.sin_addr.s_addr = htonl(option.address + conn),
	};
	struct iovec iov = {
		.iov_base = (char *)data + n % data_count * option.bytes,
		.iov_len = option.bytes,
	};
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	struct in_pktinfo *from;
	struct cmsghdr *cmsg;

	if (option.conns) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(*from));
		from = (struct in_pktinfo *)CMSG_DATA(cmsg);
		from->ipi_spec_dst.s_addr = htonl(CLIENT4 + conn);
	}
	if (sendmsg(sockets[flow], &msg, 0) < 0 && errno != ECONNREFUSED)
		die("send");
}

static void open_sockets(void)
{
	int room = 1 << 20;
	uint32_t i;

	if (!option.flows || option.flows > FLOWS_MAX)
		option.flows = 1;
	for (i = 0; i < option.flows; i++) {
		sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (sockets[i] < 0 ||
		    setsockopt(sockets[i], SOL_SOCKET, SO_SNDBUFFORCE, &room,
			       sizeof(room)) < 0)
			die("socket");
	}
}

static void read_data(void)
{
	struct stat st;
	int fd;

	if (!option.file) {
		data = calloc(1, option.bytes);
		return;
	}
	fd = open(option.file, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		die(option.file);
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd,
		    0);
	data_count = st.st_size / option.bytes;
	if (data == MAP_FAILED || !data_count)
		die(option.file);
}

static void read_option(const char *key, const char *value)
{
	static const struct {
		const char *key;
		uint32_t *to;
	} numbers[] = {
		{ "count", &option.count }, { "bytes", &option.bytes },
		{ "rate", &option.rate }, { "conns", &option.conns },
		{ "flows", &option.flows }, { "step", &option.step },
	};
	size_t i;

	if (!strcmp(key, "file"))
		option.file = value;
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(key, numbers[i].key))
			*numbers[i].to = strtoul(value, NULL, 0);
}

int main(int argc, char **argv)
{
	struct in_addr address;
	uint64_t start;
	char *equals;
	uint32_t n;
	int i;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &address) != 1)
		return 2;
	option.address = ntohl(address.s_addr);
	option.port = strtoul(argv[2], NULL, 0);
	for (i = 3; i < argc; i++) {
		equals = strchr(argv[i], '=');
		if (!equals)
			return 2;
		*equals++ = '\0';
		read_option(argv[i], equals);
	}
	open_sockets();
	read_data();
	start = now();
	for (n = 0; n < option.count; n++) {
		if (option.rate)
			wait_for(start + n * SECOND / option.rate);
		send_one(n);
	}
	printf("%" PRIu64 "\n", now() - start);
	return 0;
}
