// SPDX-License-Identifier: GPL-2.0-or-later
/* A trace as JSON, one object per line. */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "../../results/compose.h"
#include "../../results/run.h"
#include "output.h"

static json_t *times_json(const struct times *times)
{
	double count = (double)times->count;

	return compose_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count",
			    (json_int_t)times->count, "sum_ns", (json_int_t)times->sum, "mean_ns",
			    run_number((double)times->sum / count), "min_ns",
			    run_number(count ? (double)times->min : NAN), "p50_ns",
			    run_number(times_quantile(times, 0.5)), "p90_ns",
			    run_number(times_quantile(times, 0.9)), "p99_ns",
			    run_number(times_quantile(times, 0.99)), "p999_ns",
			    run_number(times_quantile(times, 0.999)), "max_ns",
			    run_number(count ? (double)times->max : NAN));
}

static json_t *row_json(const struct reason_row *row)
{
	char name[REASON_NAME];
	json_t *legs = json_object();

	for (int leg = 0; leg < TRACE_LEGS; leg++)
		if (row->leg[leg].count)
			compose_set(legs, trace_leg_name(row->space, leg),
				    times_json(&row->leg[leg]));
	return compose_pack("{s:s, s:s, s:I, s:b, s:I, s:o}", "reason",
			    reason_name(name, row->space, row->isa, row->reason), "raw_space",
			    reason_space(row->space, row->isa), "raw_reason",
			    (json_int_t)row->reason, "nested", row->space == TRACE_NESTED, "exits",
			    (json_int_t)row->exits, "legs", legs);
}

/* Adds what tells whose VM it is. */
static void add_process(json_t *json, const struct traced_thread *thread)
{
	compose_set(json, "pid", json_integer(thread->pid));
	compose_set(json, "tid", json_integer(thread->tid));
	/* A thread's name need not be UTF-8. */
	compose_set(json, "process", compose_text(thread->process));
	compose_set(json, "thread", compose_text(thread->comm));
}

static json_t *vcpu_json(const struct aggregate *aggregate, const struct vcpu_group *group)
{
	const struct traced_thread *thread = aggregate_thread(aggregate, group->key);
	json_t *rows = json_array(), *json;

	for (u32 i = 0; i < group->rows; i++)
		compose_add(rows, row_json(group->row[i]));
	json = compose_pack("{s:i, s:o, s:f, s:o}", "vm", (int)thread->vm, "vcpu",
			    thread->vcpu_id < 0 ? json_null() : json_integer(thread->vcpu_id),
			    "seconds", group->vcpu_seconds, "reasons", rows);
	if (!aggregate->anonymous)
		add_process(json, thread);
	return json;
}

json_t *output_hooks(const struct kvm_trace *trace)
{
	json_t *hooks = json_object();

	for (int hook = 0; hook < KVM_HOOK_COUNT; hook++)
		if (kvm_trace_way(trace, hook))
			compose_set(hooks, kvm_hook_name[hook],
				    compose_text(kvm_way_name[kvm_trace_way(trace, hook)]));
	return hooks;
}

int output_json(FILE *out, const struct aggregate *aggregate, bool total)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	struct vcpu_groups groups;
	int error = vcpu_groups_make(&groups, aggregate, BY_VCPU, total);
	json_t *vcpus = json_array(), *json;
	char *text;

	for (u32 i = 0; !error && i < groups.count; i++)
		compose_add(vcpus, vcpu_json(aggregate, &groups.group[i]));
	vcpu_groups_free(&groups);
	json = compose_pack("{s:s, s:f, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I}}", "kind",
			    total ? "total" : "interval", "seconds",
			    total ? aggregate->total_seconds : aggregate->seconds, "hooks",
			    output_hooks(aggregate->trace), "vcpus", vcpus, "lost", "events",
			    (json_int_t)lost.events, "threads", (json_int_t)lost.threads,
			    "histograms", (json_int_t)lost.histograms, "rips",
			    (json_int_t)lost.rips, "missed", (json_int_t)lost.missed);
	if (!error) {
		text = compose_print(json, JSON_COMPACT);
		fprintf(out, "%s\n", text);
		free(text);
	}
	json_decref(json);
	return error;
}
