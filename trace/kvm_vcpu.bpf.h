/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which vCPU a thread runs, and what KVM has written down of it. */
#ifndef TRACE_KVM_VCPU_BPF_H
#define TRACE_KVM_VCPU_BPF_H

#include "kvm_gather.bpf.h"

#ifdef KVM_HAVE_CAST
extern void *bpf_rdonly_cast(const void *address, u32 type) __ksym;

/* Whatever lies there, as one of the kernel's own types that begins with 64 bits. */
static __always_inline u64 kernel_u64(u64 address)
{
	const struct timespec64___es *word =
		bpf_rdonly_cast((void *)address, bpf_core_type_id_kernel(struct timespec64___es));

	return word->tv_sec;
}
#else
static __always_inline u64 kernel_u64(u64 address)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)address);
	return word;
}
#endif

#define KERNEL_U64(address, type, field) \
	kernel_u64((u64)(address) + bpf_core_field_offset(struct type, field))
#define VCPU_U64(vcpu, field) KERNEL_U64(vcpu, kvm_vcpu___es, field)

static __always_inline u64 rip_of(const void *vcpu)
{
	if (!vcpu || !bpf_core_field_exists(struct kvm_vcpu___es, arch.regs_avail))
		return 0;
	if (!(VCPU_U64(vcpu, arch.regs_avail) & 1 << VCPU_REGS_RIP))
		return 0;
	return VCPU_U64(vcpu, arch.regs[VCPU_REGS_RIP]);
}

/* Which VM and which vCPU it is that this file stands for. */
static __noinline int find_vcpu(struct traced_slot *slot, u32 fd)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();
	struct fdtable___es *table = BPF_CORE_READ(task, files, fdt);
	struct file___es **files = BPF_CORE_READ(table, fd), *file = NULL;
	struct kvm_vcpu___es *vcpu;

	if (!slot)
		return 0;
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

/*
 * When a thread left KVM for its process. bpf_ktime_get_ns() costs as much there as all the rest;
 * but KVM itself has just read the TSC, when the thread put its vCPU down. An anchor, a moment on
 * both clocks, turns that into the same time.
 */
#ifdef KVM_HAVE_CAST
#define ANCHOR_OLD    (1 << 20) /* ticks, 0.4 ms or so: time for another */
#define ANCHOR_STALE  (1 << 24) /* says nothing of the next */
#define ANCHOR_DRIFT  17	/* ticks >> that: ns by which the clocks may drift apart, 20 ppm */
#define ANCHORS_FIRST 8		/* at once: one of them is good */
#define ANCHORS_LATE  8		/* in a row, by no less than the least of them: it is the clock */
#define STRANGE	      8		/* times that no vCPU was found: of a 32-bit process, say */

static __always_inline u64 ticks_to_ns(u64 ticks)
{
	u64 high = ticks >> TRACE_TICK_SHIFT, low = ticks & ((1 << TRACE_TICK_SHIFT) - 1);

	return high * ns_per_tick + (low * ns_per_tick >> TRACE_TICK_SHIFT);
}

/* The vCPU of this very call, ioctl(fd, KVM_RUN): KVM has noted in it who runs it. */
static __noinline u64 find_vcpu_of_call(struct traced_slot *slot)
{
	const struct task_struct___es *task = (void *)bpf_get_current_task();
	const struct pt_regs___es *regs;

	if (!slot || slot->strange == STRANGE)
		return 0;
	regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	find_vcpu(slot, BPF_CORE_READ(regs, di));
	slot->ran_by = (u64)BPF_CORE_READ(task, thread_pid);
	if (VCPU_U64(slot->vcpu, pid) == slot->ran_by) {
		slot->strange = 0;
		return VCPU_U64(slot->vcpu, arch.last_host_tsc);
	}
	slot->strange++;
	slot->vcpu = slot->vm = slot->ran_by = 0;
	slot->vcpu_id = slot->fd = -1;
	return 0;
}

/* What comes between the two readings, be it an interrupt, can only make the second late. */
static __noinline u64 anchor(struct traced_slot *slot, u64 tsc)
{
	u64 now = bpf_ktime_get_ns(), since, due;

	if (!slot)
		return now;
	since = tsc - slot->anchor_tsc;
	if (since >= ANCHOR_STALE)
		slot->anchors = 0;
	due = slot->anchor_ns + ticks_to_ns(since) + (since >> ANCHOR_DRIFT);
	if (!slot->anchors || now <= due) {
		slot->anchors_late = 0;
	} else {
		if (!slot->anchors_late || now - due < slot->late_by)
			slot->late_by = now - due;
		now = due;
		if (++slot->anchors_late == ANCHORS_LATE) {
			now += slot->late_by;
			slot->anchors_late = 0;
		}
	}
	if (slot->anchors < ANCHORS_FIRST)
		slot->anchors++;
	slot->anchor_tsc = tsc;
	slot->anchor_ns = now;
	return now;
}

static __always_inline u64 user_exit_time(struct traced_slot *slot)
{
	u64 tsc = VCPU_U64(slot->vcpu, arch.last_host_tsc), since;

	if (!ns_per_tick)
		return bpf_ktime_get_ns();
	/* Still this thread's, and the one that it has just run? */
	if (tsc == slot->put_tsc || !slot->ran_by || VCPU_U64(slot->vcpu, pid) != slot->ran_by)
		tsc = find_vcpu_of_call(slot);
	if (!tsc)
		return bpf_ktime_get_ns();
	slot->put_tsc = tsc;
	since = tsc - slot->anchor_tsc;
	if (since >= ANCHOR_OLD || slot->anchors < ANCHORS_FIRST)
		return anchor(slot, tsc);
	return slot->anchor_ns + ticks_to_ns(since);
}
#else
static __always_inline u64 user_exit_time(struct traced_slot *slot)
{
	return bpf_ktime_get_ns();
}
#endif

#endif
