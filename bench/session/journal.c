// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../wire/wire.h"
#include "journal_state.h"

static int fail(struct journal *journal, int err, const char *event)
{
	snprintf(journal->error, sizeof(journal->error), JOURNAL_NAME ": %s%s%s", event,
		 *event ? ": " : "", strerror(-err));
	return err;
}

const char *journal_error(const struct journal *journal)
{
	return journal->error;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	for (u32 i = 0; i < storm_count && journal->state; i++) {
		free(journal->state[i].staged.at);
		free(journal->state[i].results);
		free(journal->state[i].done);
	}
	free(journal->state);
	free(journal->common.at);
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal);
}

struct journal *journal_new(const struct journal_options *options)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	bool good;

	if (!journal)
		return NULL;
	journal->of = *options;
	journal->sink = *options->sink;
	journal->of.sink = &journal->sink;
	journal->fd = -1;
	journal->state = calloc(storm_count, sizeof(*journal->state));
	good = journal->state;
	for (u32 i = 0; i < options->storms && good; i++) {
		struct journal_storm *state = &journal->state[options->storm[i] - storms];

		state->planned = true;
		state->results = calloc(options->plan->repeats, sizeof(*state->results));
		state->done = calloc(options->plan->repeats, sizeof(*state->done));
		good = state->results && state->done;
	}
	if (good)
		return journal;
	journal_close(journal);
	return NULL;
}

/* All or nothing: half a frame would hide those after it. */
static int append(struct journal *journal, const struct journal_bytes *bytes)
{
	size_t done = 0;

	while (done < bytes->used) {
		ssize_t some = pwrite(journal->fd, bytes->at + done, bytes->used - done,
				      journal->size + (off_t)done);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0) {
			int err = some ? -errno : -EIO;

			if (ftruncate(journal->fd, journal->size))
				return fail(journal, -errno, "cannot be cut off");
			return fail(journal, err, "cannot be written");
		}
		done += (size_t)some;
	}
	journal->size += (off_t)done;
	return 0;
}

/* Without the bytes that no value has: padding, and entries past the end. */
static struct plan plain(const struct plan *plan)
{
	struct plan copy;

	memset(&copy, 0, sizeof(copy));
	copy.exits = plan->exits;
	copy.warmup = plan->warmup;
	copy.seed = plan->seed;
	copy.repeats = plan->repeats;
	copy.vcpus = plan->vcpus;
	copy.samples = plan->samples;
	copy.cpu_count = plan->cpu_count;
	memcpy(copy.cpu, plan->cpu, plan->cpu_count * sizeof(copy.cpu[0]));
	memcpy(copy.setting, plan->setting, sizeof(copy.setting));
	strcpy(copy.counters, plan->counters);
	return copy;
}

int journal_put_plan(const struct journal_options *options, struct journal_bytes *bytes)
{
	struct journal_plan plan = {.size = sizeof(plan), .tables = wire_tables()};
	u16 *list = calloc(options->storms + 1, sizeof(*list));
	int err;

	if (!list)
		return -ENOMEM;
	plan.plan = plain(options->plan);
	for (u32 i = 0; i < options->storms; i++)
		list[i] = options->storm[i] - storms;
	err = journal_put(bytes, JOURNAL_PLAN, JOURNAL_NO_STORM, &plan, sizeof(plan), list,
			  options->storms * sizeof(*list));
	free(list);
	return err;
}

int journal_path(const char *folder, char path[PATH_MAX], char *why)
{
	if (snprintf(path, PATH_MAX, "%s/" JOURNAL_NAME, folder) < PATH_MAX)
		return 0;
	return why_say(why, -ENAMETOOLONG, "%s: the path is too long", why_path(folder));
}

int journal_create(const char *folder, const struct journal_options *options,
		   struct journal **journal, char *why)
{
	struct journal *made = journal_new(options);
	struct journal_bytes plan = {0};
	char path[PATH_MAX];
	int err = made ? journal_path(folder, path, why) : why_say(why, -ENOMEM, "no memory");

	if (!err) {
		made->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (made->fd < 0)
			err = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	}
	if (!err && journal_put_plan(options, &plan))
		err = why_say(why, -ENOMEM, "no memory");
	if (!err && (err = append(made, &plan)))
		why_say(why, err, "%s/%s", why_path(folder), made->error);
	free(plan.at);
	if (err)
		journal_close(made);
	else
		*journal = made;
	return err;
}

/* Units */

static struct journal_storm *state_of(const struct journal *journal, const struct storm *storm)
{
	return &journal->state[storm - storms];
}

bool journal_has(const struct journal *journal, const struct storm *storm, u16 repeat)
{
	const struct journal_storm *state = state_of(journal, storm);

	return state->planned && state->done[repeat];
}

u32 journal_repeats(const struct journal *journal, const struct storm *storm)
{
	u32 repeats = 0;

	while (repeats < journal->of.plan->repeats && journal_has(journal, storm, repeats))
		repeats++;
	return repeats;
}

u64 journal_units(const struct journal *journal)
{
	return journal->units;
}

void journal_mark(struct journal *journal, const struct storm *storm, u32 repeat)
{
	struct journal_storm *state = state_of(journal, storm);

	if (!state->done[repeat])
		journal->units++;
	state->done[repeat] = true;
}

/* Passes on all frames of the bytes. */
static int pass(struct journal *journal, const struct journal_bytes *bytes)
{
	struct journal_frame frame;
	size_t at = 0, size = 1;
	int err = 0;

	while (!err && at < bytes->used && size) {
		size = journal_frame_at(bytes->at + at, bytes->used - at, &frame);
		if (!size)
			return fail(journal, -EBADMSG, "a report is too large");
		err = journal_apply(journal->of.plan, journal->of.sink, &frame,
				    bytes->at + at + sizeof(frame));
		if (err == -EBADMSG)
			fail(journal, err, "a report is impossible");
		at += size;
	}
	return err;
}

static int write_unit(struct journal *journal, const struct storm *storm, u32 repeat,
		      struct journal_bytes *unit)
{
	struct journal_end end = {.repeat = repeat};
	struct run_items items;

	if (journal->of.writer) {
		items = run_count_items(journal->of.writer, storm->name);
		end.rows = items.rows;
		end.records = items.records;
	}
	if (journal_put(unit, JOURNAL_UNIT, storm - storms, &end, sizeof(end), NULL, 0))
		return fail(journal, -ENOMEM, "");
	return append(journal, unit);
}

int journal_unit(struct journal *journal, const struct storm *storm, u16 repeat)
{
	struct journal_bytes *staged = &state_of(journal, storm)->staged;
	int err = pass(journal, staged);

	/* Together, so that there is one write. What is of no storm was passed on at once. */
	if (!err && journal->common.used) {
		struct journal_bytes *common = &journal->common;

		err = journal_join(common, staged);
		staged = common;
	}
	if (!err)
		err = write_unit(journal, storm, repeat, staged);
	journal->common.used = 0;
	state_of(journal, storm)->staged.used = 0;
	if (err)
		return err;
	journal_mark(journal, storm, repeat);
	return journal->of.unit ? journal->of.unit(journal->of.arg) : 0;
}

void journal_drop(struct journal *journal)
{
	for (u32 i = 0; i < storm_count; i++)
		journal->state[i].staged.used = 0;
}

int journal_sync(struct journal *journal, const struct journal_time *time)
{
	struct journal_bytes bytes = {0};
	int err = journal_put(&bytes, JOURNAL_SYNC, JOURNAL_NO_STORM, time, sizeof(*time), NULL, 0);

	err = err ? fail(journal, err, "") : append(journal, &bytes);
	free(bytes.at);
	if (!err && fsync(journal->fd))
		err = fail(journal, -errno, "cannot be written");
	return err;
}

/* The sink */

/* By the wall clock, because a run may go on after a reboot. 0: not known, or the clock was set. */
static u32 time_since(s64 began_ms)
{
	struct timespec now;
	s64 since;

	if (!began_ms || clock_gettime(CLOCK_REALTIME, &now))
		return 0;
	since = now.tv_sec * 1000 + now.tv_nsec / 1000000 - began_ms;
	return since > 0 && since < UINT32_MAX ? (u32)since : 0;
}

static int on_result(void *arg, const struct storm_result *reported)
{
	struct journal *journal = arg;
	const struct storm *storm = &storms[reported->storm];
	struct journal_storm *state = state_of(journal, storm);
	struct storm_result stamped = *reported, *result = &stamped;
	bool over = result->status >= STORM_SKIPPED;

	stamped.at_ms = time_since(journal->of.began_ms);

	if (!state->planned || result->repeat >= journal->of.plan->repeats)
		return fail(journal, -EBADMSG, "a result is not of the plan");
	if (journal_put(&state->staged, JOURNAL_RESULT, result->storm, result, sizeof(*result),
			NULL, 0))
		return fail(journal, -ENOMEM, "");
	if (!journal->of.by_results)
		return 0;
	if (++state->results[result->repeat] <
		    runner_senders(storm, runner_vcpus(storm, journal->of.plan)) &&
	    !over)
		return 0;
	return journal_unit(journal, storm, result->repeat);
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	struct journal *journal = arg;

	if (journal_put_histogram(&state_of(journal, &storms[result->storm])->staged, result, leg,
				  clean, histogram))
		return fail(journal, -ENOMEM, "");
	return 0;
}

static int on_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	struct journal *journal = arg;

	return journal->of.sink->records(journal->of.sink->arg, result, records, count);
}

static int on_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
{
	struct journal *journal = arg;
	bool every = storm == RUNNER_EVERY_STORM;

	if (journal_put_controls(every ? &journal->common : &journal->state[storm].staged,
				 every ? JOURNAL_NO_STORM : storm, controls, count))
		return fail(journal, -ENOMEM, "");
	return every ? journal->of.sink->controls(journal->of.sink->arg, storm, controls, count)
		     : 0;
}

static int on_counters(void *arg, const struct storm_result *result,
		       const struct counter_value *value, u32 count)
{
	const struct journal_part part = {result->repeat, result->vcpu, result->status};
	struct journal *journal = arg;

	if (journal_put(&state_of(journal, &storms[result->storm])->staged, JOURNAL_COUNTERS,
			result->storm, &part, sizeof(part), value, count * sizeof(*value)))
		return fail(journal, -ENOMEM, "");
	return 0;
}

static int on_clock(void *arg, const struct clock_finding *finding)
{
	struct journal *journal = arg;

	if (journal_put(&journal->common, JOURNAL_CLOCK, JOURNAL_NO_STORM, finding,
			sizeof(*finding), NULL, 0))
		return fail(journal, -ENOMEM, "");
	return journal->of.sink->clock(journal->of.sink->arg, finding);
}

static void on_error(void *arg, const char *why)
{
	struct journal *journal = arg;

	journal->of.sink->error(journal->of.sink->arg, why);
}

void journal_sink(struct journal *journal, struct run_sink *sink)
{
	*sink = (struct run_sink){
		.result = on_result,
		.histogram = on_histogram,
		.records = on_records,
		.controls = on_controls,
		.counters = on_counters,
		.clock = on_clock,
		.error = on_error,
		.arg = journal,
	};
}
