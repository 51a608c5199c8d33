// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Aggregates KVM's exits into histograms in maps; sends events to user space only on request. Each
 * hook has one program per way to attach, of which kvm_trace.c loads one.
 *
 * Kernel types are CO-RE flavours (___es) with the fields in use, relocated to those of the running
 * kernel and of KVM's modules.
 */
#include "kvm_aggregate.bpf.h"
#include "kvm_vcpu.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* The hooks, independent of the way to attach */

static __always_inline void count_exit(struct traced_slot *slot, u32 key, u32 reason, u64 since,
				       u64 now)
{
	struct traced_histogram *histogram =
		histogram_of(slot, key, has_entry ? TRACE_BEFORE : TRACE_PERIOD, reason, false);

	if (histogram) {
		histogram->exits++;
		if (since)
			add(histogram, now - since);
	}
	count_rip(slot, space_of(key), reason);
	if (!has_entry && want_events)
		send(slot, space_of(key), reason, now, 0, 0);
}

/*
 * kvm_exit does not tell whether L1 or L2 exited. If it was L2, kvm_nested_vmexit follows before
 * any other hook: so for vCPUs that have run an L2 the exit is counted at the next hook.
 */
static __noinline int count_late(struct traced_slot *slot, u32 key)
{
	if (!slot)
		return 0;
	slot->uncounted = 0;
	count_exit(slot, key, slot->exit_reason, slot->since, slot->exit_at);
	return 0;
}

/*
 * The thread is in KVM_RUN. If its entry was not seen, because the kernel has skipped that program
 * or a 32-bit system call made it, then the time in userspace is not known, and must not go on.
 */
static __always_inline void in_kernel(struct traced_slot *slot)
{
	if (has_run)
		slot->user_exit_at = 0;
}

static __always_inline int on_exit(u32 reason, u32 isa, const void *vcpu, u64 rip)
{
	u64 now = bpf_ktime_get_ns(), since;
	struct traced_slot *slot = slot_here();
	u32 key;

	if (!slot)
		return 0;
	in_kernel(slot);
	if (slot->uncounted)
		count_late(slot, slot->exit_key);
	key = reason < TRACE_HW_KEYS - 64 ? reason : (TRACE_HW_KEYS - 64) | (reason & 63);
	key += TRACE_KVM_KEYS;
	slot->isa = isa;
	if (want_rips || slow_ns)
		slot->rip = rip ?: rip_of(vcpu);
	/* Of a vCPU that has been in KVM_RUN since before the trace; else KVM_RUN reads it. */
	if (want_events && !slot->clocks)
		read_clock(slot, (u64)vcpu);
	since = has_entry ? slot->entry_at : slot->exit_at;
	if (slot->nests) {
		slot->since = since;
		slot->uncounted = 1;
	} else {
		count_exit(slot, key, reason, since, now);
	}
	slot->exit_at = now;
	slot->entry_at = 0;
	slot->exit_key = key;
	slot->exit_reason = reason;
	slot->nested = 0;
	if (has_entry)
		slot->exit_mark = slot->away;
	return 0;
}

static __always_inline int on_entry(void)
{
	u64 now = bpf_ktime_get_ns(), ns;
	struct traced_slot *slot = slot_here();
	u32 key;

	if (!slot)
		return 0;
	in_kernel(slot);
	slot->entry_at = now;
	if (!slot->exit_at)
		return 0;
	if (slot->uncounted)
		count_late(slot, slot->exit_key);
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
	struct traced_slot *slot = slot_here();
	struct traced_histogram *histogram;
	u64 now, since;
	u32 key;

	if (!slot)
		return 0;
	now = user_exit_time(slot);
	/* Switched out after KVM has put the vCPU: part of the time in userspace. */
	if (has_run && has_away && slot->back_at > now) {
		slot->away.off -= slot->last_off;
		slot->back_at = 0;
	}
	if (slot->uncounted)
		count_late(slot, slot->exit_key);
	if (error < 0)
		key = reason = error == -4 /* EINTR */ ? TRACE_KVM_RESTART : TRACE_KVM_ERROR;
	else
		key = reason < TRACE_KVM_RESTART ? reason : TRACE_KVM_ERROR;
	histogram = histogram_of(slot, key, leg, reason, true);
	if (histogram) {
		histogram->exits++;
		since = has_run ? slot->run_at : slot->user_exit_at;
		if (since && has_run && has_away)
			add(histogram, without_away(slot, key, reason, true, minus(now, since),
						    &slot->run_mark));
		else if (since)
			add(histogram, minus(now, since));
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

static __always_inline int on_run(u32 fd)
{
	u64 now = bpf_ktime_get_ns(), ns;
	struct traced_slot *slot = slot_here();

	if (!slot)
		return 0;
	slot->run_at = now;
	ns = minus(now, slot->user_exit_at);
	if (has_entry && slot->user_exit_at)
		slot->away.user += ns;
	if (has_away)
		slot->run_mark = slot->away;
	if (slot->user_exit_at) {
		add_to(slot, slot->user_key, TRACE_AFTER, slot->user_reason, true, ns);
		send(slot, TRACE_KVM, slot->user_reason, slot->user_exit_at, now, ns);
		slot->user_exit_at = 0;
	}
	/*
	 * After the event of the last exit, which was of the vCPU before. The same fd may be
	 * another vCPU by now: user_exit_time() checks that where it can.
	 */
	if (slot->fd != (s32)fd || ((want_rips || slow_ns) && !ns_per_tick))
		find_vcpu(slot, fd);
	if (want_events)
		read_clock(slot, slot->vcpu);
	return 0;
}

static __always_inline int on_nested(void)
{
	struct traced_slot *slot = slot_of((u32)bpf_get_current_pid_tgid());

	if (!slot || slot->nested)
		return 0;
	slot->nested = slot->nests = 1;
	if (slot->uncounted)
		count_late(slot, slot->exit_key + TRACE_HW_KEYS);
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
		/* Between KVM_RUNs it is part of the user time. */
		if (!slot->user_exit_at) {
			slot->last_off = now - slot->off_at;
			slot->away.off += slot->last_off;
			slot->back_at = now;
		}
		slot->off_at = 0;
	}
	return 0;
}

/* The end of a HLT, blocked or polled. Its time off the CPU is within ns: count it once. */
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

/* Ways to attach. tp_btf and raw_tp have the tracepoint's arguments, whose number is known by BTF.
 */

static __always_inline u32 vendor_reason(const void *vcpu, u32 isa)
{
	if (isa == TRACE_ISA_SVM) {
		if (!bpf_core_field_exists(struct vcpu_svm___es, vmcb))
			return ~0U;
		return KERNEL_U64(KERNEL_U64(vcpu, vcpu_svm___es, vmcb), vmcb___es,
				  control.exit_code);
	}
	if (bpf_core_field_exists(struct vcpu_vmx___union, exit_reason))
		return KERNEL_U64(vcpu, vcpu_vmx___union, exit_reason.full);
	if (bpf_core_field_exists(struct vcpu_vmx___vt, vt.exit_reason))
		return KERNEL_U64(vcpu, vcpu_vmx___vt, vt.exit_reason.full);
	if (bpf_core_field_exists(struct vcpu_vmx___number, exit_reason))
		return KERNEL_U64(vcpu, vcpu_vmx___number, exit_reason);
	return ~0U;
}

/* Since 6.12 the verifier treats pointer arguments as possibly NULL. */
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
	u64 regs = argument[0];

	/* Called for all system calls of the machine: return early. */
	if (argument[1] != 16)
		return 0;
	return run_arguments(argument[1], KERNEL_U64(regs, pt_regs___es, di),
			     KERNEL_U64(regs, pt_regs___es, si));
}

static __always_inline int run_btf(const u64 *argument)
{
	const struct pt_regs___es *regs = (void *)argument[0];

	return argument[1] == 16 && regs ? run_arguments(argument[1], regs->di, regs->si) : 0;
}

static __always_inline int switch_arguments(const u64 *argument)
{
	const struct task_struct___es *next = (void *)argument[2];

	return next ? on_switch(KERNEL_U64(next, task_struct___es, pid)) : 0;
}

#define ARGUMENTS(hook, tracepoint, btf, raw) \
	SEC("tp_btf/" #tracepoint)            \
	int hook##_tp_btf(u64 *argument)      \
	{                                     \
		return btf;                   \
	}                                     \
	SEC("raw_tp/" #tracepoint)            \
	int hook##_raw_tp(u64 *argument)      \
	{                                     \
		return raw;                   \
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
