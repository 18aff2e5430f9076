// SPDX-License-Identifier: GPL-2.0
/*
 * The owner of a device, for selftests: registers, prints what the kernel
 * hands up, one line each, and does what it is told on standard input.
 *
 *	usage: owner-tool DEV [takeover] [rcvbuf BYTES] [ports A,B,C]
 *
 *	tx KEY=VALUE...		packet-tx: socket, remote, port, scope, local,
 *				ifindex, ecn, validated=1, data=HEX, fill=BYTE*N
 *	rx KEY=VALUE...		packet-rx, likewise
 *	deliver KEY=VALUE...	frame-tx: conn, cookie, data, not, only, blob
 *	ack KEY=VALUE...	frames-ack: conn, sequence, blob
 *	cancel KEY=VALUE...	frame-cancel: conn, cookie
 *	adopt [conn=N]		conn-adopt
 *	hold			let packets wait in the socket
 *	go			take them again
 *
 * It ends when its input does. A refusal is printed as "error ERRNO TEXT"; if
 * it may not become the owner it ends with status 1.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/mqvpn.h>

#define FRAMES 0
#define PACKETS 1
#define EVENTS 2
#define PORTS 3

static struct mnl_socket *sockets[PORTS];
static uint16_t family;
static uint32_t ifindex, sequence;
static char buffer[1 << 17], line[1 << 17];

static void die(const char *what)
{
	printf("error %d %s: %s\n", errno, what, strerror(errno));
	exit(1);
}

/* Messages up */

static void print_hex(const char *name, const struct nlattr *attr)
{
	const unsigned char *byte = mnl_attr_get_payload(attr);
	unsigned int i;

	printf(" %s=", name);
	for (i = 0; i < mnl_attr_get_payload_len(attr); i++)
		printf("%02x", byte[i]);
}

static void print_address(const char *name, int af, const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];

	printf(" %s=%s", name, inet_ntop(af, mnl_attr_get_payload(attr), text,
					 sizeof(text)));
}

static int on_packet(const struct nlattr *attr, void *arg)
{
	switch (mnl_attr_get_type(attr)) {
	case MQVPN_A_PACKET_SOCKET:
		printf(" socket=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_PACKET_REMOTE_IPV4:
		print_address("remote", AF_INET, attr);
		break;
	case MQVPN_A_PACKET_REMOTE_IPV6:
		print_address("remote", AF_INET6, attr);
		break;
	case MQVPN_A_PACKET_REMOTE_SCOPE_ID:
		printf(" scope=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_PACKET_REMOTE_PORT:
		printf(" port=%u", ntohs(mnl_attr_get_u16(attr)));
		break;
	case MQVPN_A_PACKET_LOCAL_IPV4:
		print_address("local", AF_INET, attr);
		break;
	case MQVPN_A_PACKET_LOCAL_IPV6:
		print_address("local", AF_INET6, attr);
		break;
	case MQVPN_A_PACKET_IFINDEX:
		printf(" ifindex=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_PACKET_ECN:
		printf(" ecn=%u", mnl_attr_get_u8(attr));
		break;
	case MQVPN_A_PACKET_ERROR:
		printf(" error=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_PACKET_DATA:
		printf(" length=%u", mnl_attr_get_payload_len(attr));
		print_hex("data", attr);
		break;
	default:
		printf(" unexpected=%u", mnl_attr_get_type(attr));
	}
	return MNL_CB_OK;
}

static int on_owner(const struct nlattr *attr, void *arg)
{
	static const char *const names[] = { "?", "frames", "packets",
					     "events" };
	unsigned int type = mnl_attr_get_type(attr);

	if (type <= MQVPN_A_OWNER_EVENTS_PORT)
		printf(" %s=%u", names[type], mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

static int on_frames(const struct nlattr *attr, void *arg)
{
	switch (mnl_attr_get_type(attr)) {
	case MQVPN_A_FRAMES_PAD:
		break;
	case MQVPN_A_FRAMES_SEQUENCE:
		printf(" sequence=%" PRIu64, mnl_attr_get_u64(attr));
		break;
	case MQVPN_A_FRAMES_PATH_ID:
		printf(" path=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_FRAMES_COOKIE:
		printf(" cookie=%" PRIu64, mnl_attr_get_u64(attr));
		break;
	case MQVPN_A_FRAMES_DATA:
		print_hex("data", attr);
		break;
	case MQVPN_A_FRAMES_OWNER_BLOB:
		print_hex("blob", attr);
		break;
	default:
		printf(" unexpected=%u", mnl_attr_get_type(attr));
	}
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *arg)
{
	switch (mnl_attr_get_type(attr)) {
	case MQVPN_A_IFINDEX:
		if (mnl_attr_get_u32(attr) != ifindex)
			printf(" of=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_CONN_ID:
		printf(" conn=%u", mnl_attr_get_u32(attr));
		break;
	case MQVPN_A_PACKET:
		mnl_attr_parse_nested(attr, on_packet, arg);
		break;
	case MQVPN_A_OWNER:
		mnl_attr_parse_nested(attr, on_owner, arg);
		break;
	case MQVPN_A_FRAMES:
		mnl_attr_parse_nested(attr, on_frames, arg);
		break;
	}
	return MNL_CB_OK;
}

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	switch (genl->cmd) {
	case MQVPN_CMD_OWNER_NTF:
		printf("owner-ntf");
		break;
	case MQVPN_CMD_PACKET_UP:
		printf("packet-up");
		break;
	case MQVPN_CMD_PACKET_ERROR_NTF:
		printf("packet-error-ntf");
		break;
	case MQVPN_CMD_FRAMES_UP:
		printf("frames-up");
		break;
	case MQVPN_CMD_FRAME_TX_NTF:
		printf("frame-tx-ntf");
		break;
	case MQVPN_CMD_CONN_ADOPT:
		printf("adopt");
		break;
	default:
		printf("command=%u", genl->cmd);
	}
	mnl_attr_parse(nlh, sizeof(*genl), on_attribute, arg);
	printf("\n");
	return MNL_CB_OK;
}

/* Commands */

static int on_text(const struct nlattr *attr, void *arg)
{
	const char **text = arg;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		*text = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static int on_error(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const char *text = "";
	size_t skip = sizeof(*err);
	int *result = arg;

	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(err->msg.nlmsg_len - sizeof(err->msg));
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, skip, on_text, &text);
	*result = -err->error;
	if (err->error)
		printf("error %d %s\n", -err->error, text);
	return MNL_CB_STOP;
}

static int on_done(const struct nlmsghdr *nlh, void *arg)
{
	int *result = arg;

	*result = 0;
	return MNL_CB_STOP;
}

static mnl_cb_t on_control[] = {
	[NLMSG_ERROR] = on_error,
	[NLMSG_DONE] = on_done,
};

/* Read one datagram; whether an acknowledgement was in it. */
static bool take(struct mnl_socket *nl, int *result)
{
	ssize_t len = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));

	if (len < 0 && errno == ENOBUFS) {
		printf("overrun\n");
		return false;
	}
	if (len < 0)
		die("receive");
	return mnl_cb_run2(buffer, len, 0, 0, on_message, result, on_control,
			   MNL_ARRAY_SIZE(on_control)) == MNL_CB_STOP;
}

static struct nlmsghdr *request(char *buf, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++sequence;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = MQVPN_FAMILY_VERSION;
	mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, ifindex);
	return nlh;
}

/* Send a command and wait for its end. */
static int execute(const struct nlmsghdr *nlh)
{
	struct mnl_socket *nl = sockets[EVENTS];
	int result = 0;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	while (!take(nl, &result))
		;
	return result;
}

static size_t unhex(const char *hex, unsigned char *bytes)
{
	char digits[3] = "";
	size_t n;

	for (n = 0; isxdigit(hex[2 * n]) && isxdigit(hex[2 * n + 1]); n++) {
		memcpy(digits, hex + 2 * n, 2);
		bytes[n] = strtoul(digits, NULL, 16);
	}
	return n;
}

static void put_bytes(struct nlmsghdr *nlh, const char *hex)
{
	static unsigned char bytes[65536];

	mnl_attr_put(nlh, MQVPN_A_PACKET_DATA, unhex(hex, bytes), bytes);
}

/* HEX*N: a datagram of N bytes that begins so; the rest are zeros. */
static void put_fill(struct nlmsghdr *nlh, const char *value)
{
	static unsigned char bytes[65536];
	const char *times = strchr(value, '*');

	memset(bytes, 0, sizeof(bytes));
	unhex(value, bytes);
	mnl_attr_put(nlh, MQVPN_A_PACKET_DATA, times ? strtoul(times + 1, NULL, 10) : 0, bytes);
}

static void put_address(struct nlmsghdr *nlh, const char *text, uint16_t ipv4,
			uint16_t ipv6)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		mnl_attr_put(nlh, ipv4, 4, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		mnl_attr_put(nlh, ipv6, 16, bytes);
}

static void put_word(struct nlmsghdr *nlh, const char *key, const char *value)
{
	unsigned int number = strtoul(value, NULL, 0);

	if (!strcmp(key, "socket"))
		mnl_attr_put_u32(nlh, MQVPN_A_PACKET_SOCKET, number);
	else if (!strcmp(key, "remote"))
		put_address(nlh, value, MQVPN_A_PACKET_REMOTE_IPV4,
			    MQVPN_A_PACKET_REMOTE_IPV6);
	else if (!strcmp(key, "port"))
		mnl_attr_put_u16(nlh, MQVPN_A_PACKET_REMOTE_PORT,
				 htons(number));
	else if (!strcmp(key, "scope"))
		mnl_attr_put_u32(nlh, MQVPN_A_PACKET_REMOTE_SCOPE_ID, number);
	else if (!strcmp(key, "local"))
		put_address(nlh, value, MQVPN_A_PACKET_LOCAL_IPV4,
			    MQVPN_A_PACKET_LOCAL_IPV6);
	else if (!strcmp(key, "ifindex"))
		mnl_attr_put_u32(nlh, MQVPN_A_PACKET_IFINDEX, number);
	else if (!strcmp(key, "ecn"))
		mnl_attr_put_u8(nlh, MQVPN_A_PACKET_ECN, number);
	else if (!strcmp(key, "validated"))
		mnl_attr_put(nlh, MQVPN_A_PACKET_VALIDATED, 0, NULL);
	else if (!strcmp(key, "data"))
		put_bytes(nlh, value);
	else if (!strcmp(key, "fill"))
		put_fill(nlh, value);
	else
		printf("unknown %s\n", key);
}

static void packet(uint8_t cmd, char *words)
{
	static char message[1 << 17];
	struct nlmsghdr *nlh = request(message, cmd);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_PACKET);
	char *word, *equals;

	while ((word = strsep(&words, " \n"))) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		put_word(nlh, word, equals + 1);
	}
	mnl_attr_nest_end(nlh, nest);
	if (!execute(nlh))
		printf("done\n");
}

static void put_frame_word(struct nlmsghdr *nlh, const char *key,
			   const char *value)
{
	uint64_t number = strtoull(value, NULL, 0);
	unsigned char bytes[8192];

	if (!strcmp(key, "cookie"))
		mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_COOKIE, number);
	else if (!strcmp(key, "sequence"))
		mnl_attr_put_u64(nlh, MQVPN_A_FRAMES_SEQUENCE, number);
	else if (!strcmp(key, "not"))
		mnl_attr_put_u32(nlh, MQVPN_A_FRAMES_NOT_ON_PATH,
				 (uint32_t)number);
	else if (!strcmp(key, "only"))
		mnl_attr_put_u32(nlh, MQVPN_A_FRAMES_ONLY_ON_PATH,
				 (uint32_t)number);
	else if (!strcmp(key, "data"))
		mnl_attr_put(nlh, MQVPN_A_FRAMES_DATA, unhex(value, bytes),
			     bytes);
	else if (!strcmp(key, "blob"))
		mnl_attr_put(nlh, MQVPN_A_FRAMES_OWNER_BLOB,
			     unhex(value, bytes), bytes);
	else
		printf("unknown %s\n", key);
}

/* The connection has to be the first word. */
static void frames(uint8_t cmd, char *words)
{
	static char message[1 << 15];
	struct nlmsghdr *nlh = request(message, cmd);
	struct nlattr *nest = NULL;
	char *word, *equals;

	if (cmd == MQVPN_CMD_CONN_ADOPT)
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	while ((word = strsep(&words, " \n"))) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals++ = '\0';
		if (!strcmp(word, "conn")) {
			mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID,
					 strtoul(equals, NULL, 0));
			continue;
		}
		if (!nest)
			nest = mnl_attr_nest_start(nlh, MQVPN_A_FRAMES);
		put_frame_word(nlh, word, equals);
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
	if (!execute(nlh))
		printf("done\n");
}

static void command(struct pollfd *packets)
{
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	if (!strncmp(line, "tx ", 3))
		packet(MQVPN_CMD_PACKET_TX, line + 3);
	else if (!strncmp(line, "rx ", 3))
		packet(MQVPN_CMD_PACKET_RX, line + 3);
	else if (!strncmp(line, "deliver ", 8))
		frames(MQVPN_CMD_FRAME_TX, line + 8);
	else if (!strncmp(line, "ack ", 4))
		frames(MQVPN_CMD_FRAMES_ACK, line + 4);
	else if (!strncmp(line, "cancel ", 7))
		frames(MQVPN_CMD_FRAME_CANCEL, line + 7);
	else if (!strncmp(line, "adopt", 5))
		frames(MQVPN_CMD_CONN_ADOPT, line + 5);
	else if (!strncmp(line, "hold", 4))
		packets->fd = -1;
	else if (!strncmp(line, "go", 2))
		packets->fd = mnl_socket_get_fd(sockets[PACKETS]);
	else
		printf("unknown %s", line);
}

static void serve(void)
{
	struct pollfd fds[PORTS + 1] = {};
	unsigned int i;
	int result;

	for (i = 0; i < PORTS; i++)
		fds[i].fd = mnl_socket_get_fd(sockets[i]);
	fds[PORTS].fd = STDIN_FILENO;
	for (i = 0; i <= PORTS; i++)
		fds[i].events = POLLIN;
	for (;;) {
		if (poll(fds, PORTS + 1, -1) < 0)
			die("poll");
		for (i = 0; i < PORTS; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				take(sockets[i], &result);
		if (fds[PORTS].revents)
			command(&fds[PACKETS]);
	}
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
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;
	ssize_t len;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MQVPN_FAMILY_NAME);
	if (mnl_socket_sendto(sockets[EVENTS], nlh, nlh->nlmsg_len) < 0)
		die("send");
	len = mnl_socket_recvfrom(sockets[EVENTS], buffer, sizeof(buffer));
	if (len < 0 ||
	    mnl_cb_run(buffer, len, 0, 0, on_controller, NULL) < 0 || !family)
		die("no family " MQVPN_FAMILY_NAME);
}

static void open_sockets(int rcvbuf)
{
	struct mnl_socket *nl;
	unsigned int i;
	int one = 1;

	for (i = 0; i < PORTS; i++) {
		nl = mnl_socket_open(NETLINK_GENERIC);
		if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
			die("netlink socket");
		mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
		sockets[i] = nl;
	}
	if (rcvbuf &&
	    setsockopt(mnl_socket_get_fd(sockets[PACKETS]), SOL_SOCKET,
		       SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		die("receive buffer");
}

static void become_owner(bool takeover, unsigned int *ports)
{
	struct nlmsghdr *nlh = request(line, MQVPN_CMD_OWNER_SET);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MQVPN_A_OWNER);
	unsigned int i;

	for (i = 0; i < PORTS; i++) {
		if (!ports[i])
			ports[i] = mnl_socket_get_portid(sockets[i]);
		mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT + i, ports[i]);
	}
	if (takeover)
		mnl_attr_put(nlh, MQVPN_A_OWNER_TAKEOVER, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
	if (execute(nlh))
		exit(1);
	printf("owner frames=%u packets=%u events=%u\n", ports[FRAMES],
	       ports[PACKETS], ports[EVENTS]);
}

static void read_ports(char *text, unsigned int *ports)
{
	unsigned int i;

	for (i = 0; i < PORTS && text; i++)
		ports[i] = strtoul(strsep(&text, ","), NULL, 10);
}

int main(int argc, char **argv)
{
	unsigned int ports[PORTS] = {};
	bool takeover = false;
	int i, rcvbuf = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	ifindex = argc > 1 ? if_nametoindex(argv[1]) : 0;
	if (!ifindex)
		die("device");
	for (i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "takeover"))
			takeover = true;
		else if (!strcmp(argv[i], "rcvbuf") && i + 1 < argc)
			rcvbuf = (int)strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "ports") && i + 1 < argc)
			read_ports(argv[++i], ports);
	}
	open_sockets(rcvbuf);
	find_family();
	become_owner(takeover, ports);
	serve();
}
