// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner.h"

#include "../../hv/host.h"
#include "legs.h"
#include "measure.h"

/* Batches without stamps, for the period, among each repeat's stamped batches. */
#define PERIOD_BATCHES_MIN 16
#define PERIOD_BATCHES_MAX 256
#define PERIOD_SHARE	   4 /* one for so many stamped batches */

/* SVM has one exit code per exception vector. */
static u32 svm_code(const struct storm *storm, const struct guest_storm *code, u32 of_kind)
{
	if (storm->svm_code)
		return storm->svm_code;
	if (storm->kind == EXIT_EXCEPTION && code)
		return of_kind + code->vector;
	return of_kind;
}

/* Why the storm has no loop with several operations between stamps. NULL: it has. */
static const char *refuses_ops(const struct measurement *m, const struct guest_storm *code)
{
	const struct storm *storm = m->runner->storm;

	if (m->runner->plan->setting[SETTING_STAMPS] != STAMPS_GUEST)
		return "needs stamps=guest: the host's stamps are of one exit";
	if (!m->guest_stamps)
		return "is for guests with stamps";
	if (storm->legs != LEGS_SYNC || storm->needs & (NEED_PAIR | NEED_VCPUS | NEED_OTHER_CPU))
		return "is for operations that exit by themselves";
	if (m->every_exit && m->runner->plan->setting[SETTING_PATH] == PATH_FAST)
		return "needs path=full: the fast path continues at one place";
	return code->many[0] ? NULL : "is not for an operation with code before each";
}

/* The loops of setting `ops`: one operation, or several, between a pair of stamps. */
static int set_ops(struct measurement *m, const struct guest_storm *code)
{
	u32 ops = m->runner->plan->setting[SETTING_OPS];
	const char *why;

	m->ops = 1U << ops;
	if (ops == OPS_1)
		return 0;
	why = refuses_ops(m, code);
	if (why) {
		host_format(m->result.why, sizeof(m->result.why), "ops=%u %s", m->ops, why);
		return storm_ended(m, STORM_SKIPPED);
	}
	m->loop[LOOP_STORM_STAMPED] = code->many[ops - OPS_2];
	return 0;
}

/* Looks up the storm's loops in the guest image, and which of them the plan needs. */
static int measurement_begin(struct measurement *m, struct runner *runner)
{
	struct hv_vm *vm = hv_vcpu_vm(runner->vcpu);
	const struct storm *storm = runner->storm;
	const struct guest_storm *code = hv_guest_storm(vm, storm->name);
	const struct guest_storm *null = hv_guest_storm(vm, "null");
	u32 stamps = runner->plan->setting[SETTING_STAMPS];

	m->runner = runner;
	m->vcpu = hv_vcpu_index(runner->vcpu);
	m->result = (struct storm_result){
		.size = sizeof(m->result),
		.storm = storm - storms,
		.repeat = runner->repeat,
		.vcpu = m->vcpu,
		.native = ~0U,
		.raw_reason = hv_raw_reason(vm, storm->kind),
	};
	if (storm->vmx_reason && hv_vm_vendor(vm) == HV_VENDOR_INTEL)
		m->result.raw_reason = storm->vmx_reason;
	if (hv_vm_vendor(vm) == HV_VENDOR_AMD)
		m->result.raw_reason = svm_code(storm, code, m->result.raw_reason);
	m->immediate = storm->kind == EXIT_HOST_CALL;
	m->lockstep = storm->needs & NEED_VCPUS && runner->group->all.members > 1;
	m->varying = storm->needs & (NEED_PAIR | NEED_VCPUS);
	m->guest_stamps = stamps != STAMPS_OFF && storm->legs != LEGS_NOGUEST &&
			  storm->legs != LEGS_ENTRYFAIL;
	m->every_exit = hv_every_exit(vm);
	m->place = hv_place(vm);
	m->host_stamps = runner_host_stamps(storm, runner->plan, m->every_exit);
	m->primary = m->guest_stamps || m->host_stamps ? LOOP_STORM_STAMPED : LOOP_STORM;
	m->ops = 1;
	if (m->immediate)
		return 0;
	if (!code) {
		host_format(m->result.why, sizeof(m->result.why),
			    "the guest image has no code for it");
		return storm_ended(m, STORM_FAILED);
	}
	m->loop[LOOP_STORM] = code->storm;
	m->loop[LOOP_STORM_STAMPED] = m->guest_stamps ? code->storm_stamped : code->storm;
	m->loop[LOOP_CONTROL] = code->control;
	m->loop[LOOP_CONTROL_STAMPED] = m->guest_stamps ? code->control_stamped : code->control;
	m->loop[LOOP_OVERHEAD] = null ? null->control_stamped : 0;
	if (storm->mode == HV_MODE_32) /* an empty control, too: "null" is 64-bit code */
		m->loop[LOOP_OVERHEAD] = code->control_stamped;
	return set_ops(m, code);
}

/* Disturbances during the batch, from the counters before and after it. */
static u32 batch_flags(const struct measurement *m, const struct batch *batch)
{
	u32 flags = 0;

	if (batch->switches)
		flags |= RECORD_CTXSW;
	if (batch->interrupts)
		flags |= RECORD_IRQ;
	if (batch->smi)
		flags |= RECORD_SMI;
	if (!m->varying && batch->exits > batch_expected(m, batch->loop, batch->operations))
		flags |= RECORD_EXTRA_EXIT;
	return flags;
}

static int measure_primary(struct measurement *m, u32 operations)
{
	struct batch batch;
	u32 flags;
	int err = batch_run(m, m->primary, operations, &batch);

	if (err)
		return err;
	flags = batch_flags(m, &batch);
	m->result.operations += operations;
	m->result.aperf += batch.aperf;
	m->result.mperf += batch.mperf;
	m->result.smi += batch.smi;
	m->result.seen += verdict_exits(m, &batch);
	if (m->primary == LOOP_STORM_STAMPED) {
		err = fold_records(m, &batch, flags);
	} else {
		if (flags & RECORD_DISTURBED)
			m->result.disturbed++; /* without stamps a batch counts as one record */
		err = fold_period(m, &batch, !(flags & RECORD_DISTURBED));
	}
	run_progress(m->runner->monitor, operations);
	return err;
}

static int measure_period(struct measurement *m)
{
	struct batch batch;
	int err = batch_run(m, LOOP_STORM, m->batch, &batch);

	if (err)
		return err;
	return fold_period(m, &batch, !(batch_flags(m, &batch) & RECORD_DISTURBED));
}

/* A batch of the control loop, so that its cost is known under the same load as the storm's. */
static int measure_control(struct measurement *m)
{
	struct batch batch;
	int err = batch_run(m, LOOP_CONTROL_STAMPED, m->batch, &batch);

	if (err)
		return err;
	return fold_control(m, m->batch, !(batch_flags(m, &batch) & RECORD_DISTURBED));
}

static bool has_control(const struct measurement *m)
{
	return m->fold.leg[LEG_CONTROL].clean && m->loop[LOOP_CONTROL_STAMPED];
}

static u64 period_batches(const struct measurement *m, u64 batches)
{
	u64 wanted = batches / PERIOD_SHARE;

	if (m->primary == LOOP_STORM)
		return 0; /* the primary batches have no stamps already */
	if (m->runner->plan->steady)
		return PERIOD_BATCHES_MIN;
	if (wanted < PERIOD_BATCHES_MIN)
		return PERIOD_BATCHES_MIN;
	return wanted < PERIOD_BATCHES_MAX ? wanted : PERIOD_BATCHES_MAX;
}

/* Runs the stamped batches and, spread evenly among them, those for period and control. */
static int measure(struct measurement *m)
{
	u64 exits = m->runner->plan->exits;
	u64 batches = (exits + m->batch - 1) / m->batch;
	u64 periods = period_batches(m, batches), period = 0;
	int err;

	for (u64 i = 0; i < batches; i++) {
		u64 left = exits - i * m->batch;

		err = measure_primary(m, left < m->batch ? left : m->batch);
		if (err)
			return err;
		for (; period * batches < (i + 1) * periods; period++) {
			err = measure_period(m);
			/* Where the clock counts instructions, one batch has all that others have.
			 */
			if (!err && has_control(m) && !(m->runner->plan->steady && period))
				err = measure_control(m);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Drops the legs for which the kernel takes no stamps, so that their absence is no loss. */
static void drop_kernel_legs(struct measurement *m)
{
	const struct runner_observer *observer = m->runner->observer;
	bool none = !observer || m->immediate || m->result.status == STORM_NO_EXIT ||
		    (m->runner->storm->needs & BASELINE);

	if (none || (!m->host_stamps && !observer->every_exit)) {
		fold_drop(m, LEG_TO_KERNEL);
		fold_drop(m, LEG_TO_GUEST);
		fold_drop(m, LEG_IN_KERNEL);
	}
	if (none) {
		fold_drop(m, LEG_TO_USER);
		fold_drop(m, LEG_FROM_USER);
	}
	if (m->result.clocks_differ) {
		fold_drop(m, LEG_TO_KERNEL);
		fold_drop(m, LEG_TO_GUEST);
		fold_drop(m, LEG_IN_KERNEL); /* kernel stamps cannot be matched to records */
	}
}

/*
 * On raw VMX and SVM guest and host share one clock: stamps out of order show an exit that is not
 * the operation's, even if the number of exits is right.
 */
static bool exit_is_elsewhere(struct measurement *m)
{
	if (!m->every_exit || !m->result.exits_per_op || !m->result.clocks_differ)
		return false;
	host_format(m->result.why, sizeof(m->result.why),
		    "the exit is not between the guest's two stamps: it is not the operation's");
	return true;
}

static int run_sender(struct measurement *m)
{
	struct runner_group *group = m->runner->group;
	int err = group_meet(m, &group->all);

	if (!err)
		err = batch_counts(m, &m->counts);
	if (!err)
		err = calibrate(m);
	if (!err)
		err = group_meet(m, &group->senders);
	if (err)
		return err;
	if (exit_is_elsewhere(m))
		return storm_ended(m, STORM_FAILED);
	if (m->result.clocks_differ) {
		fold_drop(m, LEG_EXIT);
		fold_drop(m, LEG_RESUME);
	}
	drop_kernel_legs(m);
	if (m->place != HV_PLACE_VM)
		evidence_begin(m);
	m->measuring = true;
	err = measure(m);
	return err ? err : verdict_measured(m);
}

static int run_partner(struct measurement *m)
{
	const struct guest_storm *code =
		hv_guest_storm(hv_vcpu_vm(m->runner->vcpu), m->runner->storm->name);
	int err = group_meet(m, &m->runner->group->all);

	return err ? err : batch_partner(m, code->partner);
}

static void partner_release(struct measurement *m)
{
	struct hv_vm *vm = hv_vcpu_vm(m->runner->vcpu);
	struct runner_group *group = m->runner->group;

	hv_shared(hv_vcpu(vm, m->vcpu + 1))->stop = 1;
	group->wake(group->arg, m->vcpu + 1);
}

static int run_role(struct measurement *m)
{
	bool partner = runner_is_partner(m->runner->storm, m->vcpu);
	int err = batch_boot(m);

	if (!err)
		err = partner ? run_partner(m) : run_sender(m);
	if (!partner && m->runner->storm->needs & NEED_PAIR)
		partner_release(m);
	if (partner)
		return err == RUNNER_ENDED ? 0 : err;
	if (err < 0)
		return err;
	if (!err)
		err = fold_end(m);
	return err < 0 ? err : m->runner->sink->result(m->runner->sink->arg, &m->result);
}

int runner_run(struct runner *runner)
{
	struct measurement *m = host_alloc(sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	err = measurement_begin(m, runner);
	if (!err)
		err = fold_begin(m);
	if (!err)
		err = run_role(m);
	else if (err == RUNNER_ENDED)
		err = runner->sink->result(runner->sink->arg, &m->result);
	if (err)
		runner_group_break(runner->group, "another vCPU of the VM has ended");
	fold_free(m);
	host_free(m, sizeof(*m));
	return err;
}

int runner_probe_native(struct hv_vcpu *vcpu, u32 *native, char *why)
{
	const struct guest_storm *null = hv_guest_storm(hv_vcpu_vm(vcpu), "null");
	struct guest_shared *shared = hv_shared(vcpu);
	struct batch batch = {.operations = OVERHEAD_OPERATIONS};
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_counts before = {0}, after = {0};
	struct hv_exit unexpected;
	int err = hv_run(vcpu, &loop, &unexpected), fault = 0;

	*native = ~0U;
	shared->loop = null->control_stamped;
	shared->batch = batch.operations;
	shared->vcpu = hv_vcpu_index(vcpu);
	shared->ring = GUEST_RING + (u64)shared->vcpu * GUEST_RING_SIZE;
	if (!err)
		fault = hv_counts(vcpu, &before);
	if (!err)
		err = hv_run(vcpu, &loop, &unexpected);
	if (err) {
		host_format(why, HV_WHY, "%s", unexpected.why);
		return err;
	}
	if (!fault)
		fault = hv_counts(vcpu, &after);
	if (fault) {
		host_format(why, HV_WHY, "the counters of exits cannot be read: error %d", -fault);
		return fault;
	}
	batch.emulated = after.emulated - before.emulated;
	if (after.valid & HV_COUNT_EMULATED)
		*native = calibrate_native(&batch);
	return 0;
}
