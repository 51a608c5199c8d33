// SPDX-License-Identifier: GPL-2.0-or-later
/* One batch: from setting up the shared page to what the counters say afterwards. */
#include "measure.h"

#include "../../hv/host.h"
#include "../../trace/stamp.h"

u32 batch_most(const struct measurement *m)
{
	const struct storm *storm = m->runner->storm;
	/* Where each exit is stamped, the one that ends a batch needs a record of its own. */
	u32 most = m->every_exit ? GUEST_RING_RECORDS - 1 : GUEST_RING_RECORDS;

	if (m->runner->plan->max_batch && m->runner->plan->max_batch < most)
		most = m->runner->plan->max_batch;
	if (storm->max_batch && storm->max_batch < most)
		most = storm->max_batch;
	if (storm->needs & SHARED_BATCH)
		most /= m->runner->group->all.members;
	return most ? most : 1;
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

/* hv_run came back by a kick: somebody wants this vCPU to end, and has said why. */
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
	/* Before the measurement begins, a guest's fault says that this cannot be done here. */
	if (err == -EOPNOTSUPP)
		return storm_ended(m, STORM_SKIPPED);
	return storm_ended(m, m->measuring || err != -EPROTO ? STORM_FAILED : STORM_SKIPPED);
}

static int batch_enter(struct measurement *m, const struct hv_loop *loop)
{
	struct runner *runner = m->runner;
	int err;

	runner->heartbeat.entered = true;
	do
		err = hv_run(runner->vcpu, loop, &m->unexpected);
	while (err == -EINTR && !run_stopped(runner->monitor) &&
	       !__atomic_load_n(&runner->group->broken, __ATOMIC_ACQUIRE));
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
	/* No heartbeat: that a partner waits for long is no sign of a guest that hangs. */
	do
		err = hv_run(runner->vcpu, &loop, &m->unexpected);
	while (err == -EINTR && !shared->stop && !run_stopped(runner->monitor) &&
	       !__atomic_load_n(&runner->group->broken, __ATOMIC_ACQUIRE));
	if (err == -EINTR)
		return run_stopped(runner->monitor) ? -ECANCELED : 0;
	return err ? batch_failed(m, err) : 0;
}

/* Those that the host's own interrupts made are none of ours. */
static u64 exits_between(const struct hv_counts *before, const struct hv_counts *after)
{
	return after->exits - before->exits - (after->interrupts - before->interrupts);
}

static struct hv_loop batch_loop(const struct measurement *m, enum loop loop, u32 operations)
{
	static const u32 delays[] = {
		[DELAY_NONE] = 0, [DELAY_100] = 100, [DELAY_1000] = 1000, [DELAY_10000] = 10000};
	const struct storm *storm = m->runner->storm;
	bool is_storm = loop == LOOP_STORM || loop == LOOP_STORM_STAMPED;
	struct hv_loop run = {.path = HV_PATH_FULL, .raw_reason = m->result.raw_reason};

	if (m->immediate) {
		run.action = HV_ACTION_IMMEDIATE;
		run.count = operations;
	} else if (is_storm && storm->user && !m->every_exit) {
		run.count = operations;
	}
	run.waits = m->loose;
	run.stamped = loop == LOOP_STORM_STAMPED && m->host_stamps;
	run.counted = run.stamped && m->every_exit && !m->guest_stamps;
	run.delay = delays[m->runner->plan->setting[SETTING_DELAY]];
	/* One place to go on at: only the stamped loop exits at one place. */
	if (loop == LOOP_STORM_STAMPED && m->every_exit &&
	    m->runner->plan->setting[SETTING_PATH] == PATH_LEAN)
		run.path = HV_PATH_LEAN;
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
	/* A stamp that is left from the batch before must not pass for one of this batch. */
	__builtin_memset(hv_ring(m->runner->vcpu), 0, operations * sizeof(struct record));
}

/*
 * Where the kernel stamps exits that the host does not, only this tells whether the guest's stamps
 * can stand beside them: the guest was in there between two moments of the host.
 */
static void check_guest_clock(struct measurement *m, u64 began, u64 ended)
{
	const struct guest_shared *shared = hv_shared(m->runner->vcpu);

	if (m->guest_stamps && !m->immediate && (shared->began < began || shared->ended > ended))
		m->result.clocks_differ = 1;
}

int batch_run(struct measurement *m, enum loop loop, u32 operations, struct batch *batch)
{
	struct runner *runner = m->runner;
	const struct storm *storm = runner->storm;
	struct guest_shared *shared = hv_shared(runner->vcpu);
	struct hv_loop run = batch_loop(m, loop, operations);
	const struct runner_observer *observer =
		m->measuring && loop == m->primary ? runner->observer : NULL;
	struct hv_counts before = m->counts;
	struct host_counters from, to;
	u64 switches, began, ended;
	int err;

	if (run_stopped(runner->monitor))
		return -ECANCELED;
	batch_share(m, loop, operations);
	if (storm->rearm && (loop == LOOP_STORM || loop == LOOP_STORM_STAMPED)) {
		err = storm->rearm(runner->vcpu, m->result.why);
		if (err)
			return storm_ended(m, m->measuring ? STORM_FAILED : STORM_SKIPPED);
		hv_counts(runner->vcpu, &before);
	}
	if (m->lockstep) {
		err = group_agree(m, NULL);
		if (err)
			return err;
	}
	switches = host_context_switches();
	if (observer)
		observer->begin(observer->arg);
	host_counters(&from);
	began = stamp_fenced();
	err = batch_enter(m, &run);
	ended = stamp_fenced();
	host_counters(&to);
	if (observer)
		observer->end(observer->arg, hv_ring(runner->vcpu), operations,
			      !m->result.clocks_differ);
	if (err)
		return err;
	if (runner->observer && !m->measuring)
		check_guest_clock(m, began, ended);
	hv_counts(runner->vcpu, &m->counts);
	if (loop == LOOP_STORM || loop == LOOP_STORM_STAMPED) {
		m->operations += operations;
		m->expected += m->counts.expected - before.expected;
	}
	*batch = (struct batch){
		.loop = loop,
		.operations = operations,
		.ticks = m->immediate ? ended - began : shared->ended - shared->began,
		.exits = exits_between(&before, &m->counts),
		.emulated = m->counts.emulated - before.emulated,
		.interrupts = m->counts.interrupts - before.interrupts,
		.switches = host_context_switches() - switches,
		.aperf = to.aperf - from.aperf,
		.mperf = to.mperf - from.mperf,
		.smi = to.smi - from.smi,
	};
	return 0;
}
