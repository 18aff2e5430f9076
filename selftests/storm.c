// SPDX-License-Identifier: GPL-2.0
/* All control operations at random, at both ends of a tunnel and on all CPUs at
 * once, while the tunnel is made anew over and over, so that it carries what is
 * sent through it, most of the time.
 *
 * usage: storm SECONDS
 *
 * Runs among the namespaces "client" and "server", joined by links a and b as
 * selftests/lib/mqvpn.sh makes them. MQVPN_SEED=NUMBER chooses what each worker
 * does; which of them comes first is the scheduler's to say.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

#include "rtnl.h"
#include "tunnel.h"

#define DEVICE		"mqvpn0"
#define IFINDEX		1000		/* of DEVICE; those after it come and go */
#define DEVICES		3
#define CONNS		5		/* the first is the one with traffic */
#define PATHS		2		/* that it has; more may be made */
#define SINK_PORT	9
#define RENEW_MS	300
#define CPUS_MAX	8
#define PATIENCE_S	120

static const char *const end_names[ENDS] = { "client", "server" };
static const char *const inner[ENDS] = { "192.168.9.1", "192.168.9.2" };
static const char *const outer[ENDS][PATHS] = {
	{ "10.0.1.1", "10.0.2.1" }, { "10.0.1.2", "10.0.2.2" },
};
static const char *const links[PATHS] = { "veth-a", "veth-b" };

/* Of this process: where it is, and its chance. */
static enum tunnel_end here;
static struct nl nl;
static struct mnl_socket *rt;
static uint64_t state;
static char request[NL_ROOM] __attribute__((aligned(8)));

/* Of all of them. */
static struct shared {
	atomic_uint epoch;	/* of the tunnel: its keys and IDs */
	atomic_bool over;
	atomic_ulong done[SPEC_OPS], refused[SPEC_OPS];
	atomic_ulong sent, received, renewed;
} *shared;

/* xorshift64*: the same everywhere */
static uint32_t rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL) >> 32;
}

static bool one_in(unsigned int n)
{
	return !(rnd() % n);
}

/* --- places --- */

static void enter(enum tunnel_end end)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/run/netns/%s", end_names[end]);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		nl_die(name);
	close(fd);
	here = end;
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		nl_die("affinity");
}

static void open_netlink(void)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int on = 1, fd;

	nl_open(&nl, "lo");
	nl.ifindex = IFINDEX;
	/* messages to an owner that does not read are none to its commands */
	fd = mnl_socket_get_fd(nl.sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	rt = rtnl_socket();
}

/* --- commands of the family: a line of the table below each --- */

static void put_device(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, MQVPN_A_DEVICE_SCHEDULER, "wlb");
}

static void put_socket(struct nlmsghdr *nlh)
{
	mnl_attr_put_u16(nlh, MQVPN_A_SOCKET_LOCAL_PORT,
			 htons(5000 + rnd() % 16));
}

static void put_socket_id(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, MQVPN_A_SOCKET_ID, 1 + rnd() % 100);
}

static void put_conn(struct nlmsghdr *nlh)
{
	tunnel_put_conn(nlh, here);
}

static void put_conn_times(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, MQVPN_A_CONN_IDLE_TIMEOUT,
			 one_in(8) ? 20 : rnd() % 20000);
	mnl_attr_put_u32(nlh, MQVPN_A_CONN_KEEPALIVE, rnd() % 200);
}

static void put_close(struct nlmsghdr *nlh)
{
	mnl_attr_put_u64(nlh, MQVPN_A_CONN_CLOSE_CODE, rnd());
	mnl_attr_put_strz(nlh, MQVPN_A_CONN_CLOSE_REASON, "storm");
}

static void put_cid(struct nlmsghdr *nlh)
{
	tunnel_put_cid(nlh, here, rnd() % 2, rnd() % 3, rnd() % 3,
		       one_in(8) ? shared->epoch : rnd());
}

static void put_cid_name(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, MQVPN_A_CID_END, rnd() % 2);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_PATH_ID, rnd() % 4);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_SEQUENCE, rnd() % 3);
}

/* Mostly the one that is there: traffic goes on while it is replaced. */
static void put_key(struct nlmsghdr *nlh)
{
	tunnel_put_key(nlh, here, rnd() % 2,
		       one_in(64) ? rnd() : shared->epoch);
}

static void put_path(struct nlmsghdr *nlh)
{
	unsigned int link = rnd() % PATHS;

	if (one_in(8)) {
		tunnel_put_path(nlh, rnd() % 4, outer[here][link],
				outer[!here][link]);
		return;
	}
	/* whichever has IDs, from any port */
	tunnel_put_ipv4(nlh, MQVPN_A_PATH_REMOTE_IPV4, outer[!here][link]);
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_REMOTE_PORT, htons(TUNNEL_PORT + link));
}

static void put_path_id(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, rnd() % 4);
}

static void put_path_share(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, rnd() % 3);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_WEIGHT, 1 + rnd() % 9);
	mnl_attr_put_u64(nlh, MQVPN_A_PATH_RATE_LIMIT,
			 one_in(16) ? 1000000 : 0);
}

static void put_prefix(struct nlmsghdr *nlh)
{
	if (one_in(4))
		tunnel_put_prefix(nlh, inner[!here], 32);
	else
		tunnel_put_prefix(nlh, "10.77.0.0", 16 + rnd() % 4);
}

static void put_owner(struct nlmsghdr *nlh)
{
	uint32_t port = mnl_socket_get_portid(nl.sock);

	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_PACKETS_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_EVENTS_PORT, port);
	if (!one_in(3))
		mnl_attr_put(nlh, MQVPN_A_OWNER_TAKEOVER, 0, NULL);
}

/* MAX_DATA, some with a state to remember */
static void put_frames(struct nlmsghdr *nlh)
{
	static const unsigned char frames[] = { 0x10, 0x05 };

	mnl_attr_put(nlh, MQVPN_A_FRAMES_DATA, sizeof(frames), frames);
	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_COOKIE, rnd() % 32);
	if (one_in(4))
		mnl_attr_put(nlh, MQVPN_A_FRAMES_OWNER_BLOB, rnd() % 4096,
			     request);
	if (one_in(4))
		mnl_attr_put_u32(nlh, MQVPN_A_FRAMES_NOT_ON_PATH, rnd() % 2);
	else if (one_in(4))
		mnl_attr_put_u32(nlh, MQVPN_A_FRAMES_ONLY_ON_PATH, rnd() % 4);
}

static void put_cookie(struct nlmsghdr *nlh)
{
	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_COOKIE, rnd() % 32);
}

static void put_sequence(struct nlmsghdr *nlh)
{
	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_SEQUENCE, rnd() % 64);
}

/* A short header and an Initial, both of nobody. */
static void put_packet(struct nlmsghdr *nlh)
{
	static unsigned char bytes[1200] = { 0x40 };

	bytes[0] = one_in(2) ? 0x40 : 0xc0;
	mnl_attr_put_u32(nlh, MQVPN_A_PACKET_SOCKET, 1 + rnd() % 100);
	tunnel_put_ipv4(nlh, MQVPN_A_PACKET_REMOTE_IPV4, outer[!here][rnd() % PATHS]);
	mnl_attr_put_u16(nlh, MQVPN_A_PACKET_REMOTE_PORT,
			 htons(TUNNEL_PORT + rnd() % 4));
	mnl_attr_put(nlh, MQVPN_A_PACKET_DATA, sizeof(bytes), bytes);
}

/* What ends the tunnel is seldom done to it, but often to the others. */
enum whose { ALL, OTHERS };

static const struct command {
	unsigned int weight;
	unsigned int cmd;
	enum whose whose;
	uint16_t nest;
	void (*put)(struct nlmsghdr *nlh);
} commands[] = {
	{ 2, MQVPN_CMD_DEVICE_GET, ALL, 0, NULL },
	{ 2, MQVPN_CMD_DEVICE_SET, ALL, MQVPN_A_DEVICE, put_device },
	{ 4, MQVPN_CMD_SOCKET_NEW, ALL, MQVPN_A_SOCKET, put_socket },
	{ 2, MQVPN_CMD_SOCKET_DEL, ALL, MQVPN_A_SOCKET, put_socket_id },
	{ 4, MQVPN_CMD_CONN_NEW, ALL, MQVPN_A_CONNECTION, put_conn },
	{ 2, MQVPN_CMD_CONN_SET, ALL, MQVPN_A_CONNECTION, put_conn_times },
	{ 1, MQVPN_CMD_CONN_DEL, OTHERS, 0, NULL },
	{ 2, MQVPN_CMD_CONN_GET, ALL, 0, NULL },
	{ 1, MQVPN_CMD_CONN_CLOSE, OTHERS, MQVPN_A_CONNECTION, put_close },
	{ 12, MQVPN_CMD_CID_NEW, ALL, MQVPN_A_CID, put_cid },
	{ 2, MQVPN_CMD_CID_DEL, OTHERS, MQVPN_A_CID, put_cid_name },
	{ 3, MQVPN_CMD_KEY_SET, ALL, MQVPN_A_KEY, put_key },
	{ 2, MQVPN_CMD_KEY_UPDATE, ALL, 0, NULL },
	{ 9, MQVPN_CMD_PATH_NEW, ALL, MQVPN_A_PATH, put_path },
	{ 3, MQVPN_CMD_PATH_SET, ALL, MQVPN_A_PATH, put_path_share },
	{ 2, MQVPN_CMD_PATH_DEL, OTHERS, MQVPN_A_PATH, put_path_id },
	{ 4, MQVPN_CMD_PREFIX_NEW, ALL, MQVPN_A_PREFIX, put_prefix },
	{ 2, MQVPN_CMD_PREFIX_DEL, OTHERS, MQVPN_A_PREFIX, put_prefix },
	{ 2, MQVPN_CMD_OWNER_SET, ALL, MQVPN_A_OWNER, put_owner },
	{ 2, MQVPN_CMD_PACKET_TX, ALL, MQVPN_A_PACKET, put_packet },
	{ 2, MQVPN_CMD_PACKET_RX, ALL, MQVPN_A_PACKET, put_packet },
	{ 2, MQVPN_CMD_FRAMES_ACK, ALL, MQVPN_A_FRAMES, put_sequence },
	{ 8, MQVPN_CMD_FRAME_TX, ALL, MQVPN_A_FRAMES, put_frames },
	{ 2, MQVPN_CMD_FRAME_CANCEL, ALL, MQVPN_A_FRAMES, put_cookie },
};

static void answered(unsigned int cmd, int err)
{
	if (err)
		shared->refused[cmd]++;
	else
		shared->done[cmd]++;
}

static void call(struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct nl_answer answer;

	nl_call(&nl, nlh, &answer, NULL, NULL);
	answered(genl->cmd, answer.err);
}

static void do_command(const struct command *c)
{
	uint32_t conn = 1 + rnd() % CONNS;
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	if (!nl.can_do[c->cmd])
		return;
	if (conn == 1 && c->whose == OTHERS && !one_in(40))
		conn = 2;
	nl.ifindex = IFINDEX + (one_in(4) ? rnd() % DEVICES : 0);
	nlh = tunnel_begin(&nl, request, c->cmd, 0, conn);
	if (c->nest) {
		nest = mnl_attr_nest_start(nlh, c->nest);
		c->put(nlh);
		mnl_attr_nest_end(nlh, nest);
	}
	call(nlh);
}

static void any_command(void)
{
	unsigned int sum = 0, at, i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		sum += commands[i].weight;
	at = rnd() % sum;
	for (i = 0; at >= commands[i].weight; i++)
		at -= commands[i].weight;
	do_command(&commands[i]);
}

static void any_dump(void)
{
	unsigned int cmd;

	do {
		cmd = 1 + rnd() % (SPEC_OPS - 1);
	} while (!nl.can_dump[cmd]);
	nl.ifindex = IFINDEX + (one_in(4) ? rnd() % DEVICES : 0);
	call(tunnel_begin(&nl, request, cmd, NLM_F_DUMP, 0));
}

/* An owner that dies before it has read anything. */
static void owner_dies(void)
{
	pid_t pid;

	/* the next one's chance is another */
	rnd();
	pid = fork();
	if (pid < 0)
		nl_die("fork");
	if (!pid) {
		open_netlink();
		do_command(&(const struct command){
			1, MQVPN_CMD_OWNER_SET, ALL, MQVPN_A_OWNER, put_owner });
		if (one_in(2))
			call(tunnel_begin(&nl, request, MQVPN_CMD_CONN_ADOPT,
					  NLM_F_DUMP, 0));
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
}

/* --- devices, links, routes --- */

static void device_name(char *name, unsigned int number)
{
	snprintf(name, IFNAMSIZ, "mqvpn%u", number);
}

static void device_add(unsigned int number, int netns)
{
	char name[IFNAMSIZ];

	device_name(name, number);
	rtnl_mqvpn_add(rt, name, IFINDEX + number, netns);
}

static void device_up(void)
{
	rtnl_addr(rt, RTM_NEWADDR, IFINDEX, inner[here]);
	rtnl_link_up(rt, DEVICE, true);
}

static void any_device(void)
{
	unsigned int number = one_in(10) ? 0 : 1 + rnd() % (DEVICES - 1);
	char name[IFNAMSIZ];

	device_name(name, number);
	if (one_in(2))
		rtnl_link_del(rt, name);
	device_add(number, -1);
	rtnl_link_up(rt, name, !one_in(3));
}

static void any_mtu(void)
{
	struct nlmsghdr *nlh = rtnl_link(request, RTM_NEWLINK, 0, DEVICE);

	mnl_attr_put_u32(nlh, IFLA_MTU, 1280 + rnd() % 300);
	rtnl_call(rt, nlh);
}

static void down_and_up(void)
{
	const char *name = one_in(3) ? DEVICE : links[rnd() % PATHS];

	rtnl_link_up(rt, name, false);
	rtnl_link_up(rt, name, true);
	/* which forgets the routes of the device, but not its address */
}

static void address_goes(void)
{
	unsigned int link = rnd() % PATHS;
	unsigned int ifindex = if_nametoindex(links[link]);

	rtnl_addr(rt, RTM_DELADDR, ifindex, outer[here][link]);
	rtnl_addr(rt, RTM_NEWADDR, ifindex, outer[here][link]);
}

/* To the other end by the other link, or by the tunnel itself. */
static void route_moves(void)
{
	unsigned int link = rnd() % PATHS;
	unsigned int to = one_in(2) ? IFINDEX : if_nametoindex(links[!link]);

	rtnl_route(rt, RTM_NEWROUTE, to, outer[!here][link]);
	usleep(1000);
	rtnl_route(rt, RTM_DELROUTE, to, outer[!here][link]);
}

/* The device's namespace goes, or that of its sockets, or both. */
static void namespace_goes(void)
{
	char name[IFNAMSIZ];
	pid_t pid = fork();
	int home;

	if (pid < 0)
		nl_die("fork");
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || unshare(CLONE_NEWNET))
		nl_die("namespace");
	open_netlink();
	rtnl_link_up(rt, "lo", true);
	device_name(name, DEVICES);
	nl.ifindex = IFINDEX + DEVICES;
	device_add(DEVICES, one_in(2) ? home : -1);
	for (unsigned int i = 0; i < 12; i++)
		any_command();
	_exit(0);
}

static const struct {
	unsigned int weight;
	void (*act)(void);
} actions[] = {
	{ 200, any_command }, { 20, any_dump }, { 4, any_device },
	{ 4, any_mtu }, { 4, down_and_up }, { 4, address_goes },
	{ 4, route_moves }, { 2, owner_dies }, { 1, namespace_goes },
};

static void work(void)
{
	unsigned int sum = 0, at, i;

	open_netlink();
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		sum += actions[i].weight;
	while (!shared->over) {
		at = rnd() % sum;
		for (i = 0; at >= actions[i].weight; i++)
			at -= actions[i].weight;
		actions[i].act();
	}
}

/* --- the tunnel --- */

/*
 * This end's part of it. Other workers may undo what a step needs before it
 * comes, or have done it already.
 */
static void renew(void)
{
	const struct tunnel tunnel = {
		.nl = &nl,
		.here = here,
		.number = shared->epoch,
		.inner = inner[!here],
		.paths = PATHS,
		.local = outer[here],
		.remote = outer[!here],
		.answered = answered,
	};

	nl.ifindex = IFINDEX;
	device_add(0, -1);
	device_up();
	call(tunnel_begin(&nl, request, MQVPN_CMD_CONN_DEL, 0, 1));
	tunnel_make(&tunnel);
	shared->renewed++;
}

/* Follow the epoch, in which both ends are alike. */
static void keep(void)
{
	uint32_t mine = 0;

	open_netlink();
	while (!shared->over) {
		if (mine == shared->epoch) {
			usleep(5000);
			continue;
		}
		mine = shared->epoch;
		renew();
	}
}

/* --- traffic, besides that of other programs --- */

static int inner_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		nl_die("socket");
	return fd;
}

static void send_all_the_time(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(SINK_PORT) };
	static char bytes[1400];
	int fd = inner_socket();

	inet_pton(AF_INET, inner[!here], &to.sin_addr);
	while (!shared->over) {
		if (sendto(fd, bytes, rnd() % sizeof(bytes), 0, (void *)&to,
			   sizeof(to)) < 0)
			usleep(1000);
		else
			shared->sent++;
		if (one_in(16))
			usleep(500);
	}
}

static void receive_all(void)
{
	struct timeval patience = { .tv_usec = 100000 };
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(SINK_PORT) };
	int fd = inner_socket();
	char bytes[1500];

	if (bind(fd, (void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		nl_die("sink");
	while (!shared->over)
		if (recv(fd, bytes, sizeof(bytes), 0) > 0)
			shared->received++;
}

/* --- all of them --- */

static unsigned int processes;

static void start(enum tunnel_end end, unsigned int cpu, void (*body)(void))
{
	uint64_t seed = state + ++processes * 0x9e3779b97f4a7c15ULL;
	pid_t pid = fork();

	if (pid < 0)
		nl_die("fork");
	if (pid)
		return;
	state = seed | 1;
	pin(cpu);
	enter(end);
	body();
	exit(0);
}

static void start_all(void)
{
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (unsigned int end = 0; end < ENDS; end++) {
		for (unsigned int cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++)
			start(end, cpu, work);
		start(end, end % cpus, keep);
		start(end, !end % cpus, send_all_the_time);
		start(end, end % cpus, receive_all);
	}
}

/* A storm whose commands are all refused tries nothing. */
static bool report(void)
{
	unsigned int tried = 0, met = 0;

	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++) {
		if (!shared->done[cmd] && !shared->refused[cmd])
			continue;
		printf("# %s: %lu, refused %lu\n", spec_ops[cmd].name,
		       shared->done[cmd], shared->refused[cmd]);
		tried++;
		met += !!shared->done[cmd];
	}
	printf("# renewed %lu times, %lu packets sent, %lu received\n",
	       shared->renewed, shared->sent, shared->received);
	return 4 * met >= 3 * tried && shared->received > shared->renewed;
}

/* A worker that fails has said why. */
static bool all_end_well(void)
{
	bool well = true;
	int status;

	while (wait(&status) > 0)
		well &= WIFEXITED(status) && !WEXITSTATUS(status);
	return well;
}

static bool dead_already(void)
{
	int status;

	return waitpid(-1, &status, WNOHANG) > 0;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("MQVPN_SEED");
	bool well = true;
	double end;

	if (argc != 2) {
		fprintf(stderr, "usage: storm SECONDS\n");
		return 2;
	}
	if (seed)
		state = strtoull(seed, NULL, 0);
	else if (getrandom(&state, sizeof(state), 0) != sizeof(state))
		nl_die("seed");
	printf("# MQVPN_SEED=%llu\n", (unsigned long long)state);
	fflush(stdout);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		nl_die("memory");
	end = now() + strtoul(argv[1], NULL, 10);
	start_all();
	while (well && now() < end) {
		shared->epoch++;
		usleep(RENEW_MS * 1000);
		well = !dead_already();
	}
	shared->over = true;
	well &= all_end_well();
	return !(report() && well);
}
