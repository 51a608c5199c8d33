/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From VM exit to VM entry, and nothing else.
 *
 * A VM exit lands at HOST_RIP with RSP = HOST_RSP = the frame (frame.h) and all other general
 * registers as the guest left them: interrupts off, RFLAGS = 2 (SDM Vol. 3, "Loading Host RIP, RSP,
 * RFLAGS, and SSP"). It is no indirect branch, so that CET wants no ENDBR64 there. `lean` skips the
 * instruction in assembly, `full` calls vmx_handle(frame). Both end in the one body that enters, by
 * VMLAUNCH or by VMRESUME.
 *
 * host_in is the third instruction after the exit: two stores keep RAX and RDX, because an
 * interrupt may end the guest at any instruction. Between host_out and VMRESUME lie six: two
 * stores of the stamp, three loads, a jump. tests/beds/vmx_legs.t counts them in the image.
 *
 * Lean touches three lines of data: the frame's first, the guest's index, the record. Done once a
 * batch, not here: host state, HOST_RSP and HOST_RIP, next_rip, flags and raw reasons of records,
 * control registers of the host, GDTR, IDTR, DR7, DEBUGCTL, STAR, LSTAR, SFMASK.
 */
#include "frame.h"
#include "../enter.h"

#define VMCS_EXIT_REASON 0x4402
#define VMCS_GUEST_RIP	 0x681e

	/* The landing, up to where %rcx is the record. In all: host_in after two stores. */
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
	movq	FRAME_STORED(%rsp), %rax	/* the TSC as the exit stored it */
	movq	%rax, RECORD_KERNEL_IN(%rcx)
	.endif
	.endm

	/* The one body of all entries. In: %rcx = record, the other registers are the guest's. */
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
	.globl	vmx_exit_lean\suffix, vmx_exit_full\suffix
	.balign	64
vmx_exit_lean\suffix:
	NO_BRANCH_TARGET
	exit_entry	\stamped, \checked
	movl	$VMCS_EXIT_REASON, %eax
	vmread	%rax, %rdx
	cmpl	FRAME_RAW_REASON(%rsp), %edx
	jne	full\suffix			/* something else: C flags the record */
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
 *   in   %rdi  frame        out  %eax  as frame.h says; callee-saved registers are kept
 * The caller's stack: its return address, six saved registers; frame->caller_rsp points to it.
 */
	.globl	vmx_enter
vmx_enter:
	push_callee_saved
	movq	%rsp, FRAME_CALLER(%rdi)
	movq	%rdi, %rsp
	jmp	load_unstamped			/* no record belongs to the first entry of a batch */

vmx_launch:
	movl	$0, FRAME_LAUNCH(%rsp)
	vmlaunch
vmx_failed:					/* still on the frame: what failed is in the flags */
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
