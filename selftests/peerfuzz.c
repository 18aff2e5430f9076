// SPDX-License-Identifier: GPL-2.0
/* A malicious peer that has the right keys: every frame type with extreme
 * values and cut at every length, then random mixes, in packets that
 * authenticate. Makes the connections itself, and a new one when it was closed:
 * most packets shall come for one that is open.
 *
 * usage: peerfuzz DEVICE SOCKET PEER-NETNS COUNT
 *
 * Runs where DEVICE is, which has SOCKET at 10.0.1.2:4499; the peer is 10.0.1.1
 * in PEER-NETNS. MQVPN_SEED=NUMBER repeats a run.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/random.h>

#include "nlspec.h"
#include "peer.h"

#define SERVER		"10.0.1.2"
#define CLIENT		"10.0.1.1"
#define SERVER_PORT	4499
#define CLIENT_PORT	4700	/* and on, one a path */
#define PATHS		2		/* at most */
#define PAUSE_EVERY	64		/* packets */
#define LOOK_EVERY	2
#define PAYLOAD_MAX	1300

static struct nl nl;
static uint32_t socket_id;
static uint64_t state;

/* The peer */
static int sockets[PATHS];
static uint32_t conn;
static unsigned int paths;
static uint64_t numbers[PATHS];
static struct peer peer;
static unsigned long sent, connections;

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

static void make_cid(u8 *cid, char end, unsigned int path)
{
	memset(cid, 0, MQVPN_CID_LEN);
	cid[0] = end;
	memcpy(cid + 1, &conn, sizeof(conn));
	cid[7] = path;
}

/* --- the connection, at the kernel's end --- */

static char request[4096] __attribute__((aligned(8)));

static struct nlmsghdr *begin(unsigned int cmd)
{
	struct nlmsghdr *nlh = nl_begin(request, nl.family, cmd, 0);

	mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, nl.ifindex);
	mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID, conn);
	return nlh;
}

static int call(struct nlmsghdr *nlh, nl_reader reader, void *data)
{
	struct nl_answer answer;

	nl_call(&nl, nlh, &answer, reader, data);
	return answer.err;
}

static void demand(struct nlmsghdr *nlh)
{
	struct nl_answer answer;

	nl_call(&nl, nlh, &answer, NULL, NULL);
	if (!answer.err)
		return;
	printf("# netlink: %s, %s\n", strerror(answer.err), answer.text);
	exit(1);
}

static void put_tp(struct nlmsghdr *nlh, unsigned int end)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, end);

	mnl_attr_put_u32(nlh, MQVPN_A_TP_MAX_PATH_ID, 8);
	mnl_attr_nest_end(nlh, nest);
}

static void new_conn(void)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_CONN_NEW);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_CONNECTION);

	mnl_attr_put_u32(nlh, MQVPN_A_CONN_ROLE, MQVPN_ROLE_SERVER);
	mnl_attr_put(nlh, MQVPN_A_CONN_MULTIPATH, 0, NULL);
	mnl_attr_put(nlh, MQVPN_A_CONN_CONFIRMED, 0, NULL);
	put_tp(nlh, MQVPN_A_CONN_LOCAL);
	put_tp(nlh, MQVPN_A_CONN_PEER);
	mnl_attr_nest_end(nlh, nest);
	demand(nlh);
}

static void new_key(unsigned int direction)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_KEY_SET);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_KEY);

	mnl_attr_put_u32(nlh, MQVPN_A_KEY_DIRECTION, direction);
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_AEAD, MQVPN_AEAD_AES_128_GCM);
	mnl_attr_put(nlh, MQVPN_A_KEY_SECRET, PEER_SECRET_LEN,
		     peer.secret);
	mnl_attr_nest_end(nlh, nest);
	demand(nlh);
}

static void new_cid(unsigned int end, unsigned int path)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_CID_NEW);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_CID);
	u8 cid[MQVPN_CID_LEN];

	make_cid(cid, end == MQVPN_END_LOCAL ? 'S' : 'C', path);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_END, end);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_PATH_ID, path);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_SEQUENCE, 0);
	mnl_attr_put(nlh, MQVPN_A_CID_ID, sizeof(cid), cid);
	mnl_attr_nest_end(nlh, nest);
	demand(nlh);
}

static void new_path(unsigned int path)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_PATH_NEW);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_PATH);
	struct in_addr remote;

	inet_pton(AF_INET, CLIENT, &remote);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, path);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_SOCKET, socket_id);
	mnl_attr_put(nlh, MQVPN_A_PATH_REMOTE_IPV4, sizeof(remote), &remote);
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_REMOTE_PORT,
			 htons(CLIENT_PORT + path));
	mnl_attr_put(nlh, MQVPN_A_PATH_VALIDATED, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
	demand(nlh);
}

static void connection_new(void)
{
	conn++;
	connections++;
	for (unsigned int i = 0; i < PEER_SECRET_LEN; i++)
		peer.secret[i] = rnd();
	peer_set_keys(&peer);
	new_conn();
	new_key(MQVPN_DIRECTION_TX);
	new_key(MQVPN_DIRECTION_RX);
	/* a second one costs most of the time */
	paths = 1 + one_in(4);
	for (unsigned int path = 0; path < paths; path++) {
		new_cid(MQVPN_END_LOCAL, path);
		new_cid(MQVPN_END_PEER, path);
		new_path(path);
		numbers[path] = 0;
	}
}

static void read_state(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *field;

	if (!spec_check_msg(nlh, MQVPN_CMD_CONN_GET, false))
		exit(1);
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == MQVPN_A_CONNECTION)
			mnl_attr_for_each_nested(field, attr)
				if (mnl_attr_get_type(field) ==
				    MQVPN_A_CONN_STATE)
					*(uint32_t *)data =
						mnl_attr_get_u32(field);
}

static bool is_open(void)
{
	uint32_t now = MQVPN_CONN_STATE_OPEN;

	return !call(begin(MQVPN_CMD_CONN_GET), read_state, &now) &&
	       now == MQVPN_CONN_STATE_OPEN;
}

/* Every other packet ends the connection that it comes for. */
static void renew(void)
{
	call(begin(MQVPN_CMD_CONN_DEL), NULL, NULL);
	connection_new();
}

/* Let time pass, so that timers run. */
static void pause_a_little(void)
{
	char buffer[2048];

	usleep(1000);
	for (unsigned int path = 0; path < PATHS; path++)
		while (recv(sockets[path], buffer, sizeof(buffer),
			    MSG_DONTWAIT) > 0)
			;
}

/* --- packets --- */

/* What a header says that a good peer's does not, now and then. */
static u8 odd_bits(void)
{
	if (!one_in(50))
		return 0;
	return rnd() & (MQVPN_HDR_SPIN | MQVPN_HDR_RESERVED |
			MQVPN_HDR_KEY_PHASE);
}

/* Mostly the next one, never so far ahead that four bytes do not say it. */
static uint64_t next_number(unsigned int path)
{
	if (one_in(100) && numbers[path])
		return numbers[path] - 1;
	if (one_in(100))
		numbers[path] += rnd() % 10000;
	if (one_in(20000))
		numbers[path] += 1 << 30;
	return numbers[path]++;
}

static void send_packet(const u8 *payload, unsigned int len)
{
	unsigned int path = rnd() % paths;
	u8 packet[PAYLOAD_MAX + PEER_OVERHEAD];

	make_cid(packet + 1, 'S', path);
	len = peer_seal(&peer, packet, odd_bits(), path, next_number(path),
			payload, len);
	if (send(sockets[path], packet, len, 0) < 0)
		nl_die("send");
	if (!(++sent % PAUSE_EVERY))
		pause_a_little();
	if (!(sent % LOOK_EVERY) && (!is_open() || one_in(2048)))
		renew();
}

/* --- frames --- */

/*
 * What follows a type: v a varint, p a path, n 8 bytes, c a connection ID and
 * t its token, b bytes with their length, a the body of an acknowledgment, e
 * its ECN counts, r bytes up to the end.
 */
static const struct shape {
	uint64_t type;
	const char *fields;
} shapes[] = {
	{ 0x00, "" }, { 0x01, "" }, { 0x02, "a" }, { 0x03, "ae" },
	{ 0x04, "vvv" }, { 0x05, "vv" }, { 0x06, "vb" }, { 0x07, "b" },
	{ 0x08, "vr" }, { 0x09, "vr" }, { 0x0a, "vb" }, { 0x0b, "vb" },
	{ 0x0c, "vvr" }, { 0x0d, "vvr" }, { 0x0e, "vvb" }, { 0x0f, "vvb" },
	{ 0x10, "v" }, { 0x11, "vv" }, { 0x12, "v" }, { 0x13, "v" },
	{ 0x14, "v" }, { 0x15, "vv" }, { 0x16, "v" }, { 0x17, "v" },
	{ 0x18, "vvct" }, { 0x19, "v" }, { 0x1a, "n" }, { 0x1b, "n" },
	{ 0x1c, "vvb" }, { 0x1d, "vb" }, { 0x1e, "" }, { 0x1f, "v" },
	{ 0x30, "vvr" }, { 0x30, "r" }, { 0x31, "b" }, { 0x32, "v" },
	{ 0x3e, "pa" }, { 0x3f, "pae" }, { 0x40, "v" }, { 0x3e74, "pv" },
	{ 0x3e75, "pv" }, { 0x3e76, "pv" }, { 0x3e77, "pv" },
	{ 0x3e78, "pvvct" }, { 0x3e79, "pv" }, { 0x3e7a, "p" },
	{ 0x3e7b, "p" }, { 0x3e7c, "pv" }, { 0x3e7d, "pv" },
	{ MQVPN_VARINT_MAX, "v" },
};

static const uint64_t extremes[] = {
	0, 1, 2, 8, 20, 63, 64, 255, 1200, 16383, 16384, 65535, 1 << 20,
	(1 << 30) - 1, 1 << 30, 0xfffffffeULL, 0xffffffffULL, 1ULL << 32,
	1ULL << 60, MQVPN_VARINT_MAX - 1, MQVPN_VARINT_MAX,
};

/* Index of the extreme that each field takes, or random ones. */
static uint64_t pick(unsigned int turn)
{
	if (turn < ARRAY_SIZE(extremes))
		return extremes[turn];
	if (one_in(3))
		return extremes[rnd() % ARRAY_SIZE(extremes)];
	return one_in(2) ? rnd() % 16 : ((uint64_t)rnd() << 32 | rnd()) >>
		(2 + rnd() % 61);
}

static u8 *put_bytes(u8 *to, unsigned int len)
{
	while (len--)
		*to++ = rnd();
	return to;
}

/* Largest, delay, count, first range, and ranges: a few, whatever they say. */
static u8 *put_ack(u8 *to, unsigned int turn)
{
	unsigned int ranges = rnd() % (one_in(10) ? 90 : 5);

	to = mqvpn_varint_put(to, one_in(2) ? rnd() % 64 : pick(turn));
	to = mqvpn_varint_put(to, pick(turn));
	to = mqvpn_varint_put(to, one_in(8) ? pick(turn) : ranges);
	for (ranges = 2 * ranges + 1; ranges--;)
		to = mqvpn_varint_put(to, one_in(8) ? pick(turn) : rnd() % 3);
	return to;
}

static u8 *put_field(u8 *to, char field, unsigned int turn)
{
	unsigned int len = rnd() % 40;

	switch (field) {
	case 'v':
		return mqvpn_varint_put(to, pick(turn));
	case 'p':
		return mqvpn_varint_put(to, one_in(2) ? rnd() % 3 : pick(turn));
	case 'n':
		return put_bytes(to, 8);
	case 'c':
		len = one_in(4) ? rnd() % 22 : 8;
		*to++ = len;
		return put_bytes(to, len);
	case 't':
		return put_bytes(to, 16);
	case 'b':
		to = mqvpn_varint_put(to, one_in(4) ? pick(turn) : len);
		return put_bytes(to, len);
	case 'a':
		return put_ack(to, turn);
	case 'e':
		for (len = 3; len--;)
			to = mqvpn_varint_put(to, pick(turn));
		return to;
	default:
		return put_bytes(to, len);
	}
}

/* At most 4 + 8 + 8 + 8 + 8 + 180 * 8 and a bit */
#define FRAME_MAX	1600

static unsigned int put_frame(u8 *to, const struct shape *shape,
			      unsigned int turn)
{
	u8 *end = mqvpn_varint_put(to, shape->type);

	for (const char *field = shape->fields; *field; field++)
		end = put_field(end, *field, turn);
	return end - to;
}

/* Every type, with every extreme, cut at every length. */
static void every_frame(void)
{
	u8 frame[FRAME_MAX];
	unsigned int len;

	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (unsigned int turn = 0; turn < ARRAY_SIZE(extremes);
		     turn++) {
			len = put_frame(frame, &shapes[i], turn);
			if (len > PAYLOAD_MAX)
				len = PAYLOAD_MAX;
			for (unsigned int cut = 0; cut <= len && cut < 80;
			     cut++)
				send_packet(frame, len - cut);
		}
	}
}

/* Several frames, some damaged, in one packet. */
static void random_mix(void)
{
	u8 payload[PAYLOAD_MAX + FRAME_MAX];
	unsigned int len = 0, frames = 1 + rnd() % (one_in(20) ? 400 : 6);

	while (frames-- && len < PAYLOAD_MAX)
		len += put_frame(payload + len,
				 &shapes[rnd() % ARRAY_SIZE(shapes)], ~0U);
	if (len > PAYLOAD_MAX)
		len = PAYLOAD_MAX;
	if (len && one_in(4))
		payload[rnd() % len] = rnd();
	send_packet(payload, len);
}

/* As many as fit of what is smallest, and what costs most for its size. */
static void many_of_one(void)
{
	const struct shape *shape = &shapes[rnd() % ARRAY_SIZE(shapes)];
	u8 payload[PAYLOAD_MAX + FRAME_MAX];
	unsigned int len = 0;

	while (len < PAYLOAD_MAX)
		len += put_frame(payload + len, shape, 0);
	send_packet(payload, PAYLOAD_MAX);
}

static void garbage(void)
{
	u8 payload[PAYLOAD_MAX];
	unsigned int len = rnd() % sizeof(payload);

	put_bytes(payload, len);
	send_packet(payload, len);
}

static void open_sockets(const char *netns)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(SERVER_PORT) };
	struct sockaddr_in from = { .sin_family = AF_INET };
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		nl_die(netns);
	inet_pton(AF_INET, SERVER, &to.sin_addr);
	inet_pton(AF_INET, CLIENT, &from.sin_addr);
	for (unsigned int i = 0; i < PATHS; i++) {
		from.sin_port = htons(CLIENT_PORT + i);
		sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (sockets[i] < 0 ||
		    bind(sockets[i], (void *)&from, sizeof(from)) ||
		    connect(sockets[i], (void *)&to, sizeof(to)))
			nl_die("peer's socket");
	}
}

int main(int argc, char **argv)
{
	const char *seed = getenv("MQVPN_SEED");
	unsigned long count, late;

	if (argc != 5) {
		fprintf(stderr, "usage: peerfuzz DEVICE SOCKET NETNS COUNT\n");
		return 2;
	}
	if (seed)
		state = strtoull(seed, NULL, 0);
	else if (getrandom(&state, sizeof(state), 0) != sizeof(state))
		nl_die("seed");
	state |= 1;
	printf("# MQVPN_SEED=%llu\n", (unsigned long long)state);
	nl_open(&nl, argv[1]);
	socket_id = strtoul(argv[2], NULL, 10);
	open_sockets(argv[3]);
	count = strtoul(argv[4], NULL, 10);
	connection_new();
	every_frame();
	printf("# %lu packets of one frame\n", sent);
	while (sent < count) {
		random_mix();
		if (one_in(50))
			many_of_one();
		if (one_in(10))
			garbage();
	}
	/* what came between an end and the look that found it, came late */
	late = (LOOK_EVERY - 1) * connections;
	printf("# %lu packets, %lu connections: %lu or less came late\n", sent,
	       connections, late);
	return late > sent / 2;
}
