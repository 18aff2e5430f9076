// SPDX-License-Identifier: GPL-2.0
/* A hundred good clients of a server, and one that has the right keys, too, and
 * floods it with control frames that its owner never gets done with. The good
 * ones notice nothing, and what is kept of the other's is bounded.
 *
 * usage: crowd DEVICE SOCKET PEER-NETNS
 *
 * Runs where DEVICE is, which has SOCKET at 10.0.1.2:4499; all the clients are
 * at 10.0.1.1:4700 in PEER-NETNS.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include "peer.h"
#include "tunnel.h"

#define OURS		"10.0.1.2"
#define THEIRS		"10.0.1.1"
#define OUR_PORT	4499
#define THEIR_PORT	4700
#define GOOD		100
#define CONNS		(GOOD + 1)
#define BAD		CONNS		/* its number; they begin with 1 */
#define ROUNDS		20
#define FLOOD		250		/* packets in each round */
#define LONG_FRAME	1150
#define PATIENCE_MS	5000

static struct nl nl;
static struct mnl_socket *frames;
static uint32_t socket_id;
static int peers;
static char request[2048] __attribute__((aligned(8)));

static struct client {
	struct peer peer;
	uint64_t number;	/* of the next packet */
	uint64_t sent;		/* messages */
	uint64_t told;		/* to the owner; likewise */
	uint64_t bytes;
} clients[CONNS + 1];

/* --- the server's end --- */

static struct nlmsghdr *begin(unsigned int cmd, uint32_t conn, uint16_t type,
			      struct nlattr **nest)
{
	struct nlmsghdr *nlh = tunnel_begin(&nl, request, cmd, 0, conn);

	*nest = mnl_attr_nest_start(nlh, type);
	return nlh;
}

static void finish(struct nlmsghdr *nlh, struct nlattr *nest)
{
	struct nl_answer answer;

	mnl_attr_nest_end(nlh, nest);
	nl_call(&nl, nlh, &answer, NULL, NULL);
	if (!answer.err)
		return;
	printf("# netlink: %s, %s\n", strerror(answer.err), answer.text);
	exit(1);
}

static void conn_new(uint32_t conn)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	nlh = begin(MQVPN_CMD_CONN_NEW, conn, MQVPN_A_CONNECTION, &nest);
	tunnel_put_conn(nlh, SERVER);
	finish(nlh, nest);
	for (uint32_t way = 0; way < 2; way++) {
		nlh = begin(MQVPN_CMD_KEY_SET, conn, MQVPN_A_KEY, &nest);
		tunnel_put_key(nlh, SERVER, way, conn);
		finish(nlh, nest);
		nlh = begin(MQVPN_CMD_CID_NEW, conn, MQVPN_A_CID, &nest);
		tunnel_put_cid(nlh, SERVER, way, 0, 0, conn);
		finish(nlh, nest);
	}
	nlh = begin(MQVPN_CMD_PATH_NEW, conn, MQVPN_A_PATH, &nest);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, 0);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_SOCKET, socket_id);
	tunnel_put_ipv4(nlh, MQVPN_A_PATH_REMOTE_IPV4, THEIRS);
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_REMOTE_PORT, htons(THEIR_PORT));
	finish(nlh, nest);
}

static void become_owner(void)
{
	uint32_t port = mnl_socket_get_portid(nl.sock);
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	frames = nl_socket();
	nlh = begin(MQVPN_CMD_OWNER_SET, 0, MQVPN_A_OWNER, &nest);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT,
			 mnl_socket_get_portid(frames));
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_PACKETS_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_EVENTS_PORT, port);
	finish(nlh, nest);
}

static void acknowledge(uint32_t conn, uint64_t sequence)
{
	struct nlattr *nest;
	struct nlmsghdr *nlh = begin(MQVPN_CMD_FRAMES_ACK, conn, MQVPN_A_FRAMES,
				     &nest);

	mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_SEQUENCE, sequence);
	finish(nlh, nest);
}

/* Good clients' messages are dealt with as they come. */
static void message(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr, *field;
	uint64_t sequence = 0;
	uint32_t conn = 0;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == MQVPN_A_CONN_ID)
			conn = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) != MQVPN_A_FRAMES)
			continue;
		mnl_attr_for_each_nested(field, attr) {
			if (mnl_attr_get_type(field) == MQVPN_A_FRAMES_SEQUENCE)
				sequence = mnl_attr_get_u64(field);
			if (mnl_attr_get_type(field) == MQVPN_A_FRAMES_DATA)
				clients[conn].bytes +=
					mnl_attr_get_payload_len(field);
		}
	}
	if (!sequence || !conn || conn > CONNS)
		return;
	clients[conn].told++;
	if (conn != BAD)
		acknowledge(conn, sequence);
}

static bool take(void)
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
	for (const struct nlmsghdr *nlh = (const void *)buffer;
	     mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == nl.family)
			message(nlh);
	return true;
}

/* --- the clients' --- */

static void client_new(uint32_t conn)
{
	struct client *client = &clients[conn];

	memset(client->peer.secret, 0xc1, PEER_SECRET_LEN);
	memcpy(client->peer.secret, &conn, sizeof(conn));
	peer_set_keys(&client->peer);
}

static void send_frames(uint32_t conn, const u8 *data, unsigned int len)
{
	struct client *client = &clients[conn];
	u8 packet[LONG_FRAME + PEER_OVERHEAD] = {
		0, 0x5e, conn >> 24, conn >> 16, conn >> 8, conn };
	char buffer[2048];

	len = peer_seal(&client->peer, packet, 0, 0, client->number++, data,
			len);
	if (send(peers, packet, len, 0) < 0)
		nl_die("send");
	client->sent++;
	while (recv(peers, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
}

/* CRYPTO frames, some long and some short. */
static void flood(void)
{
	u8 frame[LONG_FRAME] = { 0x06, 0x00 };
	unsigned int len;

	for (unsigned int i = 0; i < FLOOD; i++) {
		len = i % 2 ? LONG_FRAME : 64;
		frame[2] = 0x40 | (len - 4) >> 8;
		frame[3] = len - 4;
		send_frames(BAD, frame, len);
	}
}

static void open_peers(const char *netns)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_port = htons(THEIR_PORT) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(OUR_PORT) };
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		nl_die(netns);
	inet_pton(AF_INET, OURS, &to.sin_addr);
	inet_pton(AF_INET, THEIRS, &from.sin_addr);
	peers = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (peers < 0 || bind(peers, (void *)&from, sizeof(from)) ||
	    connect(peers, (void *)&to, sizeof(to)))
		nl_die("clients' socket");
}

/* Each good client has its say; and is heard, while the flood goes on. */
static bool round_of_all(void)
{
	static const u8 max_data[] = { 0x10, 0x05 };

	flood();
	for (uint32_t conn = 1; conn <= GOOD; conn++)
		send_frames(conn, max_data, sizeof(max_data));
	for (uint32_t conn = 1; conn <= GOOD; conn++)
		while (clients[conn].told < clients[conn].sent)
			if (!take()) {
				printf("# client %u is not heard\n", conn);
				return false;
			}
	return true;
}

int main(int argc, char **argv)
{
	const struct client *bad = &clients[BAD];
	bool well = true;

	if (argc != 4) {
		fprintf(stderr, "usage: crowd DEVICE SOCKET NETNS\n");
		return 2;
	}
	nl_open(&nl, argv[1]);
	socket_id = strtoul(argv[2], NULL, 10);
	become_owner();
	open_peers(argv[3]);
	for (uint32_t conn = 1; conn <= CONNS; conn++) {
		client_new(conn);
		conn_new(conn);
	}
	for (unsigned int i = 0; well && i < ROUNDS; i++)
		well = round_of_all();
	printf("# %u clients heard %u times each\n", GOOD, ROUNDS);
	printf("# the other sent %llu, of which %llu messages of %llu bytes are kept\n",
	       (unsigned long long)bad->sent, (unsigned long long)bad->told,
	       (unsigned long long)bad->bytes);
	/* it had all the credit of a connection, and no more */
	return !(well && bad->told <= MQVPN_UP_COUNT &&
		 bad->bytes <= MQVPN_UP_BYTES &&
		 bad->bytes > MQVPN_UP_BYTES / 2);
}
