// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../output/table.h"
#include "describe.h"

/* How many storms are named; of more than that the number is given. */
#define NAMED 3

double describe_cpl(const struct run *run, const struct run_storm *storm)
{
	const json_t *cpl = json_object_get(storm->json, "cpl");

	return cpl ? json_is_integer(cpl) ? (double)json_integer_value(cpl) : NAN
		   : describe_number(run, "target.guest_cpl");
}

/*
 * Where a storm does not say (older runs, calls that enter no guest): as the target's guest, if it
 * has that guest's level.
 */
const char *describe_mode(const struct run *run, const struct run_storm *storm)
{
	const json_t *native = json_object_get(storm->json, "native");

	if (!json_is_boolean(native) &&
	    describe_cpl(run, storm) == describe_number(run, "target.guest_cpl"))
		native = run_get(run, "target.guest_native");
	if (!json_is_boolean(native))
		return "";
	return json_is_true(native) ? "native" : "interpreted";
}

static bool same_cpl(double one, double other)
{
	return one == other || (isnan(one) && isnan(other));
}

struct describe_mixed describe_mixed(const struct run *run)
{
	const struct run_storm *first = NULL;
	struct describe_mixed mixed = {0};

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		if (!describe_measured(storm))
			continue;
		if (!first)
			first = storm;
		mixed.cpl |= !same_cpl(describe_cpl(run, first), describe_cpl(run, storm));
		mixed.mode |= strcmp(describe_mode(run, first), describe_mode(run, storm)) != 0;
	}
	return mixed;
}

static void put_guest(FILE *out, double cpl, const char *mode, const char *native)
{
	if (!isnan(cpl))
		fprintf(out, "CPL %.0f", cpl);
	if (*mode)
		fprintf(out, "%s%s", isnan(cpl) ? "" : ", ",
			strcmp(mode, "native") ? mode : native);
}

char *describe_guest(const struct run *run, const struct run_storm *storm, char *text, size_t size)
{
	char *made = NULL;
	size_t length;
	FILE *out = memory_stream(&made, &length);

	put_guest(out, describe_cpl(run, storm), describe_mode(run, storm), "native");
	memory_end(out, &made);
	snprintf(text, size, "%s", made);
	free(made);
	return text;
}

bool describe_same_guest(const struct run *run, const struct run_storm *one,
			 const struct run_storm *other)
{
	return same_cpl(describe_cpl(run, one), describe_cpl(run, other)) &&
	       !strcmp(describe_mode(run, one), describe_mode(run, other));
}

static bool has_figures(const void *arg, const struct run_storm *storm)
{
	(void)arg;
	return describe_measured(storm);
}

/* Storms that a run without any figure has tried. */
static bool has_run(const void *arg, const struct run_storm *storm)
{
	(void)arg;
	return !strcmp(storm->status, "no_exit");
}

/* The subject of the text: the run's storms that are wanted. */
struct subject {
	const struct run *run;
	describe_wanted *wanted;
	const void *arg;
};

/* How many storms have the same guest as storm `index`; 0: an earlier one has it, too. */
static size_t group_size(const struct subject *subject, size_t index)
{
	const struct run *run = subject->run;
	size_t count = 0;

	for (size_t i = 0; i < run->storms; i++) {
		if (!subject->wanted(subject->arg, &run->storm[i]) ||
		    !describe_same_guest(run, &run->storm[i], &run->storm[index]))
			continue;
		if (i < index)
			return 0;
		count++;
	}
	return count;
}

static void put_group(const struct subject *subject, size_t index, size_t count, FILE *out)
{
	const struct run *run = subject->run;
	const char *before = "; ";

	if (count > NAMED)
		fprintf(out, "; %zu storms", count);
	for (size_t i = index; count <= NAMED && i < run->storms; i++) {
		if (!subject->wanted(subject->arg, &run->storm[i]) ||
		    !describe_same_guest(run, &run->storm[i], &run->storm[index]))
			continue;
		fprintf(out, "%s%s", before, run->storm[i].name);
		before = ", ";
	}
	fputs(" at ", out);
	put_guest(out, describe_cpl(run, &run->storm[index]),
		  describe_mode(run, &run->storm[index]), "run natively");
}

/* The first storm of the largest group; run->storms: there is none. */
static size_t largest_group(const struct subject *subject)
{
	size_t found = subject->run->storms, largest = 0;

	for (size_t i = 0; i < subject->run->storms; i++) {
		size_t count = subject->wanted(subject->arg, &subject->run->storm[i])
				       ? group_size(subject, i)
				       : 0;

		if (count > largest) {
			largest = count;
			found = i;
		}
	}
	return found;
}

const struct run_storm *describe_usual_guest(const struct run *run)
{
	struct subject subject = {run, has_figures, NULL};
	size_t largest = largest_group(&subject);

	return largest == run->storms ? NULL : &run->storm[largest];
}

static void put_guests(const struct subject *subject, FILE *out)
{
	const struct run *run = subject->run;
	size_t largest = largest_group(subject), count;

	if (largest == run->storms || isnan(describe_cpl(run, &run->storm[largest])))
		return;
	fputs("guest at ", out);
	put_guest(out, describe_cpl(run, &run->storm[largest]),
		  describe_mode(run, &run->storm[largest]), "run natively");
	for (size_t i = 0; i < run->storms; i++) {
		count = i != largest && subject->wanted(subject->arg, &run->storm[i])
				? group_size(subject, i)
				: 0;
		if (count)
			put_group(subject, i, count, out);
	}
}

char *describe_guests(const struct run *run, describe_wanted *wanted, const void *arg, char *text,
		      size_t size)
{
	struct subject subject = {run, wanted ? wanted : has_figures, arg};
	char *made = NULL;
	size_t length;
	FILE *out = memory_stream(&made, &length);

	put_guests(&subject, out);
	if (!wanted && !ftell(out)) {
		subject.wanted = has_run;
		put_guests(&subject, out);
	}
	memory_end(out, &made);
	snprintf(text, size, "%s", made);
	free(made);
	return text;
}

char *describe_target_of(const struct run *run, describe_wanted *wanted, const void *arg,
			 char *text, size_t size)
{
	const char *name = run_string(run, "target.name");
	const char *backend = run_string(run, "target.backend");
	const char *nesting = run_string(run, "target.nesting");
	const char *kind = run_string(run, "target.kvm_kind");
	bool in_place = !strcmp(backend, "none");
	bool own = *backend && !in_place && strcmp(backend, name);
	char guests[256];

	describe_guests(run, wanted, arg, guests, sizeof(guests));
	snprintf(text, size, "%s target%s%s%s%s%s%s%s%s%s%s", *name ? name : "unknown",
		 *kind ? " (" : "", kind, *kind ? ")" : "", own ? ", " : "", own ? backend : "",
		 own ? " backend" : "", *guests ? ", " : "", guests,
		 *nesting ? (in_place ? ", in place: " : ", NESTED: ") : "", nesting);
	return table_clean(text);
}

char *describe_target(const struct run *run, char *text, size_t size)
{
	return describe_target_of(run, NULL, NULL, text, size);
}
