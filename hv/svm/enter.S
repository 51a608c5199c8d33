/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From #VMEXIT to VMRUN.
 *
 * A #VMEXIT continues after VMRUN with the host's RSP = the frame (frame.h), RAX = the VMCB's address,
 * and all other general registers as the guest left them. GIF is 0: nothing interrupts (APM Vol. 2,
 * "#VMEXIT"). The fast path skips the instruction in assembly, the full path calls svm_handle(frame).
 *
 * host_in is the second instruction after the exit: one store frees RDX. Between host_out and VMRUN are
 * five: two stores of the stamp, three loads. With vmload=each, VMSAVE and VMLOAD are executed between
 * host_in and host_out, so they are part of the handler leg. CLGI and STGI: once per batch.
 * tests/beds/svm_legs.t counts them.
 */
#include "frame.h"
#include "../enter.h"

	/* Switches FS, GS, TR, LDTR, SYSCALL and SYSENTER state from the guest's to the host's. */
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

	/* VMRUN, #VMEXIT. In: %rcx = record, other registers are the guest's. Out: %rcx = record. */
	.macro	enter_and_exit name, stamped, each
	.globl	svm_enter_\name		/* for tests that count instructions */
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

	/* Calls C. In: %rcx = record, other registers are the guest's. Then enters variant `again`. */
	.macro	handle again
	call_handler svm_handle, svm_leave
	load_registers
	jmp	svm_enter_\again
	.endm

	.macro	variants suffix, stamped, each
	.balign	64
	enter_and_exit	fast\suffix, \stamped, \each
	movq	FRAME_VMCB(%rsp), %rdx
	movl	FRAME_RAW_REASON(%rsp), %eax
	cmpl	%eax, VMCB_EXIT_CODE(%rdx)
	jne	other\suffix			/* another code: C flags the record */
	movq	FRAME_NEXT_RIP(%rsp), %rax
	movq	%rax, VMCB_RIP(%rdx)
	incl	FRAME_COUNT(%rsp)
	jmp	svm_enter_fast\suffix
other\suffix:
	handle	fast\suffix

	.balign	64
	enter_and_exit	full\suffix, \stamped, \each
	handle	full\suffix
	.endm

	/* Jumps to the last steps before VMRUN, without an indirect branch. */
	.macro	if_variant number, name
	cmpl	$(\number), FRAME_VARIANT(%rsp)
	je	svm_first_\name
	.endm

	.text
/*
 * int svm_enter(struct svm_frame *frame)
 *   in   %rdi  frame        out  %eax  of svm_handle; callee-saved registers are preserved
 * frame->caller_rsp points to six saved registers and the return address on the caller's stack.
 *
 * RFLAGS.IF is set while GIF is 0, unless irqs=off: VMRUN saves it, and with V_INTR_MASKING the saved
 * IF decides whether a physical interrupt causes an exit (APM Vol. 2, "Virtualizing RFLAGS.IF").
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
	if_variant SVM_VARIANT_FAST, fast_unstamped
	if_variant SVM_VARIANT_EACH, full_unstamped_each
	if_variant SVM_VARIANT_EACH | SVM_VARIANT_FAST, fast_unstamped_each
	if_variant SVM_VARIANT_STAMPED, full
	if_variant SVM_VARIANT_STAMPED | SVM_VARIANT_FAST, fast
	if_variant SVM_VARIANT_STAMPED | SVM_VARIANT_EACH, full_each
	jmp	svm_first_fast_each

svm_leave:
	cmpl	$0, FRAME_VMLOAD_EACH(%rsp)	/* loaded on each exit already? */
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
