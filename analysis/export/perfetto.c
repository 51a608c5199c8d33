// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as trace-event JSON ("Trace Event Format", the JSON that Perfetto and chrome://tracing
 * read): complete events ("X") with ts and dur in microseconds. Perfetto's are whole nanoseconds,
 * and spans that then overlap are dropped: so each stamp is rounded once, and a duration is the
 * difference of two rounded stamps.
 */
#include "../../results/compose.h"
#include "export.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"

enum track { TRACK_GUEST, TRACK_KERNEL, TRACK_USER, TRACKS };
static const char *const track_name[TRACKS] = {"guest", "kernel", "user"};

/*
 * Legs as spans, outer before inner: viewers nest spans by time, and in this order where times are
 * equal.
 */
static const struct {
	enum leg leg;
	enum track track;
} spans[] = {
	{LEG_ROUND_TRIP, TRACK_GUEST}, {LEG_ENTRY_FAIL, TRACK_KERNEL},
	{LEG_EXIT, TRACK_KERNEL},      {LEG_TO_KERNEL, TRACK_KERNEL},
	{LEG_TO_USER, TRACK_KERNEL},   {LEG_HANDLER, TRACK_USER},
	{LEG_RESUME, TRACK_KERNEL},    {LEG_FROM_USER, TRACK_KERNEL},
	{LEG_IN_KERNEL, TRACK_KERNEL}, {LEG_TO_GUEST, TRACK_KERNEL},
};

struct timeline {
	FILE *out;
	const char *storm;
	const struct run_storm *about;
	size_t process;	    /* the storm's number */
	u64 first;	    /* earliest stamp of all */
	double us;	    /* per tick */
	bool seen[1 << 16]; /* vCPUs whose tracks have been named */
	struct record before;
	bool follows; /* `before` is a record of this storm */
};

static int find_first(void *arg, const struct record *record)
{
	struct timeline *line = arg;
	const u64 stamps[] = {record->guest_out, record->host_in, record->host_out,
			      record->guest_in};

	for (size_t i = 0; i < sizeof(stamps) / sizeof(*stamps); i++)
		if (stamps[i] && stamps[i] < line->first)
			line->first = stamps[i];
	return 0;
}

static unsigned int thread_of(const struct record *record, enum track track)
{
	return record->vcpu * TRACKS + track + 1; /* some viewers do not show 0 */
}

/* Names a vCPU's tracks before its first span. */
static void put_tracks(struct timeline *line, const struct record *record)
{
	if (line->seen[record->vcpu])
		return;
	line->seen[record->vcpu] = true;
	for (int track = 0; track < TRACKS; track++) {
		unsigned int thread = thread_of(record, track);

		fprintf(line->out,
			",\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%zu,\"tid\":%u,"
			"\"args\":{\"name\":\"vCPU %u: %s\"}}"
			",\n{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":%zu,\"tid\":%u,"
			"\"args\":{\"sort_index\":%u}}",
			line->process, thread, record->vcpu, track_name[track], line->process,
			thread, thread);
	}
}

/* A stamp in ns since the first one. */
static u64 ns_of(const struct timeline *line, u64 stamp)
{
	return (u64)llround((double)(stamp - line->first) * line->us * 1000);
}

/* The last digits, 0.01 ns, keep a reader that cuts off a product like 1.001 * 1000 from losing 1
 * ns. */
static void put_us(FILE *out, const char *name, u64 ns)
{
	fprintf(out, "\"%s\":%" PRIu64 ".%03u01,", name, ns / 1000, (unsigned int)(ns % 1000));
}

static void put_span(const struct timeline *line, const struct record *record, const char *name,
		     enum track track, u64 from, u64 ticks)
{
	u64 begin = ns_of(line, from);

	fprintf(line->out,
		",\n{\"ph\":\"X\",\"name\":\"%s\",\"cat\":\"%s\",\"pid\":%zu,\"tid\":%u,", name,
		line->storm, line->process, thread_of(record, track));
	put_us(line->out, "ts", begin);
	put_us(line->out, "dur", ns_of(line, from + ticks) - begin);
	fprintf(line->out,
		"\"args\":{\"ticks\":%" PRIu64 ",\"repeat\":%u,\"iteration\":%u,\"flags\":%u}}",
		ticks, record->repeat, record->iteration, record->flags);
}

/* Draws the guest's time between two consecutive records, its guest_visit. */
static void put_guest(const struct timeline *line, const struct record *record)
{
	const struct record *before = &line->before;
	u64 ticks;

	if (!line->follows || record->repeat != before->repeat || record->vcpu != before->vcpu ||
	    record->iteration != before->iteration + 1)
		return;
	if (record_leg(before, record, LEG_GUEST_VISIT, &ticks) && !record->guest_out)
		put_span(line, before, leg_name[LEG_GUEST_VISIT], TRACK_GUEST, before->host_out,
			 ticks);
}

static int put_record(void *arg, const struct record *record)
{
	struct timeline *line = arg;
	u64 ticks;

	put_tracks(line, record);
	put_guest(line, record);
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		enum leg leg = spans[i].leg;

		/* In a run without eBPF kernel_in has another meaning. */
		if (leg >= LEG_TO_KERNEL && !describe_has(line->about, leg))
			continue;
		if (record_leg(record, NULL, leg, &ticks))
			put_span(line, record, leg == LEG_ROUND_TRIP ? line->storm : leg_name[leg],
				 spans[i].track, record_leg_from(record, leg), ticks);
	}
	line->before = *record;
	line->follows = true;
	return ferror(line->out) ? -EIO : 0;
}

static void put_process(struct timeline *line, bool first)
{
	fprintf(line->out,
		"%s\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%zu,\"tid\":0,"
		"\"args\":{\"name\":\"%s\"}}",
		first ? "" : ",", line->process, line->storm);
	for (size_t i = 0; i < sizeof(line->seen) / sizeof(*line->seen); i++)
		line->seen[i] = false;
	line->follows = false;
}

/* The file's properties: its clock, and where the stamps were taken. */
static void put_head(const struct run *run, const struct timeline *line)
{
	char clock[256];
	json_t *other;
	char *text;

	describe_clock(run, clock, sizeof(clock));
	other = compose_pack("{s:s, s:f, s:I, s:O*}", "clock", clock, "us_per_tick", line->us,
			     "first_tick", (json_int_t)line->first, "kernel_stamps",
			     run_get(run, "target.kernel_stamps"));
	text = compose_print(other, JSON_COMPACT);
	fprintf(line->out, "{\"displayTimeUnit\":\"ns\",\"otherData\":%s,\"traceEvents\":[", text);
	free(text);
	json_decref(other);
}

static int put_all(const struct run *run, struct timeline *line, char *why)
{
	bool first = true;
	int error = 0;

	put_head(run, line);
	for (size_t i = 0; !error && i < run->storms; i++) {
		if (!run->storm[i].samples)
			continue;
		line->about = &run->storm[i];
		line->storm = line->about->name;
		line->process = i + 1;
		put_process(line, first);
		first = false;
		error = run_samples(run, line->storm, put_record, line, why);
	}
	fputs("\n]}\n", line->out);
	return error == -EIO && ferror(line->out) ? 0 : error; /* the caller checks `out` */
}

int export_perfetto(const struct run *run, FILE *out, char *why)
{
	struct timeline *line = memory_new(1, sizeof(*line));
	double hz = describe_hz(run);
	int error = export_check(run, why);

	if (!error) {
		line->out = out;
		line->us = hz > 0 ? 1e6 / hz : 1;
		line->first = ~0ULL;
	}
	for (size_t i = 0; !error && i < run->storms; i++)
		if (run->storm[i].samples)
			error = run_samples(run, run->storm[i].name, find_first, line, why);
	if (!error)
		error = put_all(run, line, why);
	free(line);
	return error;
}
