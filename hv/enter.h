/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Assembly that the enter.S of hv/vmx and of hv/svm share: included after the backend's frame.h,
 * whose FRAME_* are offsets in the frame. In all of it %rsp points to the frame. Every instruction
 * here is counted by tests/beds/vmx_legs.t and svm_legs.t.
 */
#ifndef HV_ENTER_H
#define HV_ENTER_H

/* struct record, trace/record.h; raw.c asserts them. */
#define RECORD_KERNEL_IN 0x08
#define RECORD_HOST_IN	 0x10
#define RECORD_HOST_OUT	 0x18
#define RECORD_SHIFT	 6

#ifdef __ASSEMBLER__
#include "branch.h"
#include "guest.h"

/*
 * %rcx = the record of the operation under way. The guest can write any value to its index:
 * the mask keeps the record within the ring.
 */
.macro	find_record
	movq	FRAME_INDEX(%rsp), %rcx
	movl	(%rcx), %ecx
	andl	$(GUEST_RING_RECORDS - 1), %ecx
	shll	$RECORD_SHIFT, %ecx
	addq	FRAME_RING(%rsp), %rcx
	.endm

	/* The TSC in %edx:%eax goes to the record at %rcx. */
	.macro	write_stamp offset
	movl	%eax, \offset(%rcx)
	movl	%edx, \offset + 4(%rcx)
	.endm

	.macro	save_registers
	movq	%rbx, FRAME_RBX(%rsp)
	movq	%rbp, FRAME_RBP(%rsp)
	movq	%rsi, FRAME_RSI(%rsp)
	movq	%rdi, FRAME_RDI(%rsp)
	movq	%r8, FRAME_R8(%rsp)
	movq	%r9, FRAME_R9(%rsp)
	movq	%r10, FRAME_R10(%rsp)
	movq	%r11, FRAME_R11(%rsp)
	movq	%r12, FRAME_R12(%rsp)
	movq	%r13, FRAME_R13(%rsp)
	movq	%r14, FRAME_R14(%rsp)
	movq	%r15, FRAME_R15(%rsp)
	.endm

	.macro	load_registers
	movq	FRAME_RBX(%rsp), %rbx
	movq	FRAME_RBP(%rsp), %rbp
	movq	FRAME_RSI(%rsp), %rsi
	movq	FRAME_RDI(%rsp), %rdi
	movq	FRAME_R8(%rsp), %r8
	movq	FRAME_R9(%rsp), %r9
	movq	FRAME_R10(%rsp), %r10
	movq	FRAME_R11(%rsp), %r11
	movq	FRAME_R12(%rsp), %r12
	movq	FRAME_R13(%rsp), %r13
	movq	FRAME_R14(%rsp), %r14
	movq	FRAME_R15(%rsp), %r15
	.endm

	/*
	 * The full path: int handler(frame) in C, then on to `leave` unless it returned 0. Before and
	 * after %rcx = record. The caller loads the registers.
	 */
	.macro	call_handler handler, leave
	movq	%rcx, FRAME_RECORD(%rsp)
	save_registers
	movq	%rsp, %rdi
	call	\handler
	testl	%eax, %eax
	jnz	\leave
	movq	FRAME_RECORD(%rsp), %rcx
	.endm

	/* Callee-saved registers of the C function that enters, on its own stack. */
	.macro	push_callee_saved
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	pop_callee_saved
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	.endm

	/*
	 * int name(frame), the exit handler of delay=N: executes 4 + 2 * frame->delay instructions,
	 * then the handler frame->delayed.
	 */
	.macro	delay_handler name
	.globl	\name
\name:
	endbr64				/* called by pointer: for kernels with CET */
	nop				/* makes the number of instructions even */
	movl	FRAME_DELAY(%rdi), %eax
1:	decl	%eax
	jnz	1b
	JUMP_TO(FRAME_DELAYED(%rdi))
	.endm
#endif

#endif
