// SPDX-License-Identifier: GPL-2.0-or-later
#include "save_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/stats.h"
#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../machine/environment.h"
#include "../machine/kvm_kind.h"
#include "../machine/version.h"
#include "output.h"
#include "saved_storms.h"
#include "vcpu_groups.h"

static json_t *storm_json(struct save *save, const struct reason_row *row)
{
	struct saved_storm *storm = saved_storm(save, row->space, row->isa, row->reason);
	json_t *legs = json_object();

	for (int leg = 0; storm && leg < TRACE_LEGS; leg++) {
		struct run_leg run_leg = {.site = "kvm-tracepoint", .ci_low = NAN, .ci_high = NAN};

		if (saved_leg[leg] == LEGS || !row->leg[leg].count)
			continue;
		sparse_expand(&storm->whole[leg], save->histogram);
		stats_summary(save->histogram, &run_leg.all);
		run_leg.clean = run_leg.all;
		compose_set(legs, leg_name[saved_leg[leg]], run_leg_json(&run_leg));
	}
	if (!storm || !legs)
		return NULL;
	return compose_pack(
		"{s:s, s:s, s:I, s:s, s:i, s:s, s:o, s:I, s:I, s:i, s:i, s:n, s:n, s:O, s:o, s:f, "
		"s:f}",
		"name", storm->name, "kind",
		exit_kind_name(reason_kind(row->space, row->isa, row->reason)), "raw_reason",
		(json_int_t)row->reason, "raw_space", reason_space(row->space, row->isa),
		"exits_per_op", 1, "status", json_object_size(legs) ? "measured" : "skipped", "why",
		json_object_size(legs)
			? json_null()
			: compose_text("no exit was seen from its beginning to its end"),
		"exits", (json_int_t)row->exits, "expected", (json_int_t)row->exits, "disturbed", 0,
		"lost", 0, "cpl", "irqchip", "repeats", storm->repeats, "legs", legs, "off_cpu_s",
		row->leg[TRACE_OFF].sum / 1e9, "halted_s", row->leg[TRACE_HALTED].sum / 1e9);
}

/* storms[]; and the run's raw_space and number of exits. */
static json_t *storms_json(struct save *save, const struct aggregate *aggregate,
			   const char **raw_space, u64 *exits)
{
	json_t *array = json_array();
	struct vcpu_groups groups;

	*raw_space = "kvm";
	*exits = 0;
	if (vcpu_groups_make(&groups, aggregate, BY_ALL, true) == 0 && groups.count)
		for (u32 i = 0; i < groups.group[0].rows; i++) {
			const struct reason_row *row = groups.group[0].row[i];

			if (row->space != TRACE_KVM)
				*raw_space = reason_space(row->space, row->isa);
			*exits += row->exits;
			compose_add(array, storm_json(save, row));
		}
	vcpu_groups_free(&groups);
	return array;
}

/* The bits of a scaling ratio behind its point (VMX 48, SVM 32); without scaling it is 1, or 1.0.
 */
static json_t *scaling_json(const struct traced_slot *slot)
{
	double one = slot->isa == TRACE_ISA_SVM ? 1ULL << 32 : 1ULL << 48;

	return json_real(slot->tsc_ratio > 1 ? (double)slot->tsc_ratio / one : 1);
}

/* The clock of the vCPU that the thread has run, for exitstorm join. */
static void add_clock(json_t *vcpu, const struct traced_slot *slot)
{
	if (!slot->clocks)
		return;
	compose_set(vcpu, "tsc_offset", json_integer((json_int_t)slot->tsc_offset));
	compose_set(vcpu, "tsc_scaling", scaling_json(slot));
	compose_set(vcpu, "tsc_changes", json_integer(slot->clocks - 1));
}

/* trace{}: hooks, vCPUs, losses. */
static json_t *trace_json(const struct save *save, const struct aggregate *aggregate)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	json_t *vcpus = json_array();

	for (u32 i = 0; i < aggregate->threads; i++) {
		const struct traced_thread *thread = &aggregate->thread[i];

		json_t *vcpu = compose_pack(
			"{s:i, s:o, s:i, s:i, s:o}", "vm", (int)thread->vm, "vcpu",
			thread->vcpu_id < 0 ? json_null() : json_integer(thread->vcpu_id), "pid",
			(int)thread->pid, "tid", (int)thread->tid, "process",
			compose_text(thread->process));

		add_clock(vcpu, kvm_trace_slot(aggregate->trace, thread->slot));
		compose_add(vcpus, vcpu);
	}
	return compose_pack(
		"{s:o, s:o, s:f, s:I, s:{s:I, s:I, s:I, s:I}}", "hooks",
		output_hooks(aggregate->trace), "vcpus", vcpus, "bucket_error",
		1.0 / (1 << TRACE_SUB_BITS), "clock_error", (json_int_t)save->clock_error, "lost",
		"events", (json_int_t)lost.events, "threads", (json_int_t)lost.threads,
		"histograms", (json_int_t)lost.histograms, "missed", (json_int_t)lost.missed);
}

json_t *save_json(struct save *save, const struct aggregate *aggregate,
		  const struct save_about *about)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	const char *raw_space;
	const char *kind = kvm_kind(kvm_module());
	char interval[32], text[128];
	u64 exits;
	json_t *storms = storms_json(save, aggregate, &raw_space, &exits), *json;

	snprintf(interval, sizeof(interval), "%g", about->interval);
	json = compose_pack(
		"{s:{s:s, s:s}, s:s, s:f, s:{s:s, s:s, s:b, s:s, s:n, s:n, s:n, s:o, s:s, s:s}, "
		"s:o, "
		"s:{s:s, s:s}, s:{}, s:{s:I, s:I, s:i, s:I, s:I, s:i, s:[]}, s:o, s:o}",
		"tool", "version", EXITSTORM_VERSION, "commit", EXITSTORM_COMMIT, "started",
		about->started, "duration_s", aggregate->total_seconds, "target", "name", "trace",
		"backend", "kvm", "emulated", 0, "clock", "tsc", "clock_granularity", "guest_cpl",
		"guest_native", "kvm_kind", compose_text_or_null(kind), "nesting", "", "raw_space",
		raw_space, "host", environment_host(false), "settings", "interval", interval,
		"events", about->every ? "on" : "off", "controls", "plan", "exits",
		(json_int_t)(exits / save->repeats + 1), "repeats", (json_int_t)save->repeats,
		"warmup", 0, "vcpus", (json_int_t)(aggregate->threads ? aggregate->threads : 1),
		"samples", (json_int_t)(about->every ? exits : 0), "seed", 0, "cpus", "storms",
		storms, "trace", trace_json(save, aggregate));
	environment_add_unread(json_object_get(json, "host"));
	if (aggregate->anonymous && anonymous_strip(json, NULL)) {
		json_decref(json);
		return NULL;
	}
	if (!(lost.events + lost.threads + lost.histograms + lost.missed))
		return json;
	snprintf(text, sizeof(text), "lost: %llu events, %llu exits, %llu times",
		 (unsigned long long)lost.events, (unsigned long long)lost.threads,
		 (unsigned long long)lost.histograms);
	if (lost.missed)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 ", %llu calls of hooks that the kernel skipped",
			 (unsigned long long)lost.missed);
	compose_set(json, "incomplete", compose_text(text));
	return json;
}
