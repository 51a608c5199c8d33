/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VM entry for vmx_intrin.c, and a guest that only exits. */
#define VMCS_HOST_RSP 0x6c14

	.text
/*
 * unsigned char test_enter(int resume): VMLAUNCH or VMRESUME. Returns 0 after the exit to test_exit_entry
 * (HOST_RIP), else a failure by CF and ZF with the values of the intrinsics.
 */
	.globl	test_enter, test_exit_entry
test_enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movl	$VMCS_HOST_RSP, %eax
	vmwrite	%rsp, %rax
	testl	%edi, %edi
	jnz	1f
	vmlaunch
	jmp	2f
1:	vmresume
2:	movl	$2, %eax		/* CF: failed without status */
	jc	3f
	movl	$1, %eax		/* ZF: failed with status */
	jmp	3f
test_exit_entry:
	xorl	%eax, %eax
3:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.globl	test_guest
test_guest:
	vmcall
	jmp	test_guest
