/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last 64 KiB of a boot ROM for emulators, in place of BIOS and boot loader: from the reset
 * vector to 32-bit protected mode, copies image and plan from the ROM (layout.h) to memory, then
 * starts the image as a Multiboot loader does. The plan, if there is one, is the only module.
 *
 * Linked at LAYOUT_ROM + LAYOUT_ROM_BOOT. Runs on the boot CPU only; the others wait for a SIPI.
 */
#include "layout.h"

#define CR0_PE		1
#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_KB_LOW	0x30 /* 0x31:0x30: KiB from 1 MiB on, at most 15 MiB of them */
#define CMOS_64KB_LOW	0x34 /* 0x35:0x34: 64 KiB blocks from 16 MiB on */
#define MSR_FEATURE_CONTROL 0x3a
#define MSR_APIC_BASE	0x1b
#define APIC_BASE_X2APIC 0xc00		/* enabled, x2APIC */
#define COM1		0x3f8
#define COM1_LINE	0x3fb
#define COM1_STATUS	0x3fd
#define BOCHS_SHUTDOWN	0x8900
#define PORT_A20	0x92

	.section .text, "ax"
	.code16
start16:
	cli
	lgdtl	%cs:(gdt_pointer - start16)	/* the ROM's segment begins at start16 */
	movl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$8, $start32

	.code32
start32:
	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$LAYOUT_BOOT_INFO, %esp	/* the stack grows down from below the boot information */
	inb	$PORT_A20, %al
	orb	$2, %al
	outb	%al, $PORT_A20

	/* Without an image only this ROM can report it. */
	movl	$LAYOUT_ROM, %esi
	cmpl	$MULTIBOOT_HEADER_MAGIC, (%esi)
	jne	nothing
	cld
	movl	$LAYOUT_IMAGE, %edi
	movl	$(LAYOUT_ROM_PLAN / 4), %ecx
	rep movsl
	movl	$LAYOUT_PLAN, %edi
	movl	$(LAYOUT_PLAN_SIZE / 4), %ecx
	rep movsl
	movl	$LAYOUT_IMAGE, %esi

#ifdef ROM_LOCKS_VMX_OFF
	/* As firmware does with virtualization disabled in its set-up: for a test. */
	movl	$MSR_FEATURE_CONTROL, %ecx
	movl	$1, %eax		/* lock */
	xorl	%edx, %edx
	wrmsr
#endif
#ifdef ROM_SETS_X2APIC
	/* As firmware of machines with more than 255 threads does: for a test. */
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	orl	$APIC_BASE_X2APIC, %eax
	wrmsr
#endif
	/* A loader clears .bss. */
	movl	MULTIBOOT_LOAD_END(%esi), %edi
	movl	MULTIBOOT_BSS_END(%esi), %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	shrl	$2, %ecx		/* both ends are aligned to 4 bytes */
	rep stosl

	/* The boot information: memory sizes and the plan as a module. */
	movl	$LAYOUT_BOOT_INFO, %ebx
	movl	%ebx, %edi
	movl	$(LAYOUT_BOOT_INFO_SIZE / 4), %ecx
	rep stosl
	movl	$MULTIBOOT_INFO_MEMORY, MULTIBOOT_FLAGS(%ebx)
	movl	$640, MULTIBOOT_MEM_LOWER(%ebx)
	movb	$CMOS_64KB_LOW, %cl
	call	cmos_word
	testl	%eax, %eax
	jz	1f
	shll	$6, %eax		/* 64 KiB blocks to KiB */
	addl	$(15 * 1024), %eax	/* they begin at 16 MiB, mem_upper at 1 MiB */
	jmp	2f
1:	movb	$CMOS_KB_LOW, %cl
	call	cmos_word
2:	movl	%eax, MULTIBOOT_MEM_UPPER(%ebx)
	cmpl	$0, LAYOUT_PLAN
	je	3f
	orl	$MULTIBOOT_INFO_MODULES, MULTIBOOT_FLAGS(%ebx)
	movl	$1, MULTIBOOT_MODS_COUNT(%ebx)
	leal	MULTIBOOT_INFO_SIZE(%ebx), %eax
	movl	%eax, MULTIBOOT_MODS_ADDR(%ebx)
	movl	$LAYOUT_PLAN, (%eax)
	movl	$(LAYOUT_PLAN + LAYOUT_PLAN_SIZE), 4(%eax)
3:	movl	$MULTIBOOT_LOADER_MAGIC, %eax
	jmp	*MULTIBOOT_ENTRY(%esi)

/* In: %cl, the CMOS register. Out: %eax, the 16-bit value there. Changes %dl. */
cmos_word:
	xorl	%eax, %eax
	leal	1(%ecx), %edx
	movb	%dl, %al
	outb	%al, $CMOS_INDEX
	inb	$CMOS_DATA, %al
	shll	$8, %eax
	movb	%cl, %al
	outb	%al, $CMOS_INDEX
	inb	$CMOS_DATA, %al
	ret

nothing:
	movw	$COM1_LINE, %dx
	movb	$0x83, %al		/* 8N1, and the divisor can be set: 115,200 baud */
	outb	%al, %dx
	movw	$COM1, %dx
	movb	$1, %al
	outb	%al, %dx
	movw	$COM1_LINE, %dx
	movb	$3, %al
	outb	%al, %dx
	movl	$no_image, %esi
4:	movw	$COM1_STATUS, %dx
	inb	%dx, %al
	testb	$0x40, %al		/* transmitter empty */
	jz	4b
	movw	$COM1, %dx
	lodsb
	testb	%al, %al
	jz	5f
	outb	%al, %dx
	jmp	4b
5:	movl	$shutdown, %esi
	movl	$8, %ecx
	movw	$BOCHS_SHUTDOWN, %dx
	rep outsb
6:	pause
	jmp	6b
shutdown:
	.ascii	"Shutdown"
no_image:
	.asciz	"boot ROM: there is no Multiboot image in it\n"

	.align	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, 32-bit, flat */
	.quad	0x00cf93000000ffff	/* 0x10: data, flat */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.section .reset, "ax"
	.code16
	jmp	start16
