// SPDX-License-Identifier: GPL-2.0-or-later
#include "places.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../describe/describe.h"
#include "../describe/proof.h"

/* From this ratio of ends on the axis is logarithmic. */
#define PLACE_GAP_MIN	0.04 /* minimum distance, as a part of the axis */
#define PLACE_LOG_RANGE 12

static int by_place(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	return (a->at > b->at) - (a->at < b->at);
}

/* Are two places closer to each other than a label is wide? */
static bool crowded(const struct figure *figure)
{
	const struct place *place = figure->place;
	double range = place[figure->runs - 1].at - place[0].at;

	for (size_t i = 1; i < figure->runs; i++)
		if (place[i].at - place[i - 1].at < range * PLACE_GAP_MIN)
			return true;
	return false;
}

/* Sorts places by number. The axis is logarithmic where they are far apart. */
static int number_places(struct figure *figure, char *why)
{
	struct place *place = figure->place;

	qsort(place, figure->runs, sizeof(*place), by_place);
	for (size_t i = 1; i < figure->runs; i++)
		if (place[i].at == place[i - 1].at)
			return why_say(why, -EDOM, "%s and %s both have %s %s",
				       why_path(place[i - 1].run->path),
				       why_path(place[i].run->path), place[i].label,
				       figure->place_name);
	figure->place_log =
		place[0].at > 0 && place[figure->runs - 1].at > PLACE_LOG_RANGE * place[0].at;
	figure->place_number = figure->place_log || !crowded(figure);
	/* Crowded numbers (0, 100, 1000, 10000) are placed evenly, as names are. */
	for (size_t i = 0; !figure->place_number && i < figure->runs; i++)
		place[i].at = i;
	return 0;
}

int plot_places_vcpus(struct figure *figure, char *why)
{
	snprintf(figure->place_name, sizeof(figure->place_name), "vCPUs");
	for (size_t i = 0; i < figure->runs; i++) {
		struct place *place = &figure->place[i];

		place->at = describe_number(place->run, "plan.vcpus");
		if (!(place->at > 0 && place->at < 1e6))
			return why_say(why, -EDOM, "%s does not say how many vCPUs it had",
				       why_path(place->run->path));
		snprintf(place->label, sizeof(place->label), "%.0f", place->at);
	}
	return number_places(figure, why);
}

static const char *setting(const struct run *run, const char *key)
{
	const char *word = json_string_value(json_object_get(run_get(run, "settings"), key));

	return word ? word : "";
}

/* The one setting in which the runs differ. */
static int find_setting(struct figure *figure, const char **found, char *why)
{
	const char *key;
	json_t *value;

	*found = NULL;
	json_object_foreach ((json_t *)run_get(figure->run[0], "settings"), key, value) {
		bool differ = false;

		for (size_t i = 1; i < figure->runs; i++)
			differ |= strcmp(setting(figure->run[0], key),
					 setting(figure->run[i], key)) != 0;
		if (differ && *found)
			return why_say(why, -EDOM,
				       "the runs differ in %s and in %s: a sweep has one setting",
				       *found, key);
		if (differ)
			*found = key;
	}
	if (*found)
		return 0;
	return why_say(why, -EDOM,
		       "the runs do not differ in a setting: 'run --vary KEY=V1,V2' makes a sweep");
}

int plot_places_setting(struct figure *figure, char *why)
{
	const char *key, *word;
	bool numbers = true;
	int error = find_setting(figure, &key, why);

	if (error)
		return error;
	snprintf(figure->place_name, sizeof(figure->place_name), "%s", key);
	for (size_t i = 0; i < figure->runs; i++) {
		struct place *place = &figure->place[i];
		char *end;

		word = setting(place->run, key);
		snprintf(place->label, sizeof(place->label), "%s", word);
		place->at = strtod(word, &end);
		numbers &= *word && !*end && isfinite(place->at);
	}
	if (numbers)
		return number_places(figure, why);
	for (size_t i = 0; i < figure->runs; i++) {
		figure->place[i].at = i;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(figure->place[i].label, figure->place[j].label))
				return why_say(why, -EDOM, "%s and %s both have %s=%s",
					       why_path(figure->place[j].run->path),
					       why_path(figure->place[i].run->path), key,
					       figure->place[i].label);
	}
	return 0;
}

/*
 * "KVM, Firecracker": the hypervisor that a run in place measured, see describe/proof.h; "":
 * another target's run, whose hypervisor is exitstorm's own or this kernel's.
 */
static void hypervisor_of(const struct run *run, char *text, size_t size)
{
	const char *name = run_string(run, "host.below.name");
	const char *monitor = run_string(run, "host.below.monitor");

	if (!describe_in_place(run))
		name = monitor = "";
	else if (!*name)
		name = "unknown hypervisor";
	snprintf(text, size, "%s%s%s", name, *monitor ? ", " : "", monitor);
}

/* The first run with the same hypervisor. */
static size_t group_of(const struct figure *figure, size_t index)
{
	char own[64], other[64];
	size_t i = 0;

	hypervisor_of(figure->place[index].run, own, sizeof(own));
	for (; i < index; i++) {
		hypervisor_of(figure->place[i].run, other, sizeof(other));
		if (!strcmp(own, other))
			break;
	}
	return i;
}

/*
 * Runs keep the order of the command line, which has the generations in order; those of one
 * hypervisor, whose exits they measured, stand together.
 */
int plot_places_cpu(struct figure *figure, char *why)
{
	(void)why;
	for (size_t i = 0; i < figure->runs; i++) {
		struct place *place = &figure->place[i];
		const char *codename = run_string(place->run, "host.cpu.codename");
		const char *brand = run_string(place->run, "host.cpu.brand");
		char below[64];

		hypervisor_of(place->run, below, sizeof(below));
		place->at = group_of(figure, i) * figure->runs + i;
		snprintf(place->label, sizeof(place->label), "%.30s%s%.31s", below,
			 *below ? ": " : "",
			 *codename ? codename
			 : *brand  ? brand
				   : "unknown CPU");
	}
	qsort(figure->place, figure->runs, sizeof(*figure->place), by_place);
	for (size_t i = 0; i < figure->runs; i++)
		figure->place[i].at = i;
	return 0;
}
