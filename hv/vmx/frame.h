/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame that enter.S and C share. HOST_RSP points to it during a batch: so the entry point of a
 * VM exit can access it without a free register, and C is called on the stack below it. Assembly
 * includes this file; batch.c asserts the offsets.
 */
#ifndef HV_VMX_FRAME_H
#define HV_VMX_FRAME_H

#define FRAME_RAX	 0x00
#define FRAME_RCX	 0x08
#define FRAME_RDX	 0x10
#define FRAME_RBX	 0x40
#define FRAME_RBP	 0x48
#define FRAME_RSI	 0x50
#define FRAME_RDI	 0x58
#define FRAME_R8	 0x60
#define FRAME_R9	 0x68
#define FRAME_R10	 0x70
#define FRAME_R11	 0x78
#define FRAME_R12	 0x80
#define FRAME_R13	 0x88
#define FRAME_R14	 0x90
#define FRAME_R15	 0x98
#define FRAME_INDEX	 0x18
#define FRAME_RING	 0x20
#define FRAME_NEXT_RIP	 0x28
#define FRAME_RAW_REASON 0x30
#define FRAME_COUNT	 0x34
#define FRAME_LAUNCH	 0x38
#define FRAME_RECORD	 0xa0
#define FRAME_CALLER	 0xa8
#define FRAME_DELAYED	 0xb8
#define FRAME_DELAY	 0xc0
#define FRAME_STORE	 0xd0 /* an entry of an MSR area: 16-byte aligned */
#define FRAME_STORED	 (FRAME_STORE + 8)
#define FRAME_BYTES	 0x100

/* Return values of vmx_enter if an entry failed; otherwise that of vmx_handle. */
#define VMX_FAILED_VALID   1
#define VMX_FAILED_INVALID 2

#ifndef __ASSEMBLER__
#include "../raw.h"

struct vmx_frame {
	/*
	 * The fast path needs only the first cache line. rax, … are the guest's registers while the
	 * host runs; RSP, RIP and RFLAGS are in the VMCS.
	 */
	u64 rax, rcx, rdx;
	struct raw_batch batch;
	u32 launch; /* the next entry is by VMLAUNCH */
	u32 reserved;
	u64 rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	struct record *record; /* path=full: of the exit being handled */
	u64 caller_rsp;
	/* Not used by the fast path. */
	int (*handler)(struct vmx_frame *frame); /* path=full: the handler of an expected exit */
	int (*delayed)(struct vmx_frame *frame); /* called after vmx_delay */
	u32 delay;				 /* iterations of vmx_delay */
	u32 reserved2[3];
	struct { /* SDM Vol. 3, table "Format of an MSR Entry" */
		u32 index, reserved;
		u64 value;
	} store;
	u8 padding[FRAME_BYTES - FRAME_STORE - 16];
};

/*
 * Enters the guest, and returns when vmx_handle returns a nonzero value (which is returned) or an
 * entry fails (VMX_FAILED_*). `frame` is 64-byte aligned with a stack below it.
 */
int vmx_enter(struct vmx_frame *frame);

/*
 * Exit entry points, one of which is HOST_RIP: with stamps, with the TSC that the exit has stored,
 * too (checked), and without stamps.
 */
extern const u8 vmx_exit_fast[], vmx_exit_full[];
extern const u8 vmx_exit_fast_checked[], vmx_exit_full_checked[];
extern const u8 vmx_exit_fast_unstamped[], vmx_exit_full_unstamped[];

/* An exit handler: executes 4 + 2 * frame->delay instructions, then calls frame->delayed. */
int vmx_delay(struct vmx_frame *frame);

/*
 * Called by the exit entry points of the full path. 0: enter again; nonzero: the end of the batch.
 */
int vmx_handle(struct vmx_frame *frame);
#endif

#endif
