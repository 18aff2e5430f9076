// SPDX-License-Identifier: GPL-2.0
/* Senders that are told when their memory was read, and use it for something
 * else at once. Who read it too late has something else in the packet, and the
 * receiver tells.
 *
 * usage: senders ring DEVICE SOURCE DESTINATION PORT COUNT
 *	  senders xdp DEVICE SOURCE DESTINATION PORT COUNT
 *	  senders udp DESTINATION PORT COUNT
 *	  senders tcp DESTINATION PORT COUNT
 *	  senders junk DEVICE PROTOCOL COUNT
 *	  senders receive-udp PORT COUNT
 *	  senders receive-tcp PORT COUNT
 *
 * COUNT messages of SIZE bytes each. ring: PACKET_TX_RING; xdp: AF_XDP in copy
 * mode; udp and tcp: MSG_ZEROCOPY; junk: a packet socket's packets that are no
 * IP, with this PROTOCOL in hex.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE		1200
#define SLOTS		8
#define SLOT_SIZE	2048
#define USED_UP		0xee
/* longer than any queue below needs, in ms */
#define PATIENCE	20000

static unsigned long number(const char *text)
{
	return strtoul(text, NULL, 10);
}

/* --- what is sent --- */

/* No two messages have the same byte at the same place, up to 251 in a row. */
static void fill(uint8_t *data, uint32_t which)
{
	unsigned int i;

	memcpy(data, &which, sizeof(which));
	for (i = sizeof(which); i < SIZE; i++)
		data[i] = (which * 7 + i) % 251;
}

static bool is_right(const uint8_t *data, uint32_t which)
{
	uint8_t want[SIZE];

	fill(want, which);
	return !memcmp(data, want, SIZE);
}

static uint16_t checksum(const void *data, size_t len, uint32_t sum)
{
	const uint16_t *words = data;

	for (; len > 1; len -= 2)
		sum += *words++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* An IP packet with message @which in it. Return: its length. */
static size_t make_packet(uint8_t *packet, char **where, uint32_t which)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(ip) + sizeof(struct udphdr) + SIZE),
		.saddr = inet_addr(where[0]), .daddr = inet_addr(where[1]),
	};
	/* no checksum, which IPv4 allows: nothing shall tell but the data */
	struct udphdr udp = {
		.source = htons(9), .dest = htons(number(where[2])),
		.len = htons(sizeof(udp) + SIZE),
	};

	ip.check = checksum(&ip, sizeof(ip), 0);
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &udp, sizeof(udp));
	fill(packet + sizeof(ip) + sizeof(udp), which);
	return sizeof(ip) + sizeof(udp) + SIZE;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, PATIENCE) != 1)
		errx(1, "nothing happens");
}

/* --- PACKET_TX_RING --- */

static int packet_socket(const char *device, int protocol)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "packet socket");
	return fd;
}

static uint8_t *map_ring(int fd)
{
	struct tpacket_req req = {
		.tp_block_size = 4096,
		.tp_block_nr = SLOTS * SLOT_SIZE / 4096,
		.tp_frame_size = SLOT_SIZE,
		.tp_frame_nr = SLOTS,
	};
	uint8_t *ring;

	if (setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)))
		err(1, "PACKET_TX_RING");
	ring = mmap(NULL, SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (ring == MAP_FAILED)
		err(1, "mmap");
	return ring;
}

/* Overwrite what was read, as soon as it was. Return: whether it was. */
static bool slot_is_free(struct tpacket_hdr *slot)
{
	unsigned long status = __atomic_load_n(&slot->tp_status,
					       __ATOMIC_ACQUIRE);

	if (status != TP_STATUS_AVAILABLE)
		return false;
	memset((uint8_t *)slot + TPACKET_ALIGN(sizeof(*slot)), USED_UP,
	       SLOT_SIZE - TPACKET_ALIGN(sizeof(*slot)));
	return true;
}

static void send_ring(char **args)
{
	int fd = packet_socket(args[0], ETH_P_IP);
	uint8_t *ring = map_ring(fd);
	uint32_t i, count = number(args[4]);

	for (i = 0; i < count + SLOTS; i++) {
		struct tpacket_hdr *slot = (void *)(ring + i % SLOTS * SLOT_SIZE);

		while (!slot_is_free(slot))
			wait_for(fd, POLLOUT);
		if (i >= count)
			continue;
		slot->tp_len = make_packet((uint8_t *)slot +
				TPACKET_ALIGN(sizeof(*slot)), args + 1, i);
		__atomic_store_n(&slot->tp_status, TP_STATUS_SEND_REQUEST,
				 __ATOMIC_RELEASE);
		if (send(fd, NULL, 0, MSG_DONTWAIT) < 0 && errno != EAGAIN)
			err(1, "send");
	}
}

static void send_junk(char **args)
{
	int fd = packet_socket(args[0], strtol(args[1], NULL, 16));
	uint32_t i, count = number(args[2]);
	uint8_t junk[SIZE];

	memset(junk, 0xff, sizeof(junk));
	for (i = 0; i < count; i++)
		if (send(fd, junk, sizeof(junk), 0) < 0)
			err(1, "send");
}

/* --- AF_XDP --- */

struct xdp_ring {
	uint32_t *producer, *consumer;
	void *descs;
};

static struct xdp_ring map_xdp(int fd, const struct xdp_ring_offset *off,
			       size_t desc, off_t where)
{
	uint8_t *map = mmap(NULL, off->desc + SLOTS * desc,
			    PROT_READ | PROT_WRITE, MAP_SHARED, fd, where);

	if (map == MAP_FAILED)
		err(1, "mmap");
	return (struct xdp_ring){
		.producer = (uint32_t *)(map + off->producer),
		.consumer = (uint32_t *)(map + off->consumer),
		.descs = map + off->desc,
	};
}

static void xdp_option(int fd, int name, const void *value, size_t len)
{
	if (setsockopt(fd, SOL_XDP, name, value, len))
		err(1, "AF_XDP option %d", name);
}

static int xdp_socket(const char *device, const uint8_t *memory,
		      struct xdp_ring *tx, struct xdp_ring *completed)
{
	struct xdp_umem_reg umem = {
		.addr = (uintptr_t)memory,
		.len = SLOTS * SLOT_SIZE,
		.chunk_size = SLOT_SIZE,
	};
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY,
		.sxdp_ifindex = if_nametoindex(device),
	};
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	int fd, slots = SLOTS;

	fd = socket(AF_XDP, SOCK_RAW, 0);
	if (fd < 0)
		err(1, "AF_XDP");
	xdp_option(fd, XDP_UMEM_REG, &umem, sizeof(umem));
	xdp_option(fd, XDP_UMEM_FILL_RING, &slots, sizeof(slots));
	xdp_option(fd, XDP_UMEM_COMPLETION_RING, &slots, sizeof(slots));
	xdp_option(fd, XDP_TX_RING, &slots, sizeof(slots));
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		err(1, "XDP_MMAP_OFFSETS");
	*tx = map_xdp(fd, &off.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
	*completed = map_xdp(fd, &off.cr, sizeof(uint64_t),
			     XDP_UMEM_PGOFF_COMPLETION_RING);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "bind to %s in copy mode", device);
	return fd;
}

/* Overwrite what was read, as soon as it was. Return: how many are new. */
static uint32_t xdp_reap(struct xdp_ring *completed, uint8_t *memory)
{
	uint32_t at = *completed->consumer, reaped = 0;
	uint32_t end = __atomic_load_n(completed->producer, __ATOMIC_ACQUIRE);

	for (; at != end; at++, reaped++)
		memset(memory + ((uint64_t *)completed->descs)[at % SLOTS],
		       USED_UP, SLOT_SIZE);
	__atomic_store_n(completed->consumer, at, __ATOMIC_RELEASE);
	return reaped;
}

static void xdp_put(struct xdp_ring *tx, uint32_t at, size_t len)
{
	struct xdp_desc *desc = (struct xdp_desc *)tx->descs + at % SLOTS;

	*desc = (struct xdp_desc){
		.addr = at % SLOTS * SLOT_SIZE,
		.len = len,
	};
	__atomic_store_n(tx->producer, at + 1, __ATOMIC_RELEASE);
}

static void send_xdp(char **args)
{
	uint32_t i, done = 0, count = number(args[4]);
	struct xdp_ring tx, completed;
	uint8_t *memory;
	int fd;

	memory = mmap(NULL, SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	fd = xdp_socket(args[0], memory, &tx, &completed);
	for (i = 0; done < count;) {
		if (i < count && i - done < SLOTS) {
			xdp_put(&tx, i, make_packet(memory +
						    i % SLOTS * SLOT_SIZE,
						    args + 1, i));
			i++;
		}
		if (sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 &&
		    errno != EAGAIN && errno != EBUSY && errno != ENOBUFS)
			err(1, "sendto");
		done += xdp_reap(&completed, memory);
	}
}

/* --- MSG_ZEROCOPY --- */

struct zerocopy {
	int fd;
	uint8_t *memory;
	uint32_t sent;
	uint32_t done;
	uint32_t copied;
};

/* Overwrite the messages from @first to @last, which were read. */
static void zerocopy_done(struct zerocopy *z, uint32_t first, uint32_t last)
{
	uint32_t i;

	for (i = first; i != last + 1; i++) {
		memset(z->memory + i % SLOTS * SLOT_SIZE, USED_UP, SLOT_SIZE);
		z->done++;
	}
}

static void zerocopy_reap(struct zerocopy *z)
{
	struct sock_extended_err error;
	struct cmsghdr *cmsg;
	char control[256];
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	wait_for(z->fd, 0);
	if (recvmsg(z->fd, &msg, MSG_ERRQUEUE) < 0)
		err(1, "error queue");
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		memcpy(&error, CMSG_DATA(cmsg), sizeof(error));
		if (error.ee_errno || error.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
			errx(1, "error %u of origin %u", error.ee_errno,
			     error.ee_origin);
		if (error.ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
			z->copied += error.ee_data - error.ee_info + 1;
		zerocopy_done(z, error.ee_info, error.ee_data);
	}
}

static int connected(int type, char **where)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = inet_addr(where[0]),
		.sin_port = htons(number(where[1])),
	};
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		err(1, "SO_ZEROCOPY");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	return fd;
}

static void send_zerocopy(int type, char **args)
{
	struct zerocopy z = { .fd = connected(type, args) };
	uint32_t count = number(args[2]);
	uint8_t *message;

	z.memory = mmap(NULL, SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (z.memory == MAP_FAILED)
		err(1, "mmap");
	while (z.done < count) {
		if (z.sent == count || z.sent - z.done == SLOTS) {
			zerocopy_reap(&z);
			continue;
		}
		message = z.memory + z.sent % SLOTS * SLOT_SIZE;
		fill(message, z.sent);
		if (send(z.fd, message, SIZE, MSG_ZEROCOPY) != SIZE)
			err(1, "send");
		z.sent++;
	}
	printf("%u of %u were copied\n", z.copied, count);
}

/* --- the other end --- */

static int bound(int type, const char *port)
{
	struct sockaddr_in me = {
		.sin_family = AF_INET,
		.sin_port = htons(number(port)),
	};
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&me, sizeof(me)))
		err(1, "bind to port %s", port);
	return fd;
}

static void receive(int fd, int flags, uint32_t count)
{
	uint8_t data[SIZE];
	uint32_t i;

	for (i = 0; i < count; i++) {
		wait_for(fd, POLLIN);
		if (recv(fd, data, SIZE, flags) != SIZE)
			errx(1, "message %u of %u is cut", i, count);
		if (!is_right(data, i))
			errx(1, "message %u of %u: it is not what was sent", i,
			     count);
	}
	printf("%u messages, all right\n", count);
}

static void receive_udp(char **args)
{
	receive(bound(SOCK_DGRAM, args[0]), 0, number(args[1]));
}

static void receive_tcp(char **args)
{
	int fd = bound(SOCK_STREAM, args[0]);

	if (listen(fd, 1))
		err(1, "listen");
	receive(accept(fd, NULL, NULL), MSG_WAITALL, number(args[1]));
}

static void send_udp(char **args)
{
	send_zerocopy(SOCK_DGRAM, args);
}

static void send_tcp(char **args)
{
	send_zerocopy(SOCK_STREAM, args);
}

static const struct {
	const char *name;
	int args;
	void (*run)(char **args);
} modes[] = {
	{ "ring", 5, send_ring },
	{ "xdp", 5, send_xdp },
	{ "udp", 3, send_udp },
	{ "tcp", 3, send_tcp },
	{ "junk", 3, send_junk },
	{ "receive-udp", 2, receive_udp },
	{ "receive-tcp", 2, receive_tcp },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (argc >= 2 && !strcmp(argv[1], modes[i].name) &&
		    argc == modes[i].args + 2) {
			modes[i].run(argv + 2);
			return 0;
		}
	errx(2, "usage: see the head of senders.c");
}
