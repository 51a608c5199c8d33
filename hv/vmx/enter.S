/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From VM exit to VM entry.
 *
 * A VM exit loads RIP = HOST_RIP, one of the entry points here, RSP = HOST_RSP = the frame (frame.h),
 * and RFLAGS = 2: interrupts are disabled. All other general registers are the guest's (SDM Vol. 3,
 * "Loading Host RIP, RSP, RFLAGS, and SSP"). A VM exit is no indirect branch: CET requires no ENDBR64.
 * The fast path skips the instruction in assembly, the full path calls vmx_handle(frame). Both end in
 * the same code, which enters by VMLAUNCH or VMRESUME.
 *
 * host_in is the third instruction after the exit: before it two stores free RAX and RDX, which may
 * hold guest values, because an interrupt can exit at any instruction. Between host_out and VMRESUME
 * are six: two stores of the stamp, three loads, a jump. tests/beds/vmx_legs.t counts them.
 *
 * The fast path touches three cache lines of data: the frame's first, the guest's index, the record.
 * Set once per batch, not here: host state, HOST_RSP and HOST_RIP, next_rip, flags and raw reasons of
 * records, the host's control registers, GDTR, IDTR, DR7, DEBUGCTL, STAR, LSTAR, SFMASK.
 */
#include "frame.h"
#include "../enter.h"

#define VMCS_EXIT_REASON 0x4402
#define VMCS_GUEST_RIP	 0x681e

	/* From the exit to %rcx = record. host_in comes after two stores. */
	.macro	exit_entry stamped, checked
	movq	%rax, FRAME_RAX(%rsp)
	movq	%rdx, FRAME_RDX(%rsp)
	.if	\stamped
	rdtsc					/* host_in */
	.endif
	movq	%rcx, FRAME_RCX(%rsp)
	find_record
	.if	\stamped
	write_stamp RECORD_HOST_IN
	.endif
	.if	\checked
	movq	FRAME_STORED(%rsp), %rax	/* the TSC stored by the exit */
	movq	%rax, RECORD_KERNEL_IN(%rcx)
	.endif
	.endm

	/* Every VM entry. In: %rcx = record, other registers are the guest's. */
	.macro	enter stamped
	cmpl	$0, FRAME_LAUNCH(%rsp)
	.if	\stamped
	lfence
	rdtsc					/* host_out */
	write_stamp RECORD_HOST_OUT
	.endif
	movq	FRAME_RAX(%rsp), %rax
	movq	FRAME_RDX(%rsp), %rdx
	movq	FRAME_RCX(%rsp), %rcx
	jne	vmx_launch
	vmresume
	jmp	vmx_failed
	.endm

	.macro	exit_entry_points suffix, stamped, checked
	.globl	vmx_exit_fast\suffix, vmx_exit_full\suffix
	.balign	64
vmx_exit_fast\suffix:
	NO_BRANCH_TARGET
	exit_entry	\stamped, \checked
	movl	$VMCS_EXIT_REASON, %eax
	vmread	%rax, %rdx
	cmpl	FRAME_RAW_REASON(%rsp), %edx
	jne	full\suffix			/* another reason: C flags the record */
	movl	$VMCS_GUEST_RIP, %eax
	vmwrite	FRAME_NEXT_RIP(%rsp), %rax
	incl	FRAME_COUNT(%rsp)
enter\suffix:
	enter	\stamped

	.balign	64
vmx_exit_full\suffix:
	NO_BRANCH_TARGET
	exit_entry	\stamped, \checked
full\suffix:
	call_handler vmx_handle, vmx_leave
load\suffix:
	load_registers
	jmp	enter\suffix
	.endm

	.text
/*
 * int vmx_enter(struct vmx_frame *frame)
 *   in   %rdi  frame        out  %eax  see frame.h; callee-saved registers are preserved
 * frame->caller_rsp points to six saved registers and the return address on the caller's stack.
 */
	.globl	vmx_enter
vmx_enter:
	push_callee_saved
	movq	%rsp, FRAME_CALLER(%rdi)
	movq	%rdi, %rsp
	jmp	load_unstamped			/* the first entry of a batch has no record */

vmx_launch:
	movl	$0, FRAME_LAUNCH(%rsp)
	vmlaunch
vmx_failed:					/* %rsp = frame; CF and ZF have the error */
	movl	$VMX_FAILED_INVALID, %eax
	jc	vmx_leave
	movl	$VMX_FAILED_VALID, %eax
vmx_leave:
	movq	FRAME_CALLER(%rsp), %rsp
	pop_callee_saved
	RETURN

	delay_handler vmx_delay

	exit_entry_points , 1, 0
	exit_entry_points _checked, 1, 1
	exit_entry_points _unstamped, 0, 0
	.section .note.GNU-stack, "", @progbits
