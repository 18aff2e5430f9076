// SPDX-License-Identifier: GPL-2.0
/*
 * Thousands of connections of a device in one process, for selftests and
 * benchmarks.
 *
 *	usage: many-conns DEV COMMAND [KEY=VALUE...]
 *
 *	add first=N count=N role=client|server remote=IPV4 port=N sockets=N
 *			connections with keys, IDs, a path and two prefixes; path
 *			of connection i over socket 1 + i % sockets, to port
 *			port + i % sockets
 *	del first=N count=N
 *	dump what=conn|cid|path|prefix first=N count=N [change=1]
 *			read all: says how many were there, there too often, and
 *			missing, and whether the kernel said that it was
 *			interrupted; with change=1 connection first+count is made
 *			meanwhile
 *	fill what=conn|prefix
 *			make them until refused; prefixes are connection 1's
 *
 * Inner addresses of connection i are 10.64.0.0+i and fd64::i at the client,
 * 10.128.0.0+i and fd80::i at the server. A refusal is printed as "error ERRNO
 * TEXT" and makes the exit status 1, but for fill.
 */

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/mqvpn.h>

#define BATCH_MAX	65536	/* bytes */
#define MESSAGE_MAX	512
#define SECRET_LEN	32
#define CLIENT4		0x0a400000
#define SERVER4		0x0a800000
#define CLIENT6		0xfd64
#define SERVER6		0xfd80

static struct mnl_socket *nl;
static uint16_t family;
static uint32_t ifindex, sequence;

static struct {
	uint32_t first, count, port, sockets;
	bool server, change;
	struct in_addr remote;
	const char *what;
} option = { .first = 1, .sockets = 1, .what = "conn" };

static void die(const char *what)
{
	printf("error %d %s: %s\n", errno, what, strerror(errno));
	exit(1);
}

/* Batches of commands: one system call for many. */

static char batch[BATCH_MAX], answer[BATCH_MAX];
static size_t batch_len;
static struct nlmsghdr *batch_last;
static unsigned int refused;
static int first_error;
static char first_text[256];

static int on_text(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		snprintf(first_text, sizeof(first_text), "%s",
			 mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static void note_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (!err->error)
		return;
	if (refused++)
		return;
	first_error = -err->error;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, sizeof(*err), on_text, NULL);
}

/* Return: whether the answer to the batch's last command was in it. */
static bool take_answers(void)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)answer;
	ssize_t got = mnl_socket_recvfrom(nl, answer, sizeof(answer));
	int len = (int)got;

	if (got < 0)
		die("receive");
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_type != NLMSG_ERROR)
			continue;
		note_error(nlh);
		if (nlh->nlmsg_seq == sequence)
			return true;
	}
	return false;
}

static void flush(void)
{
	if (!batch_len)
		return;
	batch_last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(nl, batch, batch_len) < 0)
		die("send");
	while (!take_answers())
		;
	batch_len = 0;
}

static struct nlmsghdr *begin(uint8_t cmd, uint32_t conn)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	if (batch_len + MESSAGE_MAX > BATCH_MAX)
		flush();
	nlh = mnl_nlmsg_put_header(batch + batch_len);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++sequence;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = MQVPN_FAMILY_VERSION;
	mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, ifindex);
	if (conn)
		mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID, conn);
	batch_last = nlh;
	return nlh;
}

static void end(struct nlmsghdr *nlh, struct nlattr *nest)
{
	if (nest)
		mnl_attr_nest_end(nlh, nest);
	batch_len += MNL_ALIGN(nlh->nlmsg_len);
}

/* Connections */

static void add_connection(uint32_t conn)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_CONN_NEW, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_CONNECTION);

	mnl_attr_put_u32(nlh, MQVPN_A_CONN_ROLE, option.server);
	mnl_attr_put(nlh, MQVPN_A_CONN_CONFIRMED, 0, NULL);
	end(nlh, nest);
}

/* What a key or an ID is made of: who it belongs to, and the connection. */
static void fill_bytes(unsigned char *to, size_t len, bool server,
		       uint32_t conn)
{
	uint32_t number = htonl(conn);

	memset(to, server ? 0x5e : 0xc1, len);
	memcpy(to + len - sizeof(number), &number, sizeof(number));
}

static void add_id(uint32_t conn, bool local)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_CID_NEW, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_CID);
	unsigned char id[MQVPN_CID_LEN];

	fill_bytes(id, sizeof(id), option.server == local, conn);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_END,
			 local ? MQVPN_END_LOCAL : MQVPN_END_PEER);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_PATH_ID, 0);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_SEQUENCE, 0);
	mnl_attr_put(nlh, MQVPN_A_CID_ID, sizeof(id), id);
	end(nlh, nest);
}

static void add_key(uint32_t conn, bool transmit)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_KEY_SET, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_KEY);
	unsigned char secret[SECRET_LEN];

	fill_bytes(secret, sizeof(secret), option.server == transmit, conn);
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_DIRECTION,
			 transmit ? MQVPN_DIRECTION_TX : MQVPN_DIRECTION_RX);
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_AEAD, MQVPN_AEAD_AES_128_GCM);
	mnl_attr_put(nlh, MQVPN_A_KEY_SECRET, sizeof(secret), secret);
	end(nlh, nest);
}

static void add_path(uint32_t conn)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_PATH_NEW, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_PATH);
	uint32_t which = conn % option.sockets;

	mnl_attr_put_u32(nlh, MQVPN_A_PATH_SOCKET, 1 + which);
	mnl_attr_put_u32(nlh, MQVPN_A_PATH_REMOTE_IPV4, option.remote.s_addr);
	mnl_attr_put_u16(nlh, MQVPN_A_PATH_REMOTE_PORT,
			 htons(option.port + which));
	end(nlh, nest);
}

static void add_prefix4(uint32_t conn, uint32_t address)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_PREFIX_NEW, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_PREFIX);

	mnl_attr_put_u32(nlh, MQVPN_A_PREFIX_IPV4, htonl(address));
	mnl_attr_put_u8(nlh, MQVPN_A_PREFIX_LENGTH, 32);
	end(nlh, nest);
}

static void add_prefix6(uint32_t conn, uint16_t net, uint32_t host)
{
	struct nlmsghdr *nlh = begin(MQVPN_CMD_PREFIX_NEW, conn);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_PREFIX);
	struct in6_addr address = {};

	address.s6_addr16[0] = htons(net);
	address.s6_addr32[3] = htonl(host);
	mnl_attr_put(nlh, MQVPN_A_PREFIX_IPV6, sizeof(address), &address);
	mnl_attr_put_u8(nlh, MQVPN_A_PREFIX_LENGTH, 128);
	end(nlh, nest);
}

static void add(void)
{
	uint32_t conn;

	for (conn = option.first; conn < option.first + option.count; conn++) {
		add_connection(conn);
		add_id(conn, true);
		add_id(conn, false);
		add_key(conn, true);
		add_key(conn, false);
		add_path(conn);
		/* what lies behind the other end */
		add_prefix4(conn, (option.server ? CLIENT4 : SERVER4) + conn);
		add_prefix6(conn, option.server ? CLIENT6 : SERVER6, conn);
	}
	flush();
}

static void del(void)
{
	uint32_t conn;

	for (conn = option.first; conn < option.first + option.count; conn++)
		end(begin(MQVPN_CMD_CONN_DEL, conn), NULL);
	flush();
}

static void fill(void)
{
	bool prefixes = !strcmp(option.what, "prefix");
	uint32_t n;

	for (n = 1; !refused && n < 1 << 20; n++) {
		if (prefixes)
			add_prefix4(1, CLIENT4 + n);
		else
			add_connection(n);
	}
	flush();
	/* the batch went on behind the first one that was refused */
	printf("made %u, error %d %s\n", n - 1 - refused, first_error,
	       first_text);
	refused = 0;
}

/* Dumps */

static unsigned char *times;	/* each connection was there */
static unsigned int total, strangers;
static bool interrupted;

static int on_conn_id(const struct nlattr *attr, void *arg)
{
	uint32_t conn = mnl_attr_get_u32(attr);

	if (mnl_attr_get_type(attr) != MQVPN_A_CONN_ID)
		return MNL_CB_OK;
	total++;
	if (conn - option.first < option.count)
		times[conn - option.first]++;
	else
		strangers++;
	return MNL_CB_STOP;
}

/* Return: whether the dump goes on. */
static bool take_dump(void)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)answer;
	ssize_t got = mnl_socket_recvfrom(nl, answer, sizeof(answer));
	int len = (int)got;

	if (got < 0)
		die("receive");
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		interrupted |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
		if (nlh->nlmsg_type == NLMSG_ERROR)
			note_error(nlh);
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE)
			return false;
		mnl_attr_parse(nlh, sizeof(struct genlmsghdr), on_conn_id,
			       NULL);
	}
	return true;
}

/* By another socket: this one is busy with the dump. */
static void change_something(void)
{
	struct mnl_socket *dump = nl;

	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink socket");
	add_connection(option.first + option.count);
	flush();
	mnl_socket_close(nl);
	nl = dump;
}

static uint8_t dump_command(unsigned int *each)
{
	*each = 1;
	if (!strcmp(option.what, "path"))
		return MQVPN_CMD_PATH_GET;
	if (!strcmp(option.what, "conn"))
		return MQVPN_CMD_CONN_GET;
	*each = 2;
	if (!strcmp(option.what, "cid"))
		return MQVPN_CMD_CID_GET;
	return MQVPN_CMD_PREFIX_GET;
}

static void dump(void)
{
	unsigned int each, twice = 0, missing = 0, i;
	struct nlmsghdr *nlh = begin(dump_command(&each), 0);

	times = calloc(option.count ?: 1, 1);
	nlh->nlmsg_flags |= NLM_F_DUMP;
	if (!times || mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	while (take_dump()) {
		if (option.change)
			change_something();
		option.change = false;
	}
	for (i = 0; i < option.count; i++) {
		twice += times[i] > each;
		missing += times[i] < each;
	}
	printf("%s %u twice %u missing %u strange %u interrupted %d\n",
	       option.what, total, twice, missing, strangers, interrupted);
}

/* Beginning */

static int on_family(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int on_controller(const struct nlmsghdr *nlh, void *arg)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), on_family, arg);
}

static void find_family(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(batch);
	struct genlmsghdr *genl;
	ssize_t len;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MQVPN_FAMILY_NAME);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	len = mnl_socket_recvfrom(nl, answer, sizeof(answer));
	if (len < 0 ||
	    mnl_cb_run(answer, len, 0, 0, on_controller, NULL) < 0 || !family)
		die("no family " MQVPN_FAMILY_NAME);
}

static void open_socket(void)
{
	int one = 1, room = 1 << 24;

	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink socket");
	/* each command of a batch may be refused */
	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE,
		       &room, sizeof(room)) < 0)
		die("receive buffer");
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &one, sizeof(one));
}

static void read_option(const char *key, const char *value)
{
	uint32_t number = strtoul(value, NULL, 0);

	if (!strcmp(key, "first"))
		option.first = number;
	else if (!strcmp(key, "count"))
		option.count = number;
	else if (!strcmp(key, "port"))
		option.port = number;
	else if (!strcmp(key, "sockets"))
		option.sockets = number;
	else if (!strcmp(key, "change"))
		option.change = number;
	else if (!strcmp(key, "role"))
		option.server = !strcmp(value, "server");
	else if (!strcmp(key, "remote"))
		inet_pton(AF_INET, value, &option.remote);
	else if (!strcmp(key, "what"))
		option.what = value;
	else
		printf("unknown %s\n", key);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} commands[] = {
		{ "add", add }, { "del", del }, { "dump", dump },
		{ "fill", fill },
	};
	char *equals;
	size_t n;
	int i;

	ifindex = argc > 2 ? if_nametoindex(argv[1]) : 0;
	if (!ifindex)
		die("device");
	for (i = 3; i < argc; i++) {
		equals = strchr(argv[i], '=');
		if (equals)
			*equals++ = '\0';
		read_option(argv[i], equals ?: "");
	}
	open_socket();
	find_family();
	for (n = 0; n < MNL_ARRAY_SIZE(commands); n++)
		if (!strcmp(commands[n].name, argv[2]))
			commands[n].run();
	if (refused)
		printf("error %d %s\n", first_error, first_text);
	return !!refused;
}
