// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs one batch: fills the shared page, enters the guest, reads clock and counters around it. */
#include "measure.h"

#include "../../hv/host.h"
#include "../../trace/stamp.h"

u32 batch_max(const struct measurement *m)
{
	const struct storm *storm = m->runner->storm;
	/* Where the host stamps each exit, the exit that ends a batch needs a record, too. */
	static const u32 records[] = {[RING_4096] = GUEST_RING_RECORDS,
				      [RING_1024] = 1024,
				      [RING_256] = 256,
				      [RING_64] = 64};
	u32 ring = records[m->runner->plan->setting[SETTING_RING]];
	u32 max = m->every_exit ? ring - 1 : ring;

	if (m->runner->plan->max_batch && m->runner->plan->max_batch < max)
		max = m->runner->plan->max_batch;
	if (storm->max_batch && storm->max_batch / m->ops < max)
		max = storm->max_batch / m->ops;
	if (storm->needs & SHARED_BATCH)
		max /= m->runner->group->all.members;
	return max ? max : 1;
}

u64 batch_expected(const struct measurement *m, enum loop loop, u32 operations)
{
	return m->fixed[loop] + m->per_op[loop] * operations;
}

int storm_ended(struct measurement *m, enum storm_status status)
{
	m->result.status = status;
	runner_group_break(m->runner->group, m->result.why);
	return RUNNER_ENDED;
}

/* hv_run returned because of hv_kick: the run is to stop, or another vCPU has broken the group. */
static int batch_kicked(struct measurement *m)
{
	const struct runner *runner = m->runner;

	if (run_stopped(runner->monitor))
		return -ECANCELED;
	if (m->unexpected.rip)
		host_format(m->result.why, sizeof(m->result.why), "%.200s (rip 0x%llx)",
			    runner->group->why, (unsigned long long)m->unexpected.rip);
	else
		host_format(m->result.why, sizeof(m->result.why), "%s", runner->group->why);
	return storm_ended(m, STORM_SKIPPED);
}

static int batch_failed(struct measurement *m, int err)
{
	if (err == -EINTR)
		return batch_kicked(m);
	host_format(m->result.why, sizeof(m->result.why), "%s", m->unexpected.why);
	if (err == -EHWPOISON) {
		runner_group_break(m->runner->group, m->result.why);
		return err;
	}
	/* An unexpected exit during calibration: CPU or hypervisor lack the feature. */
	if (err == -EOPNOTSUPP)
		return storm_ended(m, STORM_SKIPPED);
	return storm_ended(m, m->measuring || err != -EPROTO ? STORM_FAILED : STORM_SKIPPED);
}

static int batch_enter(struct measurement *m, const struct hv_loop *loop)
{
	struct runner *runner = m->runner;
	int err;

	runner->heartbeat.entered = true;
	if (runner->group->batch_begins)
		runner->group->batch_begins();
	do
		err = hv_run(runner->vcpu, loop, &m->unexpected);
	while (err == -EINTR && !run_stopped(runner->monitor) &&
	       !__atomic_load_n(&runner->group->broken, __ATOMIC_ACQUIRE));
	if (runner->group->batch_ends)
		runner->group->batch_ends();
	runner->heartbeat.entered = false;
	runner->heartbeat.batches++;
	return err ? batch_failed(m, err) : 0;
}

int batch_boot(struct measurement *m)
{
	struct guest_shared *shared = hv_shared(m->runner->vcpu);
	struct hv_loop loop = {.path = HV_PATH_FULL, .waits = true};

	shared->vcpu = m->vcpu;
	shared->vcpus = m->runner->group->all.members;
	shared->ring = GUEST_RING + (u64)m->vcpu * GUEST_RING_SIZE;
	return batch_enter(m, &loop);
}

int batch_partner(struct measurement *m, u64 address)
{
	struct runner *runner = m->runner;
	struct guest_shared *shared = hv_shared(runner->vcpu);
	struct hv_loop loop = {.path = HV_PATH_FULL, .waits = true};
	int err;

	shared->loop = address;
	/* No heartbeat: a partner may wait for long without the guest being hung. */
	do
		err = hv_run(runner->vcpu, &loop, &m->unexpected);
	while (err == -EINTR && !shared->stop && !run_stopped(runner->monitor) &&
	       !__atomic_load_n(&runner->group->broken, __ATOMIC_ACQUIRE));
	if (err == -EINTR)
		return run_stopped(runner->monitor) ? -ECANCELED : 0;
	return err ? batch_failed(m, err) : 0;
}

/* Without the exits that the host's own interrupts caused. */
static u64 exits_between(const struct hv_counts *before, const struct hv_counts *after)
{
	return after->exits - before->exits - (after->interrupts - before->interrupts);
}

static bool is_storm(enum loop loop)
{
	return loop == LOOP_STORM || loop == LOOP_STORM_STAMPED;
}

u32 batch_ops(const struct measurement *m, enum loop loop)
{
	return loop == LOOP_STORM_STAMPED ? m->ops : 1;
}

static struct hv_loop batch_loop(const struct measurement *m, enum loop loop, u32 operations)
{
	const struct storm *storm = m->runner->storm;
	struct hv_loop run = {.path = HV_PATH_FULL, .raw_reason = m->result.raw_reason};

	if (m->immediate) {
		run.action = HV_ACTION_IMMEDIATE;
		run.count = operations;
	} else if (is_storm(loop) && storm->user && !m->every_exit) {
		run.count = operations * batch_ops(m, loop);
	}
	run.waits = m->varying;
	run.stamped = loop == LOOP_STORM_STAMPED && m->host_stamps;
	run.counted = run.stamped && m->every_exit && !m->guest_stamps;
	run.delay = m->runner->plan->setting[SETTING_DELAY];
	/* The assembly path has one constant next RIP: only the stamped loop exits at one place. */
	if (loop == LOOP_STORM_STAMPED && m->every_exit && m->ops == 1 &&
	    m->runner->plan->setting[SETTING_PATH] == PATH_FAST)
		run.path = HV_PATH_FAST;
	return run;
}

static void batch_share(struct measurement *m, enum loop loop, u32 operations)
{
	struct guest_shared *shared = hv_shared(m->runner->vcpu);

	shared->loop = m->loop[loop];
	shared->batch = operations;
	shared->index = 0;
	for (int i = 0; i < 4; i++)
		shared->arg[i] = m->runner->storm->arg[i];
	/* A missing stamp must read as 0, not as the stamp of the batch before. */
	__builtin_memset(hv_ring(m->runner->vcpu), 0, operations * sizeof(struct record));
}

/*
 * Where the kernel stamps exits that the host does not, this is the only check of the guest's
 * clock: the whole batch must lie between the host's readings before and after it.
 */
static void check_guest_clock(struct measurement *m, u64 began, u64 ended)
{
	const struct guest_shared *shared = hv_shared(m->runner->vcpu);

	if (m->guest_stamps && !m->immediate && (shared->began < began || shared->ended > ended))
		m->result.clocks_differ = 1;
}

int batch_counts(struct measurement *m, struct hv_counts *counts)
{
	int err = hv_counts(m->runner->vcpu, counts);

	if (!err)
		return 0;
	host_format(m->result.why, sizeof(m->result.why),
		    "the counters of exits cannot be read: error %d", -err);
	return storm_ended(m, STORM_FAILED);
}

/* The untimed preparation of a batch. */
static int batch_begin(struct measurement *m, enum loop loop, u32 operations,
		       struct hv_counts *before)
{
	struct runner *runner = m->runner;
	int err;

	*before = m->counts;
	if (run_stopped(runner->monitor))
		return -ECANCELED;
	batch_share(m, loop, operations);
	if (is_storm(loop) && runner->storm->rearm) {
		if (runner->storm->rearm(runner->vcpu, m->result.why))
			return storm_ended(m, m->measuring ? STORM_FAILED : STORM_SKIPPED);
		err = batch_counts(m, before);
		if (err)
			return err;
	}
	return m->lockstep ? group_agree(m, NULL) : 0;
}

/* The readings of clock and counters before and after a batch. */
struct window {
	struct host_counters from, to;
	u64 began, ended;
};

static int batch_enter_observed(struct measurement *m, enum loop loop, u32 operations,
				struct window *window)
{
	struct hv_loop run = batch_loop(m, loop, operations);
	const struct runner_observer *observer =
		m->measuring && loop == m->primary ? m->runner->observer : NULL;
	int err;

	if (observer)
		observer->begin(observer->arg);
	host_counters(&window->from);
	window->began = stamp_fenced();
	err = batch_enter(m, &run);
	window->ended = stamp_fenced();
	host_counters(&window->to);
	if (observer)
		observer->end(observer->arg, hv_ring(m->runner->vcpu), operations,
			      !m->result.clocks_differ);
	return err;
}

int batch_run(struct measurement *m, enum loop loop, u32 operations, struct batch *batch)
{
	const struct guest_shared *shared = hv_shared(m->runner->vcpu);
	struct hv_counts before;
	struct window window;
	u64 switches;
	int err = batch_begin(m, loop, operations, &before);

	if (err)
		return err;
	switches = host_context_switches();
	err = batch_enter_observed(m, loop, operations, &window);
	if (err)
		return err;
	if (m->runner->observer && !m->measuring)
		check_guest_clock(m, window.began, window.ended);
	err = batch_counts(m, &m->counts);
	if (err)
		return err;
	if (is_storm(loop)) {
		m->operations += operations * batch_ops(m, loop);
		m->expected += m->counts.expected - before.expected;
	}
	*batch = (struct batch){
		.loop = loop,
		.operations = operations,
		.ticks = m->immediate ? window.ended - window.began : shared->ended - shared->began,
		.exits = exits_between(&before, &m->counts),
		.emulated = m->counts.emulated - before.emulated,
		.interrupts = m->counts.interrupts - before.interrupts,
		.switches = host_context_switches() - switches,
		.aperf = window.to.aperf - window.from.aperf,
		.mperf = window.to.mperf - window.from.mperf,
		.smi = window.to.smi - window.from.smi,
	};
	return 0;
}
