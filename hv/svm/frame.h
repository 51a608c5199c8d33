/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame that enter.S and C share. VMRUN saves the host's RSP and RAX, #VMEXIT restores them:
 * RSP points to the frame during a batch, and C is called on the stack below it. Assembly includes
 * this file; batch.c asserts the offsets.
 */
#ifndef HV_SVM_FRAME_H
#define HV_SVM_FRAME_H

#define FRAME_RCX	    0x00
#define FRAME_RDX	    0x08
#define FRAME_RBX	    0x10
#define FRAME_RBP	    0x18
#define FRAME_RSI	    0x20
#define FRAME_RDI	    0x28
#define FRAME_R8	    0x30
#define FRAME_R9	    0x38
#define FRAME_R10	    0x40
#define FRAME_R11	    0x48
#define FRAME_R12	    0x50
#define FRAME_R13	    0x58
#define FRAME_R14	    0x60
#define FRAME_R15	    0x68
#define FRAME_VMCB	    0x70
#define FRAME_VMCB_PHYSICAL 0x78
#define FRAME_INDEX	    0x80
#define FRAME_RING	    0x88
#define FRAME_NEXT_RIP	    0x90
#define FRAME_RAW_REASON    0x98
#define FRAME_COUNT	    0x9c
#define FRAME_RECORD	    0xa0
#define FRAME_CALLER	    0xa8
#define FRAME_VARIANT	    0xb0
#define FRAME_HOST	    0xb8
#define FRAME_VMLOAD_EACH   0xc0
#define FRAME_DELAY	    0xd0
#define FRAME_DELAYED	    0xd8
#define FRAME_IRQS	    0xe8
#define FRAME_BYTES	    0x100

/* FRAME_VARIANT: selects one of the loops in enter.S. */
#define SVM_VARIANT_FAST    1 /* expected exits are handled in assembly */
#define SVM_VARIANT_EACH    2 /* VMLOAD and VMSAVE on each exit: vmload=each */
#define SVM_VARIANT_STAMPED 4

/* struct vmcb, vmcb.h */
#define VMCB_EXIT_CODE 0x070
#define VMCB_RIP       0x578

#ifndef __ASSEMBLER__
#include "../raw.h"
#include "vmcb.h"

struct svm_frame {
	/* The guest's registers while the host runs; RAX, RSP, RIP and RFLAGS are in the VMCB. */
	u64 rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	struct vmcb *vmcb;
	u64 vmcb_physical;
	struct raw_batch batch;
	struct record *record; /* path=full: of the exit being handled */
	u64 caller_rsp;
	u32 variant; /* SVM_VARIANT_* */
	u32 reserved;
	u64 host;	 /* physical address of the host's VMSAVE area */
	u32 vmload_each; /* vmload=each: host state is loaded on each exit */
	u32 reserved2[3];
	/* Used by C, the delay handler and svm_enter only. */
	u32 delay;				 /* iterations of svm_delay */
	int (*delayed)(struct svm_frame *frame); /* called after svm_delay */
	int (*handler)(struct svm_frame *frame); /* path=full: the handler of an expected exit */
	u32 irqs; /* the host's interrupts cause exits; else they are disabled during the batch */
	u8 padding[FRAME_BYTES - 0xec];
};

/*
 * Enters the guest, and returns the first nonzero value of svm_handle. `frame` is 64-byte aligned
 * with a stack below it.
 */
int svm_enter(struct svm_frame *frame);

/* An exit handler: executes 4 + 2 * frame->delay instructions, then calls frame->delayed. */
int svm_delay(struct svm_frame *frame);

/* Called after each exit of the full path. 0: enter again; nonzero: the end of the batch. */
int svm_handle(struct svm_frame *frame);
#endif

#endif
