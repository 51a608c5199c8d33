// SPDX-License-Identifier: GPL-2.0-or-later
#include "vcpu_groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

const struct times *reason_row_times(const struct reason_row *row, enum trace_leg *leg)
{
	*leg = row->leg[TRACE_PERIOD].exits ? TRACE_PERIOD : TRACE_AFTER;
	return &row->leg[*leg];
}

static void set_title(struct vcpu_group *group, enum group_by by, const struct aggregate *aggregate,
		      const struct traced_thread *thread)
{
	char vcpu[24] = "a vCPU";

	if (thread->several)
		strcpy(vcpu, "several vCPUs");
	else if (thread->vcpu_id >= 0)
		snprintf(vcpu, sizeof(vcpu), "vCPU %d", thread->vcpu_id);
	if (by == BY_ALL)
		snprintf(group->title, sizeof(group->title), "%u VM%s, %u vCPU%s", aggregate->vms,
			 aggregate->vms == 1 ? "" : "s", group->vcpus,
			 group->vcpus == 1 ? "" : "s");
	else if (by == BY_VM && aggregate->anonymous)
		snprintf(group->title, sizeof(group->title), "VM %u: %u vCPU%s", thread->vm,
			 group->vcpus, group->vcpus == 1 ? "" : "s");
	else if (by == BY_VM)
		snprintf(group->title, sizeof(group->title), "VM %u: %s, process %u, %u vCPU%s",
			 thread->vm, thread->process, thread->pid, group->vcpus,
			 group->vcpus == 1 ? "" : "s");
	else if (aggregate->anonymous)
		snprintf(group->title, sizeof(group->title), "VM %u, %s", thread->vm, vcpu);
	else
		snprintf(group->title, sizeof(group->title),
			 "VM %u, %s: %s, process %u, thread %u (%s)", thread->vm, vcpu,
			 thread->process, thread->pid, thread->tid, thread->comm);
}

static u32 key_of(enum group_by by, const struct traced_thread *thread)
{
	return by == BY_ALL ? 0 : by == BY_VM ? thread->vm : thread->slot;
}

static struct vcpu_group *group_of(struct vcpu_groups *groups, u32 key)
{
	struct vcpu_group *group;

	for (u32 i = 0; i < groups->count; i++)
		if (groups->group[i].key == key)
			return &groups->group[i];
	group = memory_resize(groups->group, groups->count + 1, sizeof(*group));
	groups->group = group;
	group += groups->count++;
	*group = (struct vcpu_group){.key = key};
	return group;
}

static struct reason_row *row_of(struct vcpu_group *group, const struct series *series)
{
	struct reason_row **rows, *row;

	for (u32 i = 0; i < group->rows; i++) {
		row = group->row[i];
		if (row->space == series->space && row->reason == series->reason &&
		    row->isa == series->isa)
			return row;
	}
	rows = memory_resize(group->row, group->rows + 1, sizeof(*rows));
	group->row = rows;
	row = memory_new(1, sizeof(*row));
	rows[group->rows++] = row;
	row->space = series->space;
	row->reason = series->reason;
	row->isa = series->isa;
	return row;
}

static int compare_rows(const void *one, const void *other)
{
	const struct reason_row *a = *(struct reason_row *const *)one;
	const struct reason_row *b = *(struct reason_row *const *)other;
	enum trace_leg leg;
	u64 sum_a = reason_row_times(a, &leg)->sum, sum_b = reason_row_times(b, &leg)->sum;

	if ((a->space == TRACE_KVM) != (b->space == TRACE_KVM))
		return a->space == TRACE_KVM ? 1 : -1;
	if (sum_a != sum_b)
		return sum_a < sum_b ? 1 : -1;
	return a->reason < b->reason ? -1 : 1;
}

int vcpu_groups_make(struct vcpu_groups *groups, const struct aggregate *aggregate,
		     enum group_by by, bool total)
{
	*groups = (struct vcpu_groups){0};
	for (u32 i = 0; i < aggregate->threads; i++) {
		const struct traced_thread *thread = &aggregate->thread[i];
		struct vcpu_group *group = group_of(groups, key_of(by, thread));

		if (!group)
			return -ENOMEM;
		group->vcpus++;
		group->vcpu_seconds += total ? thread->total_life : thread->life;
		set_title(group, by, aggregate, thread);
	}
	for (u32 i = 0; i < aggregate->count; i++) {
		const struct series *series = aggregate->series[i];
		const struct times *times = total ? &series->total : &series->last;
		const struct traced_thread *thread = aggregate_thread(aggregate, series->slot);
		struct reason_row *row;

		if (!thread || (!times->exits && !times->count))
			continue;
		row = row_of(group_of(groups, key_of(by, thread)), series);
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

void vcpu_groups_free(struct vcpu_groups *groups)
{
	for (u32 i = 0; i < groups->count; i++) {
		for (u32 j = 0; j < groups->group[i].rows; j++)
			free(groups->group[i].row[j]);
		free(groups->group[i].row);
	}
	free(groups->group);
	*groups = (struct vcpu_groups){0};
}
