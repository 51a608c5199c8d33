/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map values and events that kvm.bpf.c shares with user space. Times are nanoseconds of
 * CLOCK_MONOTONIC, reasons are raw.
 *
 * Data is kept per thread that enters a vCPU, and written by that thread only: so it needs neither
 * atomic operations nor per-CPU copies.
 */
#ifndef TRACE_KVM_SHARED_H
#define TRACE_KVM_SHARED_H

#include "histogram.h"

#define TRACE_SUB_BITS 5
#define TRACE_BUCKETS  ((HISTOGRAM_TOP_BIT - TRACE_SUB_BITS + 1) << TRACE_SUB_BITS)
#define TRACE_SLOTS    1024 /* threads, a power of two */
#define TRACE_PROBES   16   /* of the table for a thread, linear */
#define TRACE_COMM     16

#define TRACE_TICK_SHIFT 24 /* fixed point of nanoseconds per tick */

/* Of a reason: hardware's (VMX or SVM, by isa), or KVM_EXIT_* of an exit to userspace. */
enum trace_space { TRACE_KVM, TRACE_HARDWARE, TRACE_NESTED /* hardware's, of an L2 guest */ };

/*
 * Legs of one exit:			from		      to
 *	HANDLER (hardware)			kvm_exit	      the next kvm_entry
 *	GUEST					kvm_entry	      kvm_exit
 *	USER    (kvm)				kvm_userspace_exit    the next KVM_RUN
 *	KERNEL					KVM_RUN		      kvm_userspace_exit
 *	PERIOD  (either)			exit		      the next exit of that thread
 * PERIOD replaces GUEST and KERNEL where the other end is not hooked. OFF (switched out) and HALTED
 * (blocked after HLT) are subtracted from HANDLER and KERNEL, and USER time within it from HANDLER.
 */
enum trace_leg { TRACE_AFTER, TRACE_BEFORE, TRACE_PERIOD, TRACE_OFF, TRACE_HALTED, TRACE_LEGS };
/* AFTER an exit: HANDLER, USER. BEFORE it: GUEST, KERNEL. */

/* Keys of reasons in a slot. Reasons that are too large share the last 64 keys of their space. */
#define TRACE_KVM_KEYS 64
#define TRACE_HW_KEYS  256
#define TRACE_KEYS     (TRACE_KVM_KEYS + 2 * TRACE_HW_KEYS)
/* KVM_RUN that returned an error: -EINTR, and all others. */
#define TRACE_KVM_RESTART 62
#define TRACE_KVM_ERROR	  63

struct traced_histogram {
	u64 exits;	  /* in BEFORE and PERIOD: all exits, with or without a time */
	u64 sum, max;	  /* ns */
	u64 min_inverted; /* ~min, so that 0 is: none yet */
	u32 reason;
	u16 slot;
	u8 space, leg;
	u32 isa;
	u32 bucket[TRACE_BUCKETS]; /* wraps: user space adds up differences */
} __attribute__((aligned(64)));

enum { TRACE_ISA_VMX = 1, TRACE_ISA_SVM = 2 }; /* KVM_ISA_* of the kernel */

/* Sums of time that is not spent in KVM; a mark is a copy from the start of a leg. */
struct traced_away {
	u64 off, halted, user;
};

/* The last histogram used for a leg, kept in the cache line of its hook. */
struct traced_recent {
	u16 key, number;
};

/* A cache line for each hook: KVM evicts most lines between two hooks. */
struct traced_slot {
	u64 id; /* bpf_get_current_pid_tgid(), the kernel's own numbers; 0: a free slot */
	u64 user_exit_at, run_at;
	u32 user_key, user_reason;
	struct traced_recent user_recent[TRACE_LEGS];
	u32 ignored;
	s32 fd;	    /* of KVM_RUN; -1: unknown */
	u32 number; /* index of this slot */

	u64 exit_at, entry_at;
	u32 exit_key, exit_reason;
	u32 isa, nested;
	struct traced_recent exit_recent[TRACE_LEGS];
	u16 nests, uncounted; /* an L2 has run; the last exit is not yet counted */
	u64 off_at;

	u64 vcpu, vm;		   /* kernel addresses; 0: unknown */
	u64 ran_by;		   /* struct pid of the thread, as in the vCPU */
	u64 put_tsc;		   /* TSC of the last kvm_arch_vcpu_put */
	u64 anchor_tsc, anchor_ns; /* a moment on both clocks */
	s32 vcpu_id;		   /* -1: unknown */
	u32 several;		   /* the thread has run more than one vCPU */
	u16 anchors, anchors_late;
	u64 late_by, rip;
	u64 since;   /* start of the time of the uncounted exit; 0: none */
	u32 strange; /* how often in a row no vCPU was found */
	u32 clocks;  /* how often the vCPU's clock was read and had changed; 0: not known */
	u64 tsc_offset, tsc_ratio;

	struct traced_away away, exit_mark, run_mark;
	u64 back_at, last_off; /* when it was last switched in, and the time off before that */
	u64 here;	       /* id in the PID namespace of the trace's process; 0: not in it */
	u64 claimed;	       /* set atomically by the thread that takes the slot */
	u64 born;	       /* time of its first hook */
	char comm[TRACE_COMM], process[TRACE_COMM]; /* names of the thread and of its process */
	u16 index[TRACE_KEYS][TRACE_LEGS];	    /* into the histograms; 0: none yet */
} __attribute__((aligned(64)));

/* One exit, in the ring buffer. */
struct traced_exit {
	u64 from, to; /* the exit, and the end of AFTER; to == 0: not hooked */
	u64 time;     /* AFTER, without OFF, HALTED, USER */
	u64 rip;      /* 0: unknown */
	u32 reason;
	u16 slot;
	u8 space, isa;
	s32 vcpu_id; /* -1: unknown */
};

/* Key of the count of exits at a RIP. */
struct traced_rip {
	u64 rip;
	u32 reason;
	u16 slot;
	u8 space, isa;
};

#endif
