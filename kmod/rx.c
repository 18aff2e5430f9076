// SPDX-License-Identifier: GPL-2.0
/*
 * The receive spine, from top to bottom as a packet travels: the datagram, its
 * connection ID, header protection, the AEAD, the frames, the inner packet.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip_tunnels.h>

#include "compat.h"
#include "conn.h"
#include "drop.h"
#include "inner.h"
#include "life.h"
#include "loss.h"
#include "open.h"
#include "packet.h"
#include "path.h"
#include "reset.h"
#include "rx.h"
#include "trace.h"
#include "tx.h"
#include "validate.h"

/* First byte, our connection ID, longest packet number, sample. */
#define MQVPN_RX_MIN	(1 + MQVPN_CID_LEN + 4 + MQVPN_SAMPLE_LEN)

/**
 * mqvpn_rx_drop() - count a packet, and free it
 * @md: device
 * @skb: the packet
 * @which: MQVPN_A_COUNTERS_*
 *
 * Context: bottom halves disabled.
 */
void mqvpn_rx_drop(struct mqvpn_dev *md, struct sk_buff *skb,
		   unsigned int which)
{
	dev_core_stats_rx_dropped_inc(md->dev);
	mqvpn_drop(md, skb, MQVPN_DIRECTION_RX, which);
}

/* 5. The inner packet: is it whole, may it come from there? */

static bool mqvpn_rx_ipv4(struct sk_buff *skb)
{
	unsigned int len;

	if (skb->len < sizeof(struct iphdr))
		return false;
	len = ntohs(ip_hdr(skb)->tot_len);
	if (ip_hdr(skb)->ihl < 5 || len < ip_hdr(skb)->ihl * 4 ||
	    len > skb->len)
		return false;
	skb->protocol = htons(ETH_P_IP);
	return !pskb_trim(skb, len);
}

static bool mqvpn_rx_ipv6(struct sk_buff *skb)
{
	unsigned int len;

	if (skb->len < sizeof(struct ipv6hdr))
		return false;
	len = sizeof(struct ipv6hdr) + ntohs(ipv6_hdr(skb)->payload_len);
	if (len > skb->len)
		return false;
	skb->protocol = htons(ETH_P_IPV6);
	return !pskb_trim(skb, len);
}

static bool mqvpn_rx_inner_valid(struct sk_buff *skb)
{
	skb_reset_network_header(skb);
	if (!skb->len)
		return false;
	if (skb->data[0] >> 4 == 4)
		return mqvpn_rx_ipv4(skb);
	if (skb->data[0] >> 4 == 6)
		return mqvpn_rx_ipv6(skb);
	return false;
}

/* The tag vouches for every byte: no checksum inside need be looked at. */
static void mqvpn_rx_dress(struct mqvpn_dev *md, struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	skb_reset_transport_header(skb);
	skb->dev = md->dev;
	skb->pkt_type = PACKET_HOST;
	skb_clear_hash(skb);
	skb_scrub_packet(skb, true);
	skb_reset_redirect(skb);
	skb->queue_mapping = 0;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	skb->encapsulation = 0;
}

static void mqvpn_rx_deliver(struct mqvpn_conn *conn, struct sk_buff *skb)
{
	struct mqvpn_dev *md = conn->md;

	if (unlikely(!mqvpn_rx_inner_valid(skb))) {
		mqvpn_rx_drop(md, skb, MQVPN_A_COUNTERS_RX_INNER);
		return;
	}
	if (unlikely(mqvpn_prefix_src(&md->prefixes, skb) != conn)) {
		mqvpn_rx_drop(md, skb, MQVPN_A_COUNTERS_RX_SOURCE);
		return;
	}
	if (unlikely(mqvpn_inner_is_group(skb))) {
		mqvpn_rx_drop(md, skb, MQVPN_A_COUNTERS_RX_MULTICAST);
		return;
	}
	mqvpn_rx_dress(md, skb);
	dev_sw_netstats_rx_add(md->dev, skb->len);
	gro_cells_receive(&md->gro, skb);
}

/* 4. The frames: all are looked at before the first has an effect. */

/**
 * struct mqvpn_rx_packet - an authenticated packet
 * @path: path it came on
 * @conn: the path's connection
 * @skb: decrypted packet, header included
 * @pn: packet number
 * @size: bytes of the UDP payload
 * @frames: payload
 * @frames_len: bytes in @frames
 * @eliciting: holds a frame that asks for an acknowledgement
 * @acks: number of acknowledgements that are still to be taken
 * @datagrams: number of DATAGRAM frames, likewise
 * @closes: holds CONNECTION_CLOSE
 * @via: between which addresses it came, if they are not the path's; else NULL
 * @moves: holds a frame that makes the path follow, RFC 9000 section 9.1;
 *	looked for if @via
 * @probing: holds PATH_CHALLENGE or PATH_RESPONSE
 * @control: bytes of the frames that are the owner's
 */
struct mqvpn_rx_packet {
	struct mqvpn_path *path;
	struct mqvpn_conn *conn;
	struct sk_buff *skb;
	u64 pn;
	unsigned int size;
	const u8 *frames;
	size_t frames_len;
	bool eliciting;
	unsigned int acks;
	unsigned int datagrams;
	bool closes;
	const struct mqvpn_via *via;
	bool moves;
	bool probing;
	size_t control;
};

/* The peer breaks the rules: the connection ends here. */
static unsigned int mqvpn_rx_broken(const struct mqvpn_rx_packet *p, u64 type,
				    const char *why)
{
	mqvpn_conn_protocol_error(p->conn, MQVPN_ERROR_PROTOCOL_VIOLATION,
				  type, why);
	return MQVPN_A_COUNTERS_RX_PROTOCOL;
}

static unsigned int mqvpn_rx_check_datagram(struct mqvpn_rx_packet *p,
					    const struct mqvpn_frame *frame)
{
	p->datagrams++;
	/* RFC 9221 section 3: the limit counts the whole frame */
	if (frame->len > p->conn->config.local.max_datagram)
		return mqvpn_rx_broken(p, frame->type, "DATAGRAM is too long");
	return 0;
}

/* Return: 0, or the counter of the reason why the packet is not taken. */
static unsigned int mqvpn_rx_check_frame(struct mqvpn_rx_packet *p,
					 const struct mqvpn_frame *frame)
{
	if (mqvpn_frame_multipath(frame->type) && !p->conn->config.multipath)
		return mqvpn_rx_broken(p, frame->type,
				       "multipath was not negotiated");
	if (mqvpn_frame_servers(frame->type) &&
	    p->conn->config.role == MQVPN_ROLE_SERVER)
		return mqvpn_rx_broken(p, frame->type,
				       "a client may not send this");
	switch (frame->type) {
	case MQVPN_FRAME_PADDING:
	case MQVPN_FRAME_PING:
		return 0;
	case MQVPN_FRAME_ACK:
	case MQVPN_FRAME_ACK_ECN:
	case MQVPN_FRAME_PATH_ACK:
	case MQVPN_FRAME_PATH_ACK_ECN:
		p->acks++;
		return 0;
	case MQVPN_FRAME_DATAGRAM:
	case MQVPN_FRAME_DATAGRAM_LEN:
		return mqvpn_rx_check_datagram(p, frame);
	case MQVPN_FRAME_CONNECTION_CLOSE:
	case MQVPN_FRAME_CONNECTION_CLOSE_APP:
		p->closes = true;
		return 0;
	case MQVPN_FRAME_PATH_CHALLENGE:
	case MQVPN_FRAME_PATH_RESPONSE:
		p->probing = true;
		return 0;
	default:
		p->control += frame->len;
		return 0;
	}
}

/* What mqvpn_frame_next() does not like; RFC 9000 section 12.4 */
static unsigned int mqvpn_rx_bad_frame(const struct mqvpn_rx_packet *p,
				       u64 type, int err)
{
	if (err == -EPROTO)
		return mqvpn_rx_broken(p, type, "frame type is too long");
	mqvpn_conn_protocol_error(p->conn, MQVPN_ERROR_FRAME_ENCODING, type,
				  "unknown or malformed frame");
	return MQVPN_A_COUNTERS_RX_PROTOCOL;
}

/*
 * RFC 9000 section 9.1: a client that only probes an address is elsewhere. With
 * multipath another address has another path, so it is where it sends from.
 */
static bool mqvpn_rx_moves(const struct mqvpn_conn *conn, u64 type)
{
	return conn->config.multipath || !mqvpn_frame_probing(type);
}

static unsigned int mqvpn_rx_check_frames(struct mqvpn_rx_packet *p)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_frame frame;
	unsigned int why;
	int err;

	/* RFC 9000 section 12.4: no packet without a frame */
	if (!p->frames_len)
		return mqvpn_rx_broken(p, 0, "packet without a frame");
	while (!(err = mqvpn_frame_next(&r, &frame))) {
		why = mqvpn_rx_check_frame(p, &frame);
		if (why)
			return why;
		p->eliciting |= mqvpn_frame_ack_eliciting(frame.type);
		if (unlikely(p->via))
			p->moves |= mqvpn_rx_moves(p->conn, frame.type);
	}
	return err == -ENODATA ? 0 : mqvpn_rx_bad_frame(p, frame.type, err);
}

/* ACK Delay in us, at most what the peer promised; RFC 9002 section 5.3 */
static u64 mqvpn_rx_ack_delay(const struct mqvpn_conn *conn, u64 delay)
{
	u64 max = mqvpn_conn_peer_ack_delay(conn);
	u8 exponent = conn->config.peer.ack_delay_exponent;

	return delay > max >> exponent ? max : delay << exponent;
}

/* Return: 0 or a negative error: what it acknowledges was never sent. */
static int mqvpn_rx_ack(const struct mqvpn_rx_packet *p,
			struct mqvpn_ack_frame *ack, u64 now)
{
	struct mqvpn_conn *conn = p->conn;
	u64 delay = mqvpn_rx_ack_delay(conn, ack->delay);
	struct mqvpn_acked acked = {};
	struct mqvpn_path *path;
	int err;

	/* RFC 10069: those of a closed path may still come, and mean nothing */
	path = mqvpn_conn_path(conn, ack->path_id);
	if (!path)
		return 0;

	spin_lock(&path->lock);
	err = mqvpn_recovery_ack(&path->rec, ack, delay,
				 mqvpn_conn_peer_ack_delay(conn), now, &acked);
	if (!err) {
		mqvpn_loss_account(path, &acked);
		mqvpn_keys_acked(path, ack->largest);
		path->cc.ops->acked(&path->cc, &acked, &path->rec, now);
		mqvpn_path_pace(path);
		mqvpn_loss_timer_arm(path);
	}
	spin_unlock(&path->lock);
	/* the window may be open of a path that nothing comes from */
	if (path != p->path && mqvpn_tx_wanted(path))
		mqvpn_tx_kick(path);
	return err;
}

/*
 * The last DATAGRAM of a packet is the packet itself, others share its data.
 */
static struct sk_buff *mqvpn_rx_cut(struct mqvpn_rx_packet *p,
				    const struct mqvpn_reader *inner)
{
	unsigned int offset = inner->pos - p->skb->data;
	unsigned int len = inner->end - inner->pos;
	struct sk_buff *skb = p->skb;

	if (--p->datagrams)
		skb = skb_clone(skb, GFP_ATOMIC);
	else
		p->skb = NULL;
	if (!skb)
		return NULL;
	/* never fails: the packet is linear, this only moves the end */
	__skb_trim(skb, offset + len);
	__skb_pull(skb, offset);
	return skb;
}

static void mqvpn_rx_datagram(struct mqvpn_rx_packet *p,
			      const struct mqvpn_frame *frame)
{
	struct mqvpn_reader r = { frame->data, frame->data + frame->data_len };
	u64 quarter_stream_id, context_id;
	struct sk_buff *skb;
	bool known;

	known = !mqvpn_http_datagram_get(&r, &quarter_stream_id, &context_id) &&
		quarter_stream_id == p->conn->config.quarter_stream_id &&
		!context_id;
	skb = mqvpn_rx_cut(p, &r);
	if (unlikely(!skb))
		mqvpn_drop(p->conn->md, NULL, MQVPN_DIRECTION_RX,
			   MQVPN_A_COUNTERS_RX_NO_MEMORY);
	else if (unlikely(!known))
		mqvpn_rx_drop(p->conn->md, skb, MQVPN_A_COUNTERS_RX_CONTEXT);
	else
		mqvpn_rx_deliver(p->conn, skb);
}

static bool mqvpn_rx_is_ack(u64 type)
{
	return type == MQVPN_FRAME_ACK || type == MQVPN_FRAME_ACK_ECN ||
	       type == MQVPN_FRAME_PATH_ACK || type == MQVPN_FRAME_PATH_ACK_ECN;
}

static bool mqvpn_rx_is_datagram(u64 type)
{
	return type == MQVPN_FRAME_DATAGRAM || type == MQVPN_FRAME_DATAGRAM_LEN;
}

static unsigned int mqvpn_rx_acks(struct mqvpn_rx_packet *p, u64 now)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_frame frame;

	while (p->acks && !mqvpn_frame_next(&r, &frame)) {
		if (!mqvpn_rx_is_ack(frame.type))
			continue;
		if (mqvpn_rx_ack(p, &frame.ack, now))
			return mqvpn_rx_broken(p, frame.type,
					       "ACK of a packet never sent");
		p->acks--;
	}
	return 0;
}

static bool mqvpn_rx_is_close(u64 type)
{
	return type == MQVPN_FRAME_CONNECTION_CLOSE ||
	       type == MQVPN_FRAME_CONNECTION_CLOSE_APP;
}

/* The first of them says why. */
static void mqvpn_rx_close(struct mqvpn_rx_packet *p)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_frame frame;

	while (!mqvpn_frame_next(&r, &frame)) {
		if (!mqvpn_rx_is_close(frame.type))
			continue;
		mqvpn_conn_peer_closed(p->conn, frame.type ==
				       MQVPN_FRAME_CONNECTION_CLOSE_APP,
				       &frame.close);
		return;
	}
}

static void mqvpn_rx_probing(struct mqvpn_rx_packet *p)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_frame frame;

	while (!mqvpn_frame_next(&r, &frame))
		if (frame.type == MQVPN_FRAME_PATH_CHALLENGE ||
		    frame.type == MQVPN_FRAME_PATH_RESPONSE)
			mqvpn_validation_frame(p->path, &frame);
}

/* After all others: the last one takes the packet's memory along. */
static void mqvpn_rx_datagrams(struct mqvpn_rx_packet *p)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_frame frame;

	while (p->datagrams && !mqvpn_frame_next(&r, &frame))
		if (mqvpn_rx_is_datagram(frame.type))
			mqvpn_rx_datagram(p, &frame);
}

/* The frames that are the owner's, as one message; or an error. */
static struct mqvpn_message *mqvpn_rx_message(const struct mqvpn_rx_packet *p)
{
	struct mqvpn_reader r = { p->frames, p->frames + p->frames_len };
	struct mqvpn_message *msg;
	struct mqvpn_frame frame;
	u8 *to;

	msg = mqvpn_message_new(p->conn, p->path->id, p->control);
	if (IS_ERR(msg))
		return msg;
	to = msg->data;
	while (!mqvpn_frame_next(&r, &frame)) {
		if (mqvpn_frame_kernels(frame.type))
			continue;
		memcpy(to, frame.start, frame.len);
		to += frame.len;
	}
	return msg;
}

/*
 * Note the packet number. Only now is it certain that the packet is new: two
 * copies may have been in the AEAD at the same time. What is to be handed up
 * is kept in the same step, so that none of it is acknowledged and lost.
 */
static unsigned int mqvpn_rx_mark(struct mqvpn_rx_packet *p,
				  struct mqvpn_message *msg, u64 now)
{
	struct mqvpn_path *path = p->path;

	lockdep_assert_held(&path->lock);

	if (unlikely(!mqvpn_ack_is_new(&path->ack, p->pn)))
		return MQVPN_A_COUNTERS_RX_DUPLICATE;
	if (unlikely(msg && !mqvpn_message_keep(p->conn, msg)))
		return MQVPN_A_COUNTERS_RX_NO_CREDIT;
	path->stats.reordered += p->pn < path->ack.next;
	path->stats.rx_packets++;
	path->stats.rx_bytes += p->size;
	mqvpn_ack_mark(&path->ack, p->pn, p->eliciting, now);
	if (likely(!p->via))
		mqvpn_validation_received(&path->validation, p->size);
	else if (p->moves && p->pn + 1 == path->ack.next)
		mqvpn_rebind_note(path, p->via, p->size);
	if (path->ack.pending)
		mqvpn_tx_ack_later(path);
	return 0;
}

static unsigned int mqvpn_rx_accept(struct mqvpn_rx_packet *p, u64 now)
{
	struct mqvpn_message *msg = NULL;
	unsigned int why;

	if (unlikely(p->control)) {
		msg = mqvpn_rx_message(p);
		if (IS_ERR(msg))
			return PTR_ERR(msg) == -ENOMEM ?
			       MQVPN_A_COUNTERS_RX_NO_MEMORY :
			       MQVPN_A_COUNTERS_RX_NO_CREDIT;
	}
	spin_lock(&p->path->lock);
	why = mqvpn_rx_mark(p, msg, now);
	spin_unlock(&p->path->lock);
	if (unlikely(why)) {
		mqvpn_message_drop(msg);
		return why;
	}
	trace_mqvpn_rx(p->path, p->pn, p->size, p->datagrams);
	mqvpn_life_received(p->conn, now);
	if (unlikely(msg))
		mqvpn_messages_tell(p->conn);
	return 0;
}

/* The connection is closing or draining: nothing in it matters any more. */
static unsigned int mqvpn_rx_late(struct mqvpn_rx_packet *p)
{
	if (p->closes)
		mqvpn_rx_close(p);
	mqvpn_conn_late(p->path);
	return MQVPN_A_COUNTERS_RX_CLOSED;
}

static unsigned int mqvpn_rx_frames(struct mqvpn_rx_packet *p)
{
	u64 now = ktime_get_ns();
	unsigned int why;
	bool open;

	why = mqvpn_rx_check_frames(p);
	if (unlikely(why))
		return why;
	open = READ_ONCE(p->conn->state) == MQVPN_CONN_STATE_OPEN;
	if (unlikely(!open))
		p->control = 0;
	why = mqvpn_rx_accept(p, now);
	if (unlikely(why))
		return why;
	if (unlikely(!open))
		return mqvpn_rx_late(p);
	why = mqvpn_rx_acks(p, now);
	if (unlikely(why))
		return why;
	if (unlikely(p->closes))
		mqvpn_rx_close(p);
	if (unlikely(p->probing))
		mqvpn_rx_probing(p);
	mqvpn_rx_datagrams(p);
	/* what came may have opened the window, or be due an answer */
	if (mqvpn_tx_wanted(p->path))
		mqvpn_tx_kick(p->path);
	return 0;
}

/* 3. Out of the AEAD. */

/* Return: 0 if the packet is genuine, or the counter of what it is. */
static unsigned int mqvpn_rx_key(const struct mqvpn_crypt *c, int err)
{
	if (c->copied)
		mqvpn_count(c->conn->md, MQVPN_A_COUNTERS_RX_COPIED);
	if (likely(!err))
		return 0;
	if (unlikely(err == -ENOMEM))
		return MQVPN_A_COUNTERS_RX_NO_MEMORY;
	if (likely(err == -EBADMSG))
		mqvpn_keys_failed(c->conn, c->key);
	if (mqvpn_reset_take(c->conn->md, c->skb))
		return MQVPN_A_COUNTERS_RX_RESET;
	return MQVPN_A_COUNTERS_RX_AUTH;
}

static void mqvpn_rx_take(struct mqvpn_rx_packet *p, u8 first, unsigned int why)
{
	if (unlikely(!why && first & MQVPN_HDR_RESERVED))
		why = mqvpn_rx_broken(p, 0, "reserved bits are not zero");
	else if (likely(!why))
		why = mqvpn_rx_frames(p);
	if (unlikely(why))
		mqvpn_rx_drop(p->conn->md, p->skb, why);
	else
		consume_skb(p->skb);
}

/* Its path is not open yet: it has to be. */
static void mqvpn_rx_stray(struct mqvpn_crypt *c, int err)
{
	struct mqvpn_conn *conn = c->conn;
	struct sk_buff *skb = c->skb;
	unsigned int why;

	rcu_read_lock();
	why = mqvpn_rx_key(c, err) ?: mqvpn_open_begin(conn, c);
	rcu_read_unlock();
	mqvpn_crypt_put(c);
	if (unlikely(why))
		mqvpn_rx_drop(conn->md, skb, why);
	mqvpn_conn_put(conn);
}

/**
 * mqvpn_rx_first() - take the packet that opened a path
 * @conn: connection
 * @path: the path, NULL if it could not be opened
 * @opening: the packet; its skb is consumed
 *
 * Context: bottom halves disabled, RCU read lock held.
 */
void mqvpn_rx_first(struct mqvpn_conn *conn, struct mqvpn_path *path,
		    const struct mqvpn_opening *opening)
{
	struct mqvpn_rx_packet p = {
		.path = path,
		.conn = conn,
		.skb = opening->skb,
		.pn = opening->pn,
		.size = opening->skb->len,
		.frames = opening->skb->data + opening->hdr_len,
	};
	unsigned int why = MQVPN_A_COUNTERS_RX_PATH_REFUSED;

	p.frames_len = p.size - opening->hdr_len - MQVPN_TAG_LEN;
	if (path)
		why = mqvpn_keys_opened(path, opening->key, p.pn);
	mqvpn_rx_take(&p, opening->first, why);
}

static void mqvpn_rx_opened(struct mqvpn_crypt *c, int err)
{
	struct mqvpn_path *path = c->path;
	struct mqvpn_rx_packet p = {
		.path = path,
		.conn = path->conn,
		.skb = c->skb,
		.pn = c->pn,
		.size = c->skb->len,
		.frames = c->skb->data + c->hdr_len,
		.via = c->moved ? &c->via : NULL,
	};
	u8 first = c->head[0];
	unsigned int why;

	rcu_read_lock();
	why = mqvpn_rx_key(c, err);
	if (likely(!why)) {
		why = mqvpn_keys_opened(path, c->key, c->pn);
		p.frames_len = p.size - c->hdr_len - MQVPN_TAG_LEN;
	}
	mqvpn_rx_take(&p, first, why);
	mqvpn_crypt_put(c);
	rcu_read_unlock();
	mqvpn_path_put(path);
}

/* 2. The header without its protection, RFC 9001 section 5.4 */

/**
 * struct mqvpn_rx_header - a short header
 * @bytes: the header, unprotected
 * @len: bytes in @bytes
 * @pn: packet number
 */
struct mqvpn_rx_header {
	u8 bytes[1 + MQVPN_CID_LEN + 4];
	unsigned int len;
	u64 pn;
};

static void mqvpn_rx_unmask(const struct mqvpn_key *key, u64 next,
			    const u8 *data, struct mqvpn_rx_header *header)
{
	const unsigned int pn_offset = 1 + MQVPN_CID_LEN;
	u8 mask[MQVPN_MASK_LEN];
	unsigned int i, pn_len;

	mqvpn_key_mask(key, data + pn_offset + 4, mask);
	memcpy(header->bytes, data, sizeof(header->bytes));
	header->bytes[0] ^= mask[0] & 0x1f;
	pn_len = (header->bytes[0] & MQVPN_HDR_PN_LEN) + 1;
	for (i = 0; i < pn_len; i++)
		header->bytes[pn_offset + i] ^= mask[1 + i];
	header->len = pn_offset + pn_len;
	header->pn = mqvpn_pn_decode(next,
				     mqvpn_pn_get(header->bytes + pn_offset,
						  pn_len), pn_len);
}

/* Return: false when the path, or the connection of a stray, goes away. */
static bool mqvpn_rx_hold(struct mqvpn_crypt *c, const struct mqvpn_cid *cid,
			  struct mqvpn_path *path, const struct mqvpn_sock *s,
			  const struct sk_buff *skb)
{
	c->path = path;
	c->conn = cid->conn;
	c->path_id = cid->path_id;
	c->done = mqvpn_rx_opened;
	c->moved = !path || mqvpn_rebind_differs(path, s, skb);
	if (unlikely(c->moved))
		mqvpn_via_read(&c->via, skb);
	if (likely(path))
		return mqvpn_path_get(path);
	c->done = mqvpn_rx_stray;
	c->socket = s->id;
	return mqvpn_conn_get(c->conn);
}

static unsigned int mqvpn_rx_open(const struct mqvpn_cid *cid,
				  struct mqvpn_path *path,
				  const struct mqvpn_sock *s,
				  struct mqvpn_key *key, struct sk_buff *skb,
				  const struct mqvpn_rx_header *header)
{
	struct mqvpn_crypt *c;
	int err;

	c = mqvpn_crypt_get(key, MQVPN_CRYPT_OPEN);
	if (unlikely(!c))
		return MQVPN_A_COUNTERS_RX_NO_REQUEST;
	if (unlikely(!mqvpn_rx_hold(c, cid, path, s, skb))) {
		mqvpn_crypt_put(c);
		return MQVPN_A_COUNTERS_RX_NO_PATH;
	}
	memcpy(c->head, header->bytes, header->len);
	c->hdr_len = header->len;
	c->head_len = header->len;
	c->skb = skb;
	c->inner = NULL;
	c->pn = header->pn;
	err = mqvpn_crypt_open(c);
	if (err != -EINPROGRESS)
		c->done(c, err);
	return 0;
}

/* 1. Which connection, which path, which key? */

/* Return: 0 if the packet is on its way, or the counter of the reason. */
static unsigned int mqvpn_rx_find(const struct mqvpn_sock *s,
				  struct sk_buff *skb, const u8 *data)
{
	struct mqvpn_rx_header header;
	struct mqvpn_path *path;
	struct mqvpn_conn *conn;
	struct mqvpn_key *key;
	struct mqvpn_cid *cid;

	if (data[0] & MQVPN_HDR_FORM_LONG)
		return MQVPN_A_COUNTERS_RX_LONG_HEADER;
	if (!(data[0] & MQVPN_HDR_FIXED_BIT))
		return MQVPN_A_COUNTERS_RX_MALFORMED;
	cid = mqvpn_cid_lookup(s->md, data + 1);
	if (unlikely(!cid))
		return MQVPN_A_COUNTERS_RX_UNKNOWN_CID;
	path = rcu_dereference(cid->path);
	conn = cid->conn;
	if (unlikely(!path && !mqvpn_open_may(conn, cid->path_id)))
		return MQVPN_A_COUNTERS_RX_NO_PATH;
	key = rcu_dereference(conn->keys.rx);
	if (unlikely(!key))
		return MQVPN_A_COUNTERS_RX_NO_KEY;

	mqvpn_rx_unmask(key, likely(path) ? READ_ONCE(path->ack.next) : 0, data,
			&header);
	key = mqvpn_keys_pick(conn, likely(path) ? &path->phase : NULL, key,
			      header.bytes[0] & MQVPN_HDR_KEY_PHASE, header.pn);
	/* saves the AEAD of most replays; what races is caught afterwards */
	if (unlikely(path && !mqvpn_ack_is_new(&path->ack, header.pn)))
		return MQVPN_A_COUNTERS_RX_DUPLICATE;
	return mqvpn_rx_open(cid, path, s, key, skb, &header);
}

/**
 * mqvpn_rx_try() - take a datagram if it is a packet of a path
 * @s: socket it came to
 * @skb: UDP payload, behind its headers; consumed if it is
 *
 * Nothing is allocated for it, and nothing written into it, before it has
 * authenticated; but a packet that somebody shares is decrypted into a copy.
 *
 * Context: bottom halves disabled, RCU read lock held.
 * Return: 0, or the counter of the reason why it was not taken.
 */
unsigned int mqvpn_rx_try(struct mqvpn_sock *s, struct sk_buff *skb)
{
	u8 buf[MQVPN_RX_MIN];
	const u8 *data;

	data = skb_header_pointer(skb, 0, sizeof(buf), buf);
	if (likely(data))
		return mqvpn_rx_find(s, skb, data);
	/* Version Negotiation may be shorter than any packet of ours */
	data = skb_header_pointer(skb, 0, 1, buf);
	return data && data[0] & MQVPN_HDR_FORM_LONG ?
		       MQVPN_A_COUNTERS_RX_LONG_HEADER :
		       MQVPN_A_COUNTERS_RX_MALFORMED;
}

/**
 * mqvpn_rx() - take a datagram from a socket
 * @s: socket it came to
 * @skb: UDP payload; consumed
 *
 * Context: bottom halves disabled, RCU read lock held.
 */
void mqvpn_rx(struct mqvpn_sock *s, struct sk_buff *skb)
{
	unsigned int why = mqvpn_rx_try(s, skb);

	if (unlikely(why))
		mqvpn_packet_unusable(s, skb, why);
}
