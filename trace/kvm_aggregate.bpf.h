/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of kvm.bpf.c: slots of threads, histograms, events, RIPs. */
#ifndef TRACE_KVM_AGGREGATE_BPF_H
#define TRACE_KVM_AGGREGATE_BPF_H

#include "kvm_shared.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kvm_types.bpf.h"

/* Set before loading: the verifier removes the code that they disable. */
const volatile u32 pid_namespace;      /* inode of the namespace that only_tgid is a number of */
const volatile u32 only_tgid;	       /* this process and its descendants; 0: all */
const volatile bool has_entry;	       /* kvm_entry is hooked */
const volatile bool has_run;	       /* KVM_RUN is hooked */
const volatile bool has_away;	       /* sched_switch and kvm_vcpu_wakeup are hooked */
const volatile bool exit_reason_first; /* kvm_exit(reason, vcpu, isa), up to 5.15 */
const volatile bool vendor_types;      /* vcpu_vmx or vcpu_svm can be read */
const volatile bool want_events;
const volatile u64 slow_ns; /* send an event for exits that take longer; 0: for none */
const volatile bool want_rips;
const volatile u32 histogram_limit;

/* Counts of losses for lack of room in a map. */
u64 lost_events, lost_threads, lost_histograms, lost_rips;
u32 histograms_used;
u32 ns_per_tick; /* << TRACE_TICK_SHIFT; 0: TSC times of KVM are not used */

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

#define NAMESPACES 32 /* MAX_PID_NS_LEVEL of the kernel */

/* A thread's number in the PID namespace of the trace's process; 0: it is not in that. */
static __noinline u32 number_here(struct task_struct___es *task)
{
	struct pid___es *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	u64 at = (u64)pid + bpf_core_field_offset(struct pid___es, numbers);

	for (u32 i = 0; i <= NAMESPACES && i <= level; i++) {
		struct upid___es *number = (void *)at;

		if (BPF_CORE_READ(number, ns, ns.inum) == pid_namespace)
			return BPF_CORE_READ(number, nr);
		at += bpf_core_type_size(struct upid___es);
	}
	return 0;
}

static bool is_wanted(void)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();

	if (!only_tgid)
		return true;
	for (int depth = 0; depth < 16; depth++) {
		if (number_here(BPF_CORE_READ(task, group_leader)) == only_tgid)
			return true;
		if (BPF_CORE_READ(task, tgid) <= 1)
			return false;
		task = BPF_CORE_READ(task, real_parent);
	}
	return false;
}

/* A thread that is not at its hash in the table. */
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

static __always_inline void set_names(struct traced_slot *slot)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();
	struct task_struct___es *leader = BPF_CORE_READ(task, group_leader);

	slot->here = (u64)number_here(leader) << 32 | number_here(task);
	bpf_get_current_comm(slot->comm, sizeof(slot->comm));
	bpf_probe_read_kernel_str(slot->process, sizeof(slot->process), leader->comm);
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
		slot->born = bpf_ktime_get_ns();
		slot->ignored = !is_wanted();
		set_names(slot);
		slot->id = id;
		return slot;
	}
	__sync_fetch_and_add(&lost_threads, 1);
	return NULL;
}

/* The slot of the current thread, created at its first hook. NULL: not traced, or table full. */
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

/* VMLAUNCH and VMRESUME (SDM Vol. 3, appendix C), VMRUN (APM Vol. 2, appendix C). */
static __always_inline bool starts_nested(u32 isa, u32 reason)
{
	return isa == TRACE_ISA_SVM ? reason == 0x80 : reason == 20 || reason == 24;
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
	if (key >= TRACE_KVM_KEYS && starts_nested(slot->isa, reason))
		slot->nests = 1;
	return number;
}

static __noinline u32 histogram_find(struct traced_slot *slot, u32 key, u32 leg, u32 reason)
{
	struct traced_recent *recent;
	u32 number;

	barrier_var(key); /* keeps the bounds checks on the registers that index the array */
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
	/* number 0: a histogram that is not read */
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
	if (~ns > histogram->min_inverted)
		histogram->min_inverted = ~ns;
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

/* Subtracts time off the CPU and halted since the mark, and adds it to histograms of its own. */
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

/* Optional: events and RIPs */

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
	event->vcpu_id = slot->vcpu_id;
	/* A wake-up costs more than many exits: user space polls. */
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

#endif
