// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "legs.h"

static json_t *integer(u64 value)
{
	return json_integer((json_int_t)value);
}

static json_t *ratio(u64 part, u64 whole)
{
	return part % whole ? json_real((double)part / whole) : integer(part / whole);
}

/* Names of the reasons that are the operation's own. */
static json_t *reasons_json(const struct join_host *host, const struct join_count *count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < host->run->storms; i++)
		if (count->own[i])
			compose_add(array, compose_text(host->run->storm[i].name));
	return array;
}

/* joined{} of a storm: all ticks are of an operation, and with those of the guest their sum. */
static json_t *joined_json(const struct join_host *host, size_t hosts,
			   const struct join_count *count, const char *before)
{
	json_t *levels = json_array();
	u64 rest = count->ticks;

	for (size_t i = 0; i < hosts; i++) {
		const struct join_level *level = &count->level[i];

		compose_add(levels, compose_pack("{s:o, s:f}", "exits_per_op",
						 ratio(level->exits, count->operations), "ticks",
						 (double)level->ticks / count->operations));
		rest -= level->ticks < rest ? level->ticks : rest;
	}
	return compose_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:f}", "operations",
			    integer(count->operations), "incomplete", integer(count->incomplete),
			    "foreign", integer(count->foreign), "reasons",
			    reasons_json(host, count), "inside", compose_text_or_null(before),
			    "levels", levels, "rest", (double)rest / count->operations);
}

/* Whether each operation exits, by the count. A baseline is measured in any case. */
static void set_status(json_t *json, const struct run_storm *storm, const struct join_count *count)
{
	bool baseline = !strcmp(storm->kind, "none"), exits = count->usual > 0;

	compose_set(json, "status", compose_text(exits || baseline ? "measured" : "no_exit"));
	compose_set(json, "why",
		    exits || baseline
			    ? json_null()
			    : compose_format("the host's trace has %llu exits in %llu operations: "
					     "not each of them exits",
					     (unsigned long long)(count->exits + count->foreign),
					     (unsigned long long)count->operations));
}

static void set_counts(json_t *json, const struct join_host *host, const struct join_count *count)
{
	u64 expected = count->usual * count->operations;

	for (size_t i = 0; i < host->run->storms; i++) {
		const json_t *from = host->run->storm[i].json;

		if (!count->own[i])
			continue;
		compose_set(json, "raw_reason", compose_copy(json_object_get(from, "raw_reason")));
		compose_set(json, "raw_space", compose_copy(json_object_get(from, "raw_space")));
		break;
	}
	compose_set(json, "exits_per_op", ratio(count->exits, count->operations));
	compose_set(json, "exits", integer(count->exits));
	compose_set(json, "expected", integer(expected < count->exits ? expected : count->exits));
	compose_set(json, "other", integer(count->foreign));
	compose_set(json, "disturbed", integer(count->disturbed));
	compose_set(json, "lost", integer(count->incomplete));
}

/* The legs of the guest's run that its records do not give. */
static json_t *legs_kept(const json_t *json)
{
	json_t *legs = json_object();
	const char *const from[] = {"legs", "operation"};

	for (size_t i = 0; i < 2; i++)
		for (enum leg leg = 0; leg < LEGS; leg++) {
			json_t *kept =
				json_object_get(json_object_get(json, from[i]), leg_name[leg]);

			if (kept && !join_leg_is_new(leg))
				compose_set(legs, leg_name[leg], json_incref(kept));
		}
	return legs;
}

static int write_records(const struct join_guest *guest, size_t storm, struct run_writer *writer,
			 char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < guest->groups; i++)
		if (guest->group[i].storm == storm)
			error = run_add_records(writer, guest->run->storm[storm].name,
						guest->group[i].record, guest->group[i].records,
						why);
	return error;
}

static int write_joined(struct join_guest *guest, size_t storm, const struct join_host *host,
			size_t hosts, const struct join_count *count, struct run_writer *writer,
			json_t *json, char *why)
{
	const struct run_storm *from = &guest->run->storm[storm];
	json_t *legs = legs_kept(from->json), *proof = json_object_get(json, "exit_proof");
	const char *before = json_string_value(
		json_object_get(json_object_get(from->json, "exit_proof"), "evidence"));
	int error =
		join_legs_write(guest, storm, json_object_get(json, "repeats"), legs, writer, why);

	set_status(json, from, count);
	set_counts(json, host, count);
	json_object_del(json, "operation");
	if (strcmp(json_string_value(json_object_get(json, "status")), "measured")) {
		compose_set(json, "operation", legs);
		legs = json_object();
	}
	compose_set(json, "legs", legs);
	compose_set(json, "joined", joined_json(host, hosts, count, before));
	if (proof)
		compose_set(proof, "evidence", compose_text("counted"));
	return error;
}

int join_storm_write(struct join_guest *guest, size_t storm, const struct join_host *host,
		     size_t hosts, struct run_writer *writer, json_t **json, char *why)
{
	const struct run_storm *from = &guest->run->storm[storm];
	struct join_count count;
	int error = 0;

	*json = compose_copy(from->json);
	json_object_del(*json, "samples");
	join_count(guest, storm, host, hosts, &count);
	if (count.operations)
		error = write_joined(guest, storm, host, hosts, &count, writer, *json, why);
	if (!error)
		error = join_legs_copy(guest->run, from, !count.operations, writer, why);
	if (!error)
		error = write_records(guest, storm, writer, why);
	join_count_free(&count);
	return error;
}
