/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel types with the fields that kvm.bpf.c uses. CO-RE ignores the suffix after ___ (a flavour)
 * and relocates offsets to the running kernel.
 */
#ifndef TRACE_KVM_TYPES_BPF_H
#define TRACE_KVM_TYPES_BPF_H

#include "types.h"

#ifdef __bpf__
#define CORE __attribute__((preserve_access_index))
#else
#define CORE
#endif

struct file___es {
	void *private_data;
} CORE;

struct fdtable___es {
	struct file___es **fd;
	unsigned int max_fds;
} CORE;

struct files_struct___es {
	struct fdtable___es *fdt;
} CORE;

struct timespec64___es {
	s64 tv_sec;
} CORE;

struct ns_common___es {
	unsigned int inum;
} CORE;

struct pid_namespace___es {
	struct ns_common___es ns;
} CORE;

struct upid___es {
	int nr;
	struct pid_namespace___es *ns;
} CORE;

struct pid___es {
	unsigned int level;
	struct upid___es numbers[1]; /* level + 1, from the initial namespace's on */
} CORE;

struct task_struct___es {
	int pid, tgid;
	struct task_struct___es *real_parent, *group_leader;
	struct pid___es *thread_pid;
	char comm[16];
	struct files_struct___es *files;
} CORE;

struct pt_regs___es {
	unsigned long si, di; /* the second argument of a system call, and the first */
} CORE;

#define VCPU_REGS_RIP 16 /* of the kernel's enum kvm_reg, on x86-64 */

struct kvm_vcpu_arch___es {
	unsigned long regs[VCPU_REGS_RIP + 1];
	u32 regs_avail; /* a bit for each: VMX reads RIP only when asked for */
	u64 last_host_tsc;
	/* Of the guest's clock; what the CPU uses, which is another while an L2 runs. */
	u64 l1_tsc_offset, l1_tsc_scaling_ratio, tsc_offset, tsc_scaling_ratio;
} CORE;

struct kvm_vcpu___es {
	void *kvm;
	void *pid; /* of the thread that ran it last */
	int vcpu_id;
	struct kvm_vcpu_arch___es arch;
} CORE;

/* Since 7.3: RIP has a field of its own, and the bits are a bitmap. */
struct kvm_vcpu_arch___bitmap {
	unsigned long rip;
	unsigned long regs_avail[1];
} CORE;

struct kvm_vcpu___bitmap {
	struct kvm_vcpu_arch___bitmap arch;
} CORE;

/* Where VMX keeps the exit reason: up to 5.10, since 5.11, since 6.15. */
struct vcpu_vmx___number {
	u32 exit_reason;
} CORE;

union vmx_exit_reason___es {
	u32 full;
} CORE;

struct vcpu_vmx___union {
	union vmx_exit_reason___es exit_reason;
} CORE;

struct vcpu_vt___es {
	union vmx_exit_reason___es exit_reason;
} CORE;

struct vcpu_vmx___vt {
	struct vcpu_vt___es vt;
} CORE;

struct vmcb_control_area___es {
	u32 exit_code;
} CORE;

struct vmcb___es {
	struct vmcb_control_area___es control;
} CORE;

struct vcpu_svm___es {
	struct vmcb___es *vmcb;
} CORE;

/* Events as tracefs describes them. */

struct trace_event_raw_kvm_exit___es {
	unsigned int exit_reason;
	unsigned long guest_rip;
	u32 isa;
	unsigned int vcpu_id;
} CORE;

struct trace_event_raw_kvm_userspace_exit___es {
	u32 reason;
	int errno;
} CORE;

struct trace_event_raw_kvm_vcpu_wakeup___es {
	u64 ns;
} CORE;

struct trace_event_raw_sched_switch___es {
	int next_pid;
} CORE;

struct trace_event_raw_sys_enter___es {
	long id;
	unsigned long args[6];
} CORE;

#endif
