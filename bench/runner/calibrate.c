// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be known before a storm is measured: how long a batch is, what looking costs, what the
 * loop costs without the exit, and how many exits an operation makes.
 */
#include "measure.h"

#include "../../hv/host.h"
#include "../../trace/stamp.h"

#define ROUNDS	    4	  /* of control and storm in turn */
#define FIRST_BATCH 8	  /* operations; is doubled until a batch is long enough to be timed */
#define READINGS    120	  /* of the clock */
#define MOST_STEP   16384 /* of a clock, in its ticks */
#define MEDIAN_ROOM 1024

struct median {
	u32 count;
	u64 value[MEDIAN_ROOM];
};

static void median_add(struct median *median, u64 value)
{
	if (median->count < MEDIAN_ROOM)
		median->value[median->count++] = value;
}

/* Shell sort: short, no recursion, no libc. 0: no values. */
static u64 middle_of(u64 *value, u32 count)
{
	for (u32 gap = count / 2; gap; gap /= 2)
		for (u32 i = gap; i < count; i++) {
			u64 moved = value[i];
			u32 at = i;

			for (; at >= gap && value[at - gap] > moved; at -= gap)
				value[at] = value[at - gap];
			value[at] = moved;
		}
	return count ? value[count / 2] : 0;
}

static u64 median_of(struct median *median)
{
	return middle_of(median->value, median->count);
}

/*
 * Are these multiples of `step`, all but a twentieth, give or take the tick that a scaled clock is
 * rounded by?
 */
static bool multiples(const u64 *value, u32 count, u32 step)
{
	u32 others = 0;

	for (u32 i = 0; i < count; i++)
		if ((value[i] + 1) % step > 2 && ++others * 20 > count)
			return false;
	return true;
}

/*
 * Back to back readings tell what a reading takes: with something of another length between each
 * two, they tell the clock's own step, of which then (nearly) all differences are multiples. Of the
 * numbers below 5 the tick of rounding would let most pass.
 */
u32 runner_step(u64 (*clock)(u32 turns))
{
	u64 difference[READINGS], last = clock(1), most;
	u32 count = 0;

	for (u32 i = 0; i < READINGS; i++) {
		u64 now = clock(1 + i * 37 % 199);

		if (now > last)
			difference[count++] = now - last;
		last = now;
	}
	most = middle_of(difference, count);
	for (u32 step = most < MOST_STEP ? most : MOST_STEP; step > 4; step--)
		if (multiples(difference, count, step))
			return step;
	return 1;
}

static u64 clock_after(u32 turns)
{
	__asm__ volatile("test $1, %0; jz 1f; nop; 1: dec %0; jnz 1b" : "+r"(turns) : : "cc");
	return stamp_out();
}

u32 runner_granularity(void)
{
	return runner_step(clock_after);
}

/* Batches of twice the length each, until one is long enough to tell the time of an operation. */
static int calibrate_length(struct measurement *m)
{
	u32 most = batch_most(m);
	u64 operations = FIRST_BATCH < most && !m->runner->plan->steady ? FIRST_BATCH : most;
	struct batch batch;
	u64 ticks;
	int err;

	for (;;) {
		err = batch_run(m, m->primary, operations, &batch);
		if (err)
			return err;
		ticks = batch.ticks;
		err = m->lockstep ? group_agree(m, &ticks) : 0;
		if (err)
			return err;
		if (ticks >= BATCH_TICKS / 4 || operations == most)
			break;
		operations = operations * 2 < most ? operations * 2 : most;
	}
	m->batch = ticks ? BATCH_TICKS * operations / ticks : most;
	if (m->batch > most)
		m->batch = most;
	if (m->batch > m->runner->plan->exits)
		m->batch = m->runner->plan->exits;
	if (!m->batch)
		m->batch = 1;
	m->result.batch = m->batch;
	return 0;
}

u32 calibrate_native(const struct batch *batch)
{
	/* Between two stamps' loops there are some ten instructions: interpreted, each counts. */
	return batch->emulated < batch->operations;
}

/* The ticks between the guest's stamps of the batch just made. */
static void round_trips(const struct measurement *m, u32 operations, struct median *median)
{
	const struct record *ring = hv_ring(m->runner->vcpu);
	u64 ticks;

	for (u32 i = 0; i < operations; i++)
		if (record_leg(&ring[i], NULL, LEG_ROUND_TRIP, &ticks))
			median_add(median, ticks);
}

/*
 * Between guest_out and guest_in the host was there. If it was not by the stamps, guest and host do
 * not have one clock. An offset smaller than the shorter of the two legs cannot be seen so. Where
 * an interrupt came the host was there then, too: after guest_in, perhaps, while the record was
 * still the operation's. Where interrupts are what the storm is about, nothing tells the host's own
 * few (a tick in some thousand operations) from those.
 */
static void check_clocks(struct measurement *m, u32 operations)
{
	const struct record *record = hv_ring(m->runner->vcpu);
	u32 seen = 0, wrong = 0;

	for (u32 i = 0; i < operations; i++, record++) {
		if ((record->flags & RECORD_DISTURBED) || !record->guest_out || !record->host_in ||
		    !record->host_out || !record->guest_in)
			continue;
		seen++;
		wrong += record->host_in < record->guest_out || record->guest_in < record->host_out;
	}
	if (wrong > 1 && wrong * 20 > seen)
		m->result.clocks_differ = 1;
}

static int calibrate_overhead(struct measurement *m, struct median *median)
{
	struct batch batch;
	int err;

	if (!m->loop[LOOP_OVERHEAD])
		return 0;
	err = batch_run(m, LOOP_OVERHEAD, OVERHEAD_OPERATIONS, &batch);
	if (err)
		return err;
	if (m->counts.valid & HV_COUNT_EMULATED)
		m->result.native = calibrate_native(&batch);
	median->count = 0;
	round_trips(m, OVERHEAD_OPERATIONS, median);
	if (m->guest_stamps)
		m->result.stamp_overhead = median_of(median);
	return 0;
}

/*
 * The hypervisor's own count of a batch: a part that each batch makes, to enter and to be done, and
 * a part an operation: those exits that each of them makes. The first part may differ by one
 * between control and storm.
 */
static void fixed_from(struct measurement *m, enum loop storm, enum loop control, u64 least_storm,
		       u64 least_control)
{
	/* Exits of the control that scale with it come from the loop and its stamps themselves. */
	u64 of_control = least_control / m->batch;
	u64 of_storm = least_storm > least_control ? least_storm - least_control : 0;

	if (m->batch == 1)
		of_control = 0; /* the end of the batch itself */
	m->per_op[control] = of_control;
	m->fixed[control] = least_control - of_control * m->batch;
	m->per_op[storm] = of_control + (of_storm + (m->batch > 1)) / m->batch;
	m->fixed[storm] = least_storm > m->per_op[storm] * m->batch
				  ? least_storm - m->per_op[storm] * m->batch
				  : 0;
}

/*
 * Control and storm in turn. The least count of several batches is taken: whatever else makes exits
 * only adds to it.
 */
static int calibrate_pair(struct measurement *m, enum loop storm, enum loop control,
			  struct median *period, struct median *round_trip, u64 *made)
{
	u64 least_storm = ~0ULL, least_control = m->loop[control] ? ~0ULL : 0;
	int rounds = m->runner->plan->steady ? 1 : ROUNDS;
	struct batch batch;
	int err;

	for (int round = 0; round < rounds; round++) {
		if (m->loop[control]) {
			err = batch_run(m, control, m->batch, &batch);
			if (err)
				return err;
			if (batch.exits < least_control)
				least_control = batch.exits;
			median_add(period, (batch.ticks + m->batch / 2) / m->batch);
			round_trips(m, m->batch, round_trip);
		}
		err = batch_run(m, storm, m->batch, &batch);
		if (err)
			return err;
		if (storm == LOOP_STORM_STAMPED)
			check_clocks(m, m->batch);
		if (batch.exits < least_storm)
			least_storm = batch.exits;
		*made += m->batch;
	}
	fixed_from(m, storm, control, least_storm, least_control);
	return 0;
}

static int calibrate_with(struct measurement *m, struct median *period, struct median *round_trip)
{
	u64 made = 0;
	struct batch batch;
	int err;

	m->result.granularity = runner_granularity();
	err = calibrate_length(m);
	if (!err)
		err = calibrate_overhead(m, round_trip);
	if (err)
		return err;
	round_trip->count = 0;
	if (m->primary == LOOP_STORM_STAMPED) {
		err = calibrate_pair(m, LOOP_STORM_STAMPED, LOOP_CONTROL_STAMPED, period,
				     round_trip, &made);
		if (err)
			return err;
		m->result.control_round_trip = median_of(round_trip);
		period->count = 0;
	}
	err = calibrate_pair(m, LOOP_STORM, LOOP_CONTROL, period, round_trip, &made);
	if (err)
		return err;
	m->result.control_period = median_of(period);
	while (made < m->runner->plan->warmup) {
		err = batch_run(m, m->primary, m->batch, &batch);
		if (err)
			return err;
		made += m->batch;
	}
	return verdict_calibrated(m);
}

int calibrate(struct measurement *m)
{
	struct median *medians = host_alloc(2 * sizeof(*medians));
	int err;

	if (!medians)
		return -ENOMEM;
	err = calibrate_with(m, &medians[0], &medians[1]);
	host_free(medians, 2 * sizeof(*medians));
	return err;
}
