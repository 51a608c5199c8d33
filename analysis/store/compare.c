// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

/* All groups, with the values of their units. */
struct groups {
	struct query_group *group;
	double **log;
	u64 **machine;
	size_t count;
	size_t base; /* the first one of the base */
};

static int keep_group(void *arg, const struct query_group *group)
{
	struct groups *groups = arg;
	const struct query_figure *p50 = &group->p50;
	size_t bytes = p50->units * sizeof(double), machines = p50->units * sizeof(u64);

	/* Room for the next power of two. */
	if (!(groups->count & (groups->count - 1))) {
		size_t room = 2 * groups->count + 1;

		groups->group = memory_resize(groups->group, room, sizeof(*groups->group));
		groups->log = memory_resize(groups->log, room, sizeof(*groups->log));
		groups->machine = memory_resize(groups->machine, room, sizeof(*groups->machine));
	}
	groups->group[groups->count] = *group;
	groups->log[groups->count] = memcpy(memory_get(bytes), p50->log, bytes);
	groups->machine[groups->count] = memcpy(memory_get(machines), p50->machine, machines);
	groups->count++;
	return 0;
}

static void free_groups(struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		free(groups->log[i]);
		free(groups->machine[i]);
	}
	free(groups->log);
	free(groups->machine);
	free(groups->group);
}

static bool is_base(const struct store_comparison *comparison, const struct query_group *group)
{
	for (size_t i = 0; i < comparison->query->keys; i++)
		if (strcmp(group->by[i], comparison->base[i]))
			return false;
	return true;
}

/* Copies the values of `text`, or those of the first group. */
static int set_base(struct store_comparison *comparison, struct groups *groups, const char *text,
		    char *why)
{
	const char *const given = text;

	if (!text) {
		memcpy(comparison->base, groups->group[0].by, sizeof(comparison->base));
		return 0;
	}
	for (size_t i = 0; i < comparison->query->keys; i++) {
		size_t length = i + 1 < comparison->query->keys ? strcspn(text, ",") : strlen(text);

		snprintf(comparison->base[i], QUERY_TEXT, "%.*s", (int)length, text);
		text += length + (text[length] == ',');
	}
	while (groups->base < groups->count && !is_base(comparison, &groups->group[groups->base]))
		groups->base++;
	if (groups->base < groups->count)
		return 0;
	return why_say(why, -ENOENT, "no group of the store is '%s'", given);
}

static bool same_measure(const struct query_group *one, const struct query_group *other)
{
	return one->unit == other->unit && !strcmp(one->storm, other->storm) &&
	       !strcmp(one->leg, other->leg) && !strcmp(one->site, other->site) &&
	       !strcmp(one->clock, other->clock);
}

/* The index of the base's group of the same storm; count: it has none. */
static size_t find_base(const struct store_comparison *comparison, const struct groups *groups,
			const struct query_group *group)
{
	/* Groups are sorted, so those of the base lie together. */
	for (size_t i = groups->base; i < groups->count; i++) {
		if (!is_base(comparison, &groups->group[i]))
			break;
		if (same_measure(&groups->group[i], group))
			return i;
	}
	return groups->count;
}

static struct sample sample_of(const struct groups *groups, size_t index)
{
	const struct query_figure *p50 = &groups->group[index].p50;

	return (struct sample){.log = groups->log[index],
			       .repeat = groups->machine[index],
			       .n = p50->units,
			       .blur = p50->blur};
}

static bool by_machines(const struct query_figure *figure)
{
	return figure->machines > 1;
}

static bool same_machines(const struct groups *groups, size_t one, size_t other)
{
	const struct query_figure *p50 = &groups->group[one].p50;

	return by_machines(p50) && by_machines(&groups->group[other].p50) &&
	       p50->units == groups->group[other].p50.units &&
	       !memcmp(groups->machine[one], groups->machine[other], p50->units * sizeof(u64));
}

static void add_rows(struct store_comparison *comparison, const struct groups *groups)
{
	comparison->row = memory_new(groups->count, sizeof(*comparison->row));
	for (size_t i = 0; i < groups->count; i++) {
		struct store_row *row = &comparison->row[comparison->rows];
		struct sample base, now = sample_of(groups, i);
		size_t at;

		if (is_base(comparison, &groups->group[i]))
			continue;
		at = find_base(comparison, groups, &groups->group[i]);
		if (at == groups->count) {
			comparison->alone++;
			continue;
		}
		base = sample_of(groups, at);
		row->group = groups->group[i];
		row->base = groups->group[at].p50;
		if (same_machines(groups, i, at))
			shift_paired(&base, &now, &row->shift);
		else
			shift_unpaired(&base, &now, &row->shift);
		comparison->rows++;
	}
}

static int decide(struct store_comparison *comparison)
{
	double *p = memory_new(comparison->rows, sizeof(*p));
	int error;

	for (size_t i = 0; i < comparison->rows; i++)
		p[i] = comparison->row[i].shift.p;
	error = holm_adjust(p, comparison->rows);
	for (size_t i = 0; !error && i < comparison->rows; i++) {
		struct store_row *row = &comparison->row[i];

		row->p = p[i];
		row->verdict = shift_verdict(&row->shift, p[i], comparison->margin);
	}
	free(p);
	return error;
}

int store_compare(struct store *store, const struct query *query, const char *base, double margin,
		  struct store_comparison *comparison, char *why)
{
	struct groups groups = {0};
	int error = query_run(store, query, keep_group, &groups, why);

	*comparison = (struct store_comparison){.query = query, .margin = margin};
	if (!error && !groups.count)
		error = why_say(why, -ENODATA, "no run of the store has such figures");
	if (!error)
		error = set_base(comparison, &groups, base, why);
	if (!error)
		add_rows(comparison, &groups);
	if (!error && !comparison->rows)
		error = why_say(why, -ENODATA,
				"there is nothing to compare: the groups share no "
				"storm that was measured alike");
	if (!error && decide(comparison))
		error = why_say(why, -ENOMEM, "no memory");
	free_groups(&groups);
	return error;
}

void store_comparison_free(struct store_comparison *comparison)
{
	free(comparison->row);
	comparison->row = NULL;
}

size_t store_regressions(const struct store_comparison *comparison, double percent)
{
	size_t n = 0;

	for (size_t i = 0; i < comparison->rows; i++)
		n += comparison->row[i].verdict == VERDICT_SLOWER &&
		     expm1(comparison->row[i].shift.log) * 100 > percent;
	return n;
}

size_t store_verdicts(const struct store_comparison *comparison, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < comparison->rows; i++)
		n += comparison->row[i].verdict == verdict;
	return n;
}
