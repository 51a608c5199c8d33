/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures of the SVM backend. */
#ifndef HV_SVM_SVM_H
#define HV_SVM_SVM_H

#include "../access.h"
#include "../backend.h"
#include "../instruction.h"
#include "../slat.h"
#include "frame.h"
#include "names.h"
#include "vmcb.h"

#define SVM_MAX_CPUS	       1024 /* host CPUs, by host_cpu */
#define SVM_NO_CPU	       ~0U
#define SVM_ONE_SHOT	       0xffff0000U /* matches no exit code, see vmcb_one_shot_clear */
#define SVM_EXIT_MACHINE_CHECK (SVM_EXIT_EXCEPTION + 18)
#define SVM_IOPM_BYTES	       0x3000 /* APM Vol. 2, "I/O Permissions Map": 64 K ports and 3 bits */
#define SVM_MSRPM_BYTES	       0x2000
#define SVM_PAGE_LOG_BYTES     0x1000

/* CPUID Fn8000_000A, and other features of the CPU (APM Vol. 3, appendix E). */
struct svm_capabilities {
	u32 asids;		     /* 0 to asids - 1; 0 is the host's */
	u32 features, more_features; /* EDX, ECX */
	u32 physical_bits;
	bool pages_1g, cet;
};
#define SVM_FEATURE_NESTED_PAGING  (1U << 0)
#define SVM_FEATURE_LOCK	   (1U << 2)
#define SVM_FEATURE_NRIP	   (1U << 3)
#define SVM_FEATURE_TSC_RATIO	   (1U << 4)
#define SVM_FEATURE_CLEAN	   (1U << 5)
#define SVM_FEATURE_FLUSH_ASID	   (1U << 6)
#define SVM_FEATURE_DECODE_ASSISTS (1U << 7)
#define SVM_FEATURE_PAUSE_FILTER   (1U << 10)
#define SVM_FEATURE_AVIC	   (1U << 13)
#define SVM_FEATURE_TLB_CONTROL	   (1U << 24)
#define SVM_FEATURE_BUS_LOCK	   (1U << 29)
#define SVM_FEATURE_IDLE_HLT	   (1U << 30)
#define SVM_MORE_PAGE_LOG	   (1U << 4)

struct svm_vcpu;

struct svm_vm {
	struct svm_capabilities can;
	struct slat slat;
	struct access access;
	u64 *fifth; /* the fifth level of nested tables, if the host has five; else NULL */
	u64 nested_cr3;
	u8 *io_map, *msr_map;
	u8 *avic, *page_log;		/* for features that need them, else NULL */
	u32 intercept[VMCB_INTERCEPTS]; /* of every batch, to which the intercept of the expected
					   exit is added */
	bool interrupts;		/* the host's interrupts are the expected exits */
	u64 apic;			/* see struct raw_vcpu */
	void (*arm)(struct svm_vcpu *vcpu); /* of the enabled feature: after each VMMCALL that is
					       not the expected exit */
};

struct svm_vcpu {
	u8 stack[0x2000 - FRAME_BYTES];
	struct svm_frame frame; /* the host's RSP points here; the stack grows down from it */
	struct hv_vcpu *vcpu;
	struct svm_vm *vm;
	struct vmcb *vmcb;
	u32 raw_reason;	    /* of the expected exits; frame.batch.raw_reason is either this or
			       SVM_ONE_SHOT */
	u32 cpu;	    /* the last CPU that it ran on, or SVM_NO_CPU */
	u64 cr4_required;   /* bits of CR4 that are 1 whatever the guest writes: the host's MCE */
	u8 tlb;		    /* tlb_control of every VMRUN: nonzero if ASIDs are off (vpid=off) */
	bool broken;	    /* an invalid VMCB, on purpose */
	struct vmcb *saved; /* the VMCB before the batch: emulators overwrite an invalid one */
	bool flush;	    /* the first VMRUN of the next batch has to flush */
	struct raw_vcpu raw;
};

static inline struct svm_vcpu *svm_vcpu_of(struct svm_frame *frame)
{
	return (struct svm_vcpu *)((u8 *)frame - offsetof(struct svm_vcpu, frame));
}

static inline void svm_intercept(u32 *words, u32 code)
{
	words[code / 32] |= VMCB_INTERCEPT_BIT(code);
}

#endif
