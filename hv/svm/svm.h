/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the SVM backend share. */
#ifndef HV_SVM_SVM_H
#define HV_SVM_SVM_H

#include "../access.h"
#include "../backend.h"
#include "../instruction.h"
#include "../slat.h"
#include "frame.h"
#include "names.h"
#include "vmcb.h"

#define SVM_MAX_CPUS	   1024 /* of the host, by host_cpu */
#define SVM_NO_CPU	   ~0U
#define SVM_ONE_SHOT	   0xffff0000U /* no exit code */
#define SVM_IOPM_BYTES	   0x3000 /* APM Vol. 2, "I/O Permissions Map": 64 K ports and 3 bits */
#define SVM_MSRPM_BYTES	   0x2000
#define SVM_PAGE_LOG_BYTES 0x1000

/* CPUID Fn8000_000A and what else the CPU can (APM Vol. 3, appendix E). */
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
	u64 *fifth; /* the level above slat's four, where the host has five; else NULL */
	u64 nested_cr3;
	u8 *io_map, *msr_map;
	u8 *avic, *page_log;		/* where the VM has such features, else NULL */
	u32 intercept[VMCB_INTERCEPTS]; /* of every batch; the one that is measured comes to it */
	bool interrupts;		/* the host's are what the storm is about */
	void (*arm)(struct svm_vcpu *vcpu); /* after each VMMCALL that nobody measures */
};

struct svm_vcpu {
	u8 stack[0x2000 - FRAME_BYTES];
	struct svm_frame frame; /* the host's RSP: the stack is below it */
	struct hv_vcpu *vcpu;
	struct svm_vm *vm;
	struct vmcb *vmcb;
	u32 raw_reason;	    /* what is expected; frame.batch.raw_reason but while SVM_ONE_SHOT */
	u32 cpu;	    /* where it ran last; SVM_NO_CPU: nowhere */
	u8 tlb;		    /* tlb_control of every entry: not 0 without ASIDs */
	bool broken;	    /* the VMCB is to be refused */
	struct vmcb *saved; /* as the batch began; emulators overwrite what they refuse */
	bool flush;	    /* the first entry of the next batch is to flush */
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
