/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A runner on the backend without hardware: run("cpuid") measures a storm by `plan`, and fills
 * `seen` with what the sink received.
 */
#ifndef TESTS_FAKE_RUNNER_H
#define TESTS_FAKE_RUNNER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../bench/runner/runner.h"
#include "../../bench/plan/settings.h"
#include "../../hv/host.h"
#include "fake_backend.h"

#define MAX_RECORDS 4096

/* Received by the sink. */
static struct {
	int results, err;
	struct storm_result result;
	u64 count[LEGS][3]; /* of all, of the undisturbed, of both in one call */
	u64 min[LEGS], max[LEGS];
	u32 records;
	struct record record[MAX_RECORDS];
	u64 progress;
	u64 stop_at; /* operations; 0: never */
} seen;

static int on_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	seen.results++;
	seen.result = *result;
	return 0;
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	(void)arg;
	(void)result;
	seen.count[leg][clean] += histogram->count;
	if (clean != 1) {
		seen.min[leg] = histogram->min;
		seen.max[leg] = histogram->max;
	}
	return 0;
}

static int on_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	(void)arg;
	(void)result;
	assert_true(seen.records + count <= MAX_RECORDS);
	memcpy(&seen.record[seen.records], records, count * sizeof(*records));
	seen.records += count;
	return 0;
}

static void on_progress(void *arg, u64 operations)
{
	(void)arg;
	seen.progress += operations;
}

static bool is_stopped(void *arg)
{
	(void)arg;
	return seen.stop_at && seen.progress >= seen.stop_at;
}

static void relax(void)
{
}

static void wake(void *arg, u32 vcpu)
{
	(void)arg;
	(void)vcpu;
}

static struct run_sink sink = {
	.result = on_result,
	.histogram = on_histogram,
	.records = on_records,
};

static const struct run_monitor monitor = {
	.progress = on_progress,
	.stopped = is_stopped,
};

static struct plan plan;
static u16 repeat;
static struct runner_group group;
static const struct runner_observer *observer;
static bool nested;
static u64 observed; /* operations */

static int setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(&seen, 0, sizeof(seen));
	fake.exits_per_op = 1;
	fake.round_trip = 20000;
	fake.empty = 40;
	plan_defaults(&plan);
	plan.repeats = 1;
	plan.exits = 1000;
	plan.samples = 100;
	repeat = 0;
	observer = NULL;
	nested = false;
	sink.takes_both = false;
	return 0;
}

/* In place of the host's (see the Makefile), which count this test's own context switches. */
void __wrap_host_counters(struct host_counters *now);
void __wrap_host_counters(struct host_counters *now)
{
	*now = (struct host_counters){
		.aperf = fake.frequency ? 3000 * fake.batches : 0,
		.mperf = fake.frequency ? 2000 * fake.batches : 0,
		.smi = fake.smi_every ? fake.batches / fake.smi_every : 0,
	};
}

u64 __wrap_host_context_switches(void)
{
	return fake.switches;
}

static void run(const char *name)
{
	const struct storm *storm = storm_find(name);
	struct hv_config config = {
		.backend = &hv_fake,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = runner_vcpus(storm, &plan), /* of which one runs */
	};
	struct runner runner = {.storm = storm,
				.plan = &plan,
				.repeat = repeat,
				.sink = &sink,
				.monitor = &monitor,
				.group = &group,
				.observer = observer,
				.nested = nested};
	char why[HV_WHY];
	struct hv_vm *vm;

	group = (struct runner_group){.relax = relax, .wake = wake};
	assert_non_null(storm);
	assert_int_equal(hv_vm_create(&vm, &config, why), 0);
	assert_int_equal(runner_prepare(vm, storm, why), 0);
	runner_group_init(&group, storm, 1);
	runner.vcpu = hv_vcpu(vm, 0);
	observed = 0;
	seen.err = runner_run(&runner);
	hv_vm_destroy(vm);
}

#endif
