// SPDX-License-Identifier: GPL-2.0
/* Delivery rates, worked out by hand. */
#include <linux/kernel.h>

#include "../../kmod/rate.c"

#include "ktap.h"

#define MS	1000000ULL		/* ns */
#define START	(1000 * MS)
#define PKT	1000			/* bytes */

static struct mqvpn_rate rate;
static struct mqvpn_sent packet[100];
static u64 in_flight;

static void setup(void)
{
	rate = (struct mqvpn_rate){};
	in_flight = 0;
}

static void sent(unsigned int i, u64 at)
{
	packet[i] = (struct mqvpn_sent){
		.at = START + at, .bytes = PKT, .eliciting = true,
	};
	mqvpn_rate_sent(&rate, &packet[i], !in_flight);
	in_flight += PKT;
}

/* An acknowledgment of packets @first to @last. */
static struct mqvpn_rate_sample acked(unsigned int first, unsigned int last,
				      u64 at, u32 min_rtt)
{
	struct mqvpn_rate_sample sample = {};

	for (; first <= last; first++) {
		mqvpn_rate_acked(&rate, &packet[first], START + at, &sample);
		in_flight -= PKT;
	}
	mqvpn_rate_take(&rate, min_rtt, &sample);
	return sample;
}

/* A packet a millisecond, each acknowledged after ten. */
static void steady(void)
{
	struct mqvpn_rate_sample s = {};
	unsigned int i;

	setup();
	for (i = 0; i < 40; i++) {
		sent(i, i * MS);
		if (i >= 10)
			s = acked(i - 10, i - 10, i * MS, 10000);
	}
	EXPECT_EQ(s.bw, 1000 * PKT);
	EXPECT_EQ(s.ack_bw, 1000 * PKT);
	/* the acknowledgment of a moment before the packet left counts, too */
	EXPECT_EQ(s.interval, 11000);
	EXPECT_EQ(s.delivered, 11 * PKT);
	EXPECT_EQ(s.prior, 19 * PKT);
	EXPECT_EQ(s.sent_at, START + 29 * MS);
	EXPECT(!s.limited);
}

/* Ten leave at once: that does not make the path infinitely fast. */
static void burst(void)
{
	struct mqvpn_rate_sample s;
	unsigned int i;

	setup();
	for (i = 0; i < 10; i++)
		sent(i, 0);
	s = acked(0, 9, 20 * MS, 20000);
	EXPECT_EQ(s.interval, 20000);
	EXPECT_EQ(s.bw, 10 * PKT * 50);
}

/* Acknowledgments that were held up and then come together: what sending took
 * is the time that counts.
 */
static void compressed(void)
{
	struct mqvpn_rate_sample s;
	unsigned int i;

	setup();
	for (i = 0; i < 60; i++)
		sent(i, i * MS);
	acked(0, 9, 60 * MS, 10000);
	for (; i < 100; i++)
		sent(i, i * MS);
	s = acked(10, 99, 110 * MS, 10000);
	/* the newest of the ten had left 90 ms before the newest of these */
	EXPECT_EQ(s.interval, 90000);
	EXPECT_EQ(s.delivered, 90 * PKT);
	EXPECT_EQ(s.bw, 1000 * PKT);
	EXPECT_EQ(s.ack_bw, 90 * PKT * 20);
}

static void shorter_than_a_round_trip(void)
{
	struct mqvpn_rate_sample s;

	setup();
	sent(0, 0);
	sent(1, 0);
	s = acked(0, 1, 5 * MS, 10000);
	EXPECT_EQ(s.interval, 0);
	EXPECT_EQ(s.bw, 0);
	EXPECT_EQ(s.delivered, 2 * PKT);
	/* and of what was not sent, or was lost, there is none */
	s = acked(1, 0, 6 * MS, 10000);
	EXPECT_EQ(s.sent_at, 0);
	EXPECT_EQ(s.interval, 0);
}

/* The newest packet counts, in whatever order they are told of. */
static void newest(void)
{
	struct mqvpn_rate_sample s = {};

	setup();
	sent(0, 0);
	sent(1, 1 * MS);
	sent(2, 2 * MS);
	mqvpn_rate_acked(&rate, &packet[2], START + 20 * MS, &s);
	mqvpn_rate_acked(&rate, &packet[0], START + 20 * MS, &s);
	mqvpn_rate_take(&rate, 1000, &s);
	EXPECT_EQ(s.sent_at, START + 2 * MS);
	EXPECT_EQ(s.delivered, 2 * PKT);
	EXPECT_EQ(rate.first_sent_at, START + 2 * MS);
}

/* An idle time is no time of delivery. */
static void idle(void)
{
	struct mqvpn_rate_sample s;

	setup();
	sent(0, 0);
	acked(0, 0, 10 * MS, 10000);
	sent(1, 5000 * MS);
	s = acked(1, 1, 5010 * MS, 10000);
	EXPECT_EQ(s.interval, 10000);
	EXPECT_EQ(s.bw, PKT * 100);
}

/* Too little to send, until all that was in flight then is delivered. */
static void limited(void)
{
	setup();
	sent(0, 0);
	sent(1, 0);
	mqvpn_rate_dry(&rate);
	/* pacing would not have let anything out in the meantime */
	mqvpn_rate_resume(&rate, in_flight, START + 2 * MS, START + 2 * MS);
	sent(2, 2 * MS);
	EXPECT(!packet[2].limited);
	/* there was something to send, only pacing was in the way */
	mqvpn_rate_resume(&rate, in_flight, START, START + 3 * MS);
	sent(3, 3 * MS);
	EXPECT(!packet[3].limited);
	mqvpn_rate_dry(&rate);
	mqvpn_rate_resume(&rate, in_flight, START + 3 * MS, START + 4 * MS);
	sent(4, 4 * MS);
	EXPECT(packet[4].limited);
	EXPECT(!acked(0, 3, 10 * MS, 1000).limited);
	sent(5, 10 * MS);
	EXPECT(packet[5].limited);
	EXPECT(acked(4, 4, 14 * MS, 1000).limited);
	sent(6, 14 * MS);
	EXPECT(!packet[6].limited);
	EXPECT(acked(5, 5, 20 * MS, 1000).limited);
	EXPECT(!acked(6, 6, 24 * MS, 1000).limited);
}

/* Only the low half of what was delivered is kept with a packet. */
static void wraps(void)
{
	struct mqvpn_rate_sample s;

	setup();
	rate.delivered = 5 * (1ULL << 32) - 10;
	sent(0, 0);
	s = acked(0, 0, 10 * MS, 1000);
	EXPECT_EQ(s.delivered, PKT);
	EXPECT_EQ(s.prior, 5 * (1ULL << 32) - 10);
}

/* A clock that stands still, one that ran for hours, and an absurd rate */
static void extremes(void)
{
	struct mqvpn_rate_sample s;

	setup();
	sent(0, 0);
	s = acked(0, 0, 0, 0);
	EXPECT_EQ(s.interval, 0);
	sent(1, 0);
	s = acked(1, 1, 10000000 * MS, 0);
	EXPECT_EQ(s.interval, UINT32_MAX);
	EXPECT_EQ(s.bw, 0);
	rate.delivered = 1ULL << 40;
	sent(2, 10000000 * MS);
	rate.delivered += 1ULL << 31;
	s = acked(2, 2, 10000000 * MS + 1000, 0);
	EXPECT_EQ(s.bw, MQVPN_RATE_MAX);
	EXPECT_EQ(sizeof(packet[0]), 32);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(steady),
	KTAP_CASE(burst),
	KTAP_CASE(compressed),
	KTAP_CASE(shorter_than_a_round_trip),
	KTAP_CASE(newest),
	KTAP_CASE(idle),
	KTAP_CASE(limited),
	KTAP_CASE(wraps),
	KTAP_CASE(extremes),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
