/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From #VMEXIT to VMRUN, and nothing else.
 *
 * A #VMEXIT goes on behind VMRUN with the host's RSP = the frame (frame.h), RAX = the VMCB, and all
 * other general registers as the guest left them; GIF is 0, so nothing interrupts (APM Vol. 2,
 * "#VMEXIT"). `lean` skips the instruction in assembly, `full` calls svm_handle(frame).
 *
 * host_in is the second instruction after the exit: one store keeps RDX. Between host_out and VMRUN
 * lie five: two stores of the stamp, three loads. Where the guest's VMLOAD state is switched on each
 * exit (vmload=each), VMSAVE and VMLOAD lie between host_in and host_out: in the handler leg. CLGI
 * and STGI are the batch's. tests/beds/svm_legs.t counts from the image.
 */
#include "frame.h"
#include "../enter.h"

	/* The guest's FS, GS, TR, LDTR, SYSCALL and SYSENTER state goes, the host's comes. */
	.macro	to_host each
	.if	\each
	movq	FRAME_VMCB_PHYSICAL(%rsp), %rax
	vmsave
	movq	FRAME_HOST(%rsp), %rax
	vmload
	.endif
	.endm

	.macro	to_guest each
	.if	\each
	movq	FRAME_VMCB_PHYSICAL(%rsp), %rax
	vmload
	.endif
	.endm

	/* Enters, and lands. In: %rcx = record, the other registers are the guest's. */
	.macro	enter_and_exit name, stamped, each
	.globl	svm_enter_\name		/* for who counts */
svm_enter_\name:
	to_guest \each
	.if	\stamped
	lfence
	rdtsc					/* host_out */
	write_stamp RECORD_HOST_OUT
	.endif
svm_first_\name:
	movq	FRAME_RDX(%rsp), %rdx
	movq	FRAME_RCX(%rsp), %rcx
	movq	FRAME_VMCB_PHYSICAL(%rsp), %rax
	vmrun
	.globl	svm_exit_\name
svm_exit_\name:
	movq	%rdx, FRAME_RDX(%rsp)
	.if	\stamped
	rdtsc					/* host_in */
	.endif
	movq	%rcx, FRAME_RCX(%rsp)
	find_record
	.if	\stamped
	write_stamp RECORD_HOST_IN
	.endif
	to_host	\each
	.endm

	/* In C. In: %rcx = record, the other registers are the guest's. Goes on with `again`. */
	.macro	handle again
	call_handler svm_handle, svm_leave
	load_registers
	jmp	svm_enter_\again
	.endm

	.macro	variants suffix, stamped, each
	.balign	64
	enter_and_exit	lean\suffix, \stamped, \each
	movq	FRAME_VMCB(%rsp), %rdx
	movl	FRAME_RAW_REASON(%rsp), %eax
	cmpl	%eax, VMCB_EXIT_CODE(%rdx)
	jne	other\suffix			/* something else: C flags the record */
	movq	FRAME_NEXT_RIP(%rsp), %rax
	movq	%rax, VMCB_RIP(%rdx)
	incl	FRAME_COUNT(%rsp)
	jmp	svm_enter_lean\suffix
other\suffix:
	handle	lean\suffix

	.balign	64
	enter_and_exit	full\suffix, \stamped, \each
	handle	full\suffix
	.endm

	/* To the last steps before VMRUN, behind which the landing is: by jumps that need no pointer. */
	.macro	if_variant number, name
	cmpl	$(\number), FRAME_VARIANT(%rsp)
	je	svm_first_\name
	.endm

	.text
/*
 * int svm_enter(struct svm_frame *frame)
 *   in   %rdi  frame        out  %eax  what svm_handle returned; callee-saved registers are kept
 * The caller's stack: its return address, six saved registers; frame->caller_rsp points to it.
 *
 * Interrupts are on while GIF is 0, but with irqs_off: VMRUN keeps RFLAGS.IF, and with V_INTR_MASKING it is what lets
 * a physical interrupt end the guest (APM Vol. 2, "Virtualizing RFLAGS.IF").
 */
	.globl	svm_enter
svm_enter:
	push_callee_saved
	clgi
	cmpl	$0, FRAME_IRQS(%rdi)
	je	1f
	sti
1:	movq	%rsp, FRAME_CALLER(%rdi)
	movq	%rdi, %rsp
	movq	FRAME_HOST(%rsp), %rax
	vmsave
	movq	FRAME_VMCB_PHYSICAL(%rsp), %rax
	vmload
	load_registers
	if_variant 0, full_unstamped
	if_variant SVM_VARIANT_LEAN, lean_unstamped
	if_variant SVM_VARIANT_EACH, full_unstamped_each
	if_variant SVM_VARIANT_EACH | SVM_VARIANT_LEAN, lean_unstamped_each
	if_variant SVM_VARIANT_STAMPED, full
	if_variant SVM_VARIANT_STAMPED | SVM_VARIANT_LEAN, lean
	if_variant SVM_VARIANT_STAMPED | SVM_VARIANT_EACH, full_each
	jmp	svm_first_lean_each

svm_leave:
	cmpl	$0, FRAME_VMLOAD_EACH(%rsp)	/* else the host's state is not back yet */
	jne	1f
	movl	%eax, %edx
	movq	FRAME_VMCB_PHYSICAL(%rsp), %rax
	vmsave
	movq	FRAME_HOST(%rsp), %rax
	vmload
	movl	%edx, %eax
1:	movq	FRAME_CALLER(%rsp), %rsp
	cli
	stgi
	pop_callee_saved
	RETURN

	delay_handler svm_delay

	variants	, 1, 0
	variants	_unstamped, 0, 0
	variants	_each, 1, 1
	variants	_unstamped_each, 0, 1
	.section .note.GNU-stack, "", @progbits
