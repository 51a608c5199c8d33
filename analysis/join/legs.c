// SPDX-License-Identifier: GPL-2.0-or-later
#include "legs.h"

#include <math.h>
#include <stdlib.h>
#include <errno.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../stats/stats.h"

static const enum leg legs_new[] = {LEG_ROUND_TRIP, LEG_TO_KERNEL, LEG_IN_KERNEL, LEG_TO_GUEST};
#define NEW (sizeof(legs_new) / sizeof(*legs_new))

bool join_leg_is_new(enum leg leg)
{
	for (size_t i = 0; i < NEW; i++)
		if (legs_new[i] == leg)
			return true;
	return false;
}

/* The entry of repeats[] of a group; NULL: an older run without it. */
static json_t *entry_of(json_t *repeats, const struct join_group *group)
{
	json_t *entry;
	size_t i;

	json_array_foreach (repeats, i, entry)
		if (json_integer_value(json_object_get(entry, "repeat")) == group->repeat &&
		    json_integer_value(json_object_get(entry, "vcpu")) == group->vcpu)
			return entry;
	return NULL;
}

/* One leg of one group, of all records or of the clean ones. Adds it to *sum. */
static int write_group(const struct join_guest *guest, const struct join_group *group, enum leg leg,
		       u16 clean, json_t *repeats, struct histogram *sum, struct run_writer *writer,
		       char *why)
{
	const char *name = guest->run->storm[group->storm].name;
	struct histogram *histogram = memory_get(sizeof(*histogram));
	json_t *entry = entry_of(repeats, group);
	int error;
	u64 ticks;

	histogram_reset(histogram);
	for (size_t i = 0; i < group->records; i++) {
		const struct record *record = &group->record[i];

		if (!(clean && record->flags & RECORD_DISTURBED) &&
		    record_leg(record, NULL, leg, &ticks))
			histogram_add(histogram, ticks);
	}
	histogram_merge(sum, histogram);
	if (entry && histogram->count)
		compose_set(json_object_get(entry, clean ? "p50_clean" : "p50"), leg_name[leg],
			    run_number(stats_quantile(histogram, 0.5)));
	error = run_add_histogram(writer, name, group->repeat, group->vcpu, leg, clean, histogram,
				  why);
	free(histogram);
	return error;
}

static int write_leg(const struct join_guest *guest, size_t storm, enum leg leg, json_t *repeats,
		     json_t *legs, struct run_writer *writer, char *why)
{
	const struct run_storm *from = &guest->run->storm[storm];
	const json_t *before = json_object_get(
		json_object_get(json_object_get(from->json, "operation"), "round_trip"), "site");
	struct run_leg run_leg = {.site = "kvm-tracepoint", .ci_low = NAN, .ci_high = NAN};
	struct leg_stats *stats[] = {&run_leg.all, &run_leg.clean};
	struct histogram *sum = memory_get(sizeof(*sum));
	int error = 0;

	if (leg == LEG_ROUND_TRIP)
		run_leg.site = from->leg[leg].site ? from->leg[leg].site
						   : (char *)json_string_value(before);
	for (u16 clean = 0; run_leg.site && clean < 2; clean++) {
		histogram_reset(sum);
		for (size_t i = 0; !error && i < guest->groups; i++)
			if (guest->group[i].storm == storm && guest->group[i].of[0])
				error = write_group(guest, &guest->group[i], leg, clean, repeats,
						    sum, writer, why);
		stats_summary(sum, stats[clean]);
	}
	free(sum);
	if (!error && run_leg.all.count)
		compose_set(legs, leg_name[leg], run_leg_json(&run_leg));
	return error;
}

int join_legs_write(const struct join_guest *guest, size_t storm, json_t *repeats, json_t *legs,
		    struct run_writer *writer, char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < NEW; i++)
		error = write_leg(guest, storm, legs_new[i], repeats, legs, writer, why);
	return error;
}

/* Rows of one histogram follow each other. */
struct copying {
	struct run_writer *writer;
	const char *storm;
	bool all;
	struct histogram_row key;
	struct histogram *histogram;
	char *why;
};

static int flush(struct copying *copying)
{
	const struct histogram_row *key = &copying->key;
	int error = run_add_histogram(copying->writer, copying->storm, key->repeat, key->vcpu,
				      key->leg, key->clean, copying->histogram, copying->why);

	histogram_reset(copying->histogram);
	return error;
}

static int on_row(void *arg, const struct histogram_row *row)
{
	struct copying *copying = arg;
	const struct histogram_row *key = &copying->key;
	int error = 0;

	if (!copying->all && join_leg_is_new(row->leg))
		return 0;
	if (key->repeat != row->repeat || key->vcpu != row->vcpu || key->leg != row->leg ||
	    key->clean != row->clean)
		error = flush(copying);
	copying->key = *row;
	copying->histogram->bucket[row->bucket] += row->count;
	copying->histogram->count += row->count;
	return error;
}

int join_legs_copy(const struct run *run, const struct run_storm *storm, bool all,
		   struct run_writer *writer, char *why)
{
	struct copying copying = {.writer = writer,
				  .storm = storm->name,
				  .all = all,
				  .histogram = memory_get(sizeof(*copying.histogram)),
				  .why = why};
	int error;

	histogram_reset(copying.histogram);
	error = run_histogram(run, storm->name, on_row, &copying, why);
	if (!error)
		error = flush(&copying);
	free(copying.histogram);
	return error == -ENOENT ? 0 : error;
}
