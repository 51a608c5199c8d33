/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest image's header, its entry point, and the handlers of exceptions, interrupts and SYSCALL.
 * hv builds GDT, TSS and IDT. The IDT's gates point to guest_vectors unless a storm has its own handler.
 */
#include "../../hv/guest.h"
#include "offsets.h"

	.globl guest_image_base, guest_image_room, guest_storm_bytes
	.set guest_image_base, GUEST_IMAGE
	.set guest_image_room, GUEST_IMAGE_SIZE
	.set guest_storm_bytes, STORM_BYTES

/* struct guest_header */
	.section .header, "ax"
	.globl guest_header
	.balign 8
guest_header:
	.long	GUEST_MAGIC, GUEST_VERSION
	.quad	guest_entry64, guest_entry32
	.quad	guest_vectors
	.quad	guest_syscall
	.quad	guest_table
	.long	guest_storms, guest_size
	.quad	guest_fences
	.long	guest_fence_count, 0
	.quad	guest_call, guest_left

	.text

/*
 * guest_entry64: the first instruction of each vCPU.
 * In: rdi = its guest_shared, rsp = top of its stack, 64-bit mode, CPL 0 or 3. Never returns.
 */
	.globl guest_entry64
guest_entry64:
	cld
	xorl	%ebp, %ebp
	call	guest_main	/* aligns rsp as the ABI requires at a function's entry */

/*
 * guest_call: see struct guest_header. In: rdi = where to keep rsp, rsi = loop, rdx = its guest_shared.
 * A host that tracks indirect branches calls it by one, hence ENDBR64; the loops have none, so that
 * RET begins them.
 */
	.globl guest_call, guest_left
guest_call:
	.byte	0xf3, 0x0f, 0x1e, 0xfa		/* ENDBR64 */
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp			/* aligns rsp as the ABI requires at the loop's entry */
	movq	%rsp, (%rdi)
	movq	%rdx, %rdi
	leaq	1f(%rip), %rax
	pushq	%rax
	pushq	%rsi
	ret
1:	xorl	%eax, %eax
	jmp	2f
guest_left:
	movl	$1, %eax
2:	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	cld
	ret

/*
 * guest_syscall: LSTAR. In: rcx = where to return to, r11 = its RFLAGS. Clobbers eax. Returns at
 * once. kvm-pvm enters this handler without a change of CPL, where SYSRET is not allowed: then it
 * returns by a jump.
 */
	.globl guest_syscall
guest_syscall:
	movl	%cs, %eax
	testb	$3, %al
	jnz	1f
	sysretq
1:	jmp	*%rcx

/*
 * guest_vectors: 256 stubs, GUEST_STUB_SIZE apart, for unexpected vectors. The CPU pushes an
 * error code for #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX (SDM Vol. 3A table 6-1, APM
 * Vol. 2 table 8-1); the others push 0 in its place.
 * Stack at `unexpected`: vector, error code, rip, cs, rflags, rsp, ss.
 */
	.balign	GUEST_STUB_SIZE
	.globl guest_vectors
guest_vectors:
	.set	vector, 0
	.rept	256
	.balign	GUEST_STUB_SIZE, 0xcc
	.set	error_code, vector == 8 || (vector >= 10 && vector <= 14) || vector == 17
	.if	!(error_code || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	unexpected
	.set	vector, vector + 1
	.endr

/*
 * own_shared: reg = this vCPU's guest_shared - GUEST_SHARED. Both stacks of a vCPU lie in its
 * GUEST_STACK_SIZE bytes, so rsp tells which vCPU this is, at any CPL and without a per-CPU base.
 */
	.macro	own_shared reg
	movq	%rsp, \reg
	shrq	$2, \reg			/* GUEST_STACK_SIZE is 4 shared pages' size */
	andq	$~0xfff, \reg
	.endm
	.if	GUEST_STACK_SIZE != 4 * 0x1000
	.error	"own_shared counts on GUEST_STACK_SIZE being 4 pages"
	.endif
	.set	SHARED, GUEST_SHARED - GUEST_STACK / 4

/* Reports the vector to the host and never returns. */
unexpected:
	own_shared %rdi
	popq	%rax
	movl	%eax, SHARED + SHARED_VECTOR(%rdi)
	popq	%rax
	movq	%rax, SHARED + SHARED_ERROR(%rdi)
	popq	%rax
	movq	%rax, SHARED + SHARED_RIP(%rdi)
	movq	%cr2, %rax
	movq	%rax, SHARED + SHARED_CR2(%rdi)
	movw	$GUEST_PORT_FAULT, %dx
	outb	%al, %dx
1:	pause
	jmp	1b

/*
 * Handlers of exceptions that storms cause. In: the CPU's frame, with an error code if the vector has
 * one. They change no register. The faulting instruction is 2 bytes long.
 */
	.globl handler_skip2, handler_skip2_error, handler_return
handler_skip2_error:
	leaq	8(%rsp), %rsp			/* the error code */
handler_skip2:
	addq	$2, (%rsp)
handler_return:
	iretq

/* void guest_return(void): the code that rearm_code writes into GUEST_FILL's pages. */
	.globl guest_return
guest_return:
	ret

/* Handlers of interrupts: count, signal EOI, return. They preserve all registers. */
	.globl handler_xapic, handler_x2apic
handler_xapic:
	pushq	%rax
	own_shared %rax
	incq	SHARED + SHARED_COUNT(%rax)
	movl	$GUEST_APIC + APIC_EOI, %eax
	movl	$0, (%rax)
	popq	%rax
	iretq

handler_x2apic:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	own_shared %rax
	incq	SHARED + SHARED_COUNT(%rax)
	movl	$APIC_X2_EOI_MSR, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

	.section .note.GNU-stack, "", @progbits
