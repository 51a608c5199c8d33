// SPDX-License-Identifier: GPL-2.0-or-later
#include "aggregate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/why.h"

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

/* The address of struct kvm may be reused by another process: the key also has the pid. */
static u64 key_of(const struct traced_slot *slot)
{
	u64 pid = slot->id >> 32;

	return slot->vm ? slot->vm ^ pid << 42 : pid;
}

/*
 * The number of the VM with this key. The address of struct kvm may also be reused in the same
 * process; then the old VM's thread of the same vCPU has ended.
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

/* ns: the last time that a hook saw the thread. */
static u64 last_seen(const volatile struct traced_slot *slot)
{
	const u64 at[] = {slot->exit_at, slot->entry_at, slot->user_exit_at, slot->run_at};
	u64 last = slot->born;

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++)
		if (at[i] > last)
			last = at[i];
	return last;
}

static void update_life(const struct aggregate *aggregate, struct traced_thread *thread, u64 now)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, thread->slot);
	u64 from = slot->born > aggregate->updated ? slot->born : aggregate->updated;
	u64 to = thread->gone ? last_seen(slot) : now;

	thread->life = to > from ? (to - from) / 1e9 : 0;
	thread->total_life = to > slot->born ? (to - slot->born) / 1e9 : 0;
}

static void check_gone(struct traced_thread *thread)
{
	/* Of a thread in another PID namespace it is not known. */
	thread->gone =
		thread->pid && syscall(SYS_tgkill, thread->pid, thread->tid, 0) && errno == ESRCH;
}

/* The VM of a thread that was in KVM_RUN when the trace began is known only after its return. */
static void update_vm(struct aggregate *aggregate, struct traced_thread *thread)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, thread->slot);

	thread->several = slot->several;
	if (thread->several)
		thread->vcpu_id = -1;
	if (thread->vcpu_id >= 0 || thread->several || !slot->vm)
		return;
	thread->vcpu_id = slot->vcpu_id;
	if (aggregate->vm_key[thread->vm - 1] == slot->id >> 32)
		aggregate->vm_key[thread->vm - 1] = key_of(slot);
	else
		thread->vm = vm_of(aggregate, key_of(slot), -1);
}

/*
 * A name is any bytes that the process has chosen, possibly cut in mid-character: characters that
 * do not print, or control a terminal, become '?'.
 */
static void copy_name(char *to, const char *from)
{
	memcpy(to, from, TRACE_COMM);
	to[TRACE_COMM] = '\0';
	why_clean(to);
}

int aggregate_add_thread(struct aggregate *aggregate, u16 number)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, number);
	struct traced_thread *thread;

	for (u32 i = 0; i < aggregate->threads; i++)
		if (aggregate->thread[i].slot == number)
			return i;
	thread = memory_resize(aggregate->thread, aggregate->threads + 1, sizeof(*thread));
	aggregate->thread = thread;
	thread += aggregate->threads;
	*thread = (struct traced_thread){
		.slot = number,
		.pid = slot->here >> 32,
		.tid = slot->here ? slot->here : slot->id,
		.vcpu_id = slot->vm && !slot->several ? slot->vcpu_id : -1,
		.several = slot->several,
	};
	thread->vm = vm_of(aggregate, key_of(slot), thread->vcpu_id);
	aggregate->threads++;
	check_gone(thread);
	copy_name(thread->comm, slot->comm);
	copy_name(thread->process, slot->process);
	return aggregate->threads - 1;
}

static int series_new(struct aggregate *aggregate, u32 number)
{
	const struct traced_histogram *kernel = kvm_trace_histogram(aggregate->trace, number);
	struct series **list = memory_resize(aggregate->series, number, sizeof(*list));
	int thread;

	aggregate->series = list;
	list[number - 1] = memory_new(1, sizeof(**list));
	aggregate->count = number;
	list[number - 1]->slot = kernel->slot;
	list[number - 1]->space = kernel->space;
	list[number - 1]->leg = kernel->leg;
	list[number - 1]->reason = kernel->reason;
	list[number - 1]->isa = aggregate_isa(kernel->space, kernel->isa);
	thread = aggregate_add_thread(aggregate, kernel->slot);
	return thread < 0 ? thread : 0;
}

static void update_series(struct series *series, const volatile struct traced_histogram *kernel)
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
	/* Exact bounds are known for the whole trace only. */
	if (last->count && last->min < ~kernel->min_inverted)
		last->min = ~kernel->min_inverted;
	if (last->max > kernel->max)
		last->max = kernel->max;
	times_add(total, last);
}

int aggregate_update(struct aggregate *aggregate, u64 now)
{
	u32 count = kvm_trace_histograms(aggregate->trace);
	int error = 0;

	aggregate->seconds = (now - aggregate->updated) / 1e9;
	aggregate->total_seconds += aggregate->seconds;
	for (u32 i = 0; i < aggregate->threads; i++)
		check_gone(&aggregate->thread[i]);
	for (u32 number = aggregate->count + 1; !error && number <= count; number++)
		error = series_new(aggregate, number);
	for (u32 i = 0; i < aggregate->threads; i++) {
		update_vm(aggregate, &aggregate->thread[i]);
		update_life(aggregate, &aggregate->thread[i], now);
	}
	for (u32 i = 0; !error && i < aggregate->count; i++)
		update_series(aggregate->series[i], kvm_trace_histogram(aggregate->trace, i + 1));
	aggregate->updated = now;
	return error;
}
