// SPDX-License-Identifier: GPL-2.0-or-later
#include "gather.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../sysfs.h"

/* What a bucket's values are spread over, at most. */
#define SPREAD 64

void gather_free(struct gather *gather)
{
	for (u32 i = 0; i < gather->count; i++)
		free(gather->series[i]);
	free(gather->series);
	free(gather->watched);
	*gather = (struct gather){0};
}

const struct watched *gather_watched(const struct gather *gather, u16 slot)
{
	for (u32 i = 0; i < gather->threads; i++)
		if (gather->watched[i].slot == slot)
			return &gather->watched[i];
	return NULL;
}

/* The kernel's address of a VM is another's when it is gone: so with the process, in its high bits. */
static u64 key_of(const struct traced_slot *slot)
{
	u64 pid = slot->id >> 32;

	return slot->vm ? slot->vm ^ pid << 42 : pid;
}

/* VMs of one process are told apart where the kernel's address of them could be read. */
static u32 vm_of(struct gather *gather, u64 key)
{
	for (u32 i = 0; i < gather->vms; i++)
		if (gather->vm_key[i] == key)
			return i + 1;
	gather->vm_key[gather->vms++] = key;
	return gather->vms;
}

/* A thread that was within KVM_RUN when the trace began has told its VM later. */
static void refresh(struct gather *gather, struct watched *watched)
{
	const struct traced_slot *slot = kvm_trace_slot(gather->trace, watched->slot);

	if (watched->vcpu_id >= 0 || !slot->vm)
		return;
	watched->vcpu_id = slot->vcpu_id;
	if (gather->vm_key[watched->vm - 1] == watched->pid)
		gather->vm_key[watched->vm - 1] = key_of(slot);
	else
		watched->vm = vm_of(gather, key_of(slot));
}

static int watch(struct gather *gather, u16 number)
{
	const struct traced_slot *slot = kvm_trace_slot(gather->trace, number);
	struct watched *watched;

	if (gather_watched(gather, number))
		return 0;
	watched = reallocarray(gather->watched, gather->threads + 1, sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	gather->watched = watched;
	watched += gather->threads++;
	*watched = (struct watched){
		.slot = number,
		.pid = slot->id >> 32,
		.tid = (u32)slot->id,
		.vm = vm_of(gather, key_of(slot)),
		.vcpu_id = slot->vm ? slot->vcpu_id : -1,
	};
	memcpy(watched->comm, slot->comm, TRACE_COMM);
	if (!sysfs_text(watched->process, sizeof(watched->process), "/proc/%u/comm", watched->pid))
		memcpy(watched->process, slot->comm, TRACE_COMM);
	return 0;
}

static int series_new(struct gather *gather, u32 number)
{
	const struct traced_histogram *kernel = kvm_trace_histogram(gather->trace, number);
	struct series **list = reallocarray(gather->series, number, sizeof(*list));

	if (!list)
		return -ENOMEM;
	gather->series = list;
	list[number - 1] = calloc(1, sizeof(**list));
	if (!list[number - 1])
		return -ENOMEM;
	gather->count = number;
	list[number - 1]->slot = kernel->slot;
	list[number - 1]->space = kernel->space;
	list[number - 1]->leg = kernel->leg;
	list[number - 1]->reason = kernel->reason;
	list[number - 1]->isa = kernel->isa;
	return watch(gather, kernel->slot);
}

static void look_at(struct series *series, const volatile struct traced_histogram *kernel)
{
	struct times *last = &series->last, *total = &series->total;
	u64 exits = kernel->exits, sum = kernel->sum;

	*last = (struct times){.exits = exits - series->exits, .sum = sum - series->sum};
	series->exits = exits;
	series->sum = sum;
	for (u32 i = 0; i < TRACE_BUCKETS; i++) {
		u32 now = kernel->bucket[i], new = now - series->bucket[i];

		if (!new)
			continue;
		series->bucket[i] = now;
		last->bucket[i] = new;
		if (!last->count)
			last->min = histogram_low(i, TRACE_SUB_BITS);
		last->max = histogram_low(i, TRACE_SUB_BITS) + histogram_width(i, TRACE_SUB_BITS) - 1;
		last->count += new;
	}
	/* The ends that are exact are those of all. */
	if (last->count && last->min < ~kernel->least)
		last->min = ~kernel->least;
	if (last->max > kernel->max)
		last->max = kernel->max;
	times_add(total, last);
}

int gather_look(struct gather *gather, double seconds)
{
	u32 count = kvm_trace_histograms(gather->trace);
	int error = 0;

	gather->seconds = seconds;
	gather->total_seconds += seconds;
	gather->intervals++;
	for (u32 number = gather->count + 1; !error && number <= count; number++)
		error = series_new(gather, number);
	for (u32 i = 0; i < gather->threads; i++)
		refresh(gather, &gather->watched[i]);
	for (u32 i = 0; !error && i < gather->count; i++)
		look_at(gather->series[i], kvm_trace_histogram(gather->trace, i + 1));
	return error;
}

void times_add(struct times *into, const struct times *from)
{
	into->exits += from->exits;
	into->sum += from->sum;
	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	for (u32 i = 0; i < TRACE_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

static void add_many(struct histogram *histogram, u64 value, u64 count)
{
	u32 index = histogram_index(value, HISTOGRAM_SUB_BITS);

	if (index >= HISTOGRAM_BUCKETS)
		index = HISTOGRAM_BUCKETS - 1;
	histogram->bucket[index] += count;
	histogram->count += count;
	if (value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
}

void times_expand(const struct times *times, double scale, struct histogram *histogram)
{
	u64 seen = 0;

	histogram_reset(histogram);
	for (u32 i = 0; i < TRACE_BUCKETS; i++) {
		u64 count = times->bucket[i], parts = count < SPREAD ? count : SPREAD, done = 0;
		/* No value is beyond the ends that were seen. */
		double low = fmax(histogram_low(i, TRACE_SUB_BITS), times->min);
		double high = fmin(histogram_low(i, TRACE_SUB_BITS) + histogram_width(i, TRACE_SUB_BITS),
				   (double)times->max + 1);

		for (u64 part = 1; part <= parts; part++) {
			double value = low + (high - low) * (part - 0.5) / parts;
			u64 upto = count * part / parts;

			/* The ends are what they were, and in the buckets that they belong to. */
			if (times->count > 1 && seen == 0 && part == 1)
				value = times->min;
			else if (times->count > 1 && seen + upto == times->count)
				value = times->max;
			add_many(histogram, value * scale, upto - done);
			done = upto;
		}
		seen += count;
	}
	histogram->sum = (u64)((double)times->sum * scale);
}

double times_quantile(const struct times *times, double q)
{
	u64 below = 0;
	double rank = q * (double)times->count;

	if (!times->count)
		return NAN;
	for (u32 i = 0; i < TRACE_BUCKETS; i++) {
		u64 count = times->bucket[i];
		double value;

		if (!count || (double)(below + count) < rank) {
			below += count;
			continue;
		}
		value = histogram_low(i, TRACE_SUB_BITS) +
			histogram_width(i, TRACE_SUB_BITS) * (rank - (double)below) / (double)count;
		return fmin(fmax(value, times->min), times->max);
	}
	return times->max;
}
