// SPDX-License-Identifier: GPL-2.0-or-later
/* Decides whether the counted exits are the storm's: after calibration, and at the end. */
#include "../../hv/host.h"
#include "measure.h"

#define WHY(m, ...) host_format((m)->result.why, sizeof((m)->result.why), __VA_ARGS__)

static enum loop control_of(const struct measurement *m)
{
	return m->primary == LOOP_STORM ? LOOP_CONTROL : LOOP_CONTROL_STAMPED;
}

/* hv_run checks each exit itself and returns an error for any other. */
static bool counted_by_run(const struct measurement *m)
{
	return (m->runner->storm->user && !m->every_exit) || m->immediate;
}

static bool is_in_place(const struct measurement *m)
{
	return m->place != HV_PLACE_VM;
}

static bool is_baseline(const struct measurement *m)
{
	return m->runner->storm->needs & BASELINE;
}

static bool has_no_count(const struct measurement *m)
{
	return !(m->counts.valid & HV_COUNT_EXITS);
}

static bool is_not_intercepted(const struct measurement *m)
{
	return m->every_exit && m->result.raw_reason == ~0U && !m->result.exits_per_op;
}

/* The exit in which the host requests the event came, the exit of the event did not. */
static bool event_is_ignored(const struct measurement *m)
{
	const struct storm *storm = m->runner->storm;

	return m->every_exit && !m->varying && storm->legs == LEGS_ASYNC &&
	       m->result.exits_per_op && m->result.exits_per_op < storm->exits_per_op;
}

static bool has_other_reasons(const struct measurement *m)
{
	return m->counts.valid & HV_COUNT_EXPECTED && !m->varying && m->result.exits_per_op &&
	       m->expected < m->operations;
}

static bool differs_from_row(const struct measurement *m)
{
	return m->every_exit && !m->varying && m->result.exits_per_op &&
	       m->result.exits_per_op != m->runner->storm->exits_per_op * batch_ops(m, m->primary);
}

static bool exits_or_varies(const struct measurement *m)
{
	return m->result.exits_per_op || m->varying;
}

static bool is_interpreted(const struct measurement *m)
{
	return m->result.native == 0;
}

static bool always(const struct measurement *m)
{
	(void)m;
	return true;
}

static void count_one(struct measurement *m)
{
	m->result.exits_per_op = batch_ops(m, m->primary);
}

static void count_row(struct measurement *m)
{
	m->result.exits_per_op = m->runner->storm->exits_per_op;
}

static void explain_no_count(struct measurement *m)
{
	WHY(m, "this kernel does not count exits (KVM_GET_STATS_FD is in Linux 5.14 and later): "
	       "whether the operation exits is unknown");
}

static void explain_not_intercepted(struct measurement *m)
{
	WHY(m, "%s makes no exit here: hardware runs it in the guest",
	    exit_kind_name(m->runner->storm->kind));
}

static void explain_ignored(struct measurement *m)
{
	WHY(m, "the host requested the event and no exit followed: this CPU ignores it");
}

static void explain_other_reasons(struct measurement *m)
{
	WHY(m,
	    "%llu of %llu operations exit for the reason that was asked for (0x%x), the others "
	    "for another reason",
	    (unsigned long long)m->expected, (unsigned long long)m->operations,
	    m->result.raw_reason);
}

static void no_exit_of_this_reason(struct measurement *m)
{
	explain_other_reasons(m);
	m->result.exits_per_op = 0;
}

static void explain_difference(struct measurement *m)
{
	WHY(m, "an operation should make %u VM exits, it makes %u",
	    m->runner->storm->exits_per_op * batch_ops(m, m->primary), m->result.exits_per_op);
}

static void explain_interpreted(struct measurement *m)
{
	WHY(m, "interpreted by KVM's emulator, no exit of its own");
}

static void explain_no_exit(struct measurement *m)
{
	u64 storm = m->fixed[m->primary], control = m->fixed[control_of(m)];
	u64 more = storm > control ? storm - control : 0;

	if (m->runner->nested && !m->every_exit)
		WHY(m,
		    "%s counted %llu exits for %llu operations: not to this KVM (the hypervisor "
		    "below it may see %s)",
		    hv_title(hv_vcpu_vm(m->runner->vcpu)), (unsigned long long)more,
		    (unsigned long long)m->batch, more ? "more" : "them");
	else
		WHY(m,
		    "%s counted %llu exits for %llu operations: this CPU or kernel does not exit "
		    "on %s",
		    hv_title(hv_vcpu_vm(m->runner->vcpu)), (unsigned long long)more,
		    (unsigned long long)m->batch, more ? "each of them" : "it");
}

/* The first rule that applies decides. */
static const struct {
	bool (*applies)(const struct measurement *m);
	enum storm_status status;
	void (*act)(struct measurement *m); /* NULL: nothing to explain */
} rules[] = {
	{is_in_place, STORM_MEASURED, count_row}, /* evidence_decide() decides, at the end */
	{counted_by_run, STORM_MEASURED, count_one},
	{is_baseline, STORM_MEASURED, NULL},
	{has_no_count, STORM_SKIPPED, explain_no_count},
	{is_not_intercepted, STORM_NO_EXIT, explain_not_intercepted},
	{event_is_ignored, STORM_NO_EXIT, explain_ignored},
	{has_other_reasons, STORM_NO_EXIT, no_exit_of_this_reason},
	{differs_from_row, STORM_FAILED, explain_difference},
	{exits_or_varies, STORM_MEASURED, NULL},
	{is_interpreted, STORM_NO_EXIT, explain_interpreted},
	{always, STORM_NO_EXIT, explain_no_exit},
};

int verdict_calibrated(struct measurement *m)
{
	u32 i = 0;

	m->result.exits_per_op = m->per_op[m->primary] - m->per_op[control_of(m)];
	while (!rules[i].applies(m))
		i++;
	if (rules[i].act)
		rules[i].act(m);
	if (rules[i].status >= STORM_SKIPPED)
		return storm_ended(m, rules[i].status);
	m->result.status = rules[i].status;
	return 0;
}

u64 verdict_exits(const struct measurement *m, const struct batch *batch)
{
	enum loop control = batch->loop == LOOP_STORM ? LOOP_CONTROL : LOOP_CONTROL_STAMPED;
	u64 fixed = m->varying ? m->fixed[control] : m->fixed[batch->loop];
	u64 own = fixed + m->per_op[control] * batch->operations;

	if (is_in_place(m))
		return 0;
	if (counted_by_run(m))
		return (u64)batch->operations * batch_ops(m, batch->loop);
	return batch->exits > own ? batch->exits - own : 0;
}

static int fewer(struct measurement *m, u64 asked)
{
	m->result.asked = asked;
	m->result.other = 0;
	WHY(m, "%llu exits were asked for and %llu were counted (%llu operations of %u each)",
	    (unsigned long long)asked, (unsigned long long)m->result.seen,
	    (unsigned long long)m->result.operations, m->result.exits_per_op);
	return storm_ended(m, STORM_FAILED);
}

/*
 * The exits per operation are the average over all: how often a vCPU exits while it waits depends
 * on which vCPU is late. A row with exits asks for at least one each; without (ple_round_robin), a
 * vCPU need not exit while it waits.
 */
static int verdict_average(struct measurement *m)
{
	struct storm_result *result = &m->result;

	result->exits_per_op = result->seen / result->operations;
	result->asked = result->operations * result->exits_per_op;
	result->other = result->seen - result->asked;
	result->status = STORM_MEASURED;
	if (result->exits_per_op)
		return 0;
	if (result->seen && m->runner->storm->exits_per_op) {
		result->exits_per_op = 1;
		return fewer(m, result->operations);
	}
	WHY(m, "%s counted %llu exits for %llu operations: not each of them exits",
	    hv_title(hv_vcpu_vm(m->runner->vcpu)), (unsigned long long)result->seen,
	    (unsigned long long)result->operations);
	result->status = STORM_NO_EXIT;
	return 0;
}

/* Fewer exits than asked for are an error; more are reported as result.other. */
int verdict_measured(struct measurement *m)
{
	struct storm_result *result = &m->result;

	if (is_in_place(m)) {
		evidence_decide(m);
		return 0;
	}
	if (m->varying)
		return verdict_average(m);
	result->asked = result->operations * result->exits_per_op;
	if (result->status != STORM_NO_EXIT && has_other_reasons(m)) {
		explain_other_reasons(m);
		return storm_ended(m, STORM_FAILED);
	}
	if (result->seen >= result->asked) {
		result->other = result->seen - result->asked;
		return 0;
	}
	return fewer(m, result->asked);
}
