// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One prctl enables or disables all events of a thread, so that they count the same interval. Its
 * own share of each count is measured (measure_empty).
 */
#include "counters.h"

#include <errno.h>
#include <perf/cpumap.h>
#include <perf/evsel.h>
#include <perf/threadmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "counter_event.h"
#include "privilege.h"

#define EMPTY_ROUNDS 64

const char *const counters_missing = NULL;

struct counter {
	struct counter_value value;
	struct perf_evsel *evsel; /* NULL: not counted, see value.why */
	struct perf_counts_values before;
};

struct counters {
	struct perf_thread_map *self;
	u64 batches;
	u32 count;
	struct counter counter[COUNTERS_VALUES];
};

static int paranoid(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = -1;

	if (!file)
		return level;
	if (fscanf(file, "%d", &level) != 1)
		level = -1;
	fclose(file);
	return level;
}

static void explain_refusal(const struct counter_event *event, char *why)
{
	int level = paranoid();

	if (event->attr.type == PERF_TYPE_TRACEPOINT)
		snprintf(why, COUNTERS_WHY,
			 "not allowed: it takes CAP_PERFMON and a readable tracefs, or a "
			 "kernel.perf_event_paranoid lower than %d",
			 level);
	else if (level > 1 && privilege_in_user_namespace())
		snprintf(why, COUNTERS_WHY,
			 "not allowed in a user namespace (a rootless container): it takes a "
			 "kernel.perf_event_paranoid lower than %d",
			 level);
	else if (level > 1 && !privilege_has(CAP_PERFMON))
		snprintf(why, COUNTERS_WHY,
			 "not allowed: it takes CAP_PERFMON, or a kernel.perf_event_paranoid "
			 "lower than %d",
			 level);
	else
		snprintf(
			why, COUNTERS_WHY, "not allowed although %s: %s forbids perf_event_open(2)",
			level > 1 ? "CAP_PERFMON is there" : "kernel.perf_event_paranoid allows it",
			privilege_filter());
}

static void explain(const struct counter_event *event, int err, char *why)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -EOPNOTSUPP:
		snprintf(why, COUNTERS_WHY,
			 event->pmu ? "no PMU here that counts it (in a VM: none is passed through)"
				    : "this kernel does not count it");
		return;
	case -EACCES:
	case -EPERM:
		explain_refusal(event, why);
		return;
	case -ENOSYS:
		snprintf(why, COUNTERS_WHY,
			 "perf_event_open(2) is not there: %s hides it, or this kernel has none",
			 privilege_filter());
		return;
	case -EMFILE:
		snprintf(why, COUNTERS_WHY, "too many open files (ulimit -n)");
		return;
	default:
		snprintf(why, COUNTERS_WHY, "perf_event_open: %s", strerror(-err));
	}
}

static struct counter *counter_add(struct counters *counters, const struct counter_event *event,
				   enum counter_side side)
{
	struct counter *counter = &counters->counter[counters->count++];

	memcpy(counter->value.name, event->name, sizeof(counter->value.name));
	counter->value.side = side;
	return counter;
}

/* -EINVAL: the PMU does not support exclude_guest and exclude_host. */
static int counter_open(struct counters *counters, const struct counter_event *event,
			enum counter_side side)
{
	struct perf_event_attr attr = event->attr;
	struct perf_evsel *evsel;
	struct counter *counter;
	int err;

	attr.disabled = 1;
	attr.exclude_guest = side == COUNTER_HOST && event->pmu;
	attr.exclude_host = side == COUNTER_GUEST;
	attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	evsel = perf_evsel__new(&attr);
	if (!evsel)
		return -ENOMEM;
	err = perf_evsel__open(evsel, NULL, counters->self);
	if (err == -EINVAL && event->pmu && side != COUNTER_BOTH) {
		perf_evsel__delete(evsel);
		return err;
	}
	counter = counter_add(counters, event, side);
	if (err) {
		explain(event, err, counter->value.why);
		perf_evsel__delete(evsel);
		return 0;
	}
	counter->value.counted = true;
	counter->evsel = evsel;
	return 0;
}

static int event_open(struct counters *counters, const struct counter_event *event)
{
	int err;

	if (event->sides != COUNTER_SIDES_APART)
		return counter_open(counters, event,
				    event->sides == COUNTER_SIDES_HOST ? COUNTER_HOST
								       : COUNTER_BOTH);
	err = counter_open(counters, event, COUNTER_HOST);
	if (!err)
		err = counter_open(counters, event, COUNTER_GUEST);
	return err == -EINVAL ? counter_open(counters, event, COUNTER_BOTH) : err;
}

static void values(struct counter *counter, struct perf_counts_values *values)
{
	if (perf_evsel__read(counter->evsel, 0, 0, values))
		memset(values, 0, sizeof(*values));
}

static struct perf_counts_values since(struct counter *counter)
{
	struct perf_counts_values now;

	values(counter, &now);
	now.val -= counter->before.val;
	now.ena -= counter->before.ena;
	now.run -= counter->before.run;
	return now;
}

/* perf_counts_values__scale without its rounding to integers. */
static double scaled(const struct perf_counts_values *values)
{
	if (!values->run)
		return 0;
	return (double)values->val * values->ena / values->run;
}

/* Counts of an empty interval, and the start values of the first batch. */
static void measure_empty(struct counters *counters)
{
	for (u32 i = 0; i < counters->count; i++)
		if (counters->counter[i].evsel)
			values(&counters->counter[i], &counters->counter[i].before);
	for (int i = 0; i < EMPTY_ROUNDS; i++) {
		counters_begin(counters);
		counters_end(counters);
	}
	for (u32 i = 0; i < counters->count; i++) {
		struct counter *counter = &counters->counter[i];
		struct perf_counts_values empty;

		if (!counter->evsel)
			continue;
		empty = since(counter);
		counter->value.empty = scaled(&empty) / EMPTY_ROUNDS;
		values(counter, &counter->before);
	}
}

int counters_open(struct counters **made, const char *list, char *why)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	struct counter_event event;
	int err;

	*made = NULL;
	if (counters)
		counters->self = perf_thread_map__new_dummy();
	if (!counters || !counters->self) {
		free(counters);
		snprintf(why, COUNTERS_WHY, "no memory for counters");
		return -ENOMEM;
	}
	perf_thread_map__set_pid(counters->self, 0, 0); /* pid 0: the calling thread */
	do {
		err = counter_event_next(&list, &event, why);
		if (err == -ENOENT) {
			memcpy(counter_add(counters, &event, COUNTER_HOST)->value.why, why,
			       COUNTERS_WHY);
			err = 0;
		} else if (!err) {
			err = event_open(counters, &event);
			if (err)
				snprintf(why, COUNTERS_WHY, "%s: %s", event.name, strerror(-err));
		}
	} while (!err && *list && counters->count + COUNTER_SIDES <= COUNTERS_VALUES);
	if (err) {
		counters_close(counters);
		return err;
	}
	measure_empty(counters);
	counters->batches = 0;
	*made = counters;
	return 0;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (u32 i = 0; i < counters->count; i++)
		if (counters->counter[i].evsel) {
			perf_evsel__close(counters->counter[i].evsel);
			perf_evsel__delete(counters->counter[i].evsel);
		}
	perf_thread_map__put(counters->self);
	free(counters);
}

void counters_begin(struct counters *counters)
{
	counters->batches++;
	prctl(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0);
}

void counters_end(struct counters *counters)
{
	(void)counters;
	prctl(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0);
}

u32 counters_read(struct counters *counters, struct counter_value *value)
{
	for (u32 i = 0; i < counters->count; i++) {
		struct counter *counter = &counters->counter[i];
		struct perf_counts_values now;

		if (counter->evsel) {
			now = since(counter);
			counter->value.count = scaled(&now);
			counter->value.batches = counters->batches;
			counter->value.enabled_ns = now.ena;
			counter->value.running_ns = now.run;
			/* Never scheduled on the PMU: the count cannot be scaled. */
			if (now.ena && !now.run) {
				counter->value.counted = false;
				snprintf(counter->value.why, COUNTERS_WHY,
					 "the PMU never had a free counter for it: ask for fewer "
					 "events");
			}
		}
		value[i] = counter->value;
	}
	return counters->count;
}
