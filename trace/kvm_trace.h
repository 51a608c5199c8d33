/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * eBPF on KVM's tracepoints: loads and attaches kvm.bpf.c and reads its maps. Reasons are raw,
 * times are nanoseconds of CLOCK_MONOTONIC. The kernel detaches the programs when the process ends.
 *
 * Functions return 0 or -errno, and then write one line into `why` (KVM_TRACE_WHY bytes).
 */
#ifndef TRACE_KVM_TRACE_H
#define TRACE_KVM_TRACE_H

#include "kvm_shared.h"

#define KVM_TRACE_WHY 512

/* KVM_HOOK(ID, program, category of the event, tracepoint) */
#define KVM_HOOKS                                                             \
	KVM_HOOK(EXIT, exit, "kvm", "kvm_exit")                               \
	KVM_HOOK(ENTRY, entry, "kvm", "kvm_entry")                            \
	KVM_HOOK(USERSPACE_EXIT, userspace_exit, "kvm", "kvm_userspace_exit") \
	KVM_HOOK(RUN, run, "raw_syscalls", "sys_enter")                       \
	KVM_HOOK(NESTED, nested, "kvm", "kvm_nested_vmexit")                  \
	KVM_HOOK(WAKEUP, wakeup, "kvm", "kvm_vcpu_wakeup")                    \
	KVM_HOOK(SWITCH, switch, "sched", "sched_switch")

enum kvm_hook {
#define KVM_HOOK(ID, program, category, tracepoint) KVM_HOOK_##ID,
	KVM_HOOKS
#undef KVM_HOOK
		KVM_HOOK_COUNT
};

/* Cheapest first. NONE: not attached. */
enum kvm_way { KVM_WAY_NONE, KVM_WAY_TP_BTF, KVM_WAY_RAW_TP, KVM_WAY_TRACEPOINT, KVM_WAYS };

extern const char *const kvm_hook_name[KVM_HOOK_COUNT]; /* the tracepoint's */
extern const char *const kvm_way_name[KVM_WAYS];

/* The default sizes of the ring buffer. */
#define KVM_TRACE_RING_MIB 64 /* all of 2 vCPUs in 100 ms, at 5 million exits a second */
#define KVM_TRACE_SLOW_MIB 1  /* with slow exits alone */

struct kvm_trace_options {
	u32 pid;	  /* this process and its descendants, as getpid() numbers it; 0: all */
	u32 hooks;	  /* bits by enum kvm_hook */
	enum kvm_way way; /* NONE: the cheapest that works */
	u64 slow_ns;	  /* an event for each exit that takes longer; 0: none */
	bool events;	  /* an event for each exit */
	bool rips;	  /* count exits by the guest's RIP */
	u32 buffer;	  /* ring buffer: bytes, a power of two, at least a page; 0: default */
};

struct kvm_trace_lost {
	u64 events, threads, histograms, rips; /* for lack of room */
	u64 missed;			       /* calls of hooks that the kernel has skipped */
};

struct kvm_trace;

bool kvm_trace_built(void); /* false: built without eBPF, kvm_trace_open fails */
int kvm_trace_open(const struct kvm_trace_options *options, struct kvm_trace **trace, char *why);
void kvm_trace_stop(struct kvm_trace *trace); /* detaches; maps can still be read */
void kvm_trace_close(struct kvm_trace *trace);

enum kvm_way kvm_trace_way(const struct kvm_trace *trace, enum kvm_hook hook);
struct kvm_trace_lost kvm_trace_lost(const struct kvm_trace *trace);

/* Current values, which the kernel may change at any time. Histograms are numbered 1 to this. */
u32 kvm_trace_histograms(const struct kvm_trace *trace);
const struct traced_histogram *kvm_trace_histogram(const struct kvm_trace *trace, u32 number);
const struct traced_slot *kvm_trace_slot(const struct kvm_trace *trace, u32 number);

/* Calls on_event for each pending event. A result other than 0 ends that and is returned. */
int kvm_trace_drain(struct kvm_trace *trace, int (*on_event)(void *arg, const struct traced_exit *),
		    void *arg);
int kvm_trace_rips(const struct kvm_trace *trace,
		   int (*on_rip)(void *arg, const struct traced_rip *, u64 count), void *arg);

#endif
