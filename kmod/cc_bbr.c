// SPDX-License-Identifier: GPL-2.0
/*
 * BBR version 3, draft-ietf-ccwg-bbr: a path is what it delivers at most, times
 * its least round-trip time; so much is kept in flight, at that rate, and now
 * and then it is tried whether more can be had.
 *
 * The draft is kept to where nothing else is said. A tunnel cares for the delay
 * of all that it carries, and its paths are often one's own, so this departs
 * from it where that keeps the queue short and the link full:
 *
 * - A standing queue is looked for: the mean round-trip time of a round, above
 *   that of a round without one, by more than jitter. See bbr_queued().
 * - Cruising with a queue goes slower until it has drained, where the draft
 *   carries it until the next probe. For a few rounds only: what does not drain
 *   then is of somebody else's making, or a longer route.
 * - What jitter made look like a higher rate is corrected by what is delivered
 *   while there is a queue. See bbr_adapt_trim().
 * - A queue while clearly less is delivered than is sent proves that the path
 *   got slower, long before it drops: what was measured before is forgotten.
 * - PROBE_UP puts 5 ms worth of packets in excess, and more only once that was
 *   delivered faster; then twice as much every round. The draft goes for a
 *   quarter of a round trip and more. So a probe that finds nothing costs 5 ms
 *   of queue, and one that finds something finds it soon.
 * - While cruising no more than 10 ms in excess of that product, and of jitter,
 *   is in flight, not a second product: that is what is too much at the moment
 *   when a path gets slower.
 * - Two rounds with a queue and without growth end STARTUP, not three.
 * - Losses count when they are 2 % of a round and four packets, which chance
 *   may take, and, outside of probes, when less arrives than was sent. The
 *   draft takes any loss for congestion there, and gives way to random loss.
 * - The headroom left to others never goes below what it takes to be full.
 * - A round-trip time close to the least one shows that it still holds, so
 *   PROBE_RTT is rare; and of the paths of a connection only one is in it at a
 *   time, so that the others carry what it does not.
 *
 * Rates are bytes/s, gains are in 1/256.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/time64.h>

#include "cc.h"

#define BBR_GAIN_ONE		256
#define BBR_GAIN_STARTUP	709	/* 4 ln 2 */
#define BBR_GAIN_DRAIN		128
#define BBR_GAIN_DOWN		230	/* 0.9 */
#define BBR_GAIN_UP		320	/* 1.25 */
#define BBR_GAIN_LEAST		192	/* when a queue is drained */
#define BBR_TRIM_STEP		6	/* that a rate is corrected by */
#define BBR_TRIM_LEAST		128
#define BBR_CWND_GAIN		512
#define BBR_CWND_GAIN_UP	576	/* 2.25 */
#define BBR_CWND_GAIN_RTT	128

#define BBR_MARGIN		100	/* pace 1/100 below what was measured */
#define BBR_FULL_ROUNDS		3
#define BBR_LOSS_SHARE		50	/* 1/50 lost is too much */
#define BBR_LOSS_PKTS		4	/* that chance may take */
#define BBR_BETA		179	/* 0.7, what is kept on congestion */
#define BBR_HEAD		218	/* 0.85, what is not left to others */
#define BBR_PROBE_ROUNDS	63	/* Reno would have found it by then */
#define BBR_PROBE_WAIT_NS	(2 * NSEC_PER_SEC)
#define BBR_EXTRA_ROUNDS	5	/* half of the window of extra_acked */
#define BBR_MIN_RTT_NS		(5ULL * NSEC_PER_SEC)
#define BBR_PROBE_RTT_NS	(200 * NSEC_PER_MSEC)
#define BBR_RAISE_MAX		16	/* doublings of what a probe adds */
#define BBR_QUEUE_US		5000	/* that a probe may make */
#define BBR_STANDING_US		1500	/* this much more is a queue */
#define BBR_YIELD_ROUNDS	6	/* that it is drained for */
#define BBR_QUEUED_ROUNDS	24	/* after which that is tried again */
#define BBR_TIME_MAX_US		100000000ULL	/* times MQVPN_RATE_MAX fits */
#define BBR_NONE		(~0ULL)

enum bbr_state {
	BBR_STARTUP,
	BBR_DRAIN,
	BBR_DOWN,
	BBR_CRUISE,
	BBR_REFILL,
	BBR_UP,
	BBR_PROBE_RTT,
};

/**
 * struct bbr_round - what a round trip told
 * @bw: highest delivery rate, bytes/s
 * @ack_bw: highest rate of acknowledgment, bytes/s
 * @bw_sum: of all delivery rates
 * @bws: how many
 * @inflight: most that was delivered in the time of one sample, bytes
 * @delivered: bytes acknowledged
 * @rate: lowest rate that was paced at, bytes/s
 * @lost: bytes lost
 * @lost_pkts: packets lost
 * @rtt_sum: of the round-trip times, us
 * @rtts: how many
 * @min_rtt: us, U32_MAX without a sample
 * @max_rtt: us
 * @limited: the sender had less to send than it might have
 */
struct bbr_round {
	u64 bw;
	u64 ack_bw;
	u64 bw_sum;
	u64 inflight;
	u64 delivered;
	u64 rate;
	u64 lost;
	u64 rtt_sum;
	u32 rtts;
	u32 bws;
	u32 lost_pkts;
	u32 min_rtt;
	u32 max_rtt;
	bool limited;
};

/**
 * struct bbr - state of a path, 368 bytes
 * @round: the one that is going on
 * @last: the one before
 * @rate: lowest rate paced at in this and the two rounds before, in which the
 *	packets left that @last tells of, bytes/s
 * @prior_rate: lowest in the round before @last
 * @round_end: bytes delivered when it ends
 * @max_bw: highest delivery rate of this probing cycle and of the one before
 * @kept: what @max_bw was before a queue told that it is less; 0 when it is not
 *	to come back
 * @bw_lo: what congestion since the last probe leaves of it, or BBR_NONE
 * @inflight_lo: likewise of what is in flight, bytes
 * @inflight_hi: what was in flight when a probe met congestion, or BBR_NONE
 * @full_bw: rate from which on growth is counted
 * @cycle_at: when the cycle began, ns
 * @wait: how long the next probe waits, ns
 * @min_rtt_at: when @min_rtt was last seen, ns
 * @probe_end: end of PROBE_RTT, ns
 * @prior_cwnd: window before it, bytes
 * @extra: most that came on top of the rate, in the last rounds, bytes
 * @extra_at: since when it is counted, ns
 * @extra_bytes: acknowledged since then
 * @min_rtt: us, U32_MAX before the first sample
 * @probe_min: the same in PROBE_RTT alone
 * @base: mean round-trip time of a round without a queue, us
 * @mean: of the last round
 * @noise: how much round-trip times of one round differ, us
 * @rounds: since the state was entered
 * @cycle_rounds: since the cycle began
 * @extra_rounds: of this half of the window
 * @full_rounds: without growth
 * @yielded: rounds in which a queue did not go
 * @up_shift: doublings of what a probe may have in excess
 * @trim: part of the rate that makes no queue, in 1/256
 * @state: enum bbr_state
 * @full: the rate was found
 */
struct bbr {
	struct bbr_round round;
	struct bbr_round last;
	u64 rate;
	u64 prior_rate;
	u64 round_end;
	u64 max_bw[2];
	u64 kept;
	u64 bw_lo;
	u64 inflight_lo;
	u64 inflight_hi;
	u64 full_bw;
	u64 cycle_at;
	u64 wait;
	u64 min_rtt_at;
	u64 probe_end;
	u64 prior_cwnd;
	u64 extra[2];
	u64 extra_at;
	u64 extra_bytes;
	u32 min_rtt;
	u32 probe_min;
	u32 base;
	u32 mean;
	u32 noise;
	u32 rounds;
	u32 cycle_rounds;
	u8 extra_rounds;
	u8 full_rounds;
	u8 yielded;
	u8 up_shift;
	u16 trim;
	u8 state;
	bool full;
};

static const struct {
	u16 pace;
	u16 cwnd;
} bbr_gains[] = {
	[BBR_STARTUP] = { BBR_GAIN_STARTUP, BBR_CWND_GAIN },
	[BBR_DRAIN] = { BBR_GAIN_DRAIN, BBR_CWND_GAIN },
	[BBR_DOWN] = { BBR_GAIN_DOWN, BBR_CWND_GAIN },
	[BBR_CRUISE] = { BBR_GAIN_ONE, BBR_CWND_GAIN },
	[BBR_REFILL] = { BBR_GAIN_ONE, BBR_CWND_GAIN },
	[BBR_UP] = { BBR_GAIN_UP, BBR_CWND_GAIN_UP },
	[BBR_PROBE_RTT] = { BBR_GAIN_ONE, BBR_CWND_GAIN_RTT },
};

static struct bbr *bbr_of(struct mqvpn_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct bbr) > sizeof(cc->priv));
	return (struct bbr *)cc->priv;
}

/* What the path carries, and what of it is to be used now. */

static u64 bbr_max_bw(const struct bbr *bbr)
{
	return max(bbr->max_bw[0], bbr->max_bw[1]);
}

static u64 bbr_bw(const struct bbr *bbr)
{
	return min(bbr_max_bw(bbr), bbr->bw_lo);
}

/* Bytes that @bw moves in @us. */
static u64 bbr_bytes(u64 bw, u64 us)
{
	return div_u64(bw * min_t(u64, us, BBR_TIME_MAX_US), USEC_PER_SEC);
}

/* The bandwidth-delay product, times @gain. */
static u64 bbr_bdp(const struct bbr *bbr, u64 bw, unsigned int gain)
{
	if (bbr->min_rtt == U32_MAX)
		return MQVPN_CWND_INITIAL;
	return bbr_bytes(bw, max(bbr->base, bbr->min_rtt)) * gain /
	       BBR_GAIN_ONE;
}

/* What leaves at once: the pacer's credit of 1 ms, or two packets. */
static u64 bbr_quantum(const struct bbr *bbr, const struct mqvpn_recovery *rec)
{
	return max_t(u64, bbr_bytes(bbr_bw(bbr), USEC_PER_MSEC),
		     2 * rec->rate.largest);
}

static u64 bbr_extra(const struct bbr *bbr)
{
	return max(bbr->extra[0], bbr->extra[1]);
}

/* Rounds */

/*
 * How much queue there was in the last round, us. Means are compared, because
 * the shortest time of all is one that had luck, where there is jitter.
 */
static u32 bbr_queue(const struct bbr *bbr)
{
	return bbr->mean - min(bbr->mean, bbr->base);
}

static bool bbr_queued(const struct bbr *bbr, u32 limit)
{
	return bbr_queue(bbr) > limit + bbr->noise / 2;
}

/*
 * Without jitter @base is the least round-trip time. With it the mean of a
 * round is above that, by less than times differ within it, and found slowly.
 */
static void bbr_update_base(struct bbr *bbr)
{
	const struct bbr_round *last = &bbr->last;

	if (!last->rtts)
		return;
	bbr->noise += ((s32)(last->max_rtt - last->min_rtt) -
		       (s32)bbr->noise) / 8;
	bbr->mean = div_u64(last->rtt_sum, last->rtts);
	bbr->base = bbr->mean < bbr->base ? bbr->mean :
		    bbr->base + (bbr->mean - bbr->base) / 32;
	bbr->base = clamp_t(u32, bbr->base, bbr->min_rtt,
			    bbr->min_rtt + bbr->noise);
}

static bool bbr_lossy(const struct bbr_round *round, u64 total)
{
	return round->lost_pkts > BBR_LOSS_PKTS &&
	       div_u64(round->lost, round->lost_pkts) *
	       (round->lost_pkts - BBR_LOSS_PKTS) * BBR_LOSS_SHARE > total;
}

static void bbr_round_reset(struct bbr_round *round)
{
	*round = (struct bbr_round){ .min_rtt = U32_MAX, .rate = BBR_NONE };
}

/* Return: whether a round ended, of which @last tells now. */
static bool bbr_round_note(struct bbr *bbr, const struct mqvpn_cc *cc,
			   const struct mqvpn_acked *acked,
			   const struct mqvpn_recovery *rec)
{
	const struct mqvpn_rate_sample *rs = &acked->rate;
	bool ended = rs->sent_at && rs->prior >= bbr->round_end;
	struct bbr_round *round = &bbr->round;

	if (ended) {
		bbr->rate = min3(bbr->prior_rate, bbr->last.rate,
				 round->rate);
		bbr->prior_rate = bbr->last.rate;
		bbr->last = *round;
		bbr_update_base(bbr);
		bbr_round_reset(round);
		bbr->round_end = rec->rate.delivered;
		bbr->rounds++;
		bbr->cycle_rounds++;
	}
	/* there it is the window that says how much is sent */
	round->rate = bbr->state == BBR_PROBE_RTT ? 0 :
		      min(round->rate, cc->rate);
	round->lost += acked->lost_bytes;
	round->lost_pkts += acked->lost_pkts;
	round->delivered += acked->acked_bytes;
	round->limited |= rs->limited;
	if (rs->interval) {
		round->bw = max(round->bw, rs->bw);
		round->ack_bw = max(round->ack_bw, rs->ack_bw);
		round->bw_sum += rs->bw;
		round->bws++;
		round->inflight = max(round->inflight, rs->delivered);
	}
	if (acked->rtt_us) {
		round->rtt_sum += acked->rtt_us;
		round->rtts++;
		round->min_rtt = min(round->min_rtt, acked->rtt_us);
		round->max_rtt = max(round->max_rtt, acked->rtt_us);
	}
	return ended;
}

/* The state machine */

static void bbr_enter(struct bbr *bbr, const struct mqvpn_recovery *rec,
		      enum bbr_state state)
{
	bbr->state = state;
	bbr->rounds = 0;
	bbr->round_end = rec->rate.delivered;
}

static void bbr_forget_congestion(struct bbr *bbr)
{
	bbr->bw_lo = BBR_NONE;
	bbr->inflight_lo = BBR_NONE;
	bbr->yielded = 0;
	bbr->trim = BBR_GAIN_ONE;
}

static void bbr_enter_down(struct bbr *bbr, const struct mqvpn_recovery *rec,
			   u64 now)
{
	u64 far = (u64)get_random_u32() * NSEC_PER_SEC >> 32;

	bbr_enter(bbr, rec, BBR_DOWN);
	bbr->cycle_at = now;
	bbr->cycle_rounds = get_random_u32() & 1;
	bbr->wait = BBR_PROBE_WAIT_NS + far;
}

static void bbr_enter_up(struct bbr *bbr, const struct mqvpn_recovery *rec)
{
	bbr_enter(bbr, rec, BBR_UP);
	bbr->up_shift = 0;
	bbr->full_bw = bbr_max_bw(bbr);
}

/* Too much is lost for what is in flight. */
static bool bbr_too_much(struct bbr *bbr, const struct mqvpn_acked *acked)
{
	return acked->lost_pkts &&
	       bbr_lossy(&bbr->round, acked->rate.delivered + bbr->round.lost);
}

/* The samples of a probe tell how much is too much. */
static void bbr_note_too_much(struct bbr *bbr, const struct mqvpn_acked *acked)
{
	u64 least = bbr_bdp(bbr, bbr_bw(bbr), BBR_BETA);

	if (!acked->rate.limited)
		bbr->inflight_hi = max(acked->rate.delivered +
				       bbr->round.lost, least);
}

/* Whether the rate stopped growing. */
static bool bbr_plateau(struct bbr *bbr)
{
	if (bbr->last.limited || !bbr->last.rate)
		return false;
	if (bbr->last.bw >= bbr->full_bw + bbr->full_bw / 4) {
		bbr->full_bw = bbr->last.bw;
		bbr->full_rounds = 0;
		return false;
	}
	return ++bbr->full_rounds >= BBR_FULL_ROUNDS ||
	       (bbr->full_rounds > 1 && bbr_queued(bbr, BBR_QUEUE_US));
}

static void bbr_startup(struct bbr *bbr, const struct mqvpn_acked *acked,
			const struct mqvpn_recovery *rec, bool ended)
{
	if (bbr_too_much(bbr, acked))
		bbr_note_too_much(bbr, acked);
	else if (!ended || !bbr_plateau(bbr))
		return;
	bbr->full = true;
	bbr_enter(bbr, rec, BBR_DRAIN);
}

/* A packet that met no queue proves that there is none. */
static bool bbr_drained(const struct bbr *bbr, const struct mqvpn_acked *acked,
			const struct mqvpn_recovery *rec)
{
	if (acked->rtt_us && acked->rtt_us <= bbr->min_rtt + USEC_PER_MSEC / 2)
		return true;
	return rec->in_flight <= bbr_bdp(bbr, bbr_bw(bbr), BBR_GAIN_ONE) +
	       bbr_extra(bbr);
}

static bool bbr_time_to_probe(const struct bbr *bbr,
			      const struct mqvpn_recovery *rec, u64 now)
{
	u64 reno = bbr_bdp(bbr, bbr_bw(bbr), BBR_GAIN_ONE);

	return now - bbr->cycle_at > bbr->wait ||
	       bbr->cycle_rounds >= BBR_PROBE_ROUNDS ||
	       (u64)bbr->cycle_rounds * rec->rate.largest >= reno;
}

static void bbr_down(struct bbr *bbr, const struct mqvpn_acked *acked,
		     const struct mqvpn_recovery *rec, bool ended, u64 now)
{
	/* samples of the probe have all come in: a new cycle of the filter */
	if (ended && bbr->rounds == 1 && !bbr->last.limited) {
		bbr->max_bw[0] = bbr->max_bw[1];
		bbr->max_bw[1] = 0;
	}
	if (bbr_time_to_probe(bbr, rec, now))
		bbr_enter(bbr, rec, BBR_REFILL);
	else if (bbr_drained(bbr, acked, rec))
		bbr->state = BBR_CRUISE;
}

static void bbr_cruise(struct bbr *bbr, const struct mqvpn_recovery *rec,
		       u64 now)
{
	if (bbr_time_to_probe(bbr, rec, now))
		bbr_enter(bbr, rec, BBR_REFILL);
}

/* One round of what is known, before more is tried. */
static void bbr_refill(struct bbr *bbr, const struct mqvpn_recovery *rec,
		       bool ended)
{
	bbr_forget_congestion(bbr);
	if (ended && bbr->rounds)
		bbr_enter_up(bbr, rec);
}

/* How long the queue may get that a probe makes, us. */
static u64 bbr_excess(const struct bbr *bbr)
{
	return (u64)BBR_QUEUE_US << bbr->up_shift;
}

/* A good part of what was tried a round ago was to be had. */
static bool bbr_grew(const struct bbr *bbr)
{
	u64 tried = min_t(u64, BBR_GAIN_UP - BBR_GAIN_ONE,
			  div_u64(bbr_excess(bbr) * BBR_GAIN_ONE,
				  bbr->min_rtt));

	return bbr->last.bw > bbr->full_bw +
			      bbr->full_bw * tried / BBR_GAIN_ONE / 4;
}

static void bbr_up(struct bbr *bbr, const struct mqvpn_acked *acked,
		   const struct mqvpn_recovery *rec, bool ended, u64 now)
{
	if (bbr_too_much(bbr, acked)) {
		bbr_note_too_much(bbr, acked);
		bbr_enter_down(bbr, rec, now);
		return;
	}
	/* it is full: what was allowed in the hope for more is too much */
	if (acked->rtt_us > bbr->base + bbr->noise + BBR_QUEUE_US)
		bbr->up_shift = 0;
	if (!ended)
		return;
	if (bbr->inflight_hi != BBR_NONE)
		bbr->inflight_hi = max(bbr->inflight_hi, bbr->last.inflight) +
				   ((u64)rec->rate.largest <<
				    min_t(u32, bbr->rounds, BBR_RAISE_MAX));
	/* what the first round told is of packets from before */
	if (bbr->rounds < 2)
		return;
	if (!bbr_grew(bbr)) {
		bbr_enter_down(bbr, rec, now);
		return;
	}
	bbr->full_bw = max(bbr->full_bw, bbr->last.bw);
	if (bbr_queue(bbr) < BBR_QUEUE_US / 2 &&
	    bbr_excess(bbr) < bbr->min_rtt)
		bbr->up_shift++;
}

static void bbr_leave_probe_rtt(struct mqvpn_cc *cc, struct bbr *bbr,
				const struct mqvpn_recovery *rec, u64 now)
{
	if (bbr->probe_min != U32_MAX)
		bbr->min_rtt = bbr->probe_min;
	bbr->min_rtt_at = now;
	cc->cwnd = max(cc->cwnd, bbr->prior_cwnd);
	bbr_forget_congestion(bbr);
	if (bbr->full)
		bbr_enter_down(bbr, rec, now);
	bbr_enter(bbr, rec, bbr->full ? BBR_CRUISE : BBR_STARTUP);
}

static void bbr_check_probe_rtt(struct mqvpn_cc *cc, struct bbr *bbr,
				const struct mqvpn_recovery *rec, u64 now)
{
	u64 rtt = (u64)rec->rtt.latest * NSEC_PER_USEC;
	u64 until = now + BBR_PROBE_RTT_NS + 2 * rtt;

	if (bbr->state == BBR_PROBE_RTT) {
		if (now >= bbr->probe_end)
			bbr_leave_probe_rtt(cc, bbr, rec, now);
		return;
	}
	if (bbr->min_rtt == U32_MAX ||
	    now - bbr->min_rtt_at < BBR_MIN_RTT_NS ||
	    !mqvpn_cc_turn(cc, now, until + rtt))
		return;
	bbr_enter(bbr, rec, BBR_PROBE_RTT);
	bbr->probe_end = until;
	bbr->probe_min = U32_MAX;
	bbr->prior_cwnd = cc->cwnd;
}

static void bbr_update_state(struct bbr *bbr, const struct mqvpn_acked *acked,
			     const struct mqvpn_recovery *rec, bool ended,
			     u64 now)
{
	switch (bbr->state) {
	case BBR_STARTUP:
		bbr_startup(bbr, acked, rec, ended);
		break;
	case BBR_DRAIN:
		if (bbr_drained(bbr, acked, rec))
			bbr_enter_down(bbr, rec, now);
		break;
	case BBR_DOWN:
		bbr_down(bbr, acked, rec, ended, now);
		break;
	case BBR_CRUISE:
		bbr_cruise(bbr, rec, now);
		break;
	case BBR_REFILL:
		bbr_refill(bbr, rec, ended);
		break;
	case BBR_UP:
		bbr_up(bbr, acked, rec, ended, now);
		break;
	}
}

/* The model */

static void bbr_update_min_rtt(struct bbr *bbr, u32 us, u64 now)
{
	u32 close = min_t(u32, bbr->min_rtt / 16, USEC_PER_MSEC);

	if (!us)
		return;
	bbr->probe_min = min(bbr->probe_min, us);
	close = max(close, min(bbr->noise, bbr->min_rtt) / 2);
	if (bbr->min_rtt != U32_MAX && us > bbr->min_rtt + close)
		return;
	bbr->min_rtt = min(bbr->min_rtt, us);
	bbr->min_rtt_at = now;
}

static void bbr_update_max_bw(struct bbr *bbr,
			      const struct mqvpn_rate_sample *rs)
{
	if (rs->interval && (!rs->limited || rs->bw >= bbr_max_bw(bbr)))
		bbr->max_bw[1] = max(bbr->max_bw[1], rs->bw);
}

/* How much more is acknowledged at a time than the rate explains. */
static void bbr_update_extra(struct bbr *bbr, const struct mqvpn_cc *cc,
			     const struct mqvpn_acked *acked, bool ended,
			     u64 now)
{
	u64 us = div_u64(now - bbr->extra_at, NSEC_PER_USEC);
	u64 expected = bbr_bytes(bbr_max_bw(bbr), us);

	if (ended && ++bbr->extra_rounds >= BBR_EXTRA_ROUNDS) {
		bbr->extra_rounds = 0;
		bbr->extra[0] = bbr->extra[1];
		bbr->extra[1] = 0;
	}
	if (ended || bbr->extra_bytes <= expected) {
		bbr->extra_bytes = 0;
		bbr->extra_at = now;
		expected = 0;
	}
	bbr->extra_bytes += acked->acked_bytes;
	bbr->extra[1] = max(bbr->extra[1],
			    min(bbr->extra_bytes - expected, cc->cwnd));
}

static bool bbr_probes_bw(const struct bbr *bbr)
{
	return bbr->state == BBR_STARTUP || bbr->state == BBR_REFILL ||
	       bbr->state == BBR_UP;
}

/* A bit less than what was sent, which a path that is not full delivers. */
static u64 bbr_less(const struct bbr *bbr, u32 part)
{
	u64 sent = min(bbr->rate, bbr_bw(bbr));

	return sent - div_u64(sent, part);
}

/* The queue does not go away: it is not this path's, so take part in it. */
static void bbr_stop_yielding(struct bbr *bbr)
{
	bbr->max_bw[0] = max(bbr->max_bw[0], bbr->kept);
	bbr->kept = 0;
}

/*
 * What was measured in a lucky moment makes a queue: send what is delivered
 * then. Without one, or when no less is delivered than sent, try a bit more.
 */
static void bbr_adapt_trim(struct bbr *bbr)
{
	u32 least = max_t(u32, bbr->trim - BBR_TRIM_STEP, BBR_TRIM_LEAST);
	u64 sent = min(bbr->rate, bbr_bw(bbr)), got;

	bbr->trim = min(bbr->trim + 1, BBR_GAIN_ONE);
	if (!bbr_queued(bbr, BBR_STANDING_US)) {
		bbr->yielded = 0;
		bbr->kept = 0;
		return;
	}
	if (++bbr->yielded > BBR_YIELD_ROUNDS)
		bbr_stop_yielding(bbr);
	if (bbr->yielded > BBR_QUEUED_ROUNDS)
		bbr->yielded = 1;
	if (!bbr->last.bws || bbr->last.limited)
		return;
	got = div_u64(bbr->last.bw_sum, bbr->last.bws);
	if (got < sent && got < bbr_bw(bbr))
		bbr->trim = max_t(u64, div64_u64(got * BBR_GAIN_ONE,
						 bbr_bw(bbr)), least);
}

/* A queue tells what the path delivers: less than it did. */
static void bbr_slower(struct bbr *bbr, u64 bw)
{
	bbr->kept = bbr->kept ?: bbr_max_bw(bbr);
	bbr->max_bw[0] = min(bbr->max_bw[0], bw);
	bbr->max_bw[1] = min(bbr->max_bw[1], bw);
	bbr->yielded = max_t(u8, bbr->yielded, 1);
}

/* The last round met congestion: use no more than it delivered, for now. */
static void bbr_adapt_bounds(struct bbr *bbr)
{
	const struct bbr_round *last = &bbr->last;
	u64 bw = bbr_bw(bbr);

	if (bbr->state == BBR_PROBE_RTT || bbr_probes_bw(bbr))
		return;
	bbr_adapt_trim(bbr);
	if (last->rtts && last->min_rtt > bbr->base + BBR_QUEUE_US &&
	    last->ack_bw < bbr_less(bbr, 8) && !last->limited &&
	    bbr->yielded <= BBR_YIELD_ROUNDS) {
		bbr_slower(bbr, last->ack_bw);
		return;
	}
	if (last->limited || last->bw >= bbr_less(bbr, 32) ||
	    !bbr_lossy(last, last->delivered + last->lost))
		return;
	bbr->bw_lo = max(last->bw, bw * BBR_BETA / BBR_GAIN_ONE);
	if (bbr->inflight_lo == BBR_NONE)
		bbr->inflight_lo = bbr_bdp(bbr, bw, BBR_CWND_GAIN);
	bbr->inflight_lo = max(last->inflight, bbr->inflight_lo *
			       BBR_BETA / BBR_GAIN_ONE);
}

/* What follows from it */

/* Slow enough to drain in one round what stands. */
static unsigned int bbr_drain_gain(const struct bbr *bbr)
{
	u32 queue = bbr_queue(bbr);

	if (!bbr->yielded || bbr->yielded > BBR_YIELD_ROUNDS)
		return BBR_GAIN_ONE;
	return max_t(u64, BBR_GAIN_LEAST,
		     div_u64((u64)BBR_GAIN_ONE * bbr->base,
			     bbr->base + queue));
}

static unsigned int bbr_pace_gain(const struct bbr *bbr)
{
	unsigned int gain = bbr_gains[bbr->state].pace;

	if (bbr->state == BBR_CRUISE || bbr->state == BBR_DOWN)
		gain = min(gain, bbr_drain_gain(bbr)) * bbr->trim /
		       BBR_GAIN_ONE;
	return gain;
}

static void bbr_set_rate(struct mqvpn_cc *cc, const struct bbr *bbr)
{
	u64 rate = bbr_bw(bbr) * bbr_pace_gain(bbr) / BBR_GAIN_ONE;

	rate -= div_u64(rate, BBR_MARGIN);
	/* the first samples are of bursts, and too low */
	if (rate && (bbr->full || rate > cc->rate))
		cc->rate = rate;
}

/* What the model leaves to be in flight. */
static u64 bbr_bound(const struct bbr *bbr, const struct mqvpn_recovery *rec)
{
	u64 bound = bbr->inflight_hi, bw = bbr_bw(bbr);
	u64 need = bbr_bdp(bbr, bw, BBR_GAIN_ONE) + bbr_extra(bbr) +
		   bbr_quantum(bbr, rec);

	switch (bbr->state) {
	case BBR_UP:
		need += bbr_bytes(bw, bbr_excess(bbr));
		bound = min(bound, need);
		break;
	case BBR_PROBE_RTT:
		bound = min(bound, bbr_bdp(bbr, bw, BBR_CWND_GAIN_RTT));
		break;
	case BBR_CRUISE:
	case BBR_DOWN:
		if (bound != BBR_NONE)
			bound = max(bound * BBR_HEAD / BBR_GAIN_ONE, need);
		need += bbr_bytes(bw, 2 * BBR_QUEUE_US + bbr->noise);
		bound = min(bound, need);
		break;
	}
	return min(bound, bbr->inflight_lo);
}

static void bbr_set_cwnd(struct mqvpn_cc *cc, const struct bbr *bbr,
			 const struct mqvpn_acked *acked,
			 const struct mqvpn_recovery *rec)
{
	u64 least = MQVPN_CWND_MIN_PKTS * rec->rate.largest;
	u64 most = bbr_bdp(bbr, bbr_bw(bbr), bbr_gains[bbr->state].cwnd) +
		   bbr_extra(bbr) + bbr_quantum(bbr, rec);

	if (bbr->full)
		cc->cwnd = min(cc->cwnd + acked->acked_bytes, most);
	else if (cc->cwnd < most || rec->rate.delivered < MQVPN_CWND_INITIAL)
		cc->cwnd += acked->acked_bytes;
	if (acked->persistent)
		cc->cwnd = least;
	cc->cwnd = max(least, min(cc->cwnd, bbr_bound(bbr, rec)));
}

/* A path that got much slower is not to be fed for the rest of a round. */
static void bbr_note_slower(struct bbr *bbr, const struct mqvpn_acked *acked)
{
	const struct mqvpn_rate_sample *rs = &acked->rate;
	u64 bw = bbr_less(bbr, 2);

	if (bbr->state == BBR_PROBE_RTT || bbr_probes_bw(bbr) ||
	    !rs->interval || rs->limited || rs->ack_bw >= bw ||
	    acked->rtt_us <= bbr->base + bbr->base / 8 + bbr->noise +
			     BBR_QUEUE_US)
		return;
	bbr_slower(bbr, rs->ack_bw);
}

static void bbr_acked(struct mqvpn_cc *cc, const struct mqvpn_acked *acked,
		      const struct mqvpn_recovery *rec, u64 now)
{
	struct bbr *bbr = bbr_of(cc);
	bool ended = bbr_round_note(bbr, cc, acked, rec);

	bbr_update_max_bw(bbr, &acked->rate);
	bbr_update_min_rtt(bbr, acked->rtt_us, now);
	bbr_update_extra(bbr, cc, acked, ended, now);
	if (ended)
		bbr_adapt_bounds(bbr);
	bbr_note_slower(bbr, acked);
	bbr_update_state(bbr, acked, rec, ended, now);
	bbr_check_probe_rtt(cc, bbr, rec, now);
	bbr_set_rate(cc, bbr);
	bbr_set_cwnd(cc, bbr, acked, rec);
}

static void bbr_init(struct mqvpn_cc *cc)
{
	struct bbr *bbr = bbr_of(cc);

	bbr_round_reset(&bbr->round);
	bbr_round_reset(&bbr->last);
	bbr->min_rtt = U32_MAX;
	bbr->inflight_hi = BBR_NONE;
	bbr_forget_congestion(bbr);
	cc->cwnd = MQVPN_CWND_INITIAL;
	cc->rate = 0;
}

const struct mqvpn_cc_ops mqvpn_cc_bbr = {
	.name = "bbr",
	.init = bbr_init,
	.acked = bbr_acked,
};
