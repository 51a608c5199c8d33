// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/modes.h"
#include "../../analysis/stats/stats.h"
#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../../results/run.h"

static json_t *ticks_json(double ticks)
{
	return ticks > 0 ? run_number(ticks) : json_null();
}

static int compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Ticks of a loop by its operations: less than 1 where a CPU runs several at once. 0: not known. */
static double per_operation(u64 ticks, u64 operations)
{
	return operations ? (double)ticks / operations : 0;
}

static double control_period(const struct storm_result *result)
{
	return per_operation(result->control_ticks, result->control_operations);
}

static double control_round_trip(const struct storm_result *result)
{
	return result->control_round_trip;
}

static double stamp_overhead(const struct storm_result *result)
{
	return result->stamp_overhead;
}

/* The median of a figure of the parts; 0: not known. */
static double parts_median(const struct storm_parts *parts,
			   double (*figure)(const struct storm_result *))
{
	double *value = memory_new(parts->parts, sizeof(*value)), median = 0;
	size_t n = 0;

	for (size_t i = 0; i < parts->parts; i++) {
		double ticks = figure(&parts->part[i].result);

		if (ticks > 0)
			value[n++] = ticks;
	}
	if (n) {
		qsort(value, n, sizeof(*value), compare_doubles);
		median = n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
	}
	free(value);
	return median;
}

/* Of the undisturbed records, or of all if there are none. Periods are means of batches: no modes.
 */
static json_t *modes_json(const struct storm_parts *parts, int leg, struct histogram *histogram)
{
	double step = parts->part[0].result.granularity;
	bool clean = parts->histogram[leg][1].count;
	struct mode mode[MODES_MAX];
	json_t *array = json_array();
	size_t modes = 0;

	if (leg != LEG_PERIOD) {
		sparse_expand(&parts->histogram[leg][clean], histogram);
		modes = modes_find(histogram, step > 1 ? step : 1, mode);
	}
	for (size_t i = 0; i < modes; i++)
		compose_add(array,
			    compose_pack("{s:f, s:f}", "p50", mode[i].p50, "share", mode[i].share));
	return array;
}

static json_t *legs_json(const struct target *target, const struct plan *plan,
			 const struct storm *storm, const struct storm_parts *parts)
{
	struct histogram *histogram = memory_get(sizeof(*histogram));
	json_t *legs = json_object();

	for (int leg = 0; leg < LEGS; leg++) {
		const char *site = target->site(plan, storm, leg);
		struct run_leg run_leg = {.site = (char *)site, .ci_low = NAN, .ci_high = NAN};
		json_t *json;

		if (!site || !parts->histogram[leg][0].count)
			continue;
		sparse_expand(&parts->histogram[leg][0], histogram);
		stats_summary(histogram, &run_leg.all);
		sparse_expand(&parts->histogram[leg][1], histogram);
		stats_summary(histogram, &run_leg.clean);
		json = run_leg_json(&run_leg);
		compose_set(json, "modes", modes_json(parts, leg, histogram));
		compose_set(legs, leg_name[leg], json);
	}
	free(histogram);
	return legs;
}

/* The median of each leg of one part; clean: of the undisturbed records only. */
static json_t *medians_json(const struct part *part, int clean)
{
	json_t *medians = json_object();

	for (int leg = 0; leg < LEGS; leg++)
		if (!isnan(part->p50[leg][0]))
			compose_set(medians, leg_name[leg], run_number(part->p50[leg][clean]));
	return medians;
}

/*
 * APERF counts core cycles, MPERF ticks, both in C0 only (Intel SDM Vol. 3B, "P-State Hardware
 * Coordination"). null: cannot be read.
 */
static json_t *cycles_json(u64 aperf, u64 mperf)
{
	return aperf && mperf ? json_real((double)aperf / mperf) : json_null();
}

static json_t *storm_cycles(const struct storm_parts *parts)
{
	u64 aperf = 0, mperf = 0;

	for (size_t i = 0; i < parts->parts; i++) {
		aperf += parts->part[i].result.aperf;
		mperf += parts->part[i].result.mperf;
	}
	return cycles_json(aperf, mperf);
}

static json_t *time_json(const struct storm_result *result)
{
	return result->at_ms ? json_real(result->at_ms / 1e3) : json_null();
}

static json_t *part_json(const struct part *part)
{
	const struct storm_result *result = &part->result;

	return compose_pack("{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}, s:{s:I, s:I}, "
			    "s:{s:I, s:I}, s:{s:o}, s:o, s:o, s:o, s:I, s:o}",
			    "repeat", result->repeat, "vcpu", result->vcpu, "batch",
			    (json_int_t)result->batch, "operations", (json_int_t)result->operations,
			    "exits", (json_int_t)result->seen, "other", (json_int_t)result->other,
			    "disturbed", (json_int_t)result->disturbed, "lost",
			    (json_int_t)result->lost, "control", "period",
			    ticks_json(control_period(result)), "round_trip",
			    ticks_json(result->control_round_trip), "control_loop", "ticks",
			    (json_int_t)result->control_ticks, "operations",
			    (json_int_t)result->control_operations, "period_loop", "ticks",
			    (json_int_t)result->period_ticks, "operations",
			    (json_int_t)result->period_operations, "stamp_overhead", "guest",
			    ticks_json(result->stamp_overhead), "p50", medians_json(part, 0),
			    "p50_clean", medians_json(part, 1), "core_cycles_per_tick",
			    cycles_json(result->aperf, result->mperf), "smi",
			    (json_int_t)result->smi, "at_s", time_json(result));
}

static json_t *parts_json(const struct storm_parts *parts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < parts->parts; i++)
		if (parts->part[i].result.status <= STORM_NO_EXIT)
			compose_add(array, part_json(&parts->part[i]));
	return array;
}

/* An integer, except for storms whose vCPUs wait for each other: their exit count varies. */
static json_t *ratio_json(u64 exits, u64 operations)
{
	if (!operations)
		return json_null();
	return exits % operations ? json_real((double)exits / operations)
				  : json_integer((json_int_t)(exits / operations));
}

static json_t *counts_json(const struct storm_parts *parts)
{
	u64 operations = 0, seen = 0, asked = 0, other = 0, disturbed = 0, lost = 0;

	for (size_t i = 0; i < parts->parts; i++) {
		const struct storm_result *result = &parts->part[i].result;

		operations += result->operations;
		seen += result->seen;
		asked += result->asked;
		other += result->other;
		disturbed += result->disturbed;
		lost += result->lost;
	}
	return compose_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "exits_per_op",
			    ratio_json(asked, operations), "operations", (json_int_t)operations,
			    "exits", (json_int_t)seen, "expected", (json_int_t)asked, "other",
			    (json_int_t)other, "disturbed", (json_int_t)disturbed, "lost",
			    (json_int_t)lost);
}

static bool clocks_differ(const struct storm_parts *parts)
{
	for (size_t i = 0; i < parts->parts; i++)
		if (parts->part[i].result.clocks_differ)
			return true;
	return false;
}

/* name, kind and status; and the VM: privilege level, interrupt controller, vCPUs. */
static json_t *identity_json(const struct target *target, const struct plan *plan,
			     const struct storm *storm, const struct storm_parts *parts)
{
	static const char *const status_name[] = {"measured", "no_exit", "skipped", "failed"};
	const struct storm_result *first = parts->parts ? &parts->part[0].result : NULL;
	struct hv_config config;

	target->shape(plan, storm, &config);
	return compose_pack(
		"{s:s, s:s, s:o, s:s, s:o, s:i, s:b, s:i, s:o}", "name", storm->name, "kind",
		exit_kind_name(storm->kind), "raw_reason",
		first && first->raw_reason != ~0U ? json_integer(first->raw_reason) : json_null(),
		"status", status_name[parts->status], "why",
		parts->status ? compose_text(parts->why) : json_null(), "cpl", (int)config.cpl,
		"irqchip", (int)config.irqchip, "vcpus", (int)config.vcpus, "native",
		first && first->native != ~0U ? json_boolean(first->native) : json_null());
}

/* The costs of the control loop and of the guest's stamps: medians over the parts. */
static void add_overheads(json_t *json, const struct storm_parts *parts)
{
	compose_set(json, "control",
		    compose_pack("{s:o, s:o}", "period",
				 ticks_json(parts_median(parts, control_period)), "round_trip",
				 ticks_json(parts_median(parts, control_round_trip))));
	compose_set(
		json, "stamp_overhead",
		compose_pack("{s:o}", "guest", ticks_json(parts_median(parts, stamp_overhead))));
}

/* Of the vCPU and repeat with the weakest proof. NULL: exits are counted here. */
static json_t *proof_json(const struct storm *storm, const struct storm_parts *parts)
{
	static const char *const evidence_name[EVIDENCES] = {
		[EVIDENCE_ARCHITECTURE] = "architecture",
		[EVIDENCE_COUNTED] = "counted",
		[EVIDENCE_COST] = "cost",
		[EVIDENCE_UNKNOWN] = "unknown",
	};
	const struct storm_result *weakest = NULL;

	for (size_t i = 0; i < parts->parts; i++) {
		const struct storm_result *result = &parts->part[i].result;

		if (result->evidence && (!weakest || result->evidence > weakest->evidence))
			weakest = result;
	}
	if (!weakest || weakest->evidence >= EVIDENCES)
		return NULL;
	return compose_pack("{s:s, s:o, s:o, s:o, s:o}", "evidence",
			    evidence_name[weakest->evidence], "median", ticks_json(weakest->cost),
			    "control", ticks_json(weakest->cost_control), "threshold",
			    ticks_json(weakest->threshold), "native_cycles",
			    ticks_json(storm->native_cycles));
}

static json_int_t integer_of(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

json_t *storm_json(const struct target *target, const struct plan *plan, const struct storm *storm,
		   const struct storm_parts *parts)
{
	bool figures = parts->status <= STORM_NO_EXIT, no_exit = parts->status == STORM_NO_EXIT;
	json_t *json = identity_json(target, plan, storm, parts), *proof;
	json_t *legs = figures ? legs_json(target, plan, storm, parts) : json_object();

	compose_update(json, counts_json(parts));
	/* Without an exit these are not legs of one but the cost of the operation itself. */
	compose_set(json, no_exit ? "operation" : "legs", legs);
	if (no_exit)
		compose_set(json, "legs", json_object());
	compose_set(json, "repeats", parts_json(parts));
	add_overheads(json, parts);
	proof = proof_json(storm, parts);
	if (proof) {
		compose_set(json, "exit_proof", proof);
		compose_set(json, "exits_per_op",
			    no_exit ? json_integer(0) : json_integer(storm->exits_per_op));
	}
	if (clocks_differ(parts))
		compose_set(json, "clocks_differ", json_true());
	if (parts->controls)
		compose_set(json, "controls", json_incref(parts->controls));
	compose_set(json, "counters",
		    counter_totals_json(&parts->totals, integer_of(json, "operations"),
					figures ? integer_of(json, "exits") : 0));
	compose_set(json, "core_cycles_per_tick", storm_cycles(parts));
	return json;
}
