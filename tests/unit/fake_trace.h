/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace whose histograms and threads the test makes up: in the place of trace/kvm_trace.c. */
#ifndef TESTS_UNIT_FAKE_TRACE_H
#define TESTS_UNIT_FAKE_TRACE_H

#include <errno.h>
#include <string.h>

#include "../../bench/tracer/aggregate.h"

#define FAKE_HISTOGRAMS 16

struct kvm_trace {
	struct traced_slot slot[TRACE_SLOTS];
	struct traced_histogram histogram[FAKE_HISTOGRAMS + 1]; /* from 1 */
	u32 histograms;
	struct kvm_trace_lost lost;
	enum kvm_way way[KVM_HOOK_COUNT];
	struct {
		struct traced_rip rip;
		u64 count;
	} rip[8];
	u32 rips;
};

static struct kvm_trace fake;

const char *const kvm_hook_name[KVM_HOOK_COUNT] = {
#define KVM_HOOK(ID, program, category, tracepoint) [KVM_HOOK_##ID] = tracepoint,
	KVM_HOOKS
#undef KVM_HOOK
};
const char *const kvm_way_name[KVM_WAYS] = {"none", "tp_btf", "raw_tp", "tracepoint"};

enum kvm_way kvm_trace_way(const struct kvm_trace *trace, enum kvm_hook hook)
{
	return trace->way[hook];
}

struct kvm_trace_lost kvm_trace_lost(const struct kvm_trace *trace)
{
	return trace->lost;
}

u32 kvm_trace_histograms(const struct kvm_trace *trace)
{
	return trace->histograms;
}

const struct traced_histogram *kvm_trace_histogram(const struct kvm_trace *trace, u32 number)
{
	return &trace->histogram[number];
}

const struct traced_slot *kvm_trace_slot(const struct kvm_trace *trace, u32 number)
{
	return &trace->slot[number];
}

int kvm_trace_rips(const struct kvm_trace *trace,
		   int (*take)(void *arg, const struct traced_rip *, u64 count), void *arg)
{
	int error = 0;

	for (u32 i = 0; !error && i < trace->rips; i++)
		error = take(arg, &trace->rip[i].rip, trace->rip[i].count);
	return error;
}

/* A thread that has been seen at `born`. vm 0: which VM it is in could not be read. */
static inline struct traced_slot *fake_thread(u16 number, u32 pid, u32 tid, u64 vm, s32 vcpu, u64 born)
{
	struct traced_slot *slot = &fake.slot[number];

	*slot = (struct traced_slot){
		.id = (u64)pid << 32 | tid, .here = (u64)pid << 32 | tid, .vm = vm, .vcpu_id = vcpu, .born = born, .number = number};
	memcpy(slot->comm, "a vcpu", 7);
	strncpy(slot->process, program_invocation_short_name, TRACE_COMM - 1);
	return slot;
}

static inline struct traced_histogram *fake_histogram(u16 slot, u8 space, u8 leg, u32 reason, u32 isa)
{
	struct traced_histogram *histogram = &fake.histogram[++fake.histograms];

	*histogram = (struct traced_histogram){
		.slot = slot, .space = space, .leg = leg, .reason = reason, .isa = isa};
	return histogram;
}

/* As kvm.bpf.c's add() does. */
static inline void fake_add(struct traced_histogram *histogram, u64 ns, u32 count)
{
	u32 bucket = histogram_index(ns, TRACE_SUB_BITS);

	histogram->bucket[bucket < TRACE_BUCKETS ? bucket : TRACE_BUCKETS - 1] += count;
	histogram->sum += ns * count;
	if (ns > histogram->max)
		histogram->max = ns;
	if (~ns > histogram->min_inverted)
		histogram->min_inverted = ~ns;
}

#endif
