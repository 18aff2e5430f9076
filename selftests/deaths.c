// SPDX-License-Identifier: GPL-2.0
/* An owner at the server that dies by SIGKILL after its n-th netlink message,
 * for each n, is started again, and goes on: the client has each of its
 * requests answered, once and in order, and every acknowledgment it waits for.
 *
 * usage: deaths DEVICE
 *
 * Runs among the namespaces "client" and "server" of a tunnel whose connection
 * is 1. Requests and answers are numbers in MAX_DATA frames. All that the owner
 * knows of the time before its death is its blob, the last number it answered.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "tunnel.h"

#define ROUND		3		/* requests */
#define FRAME_LEN	9
#define CONN		1
#define PATIENCE_MS	10000
#define MESSAGE_MAX	1150

static struct nl nl;			/* commands, and the other two ports */
static struct mnl_socket *frames;	/* what the kernel hands up */
static const char *device;
static char request[8192] __attribute__((aligned(8)));

/* Of the owner that dies. */
static unsigned long boundaries, last_boundary;
static uint64_t state, sequence;
static bool delivered;

static void boundary(void)
{
	if (++boundaries == last_boundary)
		raise(SIGKILL);
}

static void enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		nl_die(path);
	close(fd);
}

/* --- numbers in frames --- */

static void put_frame(unsigned char *to, uint64_t value)
{
	*to++ = 0x10;
	*to++ = 0xc0;
	for (int shift = 48; shift >= 0; shift -= 8)
		*to++ = value >> shift;
}

static uint64_t get_frame(const unsigned char *from)
{
	uint64_t value = 0;

	for (unsigned int i = 2; i < FRAME_LEN; i++)
		value = value << 8 | from[i];
	return value;
}

/* --- messages --- */

/* What of one from the kernel matters here. */
struct message {
	uint64_t sequence;
	uint64_t cookie;
	uint64_t blob;
	const unsigned char *data;
	unsigned int len;
	bool is_cookie;
};

static struct message parse(const struct nlmsghdr *nlh)
{
	struct message m = { 0 };
	const struct nlattr *attr, *field;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) != MQVPN_A_FRAMES)
			continue;
		mnl_attr_for_each_nested(field, attr) {
			unsigned int len = mnl_attr_get_payload_len(field);

			switch (mnl_attr_get_type(field)) {
			case MQVPN_A_FRAMES_SEQUENCE:
				m.sequence = mnl_attr_get_u64(field);
				break;
			case MQVPN_A_FRAMES_COOKIE:
				m.cookie = mnl_attr_get_u64(field);
				m.is_cookie = true;
				break;
			case MQVPN_A_FRAMES_OWNER_BLOB:
				if (len == sizeof(m.blob))
					m.blob = mnl_attr_get_u64(field);
				break;
			case MQVPN_A_FRAMES_DATA:
				m.data = mnl_attr_get_payload(field);
				m.len = len;
				break;
			}
		}
	}
	return m;
}

static void demand(struct nlmsghdr *nlh, nl_reader reader)
{
	struct nl_answer answer;

	nlh->nlmsg_seq = ++nl.seq;
	if (mnl_socket_sendto(nl.sock, nlh, nlh->nlmsg_len) < 0)
		nl_die("send");
	boundary();
	if (!nl_receive(&nl, &answer, reader, NULL))
		nl_die("no answer");
	boundary();
	if (!answer.err)
		return;
	printf("# netlink: %s, %s\n", strerror(answer.err), answer.text);
	exit(1);
}

static struct nlmsghdr *begin(unsigned int cmd, struct nlattr **nest,
			      uint16_t type)
{
	struct nlmsghdr *nlh = tunnel_begin(&nl, request, cmd, 0, CONN);

	*nest = mnl_attr_nest_start(nlh, type);
	return nlh;
}

static void finish(struct nlmsghdr *nlh, struct nlattr *nest)
{
	mnl_attr_nest_end(nlh, nest);
	demand(nlh, NULL);
}

static void become_owner(void)
{
	uint32_t port;
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	nl_open(&nl, device);
	boundary();
	frames = nl_socket();
	port = mnl_socket_get_portid(nl.sock);
	nlh = begin(MQVPN_CMD_OWNER_SET, &nest, MQVPN_A_OWNER);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT,
			 mnl_socket_get_portid(frames));
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_PACKETS_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_EVENTS_PORT, port);
	finish(nlh, nest);
}

static void deliver(const unsigned char *data, unsigned int len,
		    uint64_t cookie, const uint64_t *blob)
{
	struct nlattr *nest;
	struct nlmsghdr *nlh = begin(MQVPN_CMD_FRAME_TX, &nest, MQVPN_A_FRAMES);

	mnl_attr_put(nlh, MQVPN_A_FRAMES_DATA, len, data);
	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_COOKIE, cookie);
	if (blob)
		mnl_attr_put(nlh, MQVPN_A_FRAMES_OWNER_BLOB, sizeof(*blob),
			     blob);
	finish(nlh, nest);
}

static void acknowledge(uint64_t number)
{
	struct nlattr *nest;
	struct nlmsghdr *nlh = begin(MQVPN_CMD_FRAMES_ACK, &nest,
				     MQVPN_A_FRAMES);

	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_SEQUENCE, number);
	finish(nlh, nest);
}

/* Take what the kernel hands up; false if nothing comes for long. */
static bool take(void (*reader)(const struct nlmsghdr *nlh))
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(frames),
			     .events = POLLIN };
	static char buffer[NL_ROOM] __attribute__((aligned(8)));
	int len;

	if (poll(&fd, 1, PATIENCE_MS) != 1)
		return false;
	len = mnl_socket_recvfrom(frames, buffer, sizeof(buffer));
	if (len < 0)
		nl_die("frames");
	boundary();
	for (const struct nlmsghdr *nlh = (const void *)buffer;
	     mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == nl.family)
			reader(nlh);
	return true;
}

/* --- the owner at the server, who is mortal --- */

/* What came before the death and after the adoption is the same. */
static void server_message(const struct message *m)
{
	unsigned char data[MESSAGE_MAX];
	unsigned int len = 0;

	if (m->sequence <= sequence)
		return;
	sequence = m->sequence;
	for (unsigned int at = 0; at + FRAME_LEN <= m->len; at += FRAME_LEN) {
		uint64_t value = get_frame(m->data + at);

		if (value <= state)
			continue;
		state = value;
		put_frame(data + len, value);
		len += FRAME_LEN;
	}
	if (len) {
		delivered = false;
		deliver(data, len, state, &state);
	}
	acknowledge(sequence);
}

static void server_takes(const struct nlmsghdr *nlh)
{
	struct message m = parse(nlh);

	if (m.is_cookie)
		delivered |= m.cookie == state;
	else if (m.data)
		server_message(&m);
}

/* The messages of a dump, to be dealt with when it is over. */
static unsigned char backlog[64][MESSAGE_MAX];
static struct message left[64];
static unsigned int count;

static void adopt(const struct nlmsghdr *nlh, void *data)
{
	struct message m = parse(nlh);

	boundary();
	if (m.is_cookie) {
		delivered &= m.cookie != state;
	} else if (m.data) {
		memcpy(backlog[count], m.data, m.len);
		m.data = backlog[count];
		left[count++] = m;
	} else {
		state = m.blob;
	}
}

static void serve(unsigned long death, uint64_t until)
{
	boundaries = 0;
	last_boundary = death;
	enter("server");
	become_owner();
	delivered = true;
	demand(tunnel_begin(&nl, request, MQVPN_CMD_CONN_ADOPT, NLM_F_DUMP,
			    CONN), adopt);
	for (unsigned int i = 0; i < count; i++)
		server_message(&left[i]);
	while (state < until || !delivered)
		if (!take(server_takes))
			exit(1);
	exit(0);
}

static pid_t start_server(unsigned long death, uint64_t until)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		nl_die("fork");
	if (!pid)
		serve(death, until);
	return pid;
}

/* Return: whether it lived to the end. */
static bool server_ends(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		nl_die("wait");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return false;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	printf("# the owner fails\n");
	exit(1);
}

/* --- the client --- */

static uint64_t asked, answered;
static unsigned int arrived;

static void client_takes(const struct nlmsghdr *nlh)
{
	struct message m = parse(nlh);

	if (m.is_cookie) {
		arrived++;
		return;
	}
	for (unsigned int at = 0; at + FRAME_LEN <= m.len; at += FRAME_LEN) {
		uint64_t value = get_frame(m.data + at);

		if (value != answered + 1) {
			printf("# answer %llu after %llu\n",
			       (unsigned long long)value,
			       (unsigned long long)answered);
			exit(1);
		}
		answered = value;
	}
	acknowledge(m.sequence);
}

static void ask(void)
{
	unsigned char frame[FRAME_LEN];

	put_frame(frame, ++asked);
	deliver(frame, sizeof(frame), asked, NULL);
}

/* One death. Return: whether there was none. */
static bool session(unsigned long death)
{
	bool lived;
	pid_t pid;

	arrived = 0;
	ask();
	pid = start_server(death, asked + ROUND - 1);
	while (asked % ROUND)
		ask();
	lived = server_ends(pid);
	if (!lived && !server_ends(start_server(0, asked)))
		exit(1);
	while (answered < asked || arrived < ROUND) {
		if (take(client_takes))
			continue;
		printf("# death %lu: %llu asked, %llu answered, %u arrived\n",
		       death, (unsigned long long)asked,
		       (unsigned long long)answered, arrived);
		exit(1);
	}
	return lived;
}

int main(int argc, char **argv)
{
	unsigned long death = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: deaths DEVICE\n");
		return 2;
	}
	device = argv[1];
	enter("client");
	become_owner();
	while (!session(++death))
		;
	printf("# %lu deaths\n", death - 1);
	return death < 20;
}
