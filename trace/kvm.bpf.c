// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What KVM does with its guests, as histograms that stay in the kernel; events leave it only where
 * they were asked for. Each hook has a program for each way to attach; kvm_trace.c loads one.
 *
 * Types of the kernel are flavours (___es) with the fields that are used: CO-RE finds those of the
 * kernel that runs, also in KVM's modules.
 */
#include "kvm_shared.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kvm_types.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Set before loading: the verifier leaves out what they switch off. */
const volatile u32 only_tgid;	/* this process and its descendants; 0: all */
const volatile bool has_entry;	/* kvm_entry is hooked */
const volatile bool has_run;	/* KVM_RUN is hooked */
const volatile bool has_away;	/* sched_switch and kvm_vcpu_wakeup are hooked */
const volatile bool exit_reason_first; /* kvm_exit(reason, vcpu, isa), up to 5.15 */
const volatile bool vendor_types;      /* vcpu_vmx or vcpu_svm can be read */
const volatile bool want_events;
const volatile u64 slow_ns; /* an event for each exit that takes longer; 0: none */
const volatile bool want_rips;
const volatile u32 histogram_limit;

/* Lost: what there was no room for. */
u64 lost_events, lost_threads, lost_histograms, lost_rips;
u32 histograms_used;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRACE_SLOTS);
	__type(key, u32);
	__type(value, struct traced_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct traced_histogram);
} histograms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct traced_rip);
	__type(value, u64);
} rips SEC(".maps");

/* Slots */

static bool is_wanted(void)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();

	if (!only_tgid)
		return true;
	for (int depth = 0; depth < 16; depth++) {
		u32 tgid = BPF_CORE_READ(task, tgid);

		if (tgid == only_tgid)
			return true;
		if (tgid <= 1)
			return false;
		task = BPF_CORE_READ(task, real_parent);
	}
	return false;
}

/* A thread that is not at its first place in the table. */
static __noinline struct traced_slot *slot_search(u32 tid)
{
	for (u32 probe = 0; probe < TRACE_PROBES; probe++) {
		u32 number = (tid + probe) & (TRACE_SLOTS - 1);
		struct traced_slot *slot = bpf_map_lookup_elem(&slots, &number);

		if (!slot || !slot->id)
			return NULL;
		if ((u32)slot->id == tid)
			return slot;
	}
	return NULL;
}

static __always_inline struct traced_slot *slot_of(u32 tid)
{
	u32 number = tid & (TRACE_SLOTS - 1);
	struct traced_slot *slot = bpf_map_lookup_elem(&slots, &number);

	if (slot && (u32)slot->id == tid)
		return slot;
	return slot && slot->id ? slot_search(tid) : NULL;
}

static __noinline struct traced_slot *slot_make(u64 id)
{
	for (u32 probe = 0; probe < TRACE_PROBES; probe++) {
		u32 number = ((u32)id + probe) & (TRACE_SLOTS - 1);
		struct traced_slot *slot = bpf_map_lookup_elem(&slots, &number);

		if (!slot)
			return NULL;
		if (slot->id == id)
			return slot;
		if (slot->claimed || __sync_val_compare_and_swap(&slot->claimed, 0, id))
			continue;
		slot->vcpu_id = -1;
		slot->fd = -1;
		slot->number = number;
		slot->ignored = !is_wanted();
		bpf_get_current_comm(slot->comm, sizeof(slot->comm));
		slot->id = id;
		return slot;
	}
	__sync_fetch_and_add(&lost_threads, 1);
	return NULL;
}

/* The slot of this thread, made when it is first seen. NULL: not wanted, or no room. */
static __always_inline struct traced_slot *slot_here(void)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 number = (u32)id & (TRACE_SLOTS - 1);
	struct traced_slot *slot = bpf_map_lookup_elem(&slots, &number);

	if (!slot || slot->id != id)
		slot = slot_make(id);
	return slot && !slot->ignored ? slot : NULL;
}

/* Histograms */

static __always_inline u32 space_of(u32 key)
{
	if (key < TRACE_KVM_KEYS)
		return TRACE_KVM;
	return key < TRACE_KVM_KEYS + TRACE_HW_KEYS ? TRACE_HARDWARE : TRACE_NESTED;
}

static __noinline u32 histogram_claim(struct traced_slot *slot, u32 key, u32 leg, u32 reason)
{
	struct traced_histogram *histogram;
	u32 number = histograms_used + 1; /* 0 is none */

	if (number < histogram_limit)
		number = __sync_fetch_and_add(&histograms_used, 1) + 1;
	histogram = number < histogram_limit ? bpf_map_lookup_elem(&histograms, &number) : NULL;
	if (!histogram || key >= TRACE_KEYS || leg >= TRACE_LEGS)
		return 0;
	histogram->reason = reason;
	histogram->slot = slot->number;
	histogram->space = space_of(key);
	histogram->leg = leg;
	histogram->isa = slot->isa;
	slot->index[key][leg] = number;
	return number;
}

static __noinline u32 histogram_find(struct traced_slot *slot, u32 key, u32 leg, u32 reason)
{
	struct traced_recent *recent;
	u32 number;

	barrier_var(key); /* the verifier must see the bounds on the registers that are used */
	barrier_var(leg);
	if (!slot || key >= TRACE_KEYS || leg >= TRACE_LEGS)
		return 0;
	number = slot->index[key][leg];
	if (!number)
		number = histogram_claim(slot, key, leg, reason);
	if (!number)
		__sync_fetch_and_add(&lost_histograms, 1);
	recent = key < TRACE_KVM_KEYS ? slot->user_recent : slot->exit_recent;
	recent[leg].key = key;
	recent[leg].number = number;
	return number;
}

static __always_inline struct traced_histogram *histogram_of(struct traced_slot *slot, u32 key,
							     u32 leg, u32 reason, bool user)
{
	struct traced_recent *recent = user ? &slot->user_recent[leg] : &slot->exit_recent[leg];
	u32 number = recent->number;

	if (recent->key != key || !number)
		number = histogram_find(slot, key, leg, reason);
	/* 0: a histogram that nobody reads */
	return bpf_map_lookup_elem(&histograms, &number);
}

static __always_inline void add(struct traced_histogram *histogram, u64 ns)
{
	u32 bucket = histogram_index(ns, TRACE_SUB_BITS);

	if (bucket >= TRACE_BUCKETS)
		bucket = TRACE_BUCKETS - 1;
	histogram->bucket[bucket]++;
	histogram->sum += ns;
	if (ns > histogram->max)
		histogram->max = ns;
	if (~ns > histogram->least)
		histogram->least = ~ns;
}

static __always_inline void add_to(struct traced_slot *slot, u32 key, u32 leg, u32 reason,
				   bool user, u64 ns)
{
	struct traced_histogram *histogram = histogram_of(slot, key, leg, reason, user);

	if (histogram)
		add(histogram, ns);
}

static __always_inline u64 minus(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* Takes out of a time what the thread was away since the mark, into histograms of its own. */
static __always_inline u64 without_away(struct traced_slot *slot, u32 key, u32 reason, bool user,
					u64 ns, const struct traced_away *mark)
{
	u64 off = slot->away.off - mark->off, halted = slot->away.halted - mark->halted;

	if (off)
		add_to(slot, key, TRACE_OFF, reason, user, off);
	if (halted)
		add_to(slot, key, TRACE_HALTED, reason, user, halted);
	return minus(ns, off + halted + slot->away.user - mark->user);
}

/* What was asked for beside histograms */

static __always_inline void send(const struct traced_slot *slot, u32 space, u32 reason, u64 from,
				 u64 to, u64 ns)
{
	struct traced_exit *event;

	if (!want_events && !(slow_ns && ns >= slow_ns))
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&lost_events, 1);
		return;
	}
	event->from = from;
	event->to = to;
	event->time = ns;
	event->rip = slot->rip;
	event->reason = reason;
	event->slot = slot->number;
	event->space = space;
	event->isa = slot->isa;
	/* A wake-up costs more than many exits: who reads looks by the clock. */
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

static __always_inline void count_rip(const struct traced_slot *slot, u32 space, u32 reason)
{
	struct traced_rip key = {slot->rip, reason, slot->number, space, slot->isa};
	u64 *count, one = 1;

	if (!want_rips || !slot->rip)
		return;
	count = bpf_map_lookup_elem(&rips, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else if (bpf_map_update_elem(&rips, &key, &one, BPF_NOEXIST))
		__sync_fetch_and_add(&lost_rips, 1);
}

static __always_inline u64 rip_of(const void *vcpu_address)
{
	const struct kvm_vcpu___es *vcpu = vcpu_address;

	if (!vcpu || !bpf_core_field_exists(vcpu->arch.regs_avail))
		return 0;
	if (!(BPF_CORE_READ(vcpu, arch.regs_avail) & 1 << VCPU_REGS_RIP))
		return 0;
	return BPF_CORE_READ(vcpu, arch.regs[VCPU_REGS_RIP]);
}

/* The hooks, whatever way they were attached */

static __always_inline int on_exit(u32 reason, u32 isa, const void *vcpu, u64 rip)
{
	u32 leg = has_entry ? TRACE_BEFORE : TRACE_PERIOD;
	u64 now = bpf_ktime_get_ns(), since;
	struct traced_histogram *histogram;
	struct traced_slot *slot = slot_here();
	u32 key;

	if (!slot)
		return 0;
	key = reason < TRACE_HW_KEYS - 64 ? reason : (TRACE_HW_KEYS - 64) | (reason & 63);
	key += TRACE_KVM_KEYS;
	slot->isa = isa;
	histogram = histogram_of(slot, key, leg, reason, false);
	if (histogram) {
		histogram->exits++;
		since = has_entry ? slot->entry_at : slot->exit_at;
		if (since)
			add(histogram, now - since);
	}
	slot->exit_at = now;
	slot->entry_at = 0;
	slot->exit_key = key;
	slot->exit_reason = reason;
	slot->nested = 0;
	if (has_entry)
		slot->exit_mark = slot->away;
	if (want_rips || slow_ns) {
		slot->rip = rip ?: rip_of(vcpu);
		count_rip(slot, TRACE_HARDWARE, reason);
	}
	if (!has_entry && want_events)
		send(slot, TRACE_HARDWARE, reason, now, 0, 0);
	return 0;
}

static __always_inline int on_entry(void)
{
	u64 now = bpf_ktime_get_ns(), ns;
	struct traced_slot *slot = slot_here();
	u32 key;

	if (!slot)
		return 0;
	slot->entry_at = now;
	if (!slot->exit_at)
		return 0;
	ns = now - slot->exit_at;
	key = slot->exit_key + (slot->nested ? TRACE_HW_KEYS : 0);
	ns = without_away(slot, key, slot->exit_reason, false, ns, &slot->exit_mark);
	add_to(slot, key, TRACE_AFTER, slot->exit_reason, false, ns);
	send(slot, space_of(key), slot->exit_reason, slot->exit_at, now, ns);
	slot->exit_at = 0;
	return 0;
}

static __always_inline int on_userspace_exit(u32 reason, int error)
{
	u32 leg = has_run ? TRACE_BEFORE : TRACE_PERIOD;
	u64 now = bpf_ktime_get_ns(), since;
	struct traced_histogram *histogram;
	struct traced_slot *slot = slot_here();
	u32 key;

	if (!slot)
		return 0;
	if (error < 0)
		key = reason = error == -4 /* EINTR */ ? TRACE_KVM_RESTART : TRACE_KVM_ERROR;
	else
		key = reason < TRACE_KVM_RESTART ? reason : TRACE_KVM_ERROR;
	histogram = histogram_of(slot, key, leg, reason, true);
	if (histogram) {
		histogram->exits++;
		since = has_run ? slot->run_at : slot->user_exit_at;
		if (since && has_run && has_away)
			add(histogram, without_away(slot, key, reason, true, now - since,
						 &slot->run_mark));
		else if (since)
			add(histogram, now - since);
	}
	slot->user_exit_at = now;
	slot->run_at = 0;
	slot->user_key = key;
	slot->user_reason = reason;
	if (!slot->exit_at && (want_rips || slow_ns)) {
		slot->rip = rip_of((void *)slot->vcpu);
		count_rip(slot, TRACE_KVM, reason);
	}
	if (!has_run && want_events)
		send(slot, TRACE_KVM, reason, now, 0, 0);
	return 0;
}

/* Which VM and which vCPU it is that this file stands for. */
static __noinline int find_vcpu(struct traced_slot *slot, u32 fd)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();
	struct fdtable___es *table = BPF_CORE_READ(task, files, fdt);
	struct file___es **files = BPF_CORE_READ(table, fd), *file = NULL;
	struct kvm_vcpu___es *vcpu;

	slot->fd = fd;
	slot->vcpu_id = -1;
	slot->vcpu = slot->vm = 0;
	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof(file), files + fd))
		return 0;
	vcpu = BPF_CORE_READ(file, private_data);
	if (!bpf_core_field_exists(vcpu->vcpu_id))
		return 0;
	slot->vcpu = (u64)vcpu;
	slot->vm = (u64)BPF_CORE_READ(vcpu, kvm);
	slot->vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
	return 0;
}

static __always_inline int on_run(u32 fd)
{
	u64 now = bpf_ktime_get_ns(), ns;
	struct traced_slot *slot = slot_here();

	if (!slot)
		return 0;
	if (slot->fd != (s32)fd || want_rips || slow_ns)
		find_vcpu(slot, fd);
	slot->run_at = now;
	ns = now - slot->user_exit_at;
	if (has_entry && slot->user_exit_at)
		slot->away.user += ns;
	if (has_away)
		slot->run_mark = slot->away;
	if (!slot->user_exit_at)
		return 0;
	add_to(slot, slot->user_key, TRACE_AFTER, slot->user_reason, true, ns);
	send(slot, TRACE_KVM, slot->user_reason, slot->user_exit_at, now, ns);
	slot->user_exit_at = 0;
	return 0;
}

static __always_inline int on_nested(void)
{
	struct traced_slot *slot = slot_of((u32)bpf_get_current_pid_tgid());

	if (slot)
		slot->nested = 1;
	return 0;
}

static __always_inline int on_switch(u32 next)
{
	struct traced_slot *slot = slot_of((u32)bpf_get_current_pid_tgid());
	u64 now = bpf_ktime_get_ns();

	if (slot)
		slot->off_at = now;
	slot = slot_of(next);
	if (slot && slot->off_at) {
		/* In user mode it is part of the user's time, whatever it did. */
		if (!slot->user_exit_at)
			slot->away.off += now - slot->off_at;
		slot->off_at = 0;
	}
	return 0;
}

/* The end of a HLT that waited, or only polled: what it was switched out is the same time. */
static __always_inline int on_wakeup(u64 ns)
{
	struct traced_slot *slot = slot_of((u32)bpf_get_current_pid_tgid());
	u64 off;

	if (!slot)
		return 0;
	off = slot->away.off - (slot->exit_at ? slot->exit_mark.off : slot->run_mark.off);
	slot->away.off -= off < ns ? off : ns;
	slot->away.halted += ns;
	return 0;
}

/* Ways to attach. tp_btf and raw_tp: the tracepoint's own arguments; their number is the BTF's. */

static __always_inline u32 vendor_reason(const void *vcpu, u32 isa)
{
	const struct vcpu_vmx___number *number = vcpu;
	const struct vcpu_vmx___union *full = vcpu;
	const struct vcpu_vmx___vt *vt = vcpu;
	const struct vcpu_svm___es *svm = vcpu;

	if (isa == TRACE_ISA_SVM)
		return bpf_core_field_exists(svm->vmcb) ? BPF_CORE_READ(svm, vmcb, control.exit_code)
							: ~0U;
	if (bpf_core_field_exists(full->exit_reason))
		return BPF_CORE_READ(full, exit_reason.full);
	if (bpf_core_field_exists(vt->vt.exit_reason))
		return BPF_CORE_READ(vt, vt.exit_reason.full);
	return bpf_core_field_exists(number->exit_reason) ? BPF_CORE_READ(number, exit_reason) : ~0U;
}

/* Since 6.12 the verifier wants each pointer looked at first: it may be null, for all it knows. */
static __always_inline int exit_arguments(const u64 *argument)
{
	const void *vcpu = (void *)argument[exit_reason_first ? 1 : 0];

	if (!vcpu)
		return 0;
	if (exit_reason_first)
		return on_exit(argument[0], argument[2], vcpu, 0);
	if (!vendor_types)
		return 0;
	return on_exit(vendor_reason(vcpu, argument[1]), argument[1], vcpu, 0);
}

static __always_inline int run_arguments(u64 id, u64 fd, u64 command)
{
	return id == 16 /* ioctl */ && command == 0xae80 /* KVM_RUN */ ? on_run(fd) : 0;
}

static __always_inline int run_raw(const u64 *argument)
{
	const struct pt_regs___es *regs = (void *)argument[0];

	/* All system calls of the machine pass here: no further than need be. */
	if (argument[1] != 16)
		return 0;
	return run_arguments(argument[1], BPF_CORE_READ(regs, di), BPF_CORE_READ(regs, si));
}

static __always_inline int run_btf(const u64 *argument)
{
	const struct pt_regs___es *regs = (void *)argument[0];

	return argument[1] == 16 && regs ? run_arguments(argument[1], regs->di, regs->si) : 0;
}

static __always_inline int switch_arguments(const u64 *argument)
{
	const struct task_struct___es *next = (void *)argument[2];

	return next ? on_switch(BPF_CORE_READ(next, pid)) : 0;
}

#define ARGUMENTS(hook, tracepoint, btf, raw)           \
	SEC("tp_btf/" #tracepoint)                      \
	int hook##_tp_btf(u64 *argument)                \
	{                                               \
		return btf;                             \
	}                                               \
	SEC("raw_tp/" #tracepoint)                      \
	int hook##_raw_tp(u64 *argument)                \
	{                                               \
		return raw;                             \
	}
#define EVENT(hook, category, tracepoint, call)                                  \
	SEC("tp/" #category "/" #tracepoint)                                     \
	int hook##_tracepoint(struct trace_event_raw_##tracepoint##___es *event) \
	{                                                                        \
		return call;                                                     \
	}
#define HOOK(hook, category, tracepoint, arguments, fields) \
	ARGUMENTS(hook, tracepoint, arguments, arguments)   \
	EVENT(hook, category, tracepoint, fields)

struct trace_event_raw_kvm_entry___es;
struct trace_event_raw_kvm_nested_vmexit___es;

HOOK(exit, kvm, kvm_exit, exit_arguments(argument),
     on_exit(event->exit_reason, event->isa, NULL, event->guest_rip))
HOOK(entry, kvm, kvm_entry, on_entry(), on_entry())
HOOK(userspace_exit, kvm, kvm_userspace_exit, on_userspace_exit(argument[0], argument[1]),
     on_userspace_exit(event->reason, event->errno))
HOOK(nested, kvm, kvm_nested_vmexit, on_nested(), on_nested())
HOOK(wakeup, kvm, kvm_vcpu_wakeup, on_wakeup(argument[0]), on_wakeup(event->ns))
HOOK(switch, sched, sched_switch, switch_arguments(argument), on_switch(event->next_pid))
ARGUMENTS(run, sys_enter, run_btf(argument), run_raw(argument))
EVENT(run, raw_syscalls, sys_enter, run_arguments(event->id, event->args[0], event->args[1]))
