// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms on raw VMX in the Bochs emulator: boots the image with a plan, decodes what it reports
 * while it comes. One TSC tick is one instruction there; a VM exit or entry costs none. So it does
 * not matter when a storm is run: many go into one boot, and two boots at the same time.
 */
#include "bochs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../hv/backend.h"
#include "../settings.h"
#include "target.h"

#define PATIENCE_SECONDS 60 /* without a byte from the image: it hangs */
#define LOOK_MS		 10
#define SLOTS		 2 /* whatever the machine has: which boot a storm is in stays the same */
#define KINDS		 2 /* of boots, by the number of CPUs: runner_cpus has at most so many */
/* With its debugger built in, Bochs lets CPUs take turns by so many instructions. */
#define SMP_STEP 5

/* The storms of one boot. */
struct job {
	const struct storm *storm[WIRE_MAX_STORMS];
	u32 storms, cpus;
};

/* A place for one Bochs. */
struct slot {
	struct job *job; /* NULL: free */
	struct bochs bochs;
	struct decoder decoder;
	double heard;
};

struct pool {
	const struct plan *plan;
	const struct run_sink *sink;
	struct slot slot[SLOTS];
	struct job job[KINDS * SLOTS];
	u32 jobs, next; /* next: that nobody has begun yet */
};

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char name[4096];

	while (path && *path) {
		size_t length = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/%s", (int)length, path, program);
		if (!access(name, X_OK))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

static int bochs_probe(char *why)
{
	if (in_path("bochs"))
		return 0;
	snprintf(why, HV_WHY, "Bochs is not installed (Debian: apt install bochs bochs-term)");
	return -ENOENT;
}

static void bochs_shape(const struct plan *plan, const struct storm *storm,
			struct hv_config *config)
{
	u8 cpl = plan->setting[SETTING_CPL];

	*config = (struct hv_config){
		.vcpus = runner_vcpus(storm, plan),
		.cpl = cpl == CPL_3 || (cpl == CPL_AUTO && storm->needs & NEED_CPL3) ? 3 : 0,
	};
}

/* What no boot is needed for to know. */
static int bochs_available(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_config config;

	bochs_shape(plan, storm, &config);
	if (storm->needs & (NEED_IRQCHIP | NEED_X2APIC)) {
		snprintf(why, HV_WHY, "raw VMX has no interrupt controller of its own");
		return -EOPNOTSUPP;
	}
	if (storm->kind == EXIT_INIT) {
		snprintf(why, HV_WHY,
			 "Bochs 2.7 keeps an INIT pending after its VM exit: the guest never goes "
			 "on");
		return -EOPNOTSUPP;
	}
	if (storm->needs & (config.cpl ? NEED_CPL0 : NEED_CPL3)) {
		snprintf(why, HV_WHY, "needs cpl=%d, the run has cpl=%d", config.cpl ? 0 : 3,
			 config.cpl);
		return -EOPNOTSUPP;
	}
	return 0;
}

static json_t *bochs_describe(const struct plan *plan)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:n, s:s, s:s}", "name",
			 target_bochs.name, "backend", "vmx", "emulated", 1, "clock",
			 "instructions", "clock_granularity", plan->vcpus > 1 ? SMP_STEP : 1,
			 "guest_cpl", plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native",
			 "nesting", "raw_space", "vmx", "model",
			 bochs_model(plan->setting[SETTING_MODEL]));
}

static const char *bochs_site(const struct storm *storm, enum leg leg)
{
	(void)storm;
	if (leg == LEG_ROUND_TRIP || leg == LEG_PERIOD)
		return "guest";
	return leg < LEGS ? "vmx-asm" : NULL;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Seconds without a byte after which a boot hangs. */
static double patience(void)
{
	const char *given = getenv("EXITSTORM_PATIENCE");
	double seconds = given ? atof(given) : 0;

	return seconds > 0 ? seconds : PATIENCE_SECONDS;
}

static int say(const struct run_sink *sink, const struct storm *storm, u16 repeat,
	       enum storm_status status, const char *why)
{
	struct storm_result result = {
		.size = sizeof(result),
		.storm = storm - storms,
		.repeat = repeat,
		.status = status,
		.native = ~0U,
		.raw_reason = ~0U,
	};

	snprintf(result.why, sizeof(result.why), "%s", why);
	return sink->result(sink->arg, &result);
}

static void wire_of(const struct pool *pool, const struct job *job, struct wire_plan *wire)
{
	*wire = (struct wire_plan){
		.size = sizeof(*wire),
		.tables = wire_tables(),
		.cpus = job->cpus,
		.together = 1,
		.storms = job->storms,
		.repeats = pool->plan->repeats,
		.plan = *pool->plan,
	};
	/* Here batches need not be long: nothing disturbs, and every exit is counted. */
	wire->plan.max_batch = pool->plan->exits / 128;
	if (wire->plan.max_batch < 64)
		wire->plan.max_batch = 64;
	for (u32 i = 0; i < job->storms; i++)
		wire->storm[i] = job->storm[i] - storms;
}

static void slot_free(struct slot *slot)
{
	if (!slot->job)
		return;
	bochs_end(&slot->bochs);
	decoder_close(&slot->decoder);
	slot->job = NULL;
}

static int fail_all(const struct pool *pool, const struct job *job, const char *why)
{
	int err = 0;

	for (u32 i = 0; i < job->storms && !err; i++)
		err = say(pool->sink, job->storm[i], 0, STORM_FAILED, why);
	return err;
}

static int slot_begin(struct pool *pool, struct slot *slot, struct job *job)
{
	struct wire_plan wire;
	char why[HV_WHY];
	int err = decoder_open(&slot->decoder, pool->sink);

	if (err)
		return err;
	slot->job = job;
	slot->heard = seconds_now();
	wire_of(pool, job, &wire);
	if (!bochs_boot(&slot->bochs, &wire, why))
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
		if (state->begun || state->hit)
			err = say(pool->sink, job->storm[i],
				  state->results / runner_vcpus(job->storm[i], pool->plan),
				  STORM_FAILED, why);
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
	bochs_quote(&slot->bochs, quote, sizeof(quote));
	bochs_fate(&slot->bochs, fate, sizeof(fate));
	if (hangs)
		snprintf(fate, sizeof(fate), "%s", hangs);
	snprintf(text, sizeof(text), "%s%s%s%s%s", fate, *fate ? ": " : "", why,
		 *quote ? "; Bochs: " : "", quote);
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
	bool over = bochs_over(&slot->bochs);
	int some = bochs_read(&slot->bochs, &slot->decoder);
	char why[64];

	if (some < 0)
		return some;
	if (over)
		return slot_end(pool, slot, NULL);
	if (some)
		slot->heard = seconds_now();
	if (seconds_now() - slot->heard < patience())
		return 0;
	snprintf(why, sizeof(why), "Bochs hangs: nothing came for %.0f s", patience());
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
	bool busy = true;
	int err = 0;

	while (busy && !err) {
		busy = false;
		for (u32 i = 0; i < SLOTS && !err; i++) {
			struct slot *slot = &pool->slot[i];

			while (pool->next < pool->jobs && !pool->job[pool->next].storms)
				pool->next++;
			if (slot->job)
				err = slot_step(pool, slot);
			else if (pool->next < pool->jobs)
				err = slot_begin(pool, slot, &pool->job[pool->next++]);
			busy |= slot->job || pool->next < pool->jobs;
		}
		if (!err && pool->sink->stopped(pool->sink->arg))
			err = -ECANCELED;
		if (busy && !err)
			nanosleep(&pause, NULL);
	}
	for (u32 i = 0; i < SLOTS; i++)
		slot_free(&pool->slot[i]);
	return err;
}

static int bochs_run_all(const struct plan *plan, const struct storm *const *storm, u32 count,
			 const struct run_sink *sink)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	char why[HV_WHY];
	int err = pool ? 0 : -ENOMEM;

	for (u32 i = 0; i < count && !err; i++) {
		pool->plan = plan;
		pool->sink = sink;
		if (bochs_available(plan, storm[i], why))
			err = say(sink, storm[i], 0, STORM_SKIPPED, why);
		else
			add_storm(pool, storm[i]);
	}
	if (!err)
		err = run_pool(pool);
	free(pool);
	return err;
}

const struct target target_bochs = {
	.name = "bochs",
	.text = "raw VMX in the Bochs emulator: instruction counts, no hardware",
	.bit = TARGET_BOCHS,
	.emulated = true,
	.samples = 0, /* 64 bytes each over a slow serial line */
	.probe = bochs_probe,
	.available = bochs_available,
	.describe = bochs_describe,
	.shape = bochs_shape,
	.site = bochs_site,
	.run_all = bochs_run_all,
};
