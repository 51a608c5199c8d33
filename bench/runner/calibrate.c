// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calibration of a storm: operations per batch, the overhead of the stamps, the cost of the loop
 * without the exit (the control), and exits per operation.
 */
#include "measure.h"

#include "../../hv/host.h"
#include "../../trace/stamp.h"

#define TIMED  3 /* batches, whose shortest one gives the time of an operation */
#define ROUNDS 4 /* control and storm alternate so many times */
/* The same for short batches of an interpreted guest, whose emulator has exits of its own. */
#define ROUNDS_INTERPRETED 16
#define FIRST_BATCH	   8	 /* operations; doubled until a batch is long enough to be timed */
#define READINGS	   120	 /* of the clock, for its granularity */
#define MAX_STEP	   16384 /* ticks */
#define MEDIAN_ROOM	   1024

struct median {
	u32 count;
	u64 value[MEDIAN_ROOM];
};

static void median_add(struct median *median, u64 value)
{
	if (median->count < MEDIAN_ROOM)
		median->value[median->count++] = value;
}

/* The median, by a Shell sort: no recursion, no libc. 0: no values. */
static u64 median_of_values(u64 *value, u32 count)
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
	return median_of_values(median->value, median->count);
}

/* Whether 95 % of the values are multiples of `step`, +-1 tick: a scaled clock is rounded. */
static bool multiples(const u64 *value, u32 count, u32 step)
{
	u32 others = 0;

	for (u32 i = 0; i < count; i++)
		if ((value[i] + 1) % step > 2 && ++others * 20 > count)
			return false;
	return true;
}

/*
 * Readings are separated by loops of varying length, so that their differences show the clock's
 * step and not the time that a reading takes: nearly all of them are multiples of the step. Steps
 * below 5 cannot be told from 1, because multiples() allows a tick of rounding.
 */
u32 runner_step(u64 (*clock)(u32 turns))
{
	u64 difference[READINGS], last = clock(1), median;
	u32 count = 0;

	for (u32 i = 0; i < READINGS; i++) {
		u64 now = clock(1 + i * 37 % 199);

		if (now > last)
			difference[count++] = now - last;
		last = now;
	}
	median = median_of_values(difference, count);
	for (u32 step = median < MAX_STEP ? median : MAX_STEP; step > 4; step--)
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

/* Ticks of the shortest of several batches: disturbances only make one longer. */
static int time_batch(struct measurement *m, u64 operations, u64 *ticks)
{
	u32 batches = m->runner->plan->steady ? 1 : TIMED;
	struct batch batch;
	int err = 0;

	*ticks = ~0ULL;
	for (u32 i = 0; i < batches && !err; i++) {
		err = batch_run(m, m->primary, operations, &batch);
		if (!err && batch.ticks < *ticks)
			*ticks = batch.ticks;
	}
	return err;
}

/* Doubles the batch until it is long enough to tell the time that one operation takes. */
static int calibrate_length(struct measurement *m)
{
	u32 max = batch_max(m);
	u64 operations = FIRST_BATCH < max && !m->runner->plan->steady ? FIRST_BATCH : max;
	u64 ticks;
	int err;

	for (;;) {
		err = time_batch(m, operations, &ticks);
		if (err)
			return err;
		err = m->lockstep ? group_agree(m, &ticks) : 0;
		if (err)
			return err;
		if (ticks >= BATCH_TICKS / 4 || operations == max)
			break;
		operations = operations * 2 < max ? operations * 2 : max;
	}
	m->batch = ticks ? BATCH_TICKS * operations / ticks : max;
	if (m->batch > max)
		m->batch = max;
	if (m->batch > m->runner->plan->exits)
		m->batch = m->runner->plan->exits;
	if (!m->batch)
		m->batch = 1;
	m->result.batch = m->batch;
	return 0;
}

u32 calibrate_native(const struct batch *batch)
{
	/* An iteration has about ten instructions, each of which counts where it is interpreted. */
	return batch->emulated < batch->operations;
}

/* Adds the round trips of the batch that has just run. */
static void round_trips(const struct measurement *m, u32 operations, struct median *median)
{
	const struct record *ring = hv_ring(m->runner->vcpu);
	u64 ticks;

	for (u32 i = 0; i < operations; i++)
		if (record_leg(&ring[i], NULL, LEG_ROUND_TRIP, &ticks))
			median_add(median, ticks);
}

/*
 * host_in and host_out must lie between guest_out and guest_in. If they do not in more than 5 % of
 * the records, the guest's TSC is offset from the host's. An offset smaller than the exit and the
 * resume leg cannot be seen so. Disturbed records are left out: an interrupt after guest_in may
 * have overwritten the host's stamps. In storms of interrupts the host's own interrupts (a timer
 * tick in some thousand operations) are not flagged: hence the 5 %.
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
 * Divides the exits that the hypervisor counted in a batch into a fixed part, of entering and
 * ending the batch, and a part per operation. The fixed parts of control and storm may differ by
 * one.
 */
static void fixed_from(struct measurement *m, enum loop storm, enum loop control, u64 min_storm,
		       u64 min_control)
{
	/* Exits per operation that the loop and its stamps make by themselves. */
	u64 of_control = min_control / m->batch;
	u64 of_storm = min_storm > min_control ? min_storm - min_control : 0;

	if (m->batch == 1)
		of_control = 0; /* the count is the batch's end alone */
	m->per_op[control] = of_control;
	m->fixed[control] = min_control - of_control * m->batch;
	m->per_op[storm] = of_control + (of_storm + (m->batch > 1)) / m->batch;
	m->fixed[storm] = min_storm > m->per_op[storm] * m->batch
				  ? min_storm - m->per_op[storm] * m->batch
				  : 0;
}

/*
 * Control and storm alternate. The minimum of the counts of several batches is used, because
 * unrelated exits only add to a count.
 */
static int calibrate_pair(struct measurement *m, enum loop storm, enum loop control,
			  struct median *period, struct median *round_trip, u64 *made)
{
	u64 min_storm = ~0ULL, min_control = m->loop[control] ? ~0ULL : 0;
	bool doubtful = m->result.native == 0 && m->batch < FIRST_BATCH;
	int rounds = m->runner->plan->steady ? 1 : doubtful ? ROUNDS_INTERPRETED : ROUNDS;
	struct batch batch;
	int err;

	for (int round = 0; round < rounds; round++) {
		if (m->loop[control]) {
			err = batch_run(m, control, m->batch, &batch);
			if (err)
				return err;
			if (batch.exits < min_control)
				min_control = batch.exits;
			median_add(period, batch.ticks);
			round_trips(m, m->batch, round_trip);
		}
		err = batch_run(m, storm, m->batch, &batch);
		if (err)
			return err;
		if (storm == LOOP_STORM_STAMPED)
			check_clocks(m, m->batch);
		if (batch.exits < min_storm)
			min_storm = batch.exits;
		*made += m->batch;
	}
	fixed_from(m, storm, control, min_storm, min_control);
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
	m->result.control_operations = period->count ? m->batch : 0;
	m->result.control_ticks = median_of(period);
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
