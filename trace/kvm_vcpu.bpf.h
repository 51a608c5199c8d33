/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vCPU of a thread, and fields that KVM keeps in it. */
#ifndef TRACE_KVM_VCPU_BPF_H
#define TRACE_KVM_VCPU_BPF_H

#include "kvm_aggregate.bpf.h"

#ifdef KVM_HAVE_CAST
extern void *bpf_rdonly_cast(const void *address, u32 type) __ksym;

/* Reads 64 bits at any address, as a kernel type that begins with 64 bits. */
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
	if (!vcpu)
		return 0;
	if (bpf_core_field_exists(struct kvm_vcpu___bitmap, arch.rip) &&
	    bpf_core_field_exists(struct kvm_vcpu___bitmap, arch.regs_avail)) {
		if (!(KERNEL_U64(vcpu, kvm_vcpu___bitmap, arch.regs_avail) & 1 << VCPU_REGS_RIP))
			return 0;
		return KERNEL_U64(vcpu, kvm_vcpu___bitmap, arch.rip);
	}
	if (!bpf_core_field_exists(struct kvm_vcpu___es, arch.regs_avail))
		return 0;
	if (!(VCPU_U64(vcpu, arch.regs_avail) & 1 << VCPU_REGS_RIP))
		return 0;
	return VCPU_U64(vcpu, arch.regs[VCPU_REGS_RIP]);
}

/* The VM and vCPU of the current task's file descriptor. */
static __noinline int find_vcpu(struct traced_slot *slot, u32 fd)
{
	struct task_struct___es *task = (void *)bpf_get_current_task();
	struct fdtable___es *table = BPF_CORE_READ(task, files, fdt);
	struct file___es **files = BPF_CORE_READ(table, fd), *file = NULL;
	struct kvm_vcpu___es *vcpu;
	u64 before;

	if (!slot)
		return 0;
	before = slot->vcpu;
	slot->fd = fd;
	slot->vcpu_id = -1;
	slot->vcpu = slot->vm = 0;
	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof(file), files + fd))
		return 0;
	vcpu = BPF_CORE_READ(file, private_data);
	if (!bpf_core_field_exists(vcpu->vcpu_id))
		return 0;
	if (before && before != (u64)vcpu)
		slot->several = 1;
	slot->vcpu = (u64)vcpu;
	slot->vm = (u64)BPF_CORE_READ(vcpu, kvm);
	slot->vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
	return 0;
}

/* The guest's TSC is the host's * ratio + offset. A guest, or its VMM, may write it at any time. */
static __noinline int read_clock(struct traced_slot *slot, u64 vcpu)
{
	u64 offset, ratio;

	if (!slot || !vcpu)
		return 0;
	if (bpf_core_field_exists(struct kvm_vcpu___es, arch.l1_tsc_offset)) {
		offset = VCPU_U64(vcpu, arch.l1_tsc_offset);
		ratio = VCPU_U64(vcpu, arch.l1_tsc_scaling_ratio);
	} else if (bpf_core_field_exists(struct kvm_vcpu___es, arch.tsc_offset)) {
		offset = VCPU_U64(vcpu, arch.tsc_offset);
		ratio = VCPU_U64(vcpu, arch.tsc_scaling_ratio);
	} else {
		return 0;
	}
	if (slot->clocks && offset == slot->tsc_offset && ratio == slot->tsc_ratio)
		return 0;
	slot->tsc_offset = offset;
	slot->tsc_ratio = ratio;
	slot->clocks++;
	return 0;
}

/*
 * The time at which a thread returns to user space. bpf_ktime_get_ns() costs as much as the rest of
 * the program, but KVM has just read the TSC, in kvm_arch_vcpu_put. An anchor, one moment on both
 * clocks, converts that.
 */
#ifdef KVM_HAVE_CAST
#define ANCHOR_OLD    (1 << 20) /* ticks, some 0.4 ms: then a new one is taken */
#define ANCHOR_STALE  (1 << 24) /* ticks: too old to check the new one against */
#define ANCHOR_DRIFT  17	/* ticks >> this: maximum drift in ns, some 20 ppm */
#define ANCHORS_FIRST 8		/* taken at consecutive exits, as one of them is exact */
#define ANCHORS_LATE  8		/* late in a row: the clock has moved by the minimum of them */
#define STRANGE	      8 /* failures to find the vCPU (a 32-bit process): then no more tries */

static __always_inline u64 ticks_to_ns(u64 ticks)
{
	u64 high = ticks >> TRACE_TICK_SHIFT, low = ticks & ((1 << TRACE_TICK_SHIFT) - 1);

	return high * ns_per_tick + (low * ns_per_tick >> TRACE_TICK_SHIFT);
}

/* The vCPU of the current ioctl(fd, KVM_RUN), confirmed by its field `pid`. */
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

/* An interrupt between KVM's reading of the TSC and `now` can only make `now` late. */
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
	/* Check that the vCPU is still this thread's and has just been put. */
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
