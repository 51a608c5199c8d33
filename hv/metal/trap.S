/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries for all vectors of a bare-metal host: METAL_TRAP_STUB_SIZE bytes apart. A stub completes
 * the stack to
 *
 *   vector, error code (0 where the CPU pushes none), RIP, CS, RFLAGS, RSP, SS
 *
 * and the common part saves the volatile registers and calls metal_trap(struct metal_trap *). If that
 * returns, the interrupted code continues.
 */
#include "trap.h"

	.text
	.balign	METAL_TRAP_STUB_SIZE
	.globl	metal_trap_stubs
metal_trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	METAL_TRAP_STUB_SIZE
	.if	vector > 31
	pushq	$0
	.elseif	!(METAL_TRAPS_WITH_ERROR >> vector & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	leaq	METAL_TRAP_SAVED(%rsp), %rdi
	movq	%rsp, %rax		/* align for C, whatever the stack was */
	andq	$-16, %rsp
	pushq	%rax
	pushq	%rax
	cld
	call	metal_trap
	popq	%rax
	movq	%rax, %rsp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp		/* vector and error code */
	iretq
