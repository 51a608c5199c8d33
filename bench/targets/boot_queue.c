// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where one tick is one instruction it does not matter when a storm is run: many go into one boot,
 * and two boots at the same time.
 */
#include "boot_queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../machine/clock.h"

#define SVM_MWAIT_ARMED	 0x8c /* an exit code */
#define PATIENCE_SECONDS 60   /* without a byte from the image: it hangs */
#define LOOK_MS		 10
#define SLOTS		 2 /* whatever the machine has: which boot a storm is in stays the same */
#define KINDS		 2 /* of boots, by the number of CPUs: runner_cpus has at most so many */

/* The storms of one boot. */
struct job {
	const struct storm *storm[WIRE_MAX_STORMS];
	u32 storms, cpus;
};

/* A place for one emulator. */
struct slot {
	struct job *job; /* NULL: free */
	struct boot boot;
	struct decoder decoder;
	double heard;
};

struct pool {
	const struct plan *plan;
	const struct run_sink *sink;
	const struct run_monitor *monitor;
	const struct emulator *emulator;
	struct slot slot[SLOTS];
	struct job job[KINDS * SLOTS];
	u32 jobs, next; /* next: that nobody has begun yet */
};

void image_shape(const struct plan *plan, const struct storm *storm, struct hv_config *config)
{
	*config = (struct hv_config){
		.vcpus = runner_vcpus(storm, plan),
		.cpl = runner_cpl(storm, plan),
	};
}

int image_fits(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_config config;

	image_shape(plan, storm, &config);
	if (storm->needs & (NEED_IRQCHIP | NEED_X2APIC)) {
		snprintf(why, HV_WHY,
			 "raw VMX and raw SVM have no interrupt controller of their own");
		return -EOPNOTSUPP;
	}
	return runner_needs_cpl(storm, config.cpl, why);
}

int image_available(const struct plan *plan, const struct storm *storm, enum hv_vendor vendor,
		    char *why)
{
	int err = image_fits(plan, storm, why);

	return err ? err : runner_needs(storm, vendor, why);
}

bool image_hangs_tcg(const struct storm *storm, char *why)
{
	if (storm->kind == EXIT_TASK_SWITCH)
		snprintf(why, HV_WHY,
			 "QEMU 7.2's emulator does not come back from a task switch that exits (-t "
			 "bochs has it)");
	else if (storm->svm_code == SVM_MWAIT_ARMED)
		snprintf(why, HV_WHY,
			 "QEMU 7.2's emulator has no conditional intercept of MWAIT: the guest "
			 "would "
			 "wait for ever");
	else
		return false;
	return true;
}

const char *image_site(const char *backend, enum leg leg)
{
	if (leg == LEG_ROUND_TRIP || leg == LEG_PERIOD)
		return "guest";
	if (leg >= LEGS)
		return NULL;
	if (leg == LEG_MSR_STORE)
		return "vmx-msr-store";
	return strcmp(backend, "svm") ? "vmx-asm" : "svm-asm";
}

/* Seconds without a byte after which a boot hangs. */
static double patience(void)
{
	const char *given = getenv("EXITSTORM_TIMEOUT");
	double seconds = given ? atof(given) : 0;

	return seconds > 0 ? seconds : PATIENCE_SECONDS;
}

static void wire_of(const struct pool *pool, const struct job *job, struct wire_plan *wire)
{
	*wire = (struct wire_plan){
		.size = sizeof(*wire),
		.tables = wire_tables(),
		.cpus = job->cpus,
		.together = !pool->emulator->alone,
		.storms = job->storms,
		.repeats = pool->plan->repeats,
		.plan = *pool->plan,
	};
	/* In an emulator batches need not be long: nothing disturbs, and every exit is counted. */
	if (!pool->emulator->alone) {
		wire->plan.max_batch = pool->plan->exits / 128;
		if (wire->plan.max_batch < 64)
			wire->plan.max_batch = 64;
		wire->plan.steady = job->cpus == 1; /* several take turns */
	}
	for (u32 i = 0; i < job->storms; i++)
		wire->storm[i] = job->storm[i] - storms;
}

static void slot_free(struct slot *slot)
{
	if (!slot->job)
		return;
	boot_end(&slot->boot);
	decoder_close(&slot->decoder);
	slot->job = NULL;
}

static int fail_all(const struct pool *pool, const struct job *job, const char *why)
{
	int err = 0;

	for (u32 i = 0; i < job->storms && !err; i++)
		err = target_not_run(job->storm[i], 0, pool->sink, -EIO, why);
	return err;
}

static int slot_begin(struct pool *pool, struct slot *slot, struct job *job)
{
	struct wire_plan wire;
	char why[HV_WHY];
	int err = decoder_open(&slot->decoder, pool->sink);

	if (err)
		return err;
	slot->decoder.monitor = pool->monitor;
	slot->job = job;
	slot->heard = clock_seconds();
	wire_of(pool, job, &wire);
	if (!boot_start(&slot->boot, pool->emulator, &wire, why))
		return 0;
	slot_free(slot);
	return fail_all(pool, job, why);
}

/*
 * A boot has not ended as it should: who was under way has failed, who was done is done. Leaves
 * those that were not begun yet in the job, for another boot.
 */
static int sort_out(struct pool *pool, struct slot *slot, const char *why)
{
	struct job *job = slot->job;
	u32 left = 0, before = job->storms;
	int err = 0;

	for (u32 i = 0; i < before && !err; i++) {
		u16 index = job->storm[i] - storms;
		const struct decoder_storm *state = &slot->decoder.storms[index];

		if (!decoder_fault(&slot->decoder, index) && state->begun)
			continue;
		if (state->begun || state->damaged)
			err = target_not_run(job->storm[i],
					     state->results /
						     runner_vcpus(job->storm[i], pool->plan),
					     pool->sink, -EIO, why);
		else
			job->storm[left++] = job->storm[i];
	}
	job->storms = left;
	if (!err && left == before) { /* it would go on so for ever */
		err = fail_all(pool, job, why);
		job->storms = 0;
	}
	return err;
}

static int slot_end(struct pool *pool, struct slot *slot, const char *hangs)
{
	char why[HV_WHY], quote[HV_WHY], fate[HV_WHY], text[3 * HV_WHY + 16];
	struct job *job = slot->job;
	int err = decoder_finish(&slot->decoder, why);

	if (!err) {
		slot_free(slot);
		return 0;
	}
	pool->emulator->quote(&slot->boot, quote, sizeof(quote));
	boot_fate(&slot->boot, fate, sizeof(fate));
	if (hangs)
		snprintf(fate, sizeof(fate), "%s", hangs);
	snprintf(text, sizeof(text), "%s%s%s", fate, *fate ? ": " : "", why);
	if (*quote)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "; %s: %s",
			 pool->emulator->name, quote);
	err = sort_out(pool, slot, text);
	if (!err && slot->decoder.ended && slot->decoder.end.status) {
		err = fail_all(pool, job, why); /* the image has said that it cannot */
		job->storms = 0;
	}
	slot_free(slot);
	return err || !job->storms ? err : slot_begin(pool, slot, job);
}

/* 0, or the sink's error. */
static int slot_step(struct pool *pool, struct slot *slot)
{
	bool over = boot_over(&slot->boot);
	int some = boot_read(&slot->boot, &slot->decoder);
	char why[64];

	if (some < 0)
		return some;
	if (over)
		return slot_end(pool, slot, NULL);
	if (some)
		slot->heard = clock_seconds();
	if (clock_seconds() - slot->heard < patience())
		return 0;
	snprintf(why, sizeof(why), "%s hangs: nothing came for %.0f s", pool->emulator->name,
		 patience());
	return slot_end(pool, slot, why);
}

/* Storms that take as many CPUs go together, by turns into the one boot and the other. */
static void add_storm(struct pool *pool, const struct storm *storm)
{
	u32 cpus = runner_cpus(storm, pool->plan), kind = 0;
	struct job *job;

	while (kind < pool->jobs && pool->job[kind].cpus != cpus)
		kind += SLOTS;
	job = &pool->job[kind];
	if (kind == pool->jobs) {
		pool->jobs += SLOTS;
		for (u32 i = 0; i < SLOTS; i++)
			job[i].cpus = cpus;
	}
	for (u32 i = 1; i < SLOTS; i++)
		if (job[i].storms < job->storms)
			job = &job[i];
	job->storm[job->storms++] = storm;
}

static int run_pool(struct pool *pool)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000};
	u32 slots = pool->emulator->alone ? 1 : SLOTS;
	bool busy = true;
	int err = 0;

	while (busy && !err) {
		busy = false;
		for (u32 i = 0; i < slots && !err; i++) {
			struct slot *slot = &pool->slot[i];

			while (pool->next < pool->jobs && !pool->job[pool->next].storms)
				pool->next++;
			if (slot->job)
				err = slot_step(pool, slot);
			else if (pool->next < pool->jobs)
				err = slot_begin(pool, slot, &pool->job[pool->next++]);
			busy |= slot->job || pool->next < pool->jobs;
		}
		if (!err && run_stopped(pool->monitor))
			err = -ECANCELED;
		if (busy && !err)
			nanosleep(&pause, NULL);
	}
	for (u32 i = 0; i < SLOTS; i++)
		slot_free(&pool->slot[i]);
	return err;
}

int image_run_all(const struct emulator *emulator, available_fn *available, const struct plan *plan,
		  const struct storm *const *storm, u32 count, const struct run_sink *sink,
		  const struct run_monitor *monitor)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	char why[HV_WHY];
	int err = pool ? 0 : -ENOMEM;

	for (u32 i = 0; i < count && !err; i++) {
		pool->plan = plan;
		pool->sink = sink;
		pool->monitor = monitor;
		pool->emulator = emulator;
		if (available(plan, storm[i], why))
			err = target_not_run(storm[i], 0, sink, -EOPNOTSUPP, why);
		else
			add_storm(pool, storm[i]);
	}
	if (!err)
		err = run_pool(pool);
	free(pool);
	return err;
}
