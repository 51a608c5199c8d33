// SPDX-License-Identifier: GPL-2.0-or-later
#include "group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const struct times *watch_main(const struct watch_row *row, enum trace_leg *leg)
{
	*leg = row->leg[TRACE_PERIOD].exits ? TRACE_PERIOD : TRACE_AFTER;
	return &row->leg[*leg];
}

static void set_title(struct watch_group *group, enum watch_by by, const struct gather *gather,
		      const struct watched *watched)
{
	char vcpu[24] = "a vCPU";

	if (watched->vcpu_id >= 0)
		snprintf(vcpu, sizeof(vcpu), "vCPU %d", watched->vcpu_id);
	if (by == BY_ALL)
		snprintf(group->title, sizeof(group->title), "%u VM%s, %u vCPU%s", gather->vms,
			 gather->vms == 1 ? "" : "s", group->vcpus, group->vcpus == 1 ? "" : "s");
	else if (by == BY_VM)
		snprintf(group->title, sizeof(group->title), "VM %u: %s, process %u, %u vCPU%s",
			 watched->vm, watched->process, watched->pid, group->vcpus,
			 group->vcpus == 1 ? "" : "s");
	else
		snprintf(group->title, sizeof(group->title),
			 "VM %u, %s: %s, process %u, thread %u (%s)", watched->vm, vcpu,
			 watched->process, watched->pid, watched->tid, watched->comm);
}

static u32 key_of(enum watch_by by, const struct watched *watched)
{
	return by == BY_ALL ? 0 : by == BY_VM ? watched->vm : watched->slot;
}

static struct watch_group *group_of(struct watch_groups *groups, u32 key)
{
	struct watch_group *group;

	for (u32 i = 0; i < groups->count; i++)
		if (groups->group[i].key == key)
			return &groups->group[i];
	group = reallocarray(groups->group, groups->count + 1, sizeof(*group));
	if (!group)
		return NULL;
	groups->group = group;
	group += groups->count++;
	*group = (struct watch_group){.key = key};
	return group;
}

static struct watch_row *row_of(struct watch_group *group, const struct series *series)
{
	struct watch_row **rows, *row;

	for (u32 i = 0; i < group->rows; i++) {
		row = group->row[i];
		if (row->space == series->space && row->reason == series->reason &&
		    row->isa == series->isa)
			return row;
	}
	rows = reallocarray(group->row, group->rows + 1, sizeof(*rows));
	if (!rows)
		return NULL;
	group->row = rows;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	rows[group->rows++] = row;
	row->space = series->space;
	row->reason = series->reason;
	row->isa = series->isa;
	return row;
}

static int compare_rows(const void *one, const void *other)
{
	const struct watch_row *a = *(struct watch_row *const *)one;
	const struct watch_row *b = *(struct watch_row *const *)other;
	enum trace_leg leg;
	u64 sum_a = watch_main(a, &leg)->sum, sum_b = watch_main(b, &leg)->sum;

	if ((a->space == TRACE_KVM) != (b->space == TRACE_KVM))
		return a->space == TRACE_KVM ? 1 : -1;
	if (sum_a != sum_b)
		return sum_a < sum_b ? 1 : -1;
	return a->reason < b->reason ? -1 : 1;
}

int watch_groups_make(struct watch_groups *groups, const struct gather *gather, enum watch_by by,
		      bool total)
{
	*groups = (struct watch_groups){0};
	for (u32 i = 0; i < gather->threads; i++) {
		const struct watched *watched = &gather->watched[i];
		struct watch_group *group = group_of(groups, key_of(by, watched));

		if (!group)
			return -ENOMEM;
		group->vcpus++;
		group->vcpu_seconds += total ? watched->total_life : watched->life;
		set_title(group, by, gather, watched);
	}
	for (u32 i = 0; i < gather->count; i++) {
		const struct series *series = gather->series[i];
		const struct times *times = total ? &series->total : &series->last;
		const struct watched *watched = gather_watched(gather, series->slot);
		struct watch_row *row;

		if (!watched || (!times->exits && !times->count))
			continue;
		row = row_of(group_of(groups, key_of(by, watched)), series);
		if (!row)
			return -ENOMEM;
		times_add(&row->leg[series->leg], times);
		row->exits += times->exits;
	}
	for (u32 i = 0; i < groups->count; i++)
		if (groups->group[i].rows)
			qsort(groups->group[i].row, groups->group[i].rows,
			      sizeof(*groups->group[i].row), compare_rows);
	return 0;
}

void watch_groups_free(struct watch_groups *groups)
{
	for (u32 i = 0; i < groups->count; i++) {
		for (u32 j = 0; j < groups->group[i].rows; j++)
			free(groups->group[i].row[j]);
		free(groups->group[i].row);
	}
	free(groups->group);
	*groups = (struct watch_groups){0};
}
