// SPDX-License-Identifier: GPL-2.0-or-later
#include "aggregate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../machine/sysfs.h"

/* What a bucket's values are spread over, at most. */
#define SPREAD 64

void aggregate_free(struct aggregate *aggregate)
{
	for (u32 i = 0; i < aggregate->count; i++)
		free(aggregate->series[i]);
	free(aggregate->series);
	free(aggregate->thread);
	*aggregate = (struct aggregate){0};
}

const struct traced_thread *aggregate_thread(const struct aggregate *aggregate, u16 slot)
{
	for (u32 i = 0; i < aggregate->threads; i++)
		if (aggregate->thread[i].slot == slot)
			return &aggregate->thread[i];
	return NULL;
}

/* The kernel's address of a VM is another's when it is gone: so with the process, in its high bits.
 */
static u64 key_of(const struct traced_slot *slot)
{
	u64 pid = slot->id >> 32;

	return slot->vm ? slot->vm ^ pid << 42 : pid;
}

/*
 * The number of the VM with this key. Its address may be that of one which is gone, in the same
 * process: then the thread of the same vCPU is gone as well.
 */
static u32 vm_of(struct aggregate *aggregate, u64 key, s32 vcpu_id)
{
	u32 vm = aggregate->vms;

	while (vm && aggregate->vm_key[vm - 1] != key)
		vm--;
	for (u32 i = 0; vm && vcpu_id >= 0 && i < aggregate->threads; i++)
		if (aggregate->thread[i].vm == vm && aggregate->thread[i].vcpu_id == vcpu_id &&
		    aggregate->thread[i].gone)
			vm = 0;
	if (vm)
		return vm;
	aggregate->vm_key[aggregate->vms++] = key;
	return aggregate->vms;
}

/* When the thread did something that was seen. */
static u64 last_seen(const volatile struct traced_slot *slot)
{
	const u64 at[] = {slot->exit_at, slot->entry_at, slot->user_exit_at, slot->run_at};
	u64 last = slot->born;

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++)
		if (at[i] > last)
			last = at[i];
	return last;
}

static void live(const struct aggregate *aggregate, struct traced_thread *thread, u64 now)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, thread->slot);
	u64 from = slot->born > aggregate->looked ? slot->born : aggregate->looked;
	u64 to = thread->gone ? last_seen(slot) : now;

	thread->life = to > from ? (to - from) / 1e9 : 0;
	thread->total_life = to > slot->born ? (to - slot->born) / 1e9 : 0;
}

static void look_for(struct traced_thread *thread)
{
	thread->gone = syscall(SYS_tgkill, thread->pid, thread->tid, 0) && errno == ESRCH;
}

/* A thread that was within KVM_RUN when the trace began has told its VM later. */
static void refresh(struct aggregate *aggregate, struct traced_thread *thread)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, thread->slot);

	if (thread->vcpu_id >= 0 || !slot->vm)
		return;
	thread->vcpu_id = slot->vcpu_id;
	if (aggregate->vm_key[thread->vm - 1] == thread->pid)
		aggregate->vm_key[thread->vm - 1] = key_of(slot);
	else
		thread->vm = vm_of(aggregate, key_of(slot), -1);
}

static int thread_add(struct aggregate *aggregate, u16 number)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, number);
	struct traced_thread *thread;

	if (aggregate_thread(aggregate, number))
		return 0;
	thread = reallocarray(aggregate->thread, aggregate->threads + 1, sizeof(*thread));
	if (!thread)
		return -ENOMEM;
	aggregate->thread = thread;
	thread += aggregate->threads;
	*thread = (struct traced_thread){
		.slot = number,
		.pid = slot->id >> 32,
		.tid = (u32)slot->id,
		.vcpu_id = slot->vm ? slot->vcpu_id : -1,
	};
	thread->vm = vm_of(aggregate, key_of(slot), thread->vcpu_id);
	aggregate->threads++;
	look_for(thread);
	memcpy(thread->comm, slot->comm, TRACE_COMM);
	if (!sysfs_text(thread->process, sizeof(thread->process), "/proc/%u/comm", thread->pid))
		memcpy(thread->process, slot->comm, TRACE_COMM);
	return 0;
}

static int series_new(struct aggregate *aggregate, u32 number)
{
	const struct traced_histogram *kernel = kvm_trace_histogram(aggregate->trace, number);
	struct series **list = reallocarray(aggregate->series, number, sizeof(*list));

	if (!list)
		return -ENOMEM;
	aggregate->series = list;
	list[number - 1] = calloc(1, sizeof(**list));
	if (!list[number - 1])
		return -ENOMEM;
	aggregate->count = number;
	list[number - 1]->slot = kernel->slot;
	list[number - 1]->space = kernel->space;
	list[number - 1]->leg = kernel->leg;
	list[number - 1]->reason = kernel->reason;
	list[number - 1]->isa = aggregate_isa(kernel->space, kernel->isa);
	return thread_add(aggregate, kernel->slot);
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
		last->max =
			histogram_low(i, TRACE_SUB_BITS) + histogram_width(i, TRACE_SUB_BITS) - 1;
		last->count += new;
	}
	/* The ends that are exact are those of all. */
	if (last->count && last->min < ~kernel->least)
		last->min = ~kernel->least;
	if (last->max > kernel->max)
		last->max = kernel->max;
	times_add(total, last);
}

int aggregate_update(struct aggregate *aggregate, u64 now)
{
	u32 count = kvm_trace_histograms(aggregate->trace);
	int error = 0;

	aggregate->seconds = (now - aggregate->looked) / 1e9;
	aggregate->total_seconds += aggregate->seconds;
	aggregate->intervals++;
	for (u32 i = 0; i < aggregate->threads; i++)
		look_for(&aggregate->thread[i]);
	for (u32 number = aggregate->count + 1; !error && number <= count; number++)
		error = series_new(aggregate, number);
	for (u32 i = 0; i < aggregate->threads; i++) {
		refresh(aggregate, &aggregate->thread[i]);
		live(aggregate, &aggregate->thread[i], now);
	}
	for (u32 i = 0; !error && i < aggregate->count; i++)
		look_at(aggregate->series[i], kvm_trace_histogram(aggregate->trace, i + 1));
	aggregate->looked = now;
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
		double high =
			fmin(histogram_low(i, TRACE_SUB_BITS) + histogram_width(i, TRACE_SUB_BITS),
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
