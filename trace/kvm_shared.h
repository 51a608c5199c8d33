/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the eBPF programs on KVM and the process that loads them share: maps' values and events.
 * Times are nanoseconds of CLOCK_MONOTONIC, reasons are raw.
 *
 * A vCPU is the thread that enters it: all that is kept of it is written by that thread alone, so
 * that nothing need be atomic and no copy for each CPU is needed.
 */
#ifndef TRACE_KVM_SHARED_H
#define TRACE_KVM_SHARED_H

#include "histogram.h"

#define TRACE_SUB_BITS 5
#define TRACE_BUCKETS  ((HISTOGRAM_TOP_BIT - TRACE_SUB_BITS + 1) << TRACE_SUB_BITS)
#define TRACE_SLOTS    1024 /* threads, a power of two */
#define TRACE_PROBES   16   /* places that a thread may have in that table */
#define TRACE_COMM     16

#define TRACE_TICK_SHIFT 24 /* of the ns of a tick, as an integer */

/* Whose reasons: hardware's (VMX or SVM, by isa), or KVM_EXIT_* of an exit to userspace. */
enum trace_space { TRACE_KVM, TRACE_HARDWARE, TRACE_NESTED /* hardware's, of an L2 guest */ };

/*
 * The ends of a time, each of one exit:		from		      to
 *	HANDLER (hardware)			kvm_exit	      the next kvm_entry
 *	GUEST					kvm_entry	      kvm_exit
 *	USER    (kvm)				kvm_userspace_exit    the next KVM_RUN
 *	KERNEL					KVM_RUN		      kvm_userspace_exit
 *	PERIOD  (either)			exit		      the next exit of that thread
 * PERIOD takes the place of GUEST and KERNEL where the other end is not hooked. Of HANDLER and KERNEL
 * what is OFF (switched out) and HALTED (waiting, after HLT) is taken apart, and of HANDLER also
 * the USER time within it.
 */
enum trace_leg { TRACE_AFTER, TRACE_BEFORE, TRACE_PERIOD, TRACE_OFF, TRACE_HALTED, TRACE_LEGS };
/* AFTER an exit: HANDLER, USER. BEFORE it: GUEST, KERNEL. */

/* Where a reason's histograms stand in a slot. Reasons past a space share its end, by their low bits. */
#define TRACE_KVM_KEYS 64
#define TRACE_HW_KEYS  256
#define TRACE_KEYS     (TRACE_KVM_KEYS + 2 * TRACE_HW_KEYS)
/* KVM_RUN that returned an error: -EINTR, and all others. */
#define TRACE_KVM_RESTART 62
#define TRACE_KVM_ERROR	  63

struct traced_histogram {
	u64 exits;    /* in BEFORE and PERIOD: all exits, also those without a time */
	u64 sum, max; /* ns */
	u64 least;    /* ~min; 0: none yet */
	u32 reason;
	u16 slot;
	u8 space, leg;
	u32 isa;
	u32 bucket[TRACE_BUCKETS]; /* wraps: who reads adds up differences */
} __attribute__((aligned(64)));

enum { TRACE_ISA_VMX = 1, TRACE_ISA_SVM = 2 }; /* KVM_ISA_* of the kernel */

/* A clock that stands still while the thread is away; marks are its state at the start of a leg. */
struct traced_away {
	u64 off, halted, user;
};

/* The histogram of a leg that was used last, beside what else is used then. */
struct traced_recent {
	u16 key, number;
};

/* A cache line for each of the hooks' paths: in 10,000 cycles of KVM most lines are lost. */
struct traced_slot {
	u64 id; /* bpf_get_current_pid_tgid(); 0: a free place */
	u64 user_exit_at, run_at;
	u32 user_key, user_reason;
	struct traced_recent user_recent[TRACE_LEGS];
	u32 ignored;
	s32 fd;	    /* of KVM_RUN; -1: not known */
	u32 number; /* its own place in the table */

	u64 exit_at, entry_at;
	u32 exit_key, exit_reason;
	u32 isa, nested;
	struct traced_recent exit_recent[TRACE_LEGS];
	u16 nests, uncounted; /* L1 has had a guest; the last exit has yet to be counted */
	u64 off_at;

	u64 vcpu, vm;		   /* the kernel's addresses, where they could be read */
	u64 ran_by;		   /* the vCPU's pid, as an address */
	u64 put_tsc;		   /* when the vCPU was put down */
	u64 anchor_tsc, anchor_ns; /* a moment on both clocks */
	s32 vcpu_id;		   /* -1: not known */
	u16 anchors, anchors_late;
	u64 late_by, rip;
	u64 since;   /* of the exit that is uncounted */
	u32 strange; /* how often no vCPU was found */

	struct traced_away away, exit_mark, run_mark;
	u64 claimed; /* whoever sets it has the place */
	u64 born;    /* when it was first seen */
	char comm[TRACE_COMM];
	u16 index[TRACE_KEYS][TRACE_LEGS]; /* into the histograms; 0: none yet */
} __attribute__((aligned(64)));

/* One exit, in the ring buffer. */
struct traced_exit {
	u64 from, to; /* the exit, and the end of AFTER; to == 0: its end was not seen */
	u64 time;     /* AFTER, without what is taken apart */
	u64 rip;      /* 0: not known */
	u32 reason;
	u16 slot;
	u8 space, isa;
};

/* How often a RIP was left. */
struct traced_rip {
	u64 rip;
	u32 reason;
	u16 slot;
	u8 space, isa;
};

#endif
