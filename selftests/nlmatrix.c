// SPDX-License-Identifier: GPL-2.0
/* Every command with every attribute wrong in every way: each is refused with
 * the right error, a text and the place of the attribute, and changes nothing.
 * What there is to get wrong comes from the specification.
 *
 * usage: nlmatrix DEVICE		the matrix; the device has connection 1
 *        nlmatrix DEVICE COMMAND...	events of COMMAND are as specified
 *        nlmatrix DEVICE --faults	each allocation of each command fails once
 */
#include <ctype.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "nlspec.h"

#define DEPTH		4
#define LONGEST		70000
#define TOGETHER	20
#define FAULTS_MAX	500

/* Errors that a wrong form may give. */
#define GIVES(err)	(1ULL << (err))

static char buffer[3 * LONGEST] __attribute__((aligned(8)));
static const char zeros[LONGEST];
static struct nl nl;
static struct nl_state before, after;
static unsigned int tried, failures;

#define fail(format, ...)						\
	do {								\
		failures++;						\
		printf("# " format "\n", ##__VA_ARGS__);		\
	} while (0)

/* Where in the specification an attribute is. */
struct place {
	unsigned int cmd;
	bool dump;
	unsigned int depth;
	unsigned int types[DEPTH];
	const struct spec_attr *attr;
};

static const char *place_name(const struct place *place)
{
	const struct spec_set *set = &spec_set_mqvpn;
	static char name[256];
	int len;

	len = snprintf(name, sizeof(name), "%s%s", spec_ops[place->cmd].name,
		       place->dump ? " (dump)" : "");
	for (unsigned int i = 0; i < place->depth; i++) {
		len += snprintf(name + len, sizeof(name) - len, "%c%s",
				i ? '.' : ' ',
				set ? set->attrs[place->types[i]].name : "?");
		set = set ? set->attrs[place->types[i]].nest : NULL;
	}
	return name;
}

/* A request with what tells which device and connection it is about. */
static struct nlmsghdr *begin(unsigned int cmd, bool dump, unsigned int but)
{
	const struct spec_op *op = &spec_ops[cmd];
	uint32_t mask = dump ? op->dump_request : op->do_request;
	struct nlmsghdr *nlh;

	nlh = nl_begin(buffer, nl.family, cmd, dump ? NLM_F_DUMP : 0);
	if ((mask >> MQVPN_A_IFINDEX & 1) && but != MQVPN_A_IFINDEX)
		mnl_attr_put_u32(nlh, MQVPN_A_IFINDEX, nl.ifindex);
	if ((mask >> MQVPN_A_CONN_ID & 1) && but != MQVPN_A_CONN_ID)
		mnl_attr_put_u32(nlh, MQVPN_A_CONN_ID, 1);
	return nlh;
}

static uint32_t put(struct nlmsghdr *nlh, unsigned int type, const void *data,
		    unsigned int len)
{
	uint32_t offset = nlh->nlmsg_len;

	mnl_attr_put(nlh, type, len, data);
	return offset;
}

/* The nests around a place, all but the last of its types. */
static struct nlmsghdr *open_nests(const struct place *place,
				   struct nlattr **nests)
{
	struct nlmsghdr *nlh = begin(place->cmd, place->dump, place->types[0]);

	for (unsigned int i = 0; i + 1 < place->depth; i++)
		nests[i] = mnl_attr_nest_start(nlh, place->types[i]);
	return nlh;
}

static void close_nests(const struct place *place, struct nlmsghdr *nlh,
			struct nlattr **nests)
{
	for (unsigned int i = place->depth - 1; i--;)
		mnl_attr_nest_end(nlh, nests[i]);
}

/* Dumping takes far longer than refusing, so several are looked at as one. */
static void unchanged(const char *name, const char *form)
{
	if (tried % TOGETHER)
		return;
	if (!nl_state_take(&nl, &after) || !nl_state_same(&before, &after)) {
		fail("%s, %s, or one of %u before: changed something", name,
		     form, TOGETHER - 1);
		nl_state_take(&nl, &before);
	}
}

/* Send what must be refused; offset is the place of the wrong attribute. */
static void refuse(const struct place *place, const char *form,
		   struct nlmsghdr *nlh, uint64_t gives, uint32_t offset,
		   uint32_t other)
{
	const char *name = place_name(place);
	struct nl_answer answer;

	tried++;
	nl_call(&nl, nlh, &answer, NULL, NULL);
	if (!answer.err)
		fail("%s, %s: not refused", name, form);
	else if (!(gives & GIVES(answer.err)))
		fail("%s, %s: %s", name, form, strerror(answer.err));
	else if (!answer.text[0])
		fail("%s, %s: no text", name, form);
	else if (offset && (!answer.has_offset || (answer.offset != offset &&
						   answer.offset != other)))
		fail("%s, %s: \"%s\" is about offset %d, not %u", name, form,
		     answer.text,
		     answer.has_offset ? (int)answer.offset : -1, offset);
	unchanged(name, form);
}

/* One attribute at a place, with a type, flags and content. */
static void try(const struct place *place, const char *form, unsigned int type,
		const void *data, unsigned int len, uint64_t gives)
{
	struct nlattr *nests[DEPTH];
	struct nlmsghdr *nlh = open_nests(place, nests);
	uint32_t offset = put(nlh, type, data, len);
	uint32_t nest = offset;

	/* A nest that no request may have is refused as such. */
	if (place->depth > 2)
		nest = (char *)nests[place->depth - 2] - buffer;
	close_nests(place, nlh, nests);
	refuse(place, form, nlh, gives, offset, nest);
}

static void try_number(const struct place *place, const char *form,
		       uint64_t value)
{
	unsigned int size = spec_size(place->attr->kind);

	try(place, form, place->types[place->depth - 1], &value, size,
	    GIVES(ERANGE) | GIVES(EINVAL));
}

static void wrong_number(const struct place *place)
{
	unsigned int type = place->types[place->depth - 1];
	unsigned int size = spec_size(place->attr->kind);
	uint64_t largest = size == 8 ? ~0ULL : (1ULL << 8 * size) - 1;

	try(place, "empty", type, zeros, 0, GIVES(EINVAL));
	try(place, "too short", type, zeros, size - 1, GIVES(EINVAL));
	try(place, "too long", type, zeros, size + 1, GIVES(EINVAL));
	if (place->attr->least)
		try_number(place, "too small", place->attr->least - 1);
	if (place->attr->most < largest) {
		try_number(place, "too large", place->attr->most + 1);
		try_number(place, "largest", largest);
	}
}

static void wrong_string(const struct place *place)
{
	unsigned int type = place->types[place->depth - 1];
	static char text[LONGEST];

	memset(text, 'x', sizeof(text));
	try(place, "empty", type, text, 0, GIVES(EINVAL) | GIVES(ERANGE));
	try(place, "no end", type, text, 4, GIVES(EINVAL));
	text[place->attr->most + 1] = 0;
	try(place, "too long", type, text, place->attr->most + 2,
	    GIVES(ERANGE) | GIVES(EINVAL));
}

static void wrong_length(const struct place *place)
{
	unsigned int type = place->types[place->depth - 1];

	if (place->attr->least) {
		try(place, "empty", type, zeros, 0,
		    GIVES(ERANGE) | GIVES(EINVAL));
		try(place, "too short", type, zeros, place->attr->least - 1,
		    GIVES(ERANGE) | GIVES(EINVAL));
	}
	if (place->attr->most < 65535)
		try(place, "too long", type, zeros, place->attr->most + 1,
		    GIVES(ERANGE) | GIVES(EINVAL));
}

/* What is refused in a nest, but has no place of its own. */
static void try_broken(const struct place *place, const char *form,
		       const void *data, unsigned int len)
{
	unsigned int type = place->types[place->depth - 1];
	struct nlattr *nests[DEPTH];
	struct nlmsghdr *nlh = open_nests(place, nests);

	put(nlh, type | NLA_F_NESTED, data, len);
	close_nests(place, nlh, nests);
	refuse(place, form, nlh, GIVES(EINVAL) | GIVES(ERANGE), 0, 0);
}

static void try_inside(const struct place *place, const char *form,
		       unsigned int type)
{
	struct place inside = *place;

	inside.types[inside.depth++] = 0;
	try(&inside, form, type, zeros, 4, GIVES(EINVAL));
}

static void wrong_nest(const struct place *place)
{
	static const struct nlattr beyond = { 100, 1 }, tiny = { 3, 1 };
	unsigned int type = place->types[place->depth - 1];

	try(place, "not flagged", type, zeros, 0, GIVES(EINVAL));
	try_broken(place, "a byte in it", zeros, 1);
	try_broken(place, "an attribute that goes beyond", &beyond,
		   sizeof(beyond));
	try_broken(place, "an attribute too short", &tiny, sizeof(tiny));
	try_inside(place, "type 0 in it", 0);
	try_inside(place, "unknown in it", place->attr->nest->max + 1);
	try_inside(place, "largest type in it", NLA_TYPE_MASK);
}

/* A value that is right by itself, or an empty nest. */
static unsigned int right_value(const struct spec_attr *attr, char *value)
{
	unsigned int len = attr->least;

	memset(value, 0, 256);
	if (spec_is_number(attr->kind)) {
		memcpy(value, &attr->least, 8);
		return spec_size(attr->kind);
	}
	if (attr->kind == SPEC_STRING) {
		memcpy(value, "wlb", 4);
		return 4;
	}
	if (attr->kind == SPEC_BINARY && !len)
		len = attr->most < 8 ? attr->most : 8;
	return len;
}

static void twice(const struct place *place)
{
	unsigned int type = place->types[place->depth - 1];
	struct nlattr *nests[DEPTH];
	struct nlmsghdr *nlh = open_nests(place, nests);
	uint32_t first, second;
	unsigned int len;
	char value[256];

	if (place->attr->kind == SPEC_NEST)
		type |= NLA_F_NESTED;
	len = right_value(place->attr, value);
	if (place->depth == 1 && type <= MQVPN_A_CONN_ID)
		memcpy(value, type == MQVPN_A_IFINDEX ? &nl.ifindex :
		       &(uint32_t){ 1 }, 4);
	first = put(nlh, type, value, len);
	second = put(nlh, type, value, len);
	close_nests(place, nlh, nests);
	/* What may not be there at all is refused where it comes first. */
	if (place->depth > 2)
		first = (char *)nests[place->depth - 2] - buffer;
	refuse(place, "twice", nlh, GIVES(EINVAL), second, first);
}

static void wrong_attr(struct place *place);

static void wrong_inside(const struct place *place)
{
	const struct spec_set *nest = place->attr->nest;
	struct place inside = *place;

	inside.depth++;
	for (unsigned int type = 1; type <= nest->max; type++) {
		inside.types[place->depth] = type;
		inside.attr = &nest->attrs[type];
		wrong_attr(&inside);
	}
}

static void wrong_attr(struct place *place)
{
	unsigned int type = place->types[place->depth - 1];
	unsigned int size = 0;

	switch (place->attr->kind) {
	case SPEC_PAD:
		try(place, "in a request", type, zeros, 0, GIVES(EINVAL));
		return;
	case SPEC_FLAG:
		try(place, "with a value", type, zeros, 1,
		    GIVES(EINVAL) | GIVES(ERANGE));
		break;
	case SPEC_STRING:
		wrong_string(place);
		break;
	case SPEC_BINARY:
		wrong_length(place);
		break;
	case SPEC_NEST:
		wrong_nest(place);
		wrong_inside(place);
		break;
	default:
		size = spec_size(place->attr->kind);
		wrong_number(place);
	}
	if (place->attr->kind != SPEC_NEST)
		try(place, "flagged as a nest", type | NLA_F_NESTED, zeros,
		    size ? size : place->attr->least, GIVES(EINVAL));
	if (!place->attr->multi)
		twice(place);
}

static void wrong_way(unsigned int cmd, bool dump)
{
	const struct spec_op *op = &spec_ops[cmd];
	uint32_t mask = dump ? op->dump_request : op->do_request;
	struct place place = { .cmd = cmd, .dump = dump, .depth = 1 };
	char value[256];

	for (unsigned int type = 1; type <= spec_set_mqvpn.max; type++) {
		place.types[0] = type;
		place.attr = &spec_set_mqvpn.attrs[type];
		if (mask >> type & 1)
			wrong_attr(&place);
		else
			try(&place, "does not belong there",
			    type | (place.attr->nest ? NLA_F_NESTED : 0), value,
			    right_value(place.attr, value), GIVES(EINVAL));
	}
	place.types[0] = 0;
	try(&place, "type 0", 0, zeros, 4, GIVES(EINVAL));
	try(&place, "unknown", spec_set_mqvpn.max + 1, zeros, 4, GIVES(EINVAL));
	try(&place, "largest type", NLA_TYPE_MASK, zeros, 4, GIVES(EINVAL));
}

/* --- what is missing --- */

/*
 * Good requests, in an order in which each can be met. A word is an attribute
 * and its value: a number, bytes in hex after "x", the socket that was made, or
 * the netlink port that asks. Every attribute has to be
 * there, and if it is not the kernel says which; one that begins with "~" need
 * not, and without one that begins with "!" the request is refused in any way.
 */
static const struct good {
	const char *op;
	const char *words;
} good[] = {
	{ "device-get", "ifindex" },
	{ "device-set", "ifindex device ~device.scheduler=x776c6200" },
	{ "socket-new", "ifindex socket ~socket.local-port=0" },
	{ "packet-tx", "ifindex packet packet.socket=SOCKET "
	  "!packet.remote-ipv4=x0a000102 packet.remote-port=x115d "
	  "packet.data=xc00000000100 ~packet.validated" },
	{ "packet-rx", "ifindex packet packet.socket=SOCKET "
	  "!packet.remote-ipv4=x0a000102 packet.remote-port=x115d "
	  "packet.data=x40c100000100000000"
	  "0000000000000000000000000000000000000000" },
	{ "socket-del", "ifindex socket socket.id=SOCKET" },
	{ "conn-new", "ifindex conn-id=2 connection connection.role=0" },
	{ "conn-set", "ifindex conn-id=2 connection ~connection.confirmed" },
	{ "conn-get", "ifindex conn-id=2" },
	{ "cid-new", "ifindex conn-id=2 cid cid.end=0 cid.path-id=0 "
	  "cid.sequence=0 cid.id=x0102030405060708" },
	{ "cid-new", "ifindex conn-id=2 cid cid.end=1 cid.path-id=0 "
	  "cid.sequence=0 cid.id=x1112131415161718" },
	{ "key-set", "ifindex conn-id=2 key key.direction=0 key.aead=1 "
	  "key.secret=x0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef" },
	{ "key-set", "ifindex conn-id=2 key key.direction=1 key.aead=1 "
	  "key.secret=xfedcba9876543210fedcba9876543210"
	  "fedcba9876543210fedcba9876543210 ~key.packet-limit=300" },
	{ "key-update", "ifindex conn-id=2" },
	{ "path-new", "ifindex conn-id=2 path ~path.id=0 "
	  "!path.remote-ipv4=x0a000102 !path.remote-port=x115d" },
	{ "path-set", "ifindex conn-id=2 path path.id=0 ~path.weight=7 "
	  "~path.congestion-control=x62627200" },
	{ "path-del", "ifindex conn-id=2 path path.id=0" },
	{ "prefix-new", "ifindex conn-id=2 prefix !prefix.ipv4=192 "
	  "prefix.length=32" },
	{ "prefix-del", "ifindex conn-id=2 prefix !prefix.ipv4=192 "
	  "prefix.length=32" },
	{ "cid-del", "ifindex conn-id=2 cid cid.end=1 cid.path-id=0 "
	  "cid.sequence=0" },
	{ "frames-ack", "ifindex conn-id=2 frames frames.sequence=0" },
	{ "frame-tx", "ifindex conn-id=2 frames frames.data=x1005 "
	  "frames.cookie=7" },
	{ "frame-cancel", "ifindex conn-id=2 frames frames.cookie=7" },
	{ "conn-close", "ifindex conn-id=2 connection "
	  "connection.close-code=0" },
	{ "conn-del", "ifindex conn-id=2" },
	{ "owner-set", "ifindex owner owner.frames-port=PORT "
	  "owner.packets-port=PORT owner.events-port=PORT ~owner.takeover" },
};

/* A word of a good request. */
struct word {
	bool optional;
	bool vague;
	unsigned int types[2];
	unsigned int depth;
	const struct spec_attr *attr;
	char value[256];
	unsigned int len;
};

/* The socket that socket-new made. */
static uint64_t new_socket;

static unsigned int spec_find(const struct spec_set *set, const char *name,
			      size_t len)
{
	for (unsigned int i = 1; i <= set->max; i++)
		if (!strncmp(set->attrs[i].name, name, len) &&
		    !set->attrs[i].name[len])
			return i;
	printf("# the specification has no %.*s\n", (int)len, name);
	exit(1);
}

static void read_value(struct word *word, const char *text)
{
	char byte[3] = { 0 };
	uint64_t number;

	word->len = right_value(word->attr, word->value);
	if (*text == 'x') {
		for (word->len = 0; isxdigit(text[1]); text += 2) {
			memcpy(byte, text + 1, 2);
			word->value[word->len++] =
				(char)strtoul(byte, NULL, 16);
		}
		return;
	}
	if (!spec_is_number(word->attr->kind))
		return;
	number = *text == 'S' ? new_socket :
		 *text == 'P' ? mnl_socket_get_portid(nl.sock) :
		 strtoull(text, NULL, 10);
	if (word->depth == 1 && word->types[0] == MQVPN_A_IFINDEX)
		number = nl.ifindex;
	memcpy(word->value, &number, sizeof(number));
}

static void read_word(struct word *word, const char *text)
{
	const struct spec_set *set = &spec_set_mqvpn;
	size_t len;

	memset(word, 0, sizeof(*word));
	word->optional = *text == '~';
	word->vague = *text == '!';
	text += word->optional || word->vague;
	for (;;) {
		len = strcspn(text, ".= ");
		word->types[word->depth] = spec_find(set, text, len);
		word->attr = &set->attrs[word->types[word->depth++]];
		text += len;
		if (*text != '.')
			break;
		set = word->attr->nest;
		text++;
	}
	read_value(word, text + (*text == '='));
}

#define WORDS	16

static unsigned int read_words(const char *text, struct word *words)
{
	unsigned int count = 0;

	while (*text && count < WORDS) {
		read_word(&words[count++], text);
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	return count;
}

/* All words but one; gives the place of the nest that it should be in. */
static struct nlmsghdr *good_request(unsigned int cmd, const struct word *words,
				     unsigned int count, unsigned int but,
				     uint32_t *nest_at)
{
	struct nlmsghdr *nlh = nl_begin(buffer, nl.family, cmd, 0);
	struct nlattr *nest = NULL;

	*nest_at = 0;
	for (unsigned int i = 0; i < count; i++) {
		const struct word *word = &words[i];

		if (i == but && word->attr->nest)
			break;
		if (word->attr->nest) {
			*nest_at = nlh->nlmsg_len;
			nest = mnl_attr_nest_start(nlh, word->types[0]);
		} else if (i != but) {
			put(nlh, word->types[word->depth - 1], word->value,
			    word->len);
		}
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static void missing(const struct good *g, unsigned int cmd,
		    const struct word *words, unsigned int count,
		    unsigned int but)
{
	const struct word *word = &words[but];
	struct nl_answer answer;
	struct nlmsghdr *nlh;
	uint32_t nest_at;
	char form[64];

	snprintf(form, sizeof(form), "without %s", word->attr->name);
	nlh = good_request(cmd, words, count, but, &nest_at);
	tried++;
	nl_call(&nl, nlh, &answer, NULL, NULL);
	if (answer.err != EINVAL)
		fail("%s, %s: %s", g->op, form, strerror(answer.err));
	else if (!answer.text[0])
		fail("%s, %s: no text", g->op, form);
	else if (!word->vague &&
		 (!answer.has_miss ||
		  answer.miss != word->types[word->depth - 1]))
		fail("%s, %s: \"%s\" misses attribute %d", g->op, form,
		     answer.text, answer.has_miss ? (int)answer.miss : -1);
	else if (!word->vague && word->depth > 1 &&
		 (!answer.has_miss_nest || answer.miss_nest != nest_at))
		fail("%s, %s: does not say in which nest", g->op, form);
}

static void read_reply(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *field;

	if (!spec_check_msg(nlh, genl->cmd, false))
		failures++;
	if (genl->cmd != MQVPN_CMD_SOCKET_NEW)
		return;
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == MQVPN_A_SOCKET)
			mnl_attr_for_each_nested(field, attr)
				if (mnl_attr_get_type(field) ==
				    MQVPN_A_SOCKET_ID)
					new_socket = mnl_attr_get_u32(field);
}

/* Wrong by what is missing, and then whole and obeyed. */
static void meet(const struct good *g, unsigned int cmd)
{
	struct word words[WORDS];
	struct nl_answer answer;
	struct nlmsghdr *nlh;
	unsigned int count, i;
	uint32_t nest_at;

	count = read_words(g->words, words);
	nl_state_take(&nl, &before);
	for (i = 0; i < count; i++)
		if (!words[i].optional)
			missing(g, cmd, words, count, i);
	if (!nl_state_take(&nl, &after) || !nl_state_same(&before, &after))
		fail("%s: changed something though incomplete", g->op);
	nlh = good_request(cmd, words, count, count, &nest_at);
	nl_call(&nl, nlh, &answer, read_reply, NULL);
	if (answer.err)
		fail("%s: %s, \"%s\"", g->op, strerror(answer.err),
		     answer.text);
}

/* --- allocations that fail --- */

static int nth_file;

/* The kernel counts the allocations of this thread down, and fails the last. */
static void fail_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(nth_file, text, len, 0) != len)
		nl_die("fail-nth");
}

static bool has_failed(void)
{
	char text[16] = "";

	if (pread(nth_file, text, sizeof(text) - 1, 0) <= 0)
		nl_die("fail-nth");
	return !strtoul(text, NULL, 10);
}

/* What an allocation that failed may end in, here and in the kernel's own. */
static bool is_no_memory(int err)
{
	return err == ENOMEM || err == ENOBUFS || err == ENFILE;
}

static unsigned int op_find(const char *name)
{
	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++)
		if (!strcmp(spec_ops[cmd].name, name))
			return cmd;
	printf("# the specification has no operation %s\n", name);
	exit(1);
}

/* A good request, with nothing failing; what comes of it does not matter. */
static void just_do(const struct good *g)
{
	struct word words[WORDS];
	struct nl_answer answer;
	struct nlmsghdr *nlh;
	unsigned int count;
	uint32_t nest_at;

	count = read_words(g->words, words);
	nlh = good_request(op_find(g->op), words, count, count, &nest_at);
	nl_call(&nl, nlh, &answer, read_reply, NULL);
}

/* Back to before a request: without its objects, and with those it needs. */
static void restore(const struct good *g)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++)
		if (!strcmp(good[i].op, "conn-del") ||
		    !strcmp(good[i].op, "socket-del"))
			just_do(&good[i]);
	for (const struct good *one = good; one < g; one++)
		just_do(one);
	nl_state_take(&nl, &before);
}

/* Send a request while one allocation fails; gives whether one did. */
static bool call_failing(const struct good *g, unsigned int nth, int *err)
{
	struct word words[WORDS];
	struct nl_answer answer;
	struct nlmsghdr *nlh;
	unsigned int count;
	uint32_t nest_at;
	bool failed;

	count = read_words(g->words, words);
	nlh = good_request(op_find(g->op), words, count, count, &nest_at);
	nlh->nlmsg_seq = ++nl.seq;
	fail_nth(nth);
	*err = mnl_socket_sendto(nl.sock, nlh, nlh->nlmsg_len) < 0 ? errno : 0;
	failed = has_failed();
	fail_nth(0);
	/* The kernel may have no memory to say that it is done. */
	if (!*err)
		*err = nl_receive(&nl, &answer, read_reply, NULL) ?
			answer.err : errno;
	return failed;
}

/*
 * Until none fails. Some failures do no harm, to what an event or a debugging
 * aid would have had: then the request has worked and is undone.
 */
static void meet_faults(const struct good *g, unsigned int cmd)
{
	unsigned int nth, refused = 0;
	bool failed = true, same;
	int err;

	nl_state_take(&nl, &before);
	for (nth = 1; failed && nth < FAULTS_MAX; nth++) {
		failed = call_failing(g, nth, &err);
		nl_state_take(&nl, &after);
		same = nl_state_same(&before, &after);
		tried++;
		refused += failed && err;
		if (failed ? err && !is_no_memory(err) : err)
			fail("%s, allocation %u: %s", g->op, nth,
			     strerror(err));
		if (err && err != ENOBUFS && !same)
			fail("%s, allocation %u: refused, and changed something",
			     g->op, nth);
		if (failed && !same)
			restore(g);
	}
	printf("# %s: %u allocations, %u needed\n", spec_ops[cmd].name,
	       nth - 2, refused);
	if (!refused || failed)
		fail("%s: no end", g->op);
}

static void meet_all(void (*meet_one)(const struct good *g, unsigned int cmd))
{
	bool known[SPEC_OPS] = { false };
	unsigned int cmd, i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		cmd = op_find(good[i].op);
		known[cmd] = true;
		meet_one(&good[i], cmd);
	}
	for (cmd = 1; cmd < SPEC_OPS; cmd++)
		if (nl.can_do[cmd] && !known[cmd])
			fail("%s: nlmatrix.c has no good request for it",
			     spec_ops[cmd].name);
}

static int faults(void)
{
	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_file < 0)
		nl_die("fail-nth");
	meet_all(meet_faults);
	printf("# %u requests, %u findings\n", tried, failures);
	return !!failures;
}

static int matrix(void)
{
	if (!nl_state_take(&nl, &before) || !before.len)
		fail("what there is cannot be dumped");
	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++) {
		if (nl.can_do[cmd] && spec_ops[cmd].has_do)
			wrong_way(cmd, false);
		if (nl.can_dump[cmd] && spec_ops[cmd].has_dump)
			wrong_way(cmd, true);
		if ((nl.can_do[cmd] && !spec_ops[cmd].has_do) ||
		    (nl.can_dump[cmd] && !spec_ops[cmd].has_dump))
			fail("%s: not specified", spec_ops[cmd].name);
	}
	tried += TOGETHER - tried % TOGETHER;
	unchanged("last", "all");
	meet_all(meet);
	printf("# %u wrong requests, %u findings\n", tried, failures);
	return !!failures;
}

/* --- events --- */

static void run(char **command)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		/* What it prints is not ours. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("%s: exit status %d", command[0], WEXITSTATUS(status));
}

/* What a command makes the kernel tell everybody. */
static int events(char **command)
{
	struct mnl_socket *sock = nl_socket();
	unsigned int count[SPEC_OPS] = { 0 };
	const struct genlmsghdr *genl;
	const struct nlmsghdr *nlh;
	int len;

	if (mnl_socket_setsockopt(sock, NETLINK_ADD_MEMBERSHIP, &nl.group,
				  sizeof(nl.group)))
		nl_die("events");
	run(command);
	for (;;) {
		len = recv(mnl_socket_get_fd(sock), buffer, sizeof(buffer),
			   MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			nl_die("events");
		for (nlh = (const void *)buffer; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			genl = mnl_nlmsg_get_payload(nlh);
			if (!spec_check_msg(nlh, 0, false) ||
			    !spec_ops[genl->cmd].multicast) {
				failures++;
				continue;
			}
			count[genl->cmd]++;
		}
	}
	for (unsigned int cmd = 1; cmd < SPEC_OPS; cmd++)
		if (count[cmd])
			printf("%s %u\n", spec_ops[cmd].name, count[cmd]);
	return !!failures;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: nlmatrix DEVICE [COMMAND...]\n");
		return 2;
	}
	nl_open(&nl, argv[1]);
	if (argc < 3)
		return matrix();
	return strcmp(argv[2], "--faults") ? events(argv + 2) : faults();
}
