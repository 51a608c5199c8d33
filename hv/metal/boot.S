/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a loader of Multiboot 1 or 2 (32-bit protected mode, paging off) to 64-bit C, on the boot CPU.
 *
 *   in   %eax  the loader's magic     %ebx  physical address of the boot information
 *   out  calls metal_start64(u32 magic, u32 info) on the boot stack, never returns
 *
 * Identity-maps the first 4 GiB with 2 MiB pages, for all CPUs (long_mode.S). PAT and MTRRs stay as
 * the firmware has set them.
 */
#include "metal.h"
#include "multiboot.h"

	.section .multiboot, "a"
	.align	8
	.long	MULTIBOOT1_MAGIC
	.long	MULTIBOOT1_FLAGS
	.long	-(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)
	.long	image_start		/* header */
	.long	image_start		/* load */
	.long	image_load_end
	.long	image_end		/* .bss ends */
	.long	metal_start

	.align	8
header2:
	.long	MULTIBOOT2_MAGIC
	.long	0			/* 32-bit protected mode */
	.long	header2_end - header2
	.long	-(MULTIBOOT2_MAGIC + header2_end - header2)
	.word	MULTIBOOT2_TAG_REQUEST, MULTIBOOT2_OPTIONAL
	.long	24
	.long	MULTIBOOT2_INFO_MAP, MULTIBOOT2_INFO_MODULE
	.long	MULTIBOOT2_INFO_RSDP1, MULTIBOOT2_INFO_RSDP2
	.word	MULTIBOOT2_TAG_ADDRESS, 0
	.long	24
	.long	header2			/* header */
	.long	image_start		/* load */
	.long	image_load_end
	.long	image_end		/* .bss ends */
	.word	MULTIBOOT2_TAG_ENTRY, 0
	.long	12
	.long	metal_start
	.align	8
	.word	MULTIBOOT2_TAG_ALIGN, 0
	.long	8
	.word	MULTIBOOT2_TAG_END, 0
	.long	8
header2_end:

	.text
	.code32
	.globl	metal_start
metal_start:
	cli
	movl	$(boot_stack + METAL_BOOT_STACK_SIZE), %esp
	movl	%eax, %edi		/* arguments of metal_start64 from here on */
	movl	%ebx, %esi

	/* Page directories: 2048 entries of 2 MiB, then the two levels above. */
	xorl	%ecx, %ecx
	movl	$(METAL_PTE_PRESENT | METAL_PTE_WRITE | METAL_PTE_LARGE), %eax
1:	movl	%eax, page_directories(, %ecx, 8)
	addl	$(2 << 20), %eax
	incl	%ecx
	cmpl	$2048, %ecx
	jne	1b
	movl	$(page_directories + METAL_PTE_PRESENT + METAL_PTE_WRITE), %eax
	movl	%eax, page_pointers
	addl	$4096, %eax
	movl	%eax, page_pointers + 8
	addl	$4096, %eax
	movl	%eax, page_pointers + 16
	addl	$4096, %eax
	movl	%eax, page_pointers + 24
	movl	$(page_pointers + METAL_PTE_PRESENT + METAL_PTE_WRITE), metal_page_root

	call	metal_long_mode
	lgdt	metal_gdt_pointer
	ljmp	$METAL_CS, $2f

	.code64
2:	movl	$METAL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%edi, %edi		/* the upper halves are undefined after the switch */
	movl	%esi, %esi
	movq	$(boot_stack + METAL_BOOT_STACK_SIZE), %rsp
	call	metal_start64
3:	pause
	jmp	3b

	.bss
	.align	4096
page_pointers:
	.skip	4096
page_directories:
	.skip	4 * 4096
boot_stack:
	.skip	METAL_BOOT_STACK_SIZE
