// SPDX-License-Identifier: GPL-2.0
/* Send the family random requests, most of them nearly right, as fast as they
 * are answered; the kernel has to live, and to answer each of them.
 *
 * usage: nlfuzz DEVICE COUNT
 *
 * MQVPN_SEED=NUMBER repeats a run; the seed is printed first. Guests in virtual
 * time have no chance of their own, there scripts/run-tests gives one.
 */
#include <sys/random.h>

#include "nlspec.h"

#define REQUEST_MAX	8192
#define VALUE_MAX	6000
#define DEPTH		3

static struct nl nl;
static uint64_t state;
static char request[2 * REQUEST_MAX] __attribute__((aligned(8)));

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

/* --- values --- */

static uint64_t random_number(const struct spec_attr *attr)
{
	switch (rnd() % 10) {
	case 0:
		return attr->most;
	case 1:
		return attr->most + 1;
	case 2:
		return attr->least;
	case 3:
		return attr->least - 1;
	case 4:
		return ~0ULL >> (rnd() % 64);
	case 5:
		return (uint64_t)rnd() << 32 | rnd();
	case 6:
		return 1ULL << (rnd() % 64);
	default:
		/* small ones name what there is */
		return rnd() % 6;
	}
}

static unsigned int random_length(const struct spec_attr *attr)
{
	unsigned int most = attr->most < VALUE_MAX ? attr->most : VALUE_MAX - 1;

	switch (rnd() % 8) {
	case 0:
		return attr->least;
	case 1:
		return most;
	case 2:
		return most + 1;
	case 3:
		return rnd() % 64;
	case 4:
		return attr->least ? attr->least - 1 : 0;
	case 5:
		return 8;
	case 6:
		return 32;
	default:
		return attr->least + rnd() % (most - attr->least + 1);
	}
}

static void fill(char *value, unsigned int len)
{
	unsigned int kind = rnd() % 4;
	unsigned int i;

	for (i = 0; i < len; i++)
		value[i] = (char)(kind == 0 ? 0 : kind == 1 ? 0xff :
				  kind == 2 ? (int)(rnd() % 4) : (int)rnd());
}

static unsigned int random_string(char *value)
{
	static const char *const names[] = { "wlb", "", "nonesuch", "none" };
	const char *name = names[rnd() % ARRAY_SIZE(names)];
	unsigned int len = strlen(name) + !one_in(8);

	memcpy(value, name, strlen(name) + 1);
	return len;
}

static unsigned int random_value(const struct spec_attr *attr, char *value)
{
	uint64_t number;
	unsigned int len;

	if (spec_is_number(attr->kind)) {
		number = random_number(attr);
		memcpy(value, &number, sizeof(number));
		return one_in(40) ? rnd() % 9 : spec_size(attr->kind);
	}
	switch (attr->kind) {
	case SPEC_FLAG:
		return one_in(40) ? 4 : 0;
	case SPEC_PAD:
		return 0;
	case SPEC_STRING:
		if (!one_in(4))
			return random_string(value);
		break;
	default:
		break;
	}
	len = random_length(attr);
	fill(value, len);
	return len;
}

/* --- requests --- */

static bool room(const struct nlmsghdr *nlh, unsigned int len)
{
	return nlh->nlmsg_len + len + 2 * NLA_HDRLEN < REQUEST_MAX;
}

static void put_attr(struct nlmsghdr *nlh, const struct spec_set *set,
		     unsigned int type, unsigned int depth);

/* Most attributes of a nest, or few, in any order, now and then twice. */
static void put_set(struct nlmsghdr *nlh, const struct spec_set *set,
		    unsigned int depth)
{
	unsigned int density = 1 + rnd() % 4;
	unsigned int first = rnd() % set->max;

	for (unsigned int i = 0; i < set->max; i++) {
		unsigned int type = 1 + (first + i) % set->max;

		if (rnd() % 4 >= density)
			continue;
		/* What only the kernel tells is mostly refused: not so often. */
		if (set->attrs[type].kind == SPEC_PAD && !one_in(50))
			continue;
		put_attr(nlh, set, type, depth);
		if (one_in(100))
			put_attr(nlh, set, type, depth);
	}
}

static void put_nest(struct nlmsghdr *nlh, const struct spec_set *set,
		     unsigned int type, unsigned int depth)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	if (depth)
		put_set(nlh, set, depth - 1);
	if (one_in(100))
		nest->nla_type &= NLA_TYPE_MASK;
	mnl_attr_nest_end(nlh, nest);
}

static void put_attr(struct nlmsghdr *nlh, const struct spec_set *set,
		     unsigned int type, unsigned int depth)
{
	const struct spec_attr *attr = &set->attrs[type];
	static char value[VALUE_MAX + 16];
	unsigned int len;

	/* Wrong nesting: another set, or no nest at all. */
	if (attr->kind == SPEC_NEST && !one_in(60)) {
		if (room(nlh, 0))
			put_nest(nlh, one_in(60) ? &spec_set_mqvpn : attr->nest,
				 type, depth);
		return;
	}
	len = random_value(attr, value);
	if (one_in(200))
		type = rnd();
	if (one_in(200))
		type |= NLA_F_NESTED;
	if (room(nlh, len))
		mnl_attr_put(nlh, type, len, value);
}

/*
 * What the requests have in common is right most of the time, because what is
 * refused at the door tries nothing.
 */
static void put_names(struct nlmsghdr *nlh, uint32_t mask)
{
	uint32_t ifindex = one_in(50) ? rnd() % 8 : nl.ifindex;
	uint32_t id = one_in(30) ? rnd() : 1 + rnd() % 4;

	if ((mask >> MQVPN_A_IFINDEX & 1) != one_in(100))
		mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, ifindex);
	if ((mask >> MQVPN_A_CONN_ID & 1) != one_in(100))
		mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID, id);
}

/* --- objects whose every attribute is right, so that there are some --- */

static void put_addr(struct nlmsghdr *nlh, unsigned int v4, unsigned int port)
{
	static const unsigned char address[] = { 10, 0, 1, 2 };

	mnl_attr_put(nlh, v4, sizeof(address), address);
	mnl_attr_put_u16(nlh, port, 1 + rnd() % 60000);
}

static void right_cid(struct nlmsghdr *nlh)
{
	uint64_t id = one_in(8) ? rnd() % 64 : (uint64_t)rnd() << 32 | rnd();

	mnl_attr_put_u32(nlh, MQVPN_A_CID_END, rnd() % 2);
	mnl_attr_put_u32(nlh, MQVPN_A_CID_PATH_ID, rnd() % 4);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_SEQUENCE, rnd() % 4);
	mnl_attr_put_u64(nlh, MQVPN_A_CID_ID, id);
}

static void right_key(struct nlmsghdr *nlh)
{
	char secret[48];
	uint32_t aead = 1 + rnd() % 3;

	fill(secret, sizeof(secret));
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_DIRECTION, rnd() % 2);
	mnl_attr_put_u32(nlh, MQVPN_A_KEY_AEAD, aead);
	mnl_attr_put(nlh, MQVPN_A_KEY_SECRET, aead == 2 ? 48 : 32, secret);
}

static void right_conn(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, MQVPN_A_CONN_ROLE, rnd() % 2);
	if (one_in(4))
		return;
	mnl_attr_put(nlh, MQVPN_A_CONN_MULTIPATH, 0, NULL);
	for (unsigned int end = MQVPN_A_CONN_LOCAL; end <= MQVPN_A_CONN_PEER;
	     end++) {
		nest = mnl_attr_nest_start(nlh, end);
		mnl_attr_put_u32(nlh, MQVPN_A_TP_MAX_PATH_ID, rnd() % 9);
		mnl_attr_nest_end(nlh, nest);
	}
}

static void right_path(struct nlmsghdr *nlh)
{
	if (!one_in(8))
		mnl_attr_put_u32(nlh, MQVPN_A_PATH_ID, rnd() % 4);
	if (!one_in(8))
		put_addr(nlh, MQVPN_A_PATH_REMOTE_IPV4,
			 MQVPN_A_PATH_REMOTE_PORT);
	if (one_in(4))
		mnl_attr_put_u32(nlh, MQVPN_A_PATH_SOCKET, 1 + rnd() % 99);
	if (one_in(2))
		mnl_attr_put_u32(nlh, MQVPN_A_PATH_WEIGHT, 1 + rnd() % 9);
}

static void right_prefix(struct nlmsghdr *nlh)
{
	unsigned int len = rnd() % 33;
	uint32_t address = len ? rnd() << (32 - len) : 0;
	unsigned char bytes[4] = { address >> 24, address >> 16, address >> 8,
				   address };

	mnl_attr_put(nlh, MQVPN_A_PREFIX_IPV4, sizeof(bytes), bytes);
	mnl_attr_put_u8(nlh, MQVPN_A_PREFIX_LENGTH, len);
}

static void right_socket(struct nlmsghdr *nlh)
{
	if (one_in(2))
		mnl_attr_put_u32(nlh, MQVPN_A_SOCKET_ID, 1 + rnd() % 99);
	else
		mnl_attr_put_u16(nlh, MQVPN_A_SOCKET_LOCAL_PORT, rnd());
}

static void right_owner(struct nlmsghdr *nlh)
{
	uint32_t port = mnl_socket_get_portid(nl.sock);

	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_FRAMES_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_PACKETS_PORT, port);
	mnl_attr_put_u32(nlh, MQVPN_A_OWNER_EVENTS_PORT, port);
	if (one_in(2))
		mnl_attr_put(nlh, MQVPN_A_OWNER_TAKEOVER, 0, NULL);
}

static void (*const right[])(struct nlmsghdr *nlh) = {
	[MQVPN_A_SOCKET] = right_socket,
	[MQVPN_A_CONNECTION] = right_conn,
	[MQVPN_A_PATH] = right_path,
	[MQVPN_A_CID] = right_cid,
	[MQVPN_A_KEY] = right_key,
	[MQVPN_A_PREFIX] = right_prefix,
	[MQVPN_A_OWNER] = right_owner,
};

static void put_objects(struct nlmsghdr *nlh, uint32_t mask)
{
	bool well = !one_in(4);

	for (unsigned int type = MQVPN_A_CONN_ID + 1;
	     type <= spec_set_mqvpn.max; type++) {
		struct nlattr *nest;

		if ((mask >> type & 1) == one_in(100))
			continue;
		if (!well || type >= ARRAY_SIZE(right) || !right[type]) {
			put_attr(nlh, &spec_set_mqvpn, type, DEPTH);
			continue;
		}
		nest = mnl_attr_nest_start(nlh, type);
		right[type](nlh);
		mnl_attr_nest_end(nlh, nest);
	}
}

/* Bytes and lengths that no encoder would write. */
static void damage(struct nlmsghdr *nlh)
{
	char *start = (char *)nlh + NLMSG_HDRLEN;
	unsigned int len = nlh->nlmsg_len - NLMSG_HDRLEN;

	for (unsigned int i = 1 + rnd() % 4; i--;)
		start[rnd() % len] = (char)rnd();
	if (one_in(3))
		nlh->nlmsg_len = NLMSG_HDRLEN + rnd() % (len + 1);
	if (one_in(8))
		nlh->nlmsg_flags = rnd() | NLM_F_REQUEST | NLM_F_ACK;
}

/* Rarer than what makes objects, or there would be none to work on. */
static bool is_deletion(unsigned int cmd)
{
	return cmd == MQVPN_CMD_CONN_DEL || cmd == MQVPN_CMD_CID_DEL ||
	       cmd == MQVPN_CMD_SOCKET_DEL;
}

static struct nlmsghdr *random_request(void)
{
	/* Those that work only when others have worked before. */
	static const unsigned int deep[] = {
		MQVPN_CMD_CID_NEW, MQVPN_CMD_CID_NEW, MQVPN_CMD_PATH_NEW,
		MQVPN_CMD_PATH_SET,
	};
	unsigned int cmd, tries = 100;
	struct nlmsghdr *nlh;
	uint32_t mask;
	bool dump;

	do {
		cmd = one_in(200) ? rnd() % 256 :
		      one_in(3) ? deep[rnd() % ARRAY_SIZE(deep)] :
		      1 + rnd() % (SPEC_OPS - 1);
		dump = one_in(10);
	} while (tries-- && cmd < SPEC_OPS && !one_in(50) &&
		 (!(dump ? nl.can_dump[cmd] : nl.can_do[cmd]) ||
		  (is_deletion(cmd) && !one_in(8))));
	mask = cmd >= SPEC_OPS ? rnd() : dump ? spec_ops[cmd].dump_request :
	       spec_ops[cmd].do_request;
	nlh = nl_begin(request, nl.family, cmd, dump ? NLM_F_DUMP : 0);
	put_names(nlh, mask);
	put_objects(nlh, mask);
	if (one_in(12))
		damage(nlh);
	return nlh;
}

/* --- answers --- */

static unsigned long told, obeyed[SPEC_OPS], bad;

static void count_message(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	told++;
	if (nlh->nlmsg_type == nl.family &&
	    !spec_check_msg(nlh, genl->cmd, nlh->nlmsg_flags & NLM_F_MULTI))
		bad++;
}

static void run(unsigned long count)
{
	unsigned long refused = 0, mute = 0, done = 0;
	const struct genlmsghdr *genl;
	struct nl_answer answer;
	struct nlmsghdr *nlh;

	for (unsigned long i = 0; i < count; i++) {
		nlh = random_request();
		genl = mnl_nlmsg_get_payload(nlh);
		nl_call(&nl, nlh, &answer, count_message, NULL);
		if (answer.err) {
			refused++;
			/* Half a header never comes as far as our code. */
			mute += !answer.text[0];
		} else if (nlh->nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN &&
			   genl->cmd < SPEC_OPS) {
			obeyed[genl->cmd]++;
			done++;
		}
	}
	printf("# %lu sent, %lu obeyed, %lu refused (%lu without a text), %lu messages back\n",
	       count, done, refused, mute, told);
}

/* A fuzzer that is always refused tries nothing. */
static bool tries_enough(void)
{
	unsigned int there = 0, met = 0;

	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++) {
		if (!nl.can_do[cmd] && !nl.can_dump[cmd])
			continue;
		printf("# %s: %lu\n", spec_ops[cmd].name, obeyed[cmd]);
		there++;
		met += !!obeyed[cmd];
	}
	return 4 * met >= 3 * there;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("MQVPN_SEED");

	if (argc != 3) {
		fprintf(stderr, "usage: nlfuzz DEVICE COUNT\n");
		return 2;
	}
	nl_open(&nl, argv[1]);
	if (seed)
		state = strtoull(seed, NULL, 0);
	else if (getrandom(&state, sizeof(state), 0) != sizeof(state))
		nl_die("seed");
	state |= 1;
	printf("# MQVPN_SEED=%llu\n", (unsigned long long)state);
	fflush(stdout);
	run(strtoul(argv[2], NULL, 10));
	if (!tries_enough())
		bad++;
	return !!bad;
}
