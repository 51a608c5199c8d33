// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An emulator whose clock counts instructions gives the same figures at any time, so one boot runs
 * many storms and two boots run at once. With the real clock (.exclusive) it is one boot at a time.
 */
#include "boot_queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../results/why.h"
#include "../machine/clock.h"
#include "../machine/task_time.h"

#define POLL_MS	   10
#define QUIET_STEP 0.1 /* seconds */
/* Independent of the number of CPUs, so that a storm is always in the same boot. */
#define SLOTS 2
#define KINDS 2 /* boots by number of CPUs: the different values of runner_cpus() */

/* The storms of one boot. */
struct job {
	const struct storm *storm[WIRE_MAX_STORMS];
	u32 storms, cpus;
};

/* One emulator process. */
struct slot {
	struct job *job; /* NULL: none is running */
	struct boot boot;
	struct decoder decoder;
	double checked; /* clock_seconds() */
	double quiet;	/* seconds since the last byte, of those that the emulator could use */
	struct task_time time; /* of the emulator */
};

struct boot_queue {
	const struct plan *plan;
	u16 first; /* repeat */
	const struct run_sink *sink;
	const struct run_monitor *monitor;
	const struct emulator *emulator;
	struct slot slot[SLOTS];
	struct job job[KINDS * SLOTS];
	u32 jobs, next; /* next: the first job that has not been started */
};

static void wire_of(const struct boot_queue *queue, const struct job *job, struct wire_plan *wire)
{
	*wire = (struct wire_plan){
		.size = sizeof(*wire),
		.tables = wire_tables(),
		.cpus = job->cpus,
		.together = !queue->emulator->exclusive,
		.storms = job->storms,
		.first_repeat = queue->first,
		.repeats = queue->plan->repeats - queue->first,
		.plan = *queue->plan,
	};
	/* Short batches suffice in an emulator: nothing disturbs it, and it counts every exit. */
	if (!queue->emulator->exclusive) {
		wire->plan.max_batch = queue->plan->exits / 128;
		if (wire->plan.max_batch < 64)
			wire->plan.max_batch = 64;
		wire->plan.steady = job->cpus == 1; /* several CPUs take turns */
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

static int fail_all(const struct boot_queue *queue, const struct job *job, const char *why)
{
	int err = 0;

	for (u32 i = 0; i < job->storms && !err; i++)
		err = target_not_run(job->storm[i], queue->first, queue->sink, -EIO, why);
	return err;
}

static int slot_begin(struct boot_queue *queue, struct slot *slot, struct job *job)
{
	struct wire_plan wire;
	char why[HV_WHY];
	int err = decoder_open(&slot->decoder, queue->sink);

	if (err)
		return err;
	slot->decoder.monitor = queue->monitor;
	slot->job = job;
	slot->checked = clock_seconds();
	slot->quiet = 0;
	wire_of(queue, job, &wire);
	decoder_expect(&slot->decoder, &wire);
	if (!boot_start(&slot->boot, queue->emulator, &wire, why)) {
		task_time_of_process(&slot->time, slot->boot.pid);
		return 0;
	}
	slot_free(slot);
	return fail_all(queue, job, why);
}

/* The repeat that the storm was in. All results may be there, with other frames damaged. */
static u16 repeat_of(const struct boot_queue *queue, const struct storm *storm, u32 results)
{
	u32 senders = runner_senders(storm, runner_vcpus(storm, queue->plan));
	u32 repeat = queue->first + results / senders;

	return repeat < queue->plan->repeats ? repeat : queue->plan->repeats - 1;
}

/*
 * After a boot that ended early: the storm that was running and those with damaged data have
 * failed, complete ones stay. Storms that had not begun remain in the job, for another boot.
 */
static int keep_unstarted(struct boot_queue *queue, struct slot *slot, const char *why)
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
					     repeat_of(queue, job->storm[i], state->results),
					     queue->sink, -EIO, why);
		else
			job->storm[left++] = job->storm[i];
	}
	job->storms = left;
	if (!err && left == before) { /* another boot would end the same way */
		err = fail_all(queue, job, why);
		job->storms = 0;
	}
	return err;
}

static int slot_end(struct boot_queue *queue, struct slot *slot, const char *hangs)
{
	char why[HV_WHY], line[HV_WHY], failure[HV_WHY], text[3 * HV_WHY + 16];
	struct job *job = slot->job;
	int err = decoder_finish(&slot->decoder, why);

	if (!err) {
		slot_free(slot);
		return 0;
	}
	queue->emulator->error_line(&slot->boot, line, sizeof(line));
	boot_failure(&slot->boot, failure, sizeof(failure));
	if (hangs)
		snprintf(failure, sizeof(failure), "%s", hangs);
	snprintf(text, sizeof(text), "%s%s%s", failure, *failure ? ": " : "", why);
	if (boot_disk_full(&slot->boot)) /* of which all else is a consequence */
		snprintf(text, sizeof(text), "no space left in %.300s (TMPDIR), where %s writes",
			 slot->boot.folder.path, queue->emulator->name);
	else if (*line)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "; %s: %s",
			 queue->emulator->name, line);
	err = keep_unstarted(queue, slot, why_clean(text)); /* an emulator may write anything */
	if (!err && slot->decoder.ended && slot->decoder.end.status) {
		err = fail_all(queue, job, why); /* the image reported that it cannot run */
		job->storms = 0;
	}
	slot_free(slot);
	return err || !job->storms ? err : slot_begin(queue, slot, job);
}

/*
 * Of a long time between two checks one second counts: this process was stopped (Ctrl-Z), and the
 * emulator with it.
 */
static bool slot_hangs(struct slot *slot, bool some)
{
	double now = clock_seconds(), passed = now - slot->checked;

	if (!some && passed < QUIET_STEP)
		return false;
	slot->checked = now;
	if (some)
		slot->quiet = 0;
	else
		slot->quiet += task_time_passed(&slot->time, passed < 1 ? passed : 1);
	return slot->quiet >= boot_timeout();
}

/* Returns 0, or the sink's error. */
static int slot_step(struct boot_queue *queue, struct slot *slot)
{
	bool over = boot_over(&slot->boot);
	int some = boot_read(&slot->boot, &slot->decoder);
	char why[128];

	if (some < 0)
		return some;
	if (slot->boot.error) {
		snprintf(why, sizeof(why), "the output of %s cannot be read: %s",
			 queue->emulator->name, strerror(-slot->boot.error));
		return slot_end(queue, slot, why);
	}
	if (over)
		return slot_end(queue, slot, NULL);
	if (!slot_hangs(slot, some))
		return 0;
	snprintf(why, sizeof(why), "%s hangs: no output for %.0f s", queue->emulator->name,
		 boot_timeout());
	return slot_end(queue, slot, why);
}

/* Storms that need the same number of CPUs share SLOTS jobs; the shortest job gets the next. */
static void add_storm(struct boot_queue *queue, const struct storm *storm)
{
	u32 cpus = runner_cpus(storm, queue->plan), kind = 0;
	struct job *job;

	while (kind < queue->jobs && queue->job[kind].cpus != cpus)
		kind += SLOTS;
	job = &queue->job[kind];
	if (kind == queue->jobs) {
		queue->jobs += SLOTS;
		for (u32 i = 0; i < SLOTS; i++)
			job[i].cpus = cpus;
	}
	for (u32 i = 1; i < SLOTS; i++)
		if (job[i].storms < job->storms)
			job = &job[i];
	job->storm[job->storms++] = storm;
}

static int run_jobs(struct boot_queue *queue)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
	u32 slots = queue->emulator->exclusive ? 1 : SLOTS;
	bool busy = true;
	int err = 0;

	while (busy && !err) {
		busy = false;
		for (u32 i = 0; i < slots && !err; i++) {
			struct slot *slot = &queue->slot[i];

			while (queue->next < queue->jobs && !queue->job[queue->next].storms)
				queue->next++;
			if (slot->job)
				err = slot_step(queue, slot);
			else if (queue->next < queue->jobs)
				err = slot_begin(queue, slot, &queue->job[queue->next++]);
			busy |= slot->job || queue->next < queue->jobs;
		}
		if (!err && run_stopped(queue->monitor))
			err = -ECANCELED;
		if (busy && !err)
			nanosleep(&pause, NULL);
	}
	for (u32 i = 0; i < SLOTS; i++)
		slot_free(&queue->slot[i]);
	return err;
}

int boot_queue_run(const struct emulator *emulator, available_fn *available,
		   const struct plan *plan, const struct storm *const *storm, u32 count, u16 first,
		   const struct run_sink *sink, const struct run_monitor *monitor)
{
	struct boot_queue *queue = calloc(1, sizeof(*queue));
	char why[HV_WHY];
	int err = queue ? 0 : -ENOMEM;

	for (u32 i = 0; i < count && !err; i++) {
		queue->plan = plan;
		queue->first = first;
		queue->sink = sink;
		queue->monitor = monitor;
		queue->emulator = emulator;
		if (available(plan, storm[i], why))
			err = target_not_run(storm[i], first, sink, -EOPNOTSUPP, why);
		else
			add_storm(queue, storm[i]);
	}
	if (!err)
		err = run_jobs(queue);
	free(queue);
	return err;
}
