/* SPDX-License-Identifier: GPL-2.0 */
/* A link between two ends, simulated packet by packet, and flows over it, each
 * a path of its own: rate, delay, queue, loss and jitter are parameters, time
 * is counted in ns from one event to the next. All that is random comes from a
 * seed. Packets and their acknowledgments stay in order, as over netem with a
 * rate.
 */
#ifndef LINK_H
#define LINK_H

#define MS		1000000ULL	/* ns */
#define SECOND		(1000 * MS)
#define NEVER		(~0ULL)

#define LINK_PKT	1452		/* bytes of UDP payload of a packet */
#define LINK_HEAD	42		/* what the link adds to it */
#define LINK_FLOWS	3
#define LINK_RING	32768U		/* packets in a queue or on the way */
#define LINK_BINS	20000		/* of 0.1 ms of queueing */

/* What a link is like; may be changed at any time. */
struct link_shape {
	u64 rate;		/* bytes/s */
	u64 delay;		/* ns, one way */
	u64 jitter;		/* ns, on top of or below @delay, one way */
	u64 queue;		/* ns that the longest queue takes */
	u32 loss;		/* packets in a million */
};

struct link_packet {
	u8 flow;
	u64 pn;
	u64 at;			/* queued, or arrives */
};

struct link_ack {
	u8 flow;
	u8 len;
	u64 at;
	u8 frame[MQVPN_ACK_FRAME_MAX];
};

struct link_flow {
	struct mqvpn_recovery rec;
	struct mqvpn_cc cc;
	struct mqvpn_pacer pacer;
	struct mqvpn_ack ack;
	u64 ack_at;		/* when the peer acknowledges */
	u64 send_at;		/* when pacing lets the next one out */
	u64 source_rate;	/* bytes/s there are to send; 0 for no end */
	u64 source_at;		/* when the next packet of it comes */
	u64 backlog;		/* packets of it that wait */
	u64 served;		/* bytes that the link took from it */
	u64 lost;		/* packets declared lost */
	bool runs;
};

static struct link {
	struct link_shape shape;
	u64 now;
	u64 seed;
	struct link_flow flow[LINK_FLOWS];
	struct link_packet queue[LINK_RING];
	u32 queue_head, queue_tail;
	u64 depart_at;
	struct link_packet wire[LINK_RING];
	u32 wire_head, wire_tail;
	struct link_ack back[LINK_RING];
	u32 back_head, back_tail;
	u64 dropped;
	u64 longest;		/* queueing of a packet, ns */
	u64 delays[LINK_BINS];
	u64 delays_count;
} link_;

static u32 link_random(u32 below)
{
	link_.seed = link_.seed * 6364136223846793005ULL + 1442695040888963407;
	shim_random = link_.seed >> 32;
	return (u64)shim_random * below >> 32;
}

static u64 link_delay(void)
{
	return link_.shape.delay - link_.shape.jitter +
	       (link_.shape.jitter ? link_random(2 * link_.shape.jitter) : 0);
}

static u64 link_service(void)
{
	return (LINK_PKT + LINK_HEAD) * SECOND / link_.shape.rate;
}

static void link_enqueue(unsigned int flow, u64 pn)
{
	u32 length = link_.queue_tail - link_.queue_head;
	struct link_packet *p = &link_.queue[link_.queue_tail % LINK_RING];

	if (link_random(1000000) < link_.shape.loss)
		return;
	if (length * link_service() > link_.shape.queue) {
		link_.dropped++;
		return;
	}
	*p = (struct link_packet){ .flow = flow, .pn = pn, .at = link_.now };
	link_.queue_tail++;
	if (!length)
		link_.depart_at = link_.now + link_service();
}

static void link_note_delay(u64 ns)
{
	u64 bin = ns / (MS / 10);

	link_.longest = max(link_.longest, ns);
	link_.delays[bin < LINK_BINS ? bin : LINK_BINS - 1]++;
	link_.delays_count++;
}

/* The first one in the queue goes onto the wire. */
static void link_depart(void)
{
	struct link_packet *p = &link_.queue[link_.queue_head++ % LINK_RING];
	struct link_packet *to = &link_.wire[link_.wire_tail % LINK_RING];
	u64 last = link_.wire_tail == link_.wire_head ? 0 :
		   link_.wire[(link_.wire_tail - 1) % LINK_RING].at;

	link_note_delay(link_.now - p->at - min(link_.now - p->at,
						link_service()));
	link_.flow[p->flow].served += LINK_PKT + LINK_HEAD;
	*to = *p;
	to->at = max(last, link_.now + link_delay());
	link_.wire_tail++;
	link_.depart_at = link_.queue_head == link_.queue_tail ? NEVER :
			  link_.now + link_service();
}

/* The peer's acknowledgment leaves. */
static void link_acknowledge(unsigned int index)
{
	struct link_ack *to = &link_.back[link_.back_tail % LINK_RING];
	struct mqvpn_ack_range ranges[MQVPN_ACK_RANGES_TX];
	struct link_flow *f = &link_.flow[index];
	unsigned int count;
	u64 last = link_.back_tail == link_.back_head ? 0 :
		   link_.back[(link_.back_tail - 1) % LINK_RING].at;

	count = mqvpn_ack_ranges(&f->ack, ranges, ARRAY_SIZE(ranges));
	to->flow = index;
	to->len = mqvpn_ack_frame_put(to->frame, sizeof(to->frame), true,
				      index, (link_.now - f->ack.largest_at) /
				      1000 >> MQVPN_ACK_DELAY_EXP,
				      ranges, count);
	to->at = max(last, link_.now + link_delay());
	link_.back_tail++;
	mqvpn_ack_sent(&f->ack);
	f->ack_at = NEVER;
}

static void link_arrive(void)
{
	struct link_packet *p = &link_.wire[link_.wire_head++ % LINK_RING];
	struct link_flow *f = &link_.flow[p->flow];

	mqvpn_ack_mark(&f->ack, p->pn, true, link_.now);
	if (mqvpn_ack_due(&f->ack))
		link_acknowledge(p->flow);
	else if (f->ack_at == NEVER)
		f->ack_at = link_.now + MQVPN_ACK_DELAY_NS;
}

static void link_send(unsigned int index)
{
	struct link_flow *f = &link_.flow[index];
	struct mqvpn_sent sent = {
		.at = link_.now, .bytes = LINK_PKT, .eliciting = true,
	};
	struct mqvpn_acked given_up = {};
	u64 pn = mqvpn_recovery_number(&f->rec);

	mqvpn_recovery_sent(&f->rec, pn, &sent, &given_up);
	mqvpn_pace_sent(&f->pacer, LINK_PKT, link_.now);
	link_enqueue(index, pn);
}

/* As much as window, pacing and source let out. */
static void link_kick(unsigned int index)
{
	struct link_flow *f = &link_.flow[index];
	u64 wait;

	f->send_at = NEVER;
	while (f->runs) {
		if (f->source_rate && !f->backlog) {
			mqvpn_rate_dry(&f->rec.rate);
			return;
		}
		if (f->rec.in_flight >= f->cc.cwnd)
			return;
		wait = mqvpn_pace_wait(&f->pacer, link_.now);
		if (wait) {
			f->send_at = link_.now + wait;
			return;
		}
		mqvpn_rate_resume(&f->rec.rate, f->rec.in_flight,
				  f->pacer.next, link_.now);
		link_send(index);
		f->backlog -= !!f->source_rate;
	}
}

static void link_told(struct link_flow *f, const struct mqvpn_acked *acked)
{
	f->lost += acked->lost_pkts;
	f->cc.ops->acked(&f->cc, acked, &f->rec, link_.now);
	f->pacer.rate = f->cc.rate;
	link_kick(f - link_.flow);
}

static void link_acked(void)
{
	struct link_ack *from = &link_.back[link_.back_head++ % LINK_RING];
	struct mqvpn_reader r = { from->frame, from->frame + from->len };
	struct link_flow *f = &link_.flow[from->flow];
	struct mqvpn_acked acked;
	struct mqvpn_frame frame;

	if (mqvpn_frame_next(&r, &frame) ||
	    mqvpn_recovery_ack(&f->rec, &frame.ack, frame.ack.delay <<
			       MQVPN_ACK_DELAY_EXP, MQVPN_ACK_DELAY_NS / 1000,
			       link_.now, &acked)) {
		EXPECT(false);
		return;
	}
	link_told(f, &acked);
}

static void link_timeout(struct link_flow *f)
{
	struct mqvpn_acked acked;

	mqvpn_recovery_timeout(&f->rec, MQVPN_ACK_DELAY_NS / 1000, link_.now,
			       &acked);
	while (acked.probes--)
		link_send(f - link_.flow);
	if (acked.lost_pkts)
		link_told(f, &acked);
}

static void link_source(struct link_flow *f)
{
	f->backlog++;
	f->source_at += LINK_PKT * SECOND / f->source_rate;
	link_kick(f - link_.flow);
}

static u64 link_loss_at(const struct link_flow *f)
{
	return mqvpn_recovery_deadline(&f->rec, MQVPN_ACK_DELAY_NS / 1000,
				       true) ?: NEVER;
}

static u64 link_flow_next(const struct link_flow *f)
{
	u64 at = min(f->send_at, f->ack_at);

	if (!f->rec.size)
		return NEVER;
	if (f->runs && f->source_rate)
		at = min(at, f->source_at);
	return min(at, link_loss_at(f));
}

static void link_flow_event(unsigned int index)
{
	struct link_flow *f = &link_.flow[index];

	if (f->ack_at <= link_.now)
		link_acknowledge(index);
	else if (f->send_at <= link_.now)
		link_kick(index);
	else if (f->runs && f->source_rate && f->source_at <= link_.now)
		link_source(f);
	else
		link_timeout(f);
}

static u64 link_wire_at(void)
{
	return link_.wire_head == link_.wire_tail ? NEVER :
	       link_.wire[link_.wire_head % LINK_RING].at;
}

static u64 link_back_at(void)
{
	return link_.back_head == link_.back_tail ? NEVER :
	       link_.back[link_.back_head % LINK_RING].at;
}

/* Let @ns pass. */
static void link_run(u64 ns)
{
	u64 end = link_.now + ns, at, flow_at;
	unsigned int i, flow;

	for (;;) {
		at = min3(link_.depart_at, link_wire_at(), link_back_at());
		for (i = 0, flow = LINK_FLOWS; i < LINK_FLOWS; i++) {
			flow_at = link_flow_next(&link_.flow[i]);
			if (flow_at < at) {
				at = flow_at;
				flow = i;
			}
		}
		if (at >= end)
			break;
		link_.now = max(link_.now, at);
		if (flow < LINK_FLOWS)
			link_flow_event(flow);
		else if (at == link_.depart_at)
			link_depart();
		else if (at == link_wire_at())
			link_arrive();
		else
			link_acked();
	}
	link_.now = end;
}

static void link_set_up(const struct link_shape *shape, u64 seed)
{
	unsigned int i;

	for (i = 0; i < LINK_FLOWS; i++)
		mqvpn_recovery_exit(&link_.flow[i].rec);
	memset(&link_, 0, sizeof(link_));
	link_.shape = *shape;
	link_.seed = seed;
	shim_random = seed;
	link_.now = SECOND;
	link_.depart_at = NEVER;
}

/* A path over the link, with what @source bytes/s there are to send. */
static struct link_flow *link_start(unsigned int index, const char *cc,
				    u64 source, atomic64_t *turn)
{
	struct link_flow *f = &link_.flow[index];

	mqvpn_recovery_init(&f->rec, 0);
	mqvpn_cc_init(&f->cc, mqvpn_cc_find(cc), turn);
	f->pacer.rate = f->cc.rate;
	f->ack_at = NEVER;
	f->source_rate = source;
	f->source_at = link_.now;
	f->runs = true;
	link_kick(index);
	return f;
}

/* What is noted from here on. */
static void link_measure(void)
{
	unsigned int i;

	memset(link_.delays, 0, sizeof(link_.delays));
	link_.delays_count = 0;
	link_.longest = 0;
	for (i = 0; i < LINK_FLOWS; i++)
		link_.flow[i].served = 0;
}

/* Queueing that @percent of the packets did not exceed, us. */
static u32 link_percentile(unsigned int percent)
{
	u64 seen = 0;
	u32 bin;

	for (bin = 0; bin < LINK_BINS - 1; bin++) {
		seen += link_.delays[bin];
		if (seen * 100 >= link_.delays_count * percent)
			break;
	}
	return (bin + 1) * 100;
}

#endif
