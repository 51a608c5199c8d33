/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch to 64-bit mode, the GDT and the root of the page tables, which boot.S fills: used by
 * the boot CPU and by all others.
 */
#include "metal.h"

	.text
/* Paging and long mode on, with the tables at metal_page_root. 32-bit, changes eax, ebx, ecx, edx. */
	.code32
	.globl	metal_long_mode
metal_long_mode:
	movl	$METAL_CR4, %eax
	movl	%eax, %cr4
	movl	$metal_page_root, %eax
	movl	%eax, %cr3
	/* NXE is #GP where the firmware disables NX ("execute disable"). */
	movl	$METAL_CPUID_EXTENDED, %eax
	cpuid
	andl	$METAL_CPUID_EDX_NX, %edx
	movl	$METAL_EFER_LME, %ebx
	jz	1f
	orl	$METAL_EFER_NXE, %ebx
1:	movl	$METAL_MSR_EFER, %ecx
	rdmsr
	orl	%ebx, %eax
	wrmsr
	movl	$METAL_CR0, %eax
	movl	%eax, %cr0
	ret

	.data
	.align	8
	.globl	metal_gdt, metal_gdt_pointer
metal_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* METAL_CS: code, 64-bit */
	.quad	0x00cf93000000ffff	/* METAL_DS: data */
	.quad	0x00cf9b000000ffff	/* METAL_CS32: code, 32-bit, for CPUs that start */
	.fill	2 * METAL_MAX_CPUS, 8, 0 /* METAL_TSS + 16 * cpu: filled in by metal_cpu_init */
metal_gdt_end:
metal_gdt_pointer:
	.word	metal_gdt_end - metal_gdt - 1
	.quad	metal_gdt

	.bss
	.align	4096
	.globl	metal_page_root
metal_page_root:
	.skip	4096
	.section .note.GNU-stack, "", @progbits
