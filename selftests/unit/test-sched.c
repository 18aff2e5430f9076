// SPDX-License-Identifier: GPL-2.0
/* Schedulers: flows go by weight, and stay. */
#include <stdlib.h>

#include "../../kmod/sched.c"
#include "../../kmod/sched_wlb.c"

#include "ktap.h"

#define IDLE	MQVPN_FLOW_IDLE_S

/* sets of the largest table */
#define WLB_SETS	(MQVPN_FLOWS / MQVPN_FLOW_WAYS)

static struct mqvpn_sched sched;

static void setup(void)
{
	mqvpn_sched_exit(&sched);
	mqvpn_sched_init(&sched, &mqvpn_sched_wlb);
}

static int choose(u32 hash, u32 now)
{
	return sched.ops->select(&sched, hash, now);
}

/* A hash for flow @i of set @set. */
static u32 in_set(u32 set, u32 i)
{
	return (i + 1) * WLB_SETS + set;
}

/* Start @count flows that do not get into each other's way, and count them by
 * path.
 */
static void start_flows(u32 first, u32 count, u32 now, u32 *per_slot)
{
	u32 i;

	memset(per_slot, 0, MQVPN_PATHS_MAX * sizeof(*per_slot));
	for (i = first; i < first + count; i++)
		per_slot[choose(in_set(i % WLB_SETS, i / WLB_SETS), now)]++;
}

static void names(void)
{
	EXPECT(mqvpn_sched_find("wlb") == &mqvpn_sched_wlb);
	EXPECT(!mqvpn_sched_find("wl"));
	EXPECT(!mqvpn_sched_find(""));
}

static void no_memory(void)
{
	struct mqvpn_sched none;

	shim_no_memory = true;
	EXPECT_EQ(mqvpn_sched_init(&none, &mqvpn_sched_wlb), -ENOMEM);
	shim_no_memory = false;
	mqvpn_sched_exit(&none);
}

static void no_path(void)
{
	setup();
	EXPECT_EQ(choose(7, 0), -ENETUNREACH);
	mqvpn_sched_path_up(&sched, 4, 10);
	EXPECT_EQ(choose(7, 0), 4);
	mqvpn_sched_path_down(&sched, 4);
	EXPECT_EQ(choose(7, 0), -ENETUNREACH);
	EXPECT_EQ(choose(8, 0), -ENETUNREACH);
}

static void one_path_pins(void)
{
	u32 per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 15, 1);
	start_flows(0, 100, 1, per_slot);
	EXPECT_EQ(per_slot[15], 100);
	mqvpn_sched_path_up(&sched, 0, 1000);
	start_flows(0, 100, 1, per_slot);
	EXPECT_EQ(per_slot[15], 100);
}

/* The topology of record: 64 * 300 / 380 = 50.5 */
static void weights_of_record(void)
{
	u32 per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 0, 300);
	mqvpn_sched_path_up(&sched, 1, 80);
	start_flows(0, 64, 0, per_slot);
	EXPECT(per_slot[0] == 50 || per_slot[0] == 51);
	EXPECT_EQ(per_slot[0] + per_slot[1], 64);
}

static u32 error_of(u32 got, u32 count, u32 weight, u64 sum)
{
	double exact = (double)count * weight / sum;
	double error = got > exact ? got - exact : exact - got;

	return error * 100;
}

/* Largest error, in hundredths of a flow, after each of @flows new flows. */
static u32 worst_error(unsigned int paths, const u32 *weight, u32 flows)
{
	u32 total[MQVPN_PATHS_MAX] = {}, worst = 0, i, slot;
	u64 sum = 0;

	setup();
	for (slot = 0; slot < paths; slot++) {
		mqvpn_sched_path_up(&sched, slot, weight[slot]);
		sum += weight[slot];
	}
	for (i = 0; i < flows; i++) {
		total[choose(in_set(i % WLB_SETS, i / WLB_SETS), 0)]++;
		for (slot = 0; slot < paths; slot++) {
			u32 error = error_of(total[slot], i + 1, weight[slot],
					     sum);

			if (error > worst)
				worst = error;
		}
	}
	return worst;
}

static void random_weights(void)
{
	u32 weight[MQVPN_PATHS_MAX], worst[MQVPN_PATHS_MAX + 1] = {};
	unsigned int i, paths, slot;

	srandom(1);
	for (i = 0; i < 600; i++) {
		u32 error, most = i % 2 ? 20 : 2000000000;

		paths = 2 + i % 15;
		for (slot = 0; slot < paths; slot++)
			weight[slot] = 1 + random() % most;
		error = worst_error(paths, weight, 512);
		if (error > worst[paths])
			worst[paths] = error;
	}
	for (paths = 2; paths <= MQVPN_PATHS_MAX; paths++)
		printf("# %u paths: at most %u.%02u flows off\n", paths,
		       worst[paths] / 100, worst[paths] % 100);
	/* greedy: within a flow, but for rare sets of weights */
	for (paths = 2; paths <= MQVPN_PATHS_MAX; paths++)
		EXPECT(worst[paths] <= 110);
}

static void extreme_weights(void)
{
	u32 weight[MQVPN_PATHS_MAX], slot;

	for (slot = 0; slot < MQVPN_PATHS_MAX; slot++)
		weight[slot] = UINT32_MAX;
	EXPECT(worst_error(MQVPN_PATHS_MAX, weight, 64) <= 100);
	EXPECT(worst_error(2, (const u32[]){ 1, UINT32_MAX }, 1000) <= 100);
}

static void flows_stay(void)
{
	int at[256];
	u32 i, now;

	setup();
	mqvpn_sched_path_up(&sched, 2, 3);
	mqvpn_sched_path_up(&sched, 5, 2);
	for (i = 0; i < 256; i++)
		at[i] = choose(in_set(i, 0), 0);
	for (now = 1; now < 1000; now += 7)
		for (i = 0; i < 256; i++)
			if (choose(in_set(i, 0), now) != at[i])
				break;
	EXPECT_EQ(i, 256);

	/* a new weight is for new flows */
	mqvpn_sched_path_up(&sched, 2, 1);
	mqvpn_sched_path_up(&sched, 5, 1000);
	for (i = 0; i < 256; i++)
		if (choose(in_set(i, 0), now) != at[i])
			break;
	EXPECT_EQ(i, 256);
	EXPECT_EQ(choose(in_set(0, 1), now), 5);
}

static void path_down_moves_its_own(void)
{
	u32 i, moved = 0, wrong = 0, per_slot[MQVPN_PATHS_MAX] = {};
	int at[240], to;

	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	mqvpn_sched_path_up(&sched, 1, 1);
	mqvpn_sched_path_up(&sched, 2, 2);
	for (i = 0; i < 240; i++)
		at[i] = choose(in_set(i, 0), 0);
	mqvpn_sched_path_down(&sched, 2);
	for (i = 0; i < 240; i++) {
		to = choose(in_set(i, 0), 1);
		per_slot[to]++;
		moved += at[i] == 2;
		wrong += at[i] == 2 ? to == 2 : to != at[i];
	}
	EXPECT_EQ(moved, 120);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(per_slot[0], 120);
	EXPECT_EQ(per_slot[1], 120);
}

/* Another path in the slot is not the flow's path any more. */
static void new_path_in_slot(void)
{
	u32 per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 0, 1000);
	start_flows(0, 100, 0, per_slot);
	sched.path[0].credit = -7;
	mqvpn_sched_path_down(&sched, 0);
	mqvpn_sched_path_up(&sched, 0, 1);
	EXPECT_EQ(sched.path[0].credit, 0);
	mqvpn_sched_path_up(&sched, 1, 1);
	start_flows(0, 100, 0, per_slot);
	EXPECT_EQ(per_slot[0], 50);
	EXPECT_EQ(per_slot[1], 50);
}

static void idle_flows_expire(void)
{
	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	EXPECT_EQ(choose(77, 100), 0);
	mqvpn_sched_path_up(&sched, 1, 1000000);
	EXPECT_EQ(choose(77, 100 + IDLE), 0);
	EXPECT_EQ(choose(77, 100 + 2 * IDLE), 0);
	EXPECT_EQ(choose(77, 100 + 3 * IDLE + 1), 1);
}

/* The clock of seconds wraps, and CPUs read it at different times. */
static void clock_wraps(void)
{
	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	EXPECT_EQ(choose(77, UINT32_MAX - 2), 0);
	mqvpn_sched_path_up(&sched, 1, 1000000);
	EXPECT_EQ(choose(77, 5), 0);
	EXPECT_EQ(choose(77, 4), 0);
	EXPECT_EQ(choose(77, UINT32_MAX), 0);
	EXPECT_EQ(choose(77, IDLE), 1);
}

/* A full set gives up what is idle for the longest time. */
static void eviction(void)
{
	u32 i;

	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	for (i = 0; i < MQVPN_FLOW_WAYS; i++)
		choose(in_set(9, i), 10 + i);
	choose(in_set(9, 0), 20);
	mqvpn_sched_path_up(&sched, 1, 1000000);
	EXPECT_EQ(choose(in_set(9, 50), 21), 1);
	for (i = 2; i < MQVPN_FLOW_WAYS; i++)
		EXPECT_EQ(choose(in_set(9, i), 22), 0);
	EXPECT_EQ(choose(in_set(9, 0), 22), 0);
	EXPECT_EQ(choose(in_set(9, 1), 22), 1);

	/* another set is not touched by it */
	EXPECT_EQ(sched.flows[0].hash, 0);
}

/* Whichever entry of the set it is. */
static void eviction_of_any(void)
{
	u32 i, oldest;

	for (oldest = 0; oldest < MQVPN_FLOW_WAYS; oldest++) {
		setup();
		mqvpn_sched_path_up(&sched, 0, 1);
		for (i = 0; i < MQVPN_FLOW_WAYS; i++)
			choose(in_set(9, i), i == oldest ? 10 : 20 - i);
		choose(in_set(9, 50), 21);
		for (i = 0; i < MQVPN_FLOW_WAYS; i++)
			EXPECT_EQ(!wlb_find(wlb_set(&sched, 9), in_set(9, i)),
				  i == oldest);
	}
}

/* A flow that gets another path keeps its entry, and costs no other flow. */
static void pinned_anew_in_place(void)
{
	u32 i, entries = 0;

	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	for (i = 0; i < MQVPN_FLOW_WAYS; i++)
		choose(in_set(9, i), 10 + i);
	mqvpn_sched_path_down(&sched, 0);
	mqvpn_sched_path_up(&sched, 1, 1);
	EXPECT_EQ(choose(in_set(9, 2), 20), 1);
	for (i = 0; i < MQVPN_FLOW_WAYS; i++)
		entries += !!wlb_find(wlb_set(&sched, 9), in_set(9, i));
	EXPECT_EQ(entries, MQVPN_FLOW_WAYS);
}

static void table_fills(void)
{
	u32 i, gone = 0, per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	start_flows(0, MQVPN_FLOWS, 0, per_slot);
	for (i = 0; i < MQVPN_FLOWS; i++)
		gone += !sched.flows[i].hash;
	EXPECT_EQ(gone, 0);
	mqvpn_sched_path_up(&sched, 1, 1000000);
	start_flows(0, MQVPN_FLOWS, 1, per_slot);
	EXPECT_EQ(per_slot[0], MQVPN_FLOWS);
}

/* Each flow keeps its path when the table grows. */
static void table_grows(void)
{
	int at[MQVPN_FLOWS];
	u32 i, moved = 0;

	setup();
	EXPECT_EQ(sched.nflows, MQVPN_FLOWS_MIN);
	mqvpn_sched_path_up(&sched, 0, 1);
	mqvpn_sched_path_up(&sched, 1, 1);
	for (i = 0; i < MQVPN_FLOWS; i++)
		at[i] = choose(in_set(i % WLB_SETS, i / WLB_SETS), 0);
	EXPECT_EQ(sched.nflows, MQVPN_FLOWS);
	for (i = 0; i < MQVPN_FLOWS; i++)
		moved += choose(in_set(i % WLB_SETS, i / WLB_SETS), 1) != at[i];
	EXPECT_EQ(moved, 0);
}

/* What is idle makes way; only live flows make the table grow. */
static void table_stays_small(void)
{
	u32 i;

	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(choose(in_set(0, i), i * (IDLE + 1)), 0);
	EXPECT_EQ(sched.nflows, MQVPN_FLOWS_MIN);
}

/* Without memory a live flow makes way. */
static void no_memory_to_grow(void)
{
	u32 i;

	setup();
	mqvpn_sched_path_up(&sched, 3, 1);
	shim_no_memory = true;
	for (i = 0; i < 100; i++)
		EXPECT_EQ(choose(i + 1, 0), 3);
	shim_no_memory = false;
	EXPECT_EQ(sched.nflows, MQVPN_FLOWS_MIN);
}

static void hash_zero(void)
{
	setup();
	mqvpn_sched_path_up(&sched, 0, 1);
	EXPECT_EQ(choose(0, 0), 0);
	mqvpn_sched_path_up(&sched, 1, 1000000);
	EXPECT_EQ(choose(0, 0), 0);
	EXPECT_EQ(choose(1, 0), 0);
}

static void weight_zero(void)
{
	u32 per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 0, 0);
	mqvpn_sched_path_up(&sched, 1, 1);
	start_flows(0, 10, 0, per_slot);
	EXPECT_EQ(per_slot[0], 5);
}

/* Debts made under large weights do not outlast them. */
static void weights_shrink(void)
{
	u32 per_slot[MQVPN_PATHS_MAX];

	setup();
	mqvpn_sched_path_up(&sched, 0, 1000000);
	mqvpn_sched_path_up(&sched, 1, 999999);
	start_flows(0, 1, 0, per_slot);
	mqvpn_sched_path_up(&sched, 0, 1);
	mqvpn_sched_path_up(&sched, 1, 1);
	start_flows(1, 20, 0, per_slot);
	EXPECT(per_slot[0] >= 9 && per_slot[0] <= 11);
}

/* Shares follow also when the weights change all the time. */
static void weights_change(void)
{
	u32 i, per_slot[MQVPN_PATHS_MAX] = {};

	setup();
	srandom(2);
	for (i = 0; i < 900; i++) {
		u32 scale = 1 + random() % 1000;

		mqvpn_sched_path_up(&sched, 0, 2 * scale);
		mqvpn_sched_path_up(&sched, 1, scale);
		per_slot[choose(in_set(i % WLB_SETS, i / WLB_SETS), 0)]++;
	}
	printf("# 2:1 in changing units: %u to %u\n", per_slot[0], per_slot[1]);
	EXPECT(per_slot[0] > 570 && per_slot[0] < 630);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(names),
	KTAP_CASE(no_memory),
	KTAP_CASE(no_path),
	KTAP_CASE(one_path_pins),
	KTAP_CASE(weights_of_record),
	KTAP_CASE(random_weights),
	KTAP_CASE(extreme_weights),
	KTAP_CASE(flows_stay),
	KTAP_CASE(path_down_moves_its_own),
	KTAP_CASE(new_path_in_slot),
	KTAP_CASE(idle_flows_expire),
	KTAP_CASE(clock_wraps),
	KTAP_CASE(eviction),
	KTAP_CASE(eviction_of_any),
	KTAP_CASE(pinned_anew_in_place),
	KTAP_CASE(table_fills),
	KTAP_CASE(table_grows),
	KTAP_CASE(table_stays_small),
	KTAP_CASE(no_memory_to_grow),
	KTAP_CASE(hash_zero),
	KTAP_CASE(weight_zero),
	KTAP_CASE(weights_shrink),
	KTAP_CASE(weights_change),
};

int main(void)
{
	int status = ktap_run(cases, ARRAY_SIZE(cases));

	mqvpn_sched_exit(&sched);
	return status;
}
