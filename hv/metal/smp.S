/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start of an application processor in real mode at CS:IP 0x800:0, copied to SMP_TRAMPOLINE.
 * Takes the next free number and calls smp_main(number) in 64-bit mode on its own stack. CPUs beyond
 * METAL_MAX_CPUS stop here.
 */
#include "metal.h"
#include "smp.h"

#define AT(label) ((label) - smp_trampoline)

	.text
	.globl	smp_trampoline, smp_trampoline_end
	.code16
smp_trampoline:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	AT(trampoline_gdt_pointer)
	movl	$1, %eax			/* PE */
	movl	%eax, %cr0
	ljmpl	$8, $(SMP_TRAMPOLINE + AT(protected))

	.code32
protected:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$1, %edi
	lock xaddl %edi, next_cpu
	cmpl	$METAL_MAX_CPUS, %edi
	jae	stop
	movl	%edi, %esp			/* address of the stack computed from the number */
	imull	$SMP_STACK_SIZE, %esp
	addl	$stacks, %esp
	movl	$metal_long_mode, %eax
	call	*%eax
	lgdt	metal_gdt_pointer
	ljmp	$METAL_CS, $smp_start64
stop:
	hlt
	jmp	stop

	.align	8
trampoline_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
trampoline_gdt_pointer:
	.word	. - trampoline_gdt - 1
	.long	SMP_TRAMPOLINE + AT(trampoline_gdt)
smp_trampoline_end:

	.code64
smp_start64:
	movl	$METAL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%edi, %edi
	movl	%esp, %esp
	call	smp_main
1:	pause
	jmp	1b

	.data
	.align	4
next_cpu:
	.long	1				/* 0 is the boot CPU */

	.bss
	.align	16
stacks:						/* CPU n starts at the end of stack n - 1 */
	.skip	METAL_MAX_CPUS * SMP_STACK_SIZE
	.section .note.GNU-stack, "", @progbits
