// SPDX-License-Identifier: GPL-2.0
/* Everything that a tunnel consists of or stands on is taken away under
 * traffic, in every order.
 *
 * usage: lifetimes orders DEPTH	all orders of so many of the events
 *	  lifetimes cycles COUNT	the same tunnel again and again; does it
 *					leave memory behind?
 *
 * A device that is in a namespace of its own has its sockets in another; the
 * other end of the tunnel is in a third. Nothing but this program holds any of
 * them, and each has one end of a veth whose other end tells when it is gone.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>

#include "rtnl.h"
#include "tunnel.h"

#define DEVICE		"mqvpn0"
#define IFINDEX		1000
#define LINKS		2
#define DELAY_US	2000
#define BURST		8		/* packets before each event */
#define PATIENCE_MS	5000
#define STEP_MS		5
#define WARM_UP		10		/* tunnels, until caches are full */
#define DRIFT_MAX_KB	256
#define SLAB_MAX_KB	64

enum where { INSIDE, BELOW, OTHER, PLACES };

static const char *const canaries[PLACES] = { "inside", "below", "other" };
static const char *const inner[ENDS] = { "192.168.9.1", "192.168.9.2" };
static const char *const outer[ENDS][LINKS] = {
	{ "10.0.1.1", "10.0.2.1" }, { "10.0.1.2", "10.0.2.2" },
};
static const char *const links[LINKS] = { "link0", "link1" };

static struct place {
	int netns;
	struct mnl_socket *rt;
	struct nl nl;
} places[PLACES];

static int home, traffic = -1;
static struct mnl_socket *home_rt;
static struct nl owner;
static bool module_gone;
static uint32_t number;
static char story[16];

static void fail(const char *what)
{
	printf("# after %s: %s\n", story, what);
	exit(1);
}

static void enter(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		nl_die("setns");
}

/* --- the module --- */

static void module_load(void)
{
	const char *file = getenv("MQVPN_KO");
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		nl_die("module");
	close(fd);
	module_gone = false;
}

static bool wait_for(bool (*done)(int arg), int arg)
{
	for (unsigned int ms = 0; ms < PATIENCE_MS; ms += STEP_MS) {
		if (done(arg))
			return true;
		usleep(STEP_MS * 1000);
	}
	return false;
}

static bool module_unloads(int arg)
{
	return !syscall(SYS_delete_module, "mqvpn", O_NONBLOCK);
}

/* --- places --- */

static void place_new(enum where where)
{
	struct place *place = &places[where];

	if (unshare(CLONE_NEWNET))
		nl_die("unshare");
	place->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (place->netns < 0)
		nl_die("namespace");
	place->rt = rtnl_socket();
	nl_open(&place->nl, "lo");
	place->nl.ifindex = IFINDEX;
	enter(home);
	if (rtnl_veth_add(home_rt, canaries[where], place->netns))
		nl_die("canary");
}

static bool place_is_gone(int where)
{
	return !if_nametoindex(canaries[where]);
}

/* The last that holds it, if a tunnel does not. */
static void place_leave(enum where where)
{
	struct place *place = &places[where];

	if (place->netns < 0)
		return;
	mnl_socket_close(place->rt);
	mnl_socket_close(place->nl.sock);
	close(place->netns);
	place->netns = -1;
}

static void place_await_end(enum where where)
{
	if (!wait_for(place_is_gone, where))
		fail("a namespace lives on");
}

static unsigned int link_index(enum where where, const char *name)
{
	unsigned int ifindex;

	enter(places[where].netns);
	ifindex = if_nametoindex(name);
	enter(home);
	return ifindex;
}

static void link_set_up(enum where where, const char *name, const char *address)
{
	struct mnl_socket *rt = places[where].rt;
	unsigned int ifindex = link_index(where, name);

	if (rtnl_addr(rt, RTM_NEWADDR, ifindex, address) ||
	    rtnl_link_up(rt, name, true) ||
	    (ifindex != IFINDEX && rtnl_netem(rt, ifindex, DELAY_US)))
		nl_die("link");
}

/* --- the tunnel --- */

static void answered(unsigned int cmd, int err)
{
	errno = err;
	if (err)
		nl_die(spec_ops[cmd].name);
}

static void end_make(enum tunnel_end here, enum where where)
{
	const struct tunnel tunnel = {
		.nl = &places[where].nl,
		.here = here,
		.number = number,
		.inner = inner[!here],
		.paths = LINKS,
		.local = outer[here],
		.remote = outer[!here],
		.answered = answered,
	};

	tunnel_make(&tunnel);
	link_set_up(where, DEVICE, inner[here]);
}

static void owner_request(unsigned int cmd, uint16_t nest)
{
	static const unsigned char frames[] = { 0x10, 0x05 };
	uint32_t port = mnl_socket_get_portid(owner.sock);
	char buffer[256] __attribute__((aligned(8)));
	struct nl_answer answer;
	struct nlmsghdr *nlh;
	struct nlattr *start;

	nlh = tunnel_begin(&owner, buffer, cmd, 0, 1);
	start = mnl_attr_nest_start(nlh, nest);
	if (cmd == MQVPN_CMD_OWNER_SET) {
		mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT, port);
		mnl_attr_put_u32(nlh, MQVPN_A_OWNER_PACKETS_PORT, port);
		mnl_attr_put_u32(nlh, MQVPN_A_OWNER_EVENTS_PORT, port);
	} else {
		mnl_attr_put(nlh, MQVPN_A_FRAMES_DATA, sizeof(frames), frames);
		mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_COOKIE, 1);
	}
	mnl_attr_nest_end(nlh, start);
	nl_call(&owner, nlh, &answer, NULL, NULL);
	answered(cmd, answer.err);
}

/* With frames that are on their way for as long as the links take. */
static void owner_new(void)
{
	enter(places[INSIDE].netns);
	nl_open(&owner, "lo");
	owner.ifindex = IFINDEX;
	enter(home);
	owner_request(MQVPN_CMD_OWNER_SET, MQVPN_A_OWNER);
	owner_request(MQVPN_CMD_FRAME_TX, MQVPN_A_FRAMES);
}

static void traffic_open(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9) };

	enter(places[OTHER].netns);
	traffic = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enter(home);
	inet_pton(AF_INET, inner[CLIENT], &to.sin_addr);
	if (traffic < 0 || connect(traffic, (void *)&to, sizeof(to)))
		nl_die("traffic");
}

/* Nobody listens there: each is answered, once and a little later. */
static void burst(void)
{
	static const char bytes[1000];

	for (unsigned int i = 0; traffic >= 0 && i < BURST; i++)
		send(traffic, bytes, sizeof(bytes), 0);
}

static bool traffic_is_answered(int arg)
{
	char byte;

	return recv(traffic, &byte, 1, 0) < 0 && errno == ECONNREFUSED;
}

static void build(void)
{
	number++;
	for (unsigned int where = 0; where < PLACES; where++)
		place_new(where);
	for (unsigned int i = 0; i < LINKS; i++) {
		if (rtnl_veth_add(places[BELOW].rt, links[i],
				  places[OTHER].netns))
			nl_die("veth");
		link_set_up(BELOW, links[i], outer[CLIENT][i]);
		link_set_up(OTHER, links[i], outer[SERVER][i]);
	}
	if (rtnl_mqvpn_add(places[BELOW].rt, DEVICE, IFINDEX,
			   places[INSIDE].netns) ||
	    rtnl_mqvpn_add(places[OTHER].rt, DEVICE, IFINDEX, -1))
		nl_die("device");
	end_make(SERVER, OTHER);
	end_make(CLIENT, INSIDE);
	owner_new();
	traffic_open();
	burst();
	if (!wait_for(traffic_is_answered, 0))
		fail("no traffic");
	burst();
}

/* --- events; what is no more there is not taken away again --- */

static void device_goes(void)
{
	if (places[INSIDE].netns >= 0)
		rtnl_link_del(places[INSIDE].rt, DEVICE);
}

static void owner_dies(void)
{
	if (owner.sock)
		mnl_socket_close(owner.sock);
	owner.sock = NULL;
}

static void inside_goes(void)
{
	owner_dies();
	place_leave(INSIDE);
	place_await_end(INSIDE);
}

static void below_goes(void)
{
	place_leave(BELOW);
	place_await_end(BELOW);
}

static void link_goes(void)
{
	if (places[BELOW].netns >= 0)
		rtnl_link_del(places[BELOW].rt, links[0]);
}

/* Into the tunnel itself. */
static void route_turns(void)
{
	for (unsigned int i = 0; i < LINKS; i++)
		rtnl_route(places[OTHER].rt, RTM_NEWROUTE, IFINDEX,
			   outer[CLIENT][i]);
}

static void module_goes(void)
{
	if (!wait_for(module_unloads, 0))
		fail("the module does not unload");
	module_gone = true;
}

static const struct {
	char sign;
	void (*act)(void);
} events[] = {
	{ 'D', device_goes }, { 'I', inside_goes }, { 'B', below_goes },
	{ 'L', link_goes }, { 'R', route_turns }, { 'M', module_goes },
	{ 'O', owner_dies },
};

static void tear_down(void)
{
	close(traffic);
	traffic = -1;
	owner_dies();
	for (unsigned int where = 0; where < PLACES; where++)
		place_leave(where);
	for (unsigned int where = 0; where < PLACES; where++)
		place_await_end(where);
	if (module_gone)
		module_load();
}

static void in_order(const unsigned int *order, unsigned int depth)
{
	memset(story, 0, sizeof(story));
	build();
	for (unsigned int i = 0; i < depth; i++) {
		burst();
		story[i] = events[order[i]].sign;
		events[order[i]].act();
	}
	burst();
	tear_down();
}

/* Each choice of so many events that are left, in each order. */
static unsigned int permute(unsigned int *order, unsigned int at,
			    unsigned int depth, unsigned int used)
{
	unsigned int count = 0;

	if (at == depth) {
		in_order(order, depth);
		return 1;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++) {
		if (used >> i & 1)
			continue;
		order[at] = i;
		count += permute(order, at + 1, depth, used | 1U << i);
	}
	return count;
}

static void orders(unsigned int depth)
{
	unsigned int order[ARRAY_SIZE(events)];

	printf("# %u orders\n", permute(order, 0, depth, 0));
}

/* --- memory --- */

static void forget_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "3", 1) != 1)
		nl_die("caches");
	close(fd);
}

static long meminfo_kb(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			kb = strtol(line + strlen(name) + 1, NULL, 10);
	if (file)
		fclose(file);
	return kb;
}

static bool cycles(unsigned int count)
{
	long available = 0, slab = 0;

	for (unsigned int i = 0; i < WARM_UP + count; i++) {
		if (i == WARM_UP) {
			forget_caches();
			available = meminfo_kb("MemAvailable");
			slab = meminfo_kb("SUnreclaim");
		}
		in_order(NULL, 0);
	}
	forget_caches();
	available -= meminfo_kb("MemAvailable");
	slab = meminfo_kb("SUnreclaim") - slab;
	printf("# %u tunnels leave %ld KB, of them %ld in slabs\n", count,
	       available, slab);
	return available < DRIFT_MAX_KB && slab < SLAB_MAX_KB;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: lifetimes orders|cycles NUMBER\n");
		return 2;
	}
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		nl_die("namespace");
	home_rt = rtnl_socket();
	if (!strcmp(argv[1], "cycles"))
		return !cycles(strtoul(argv[2], NULL, 10));
	orders(strtoul(argv[2], NULL, 10));
	return 0;
}
