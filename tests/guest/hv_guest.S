/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small guest image for the tests of this folder: boot, fault path, and bodies that do one thing each. It
 * is linked into the tests and copied to GUEST_IMAGE: absolute addresses in it are written as IMAGE(label),
 * jumps are relative.
 *
 * Bodies are called with RDI = struct guest_shared; RBX keeps it for the main loop.
 */
#include "../../hv/guest.h"

#define IMAGE(label) (GUEST_IMAGE + label - hv_guest)

/* Offsets of struct guest_shared; machine.c asserts them. */
#define SHARED_LOOP   0
#define SHARED_BATCH  8
#define SHARED_RING   16
#define SHARED_ARG    24
#define SHARED_INDEX  56
#define SHARED_VECTOR 60
#define SHARED_ERROR  64
#define SHARED_RIP    72
#define SHARED_CR2    80
#define SHARED_COUNT  104

#define ERROR_CODES 0x00227d00 /* vectors 8, 10-14, 17, 21 push an error code by themselves */
#define BODIES	    14

	.section .data.hv_guest, "aw"
	.balign 4096
	.globl hv_guest, hv_guest_end
hv_guest:
	.long GUEST_MAGIC, GUEST_VERSION
	.quad IMAGE(entry), 0, IMAGE(stubs), IMAGE(on_syscall), IMAGE(table)
	.long BODIES, hv_guest_end - hv_guest
	.quad 0, 0
	.quad IMAGE(entry), IMAGE(entry) /* nothing runs in place */

entry:
	mov %rdi, %rbx
1:	mov $GUEST_PORT_DONE, %edx
	out %eax, %dx
	mov %rbx, %rdi
	call *SHARED_LOOP(%rdi)
	jmp 1b

/* Pushes the vector after an error code or a zero. */
	.balign GUEST_STUB_SIZE
stubs:
	.set stub, 0
	.rept 256
	.balign GUEST_STUB_SIZE
	.if stub > 31
	push $0
	.elseif !(ERROR_CODES >> stub & 1)
	push $0
	.endif
	push $stub
	jmp fault
	.set stub, stub + 1
	.endr

/*
 * Stack: vector, error code, RIP. Both stacks of vCPU i lie within its GUEST_STACK_SIZE bytes, so that RSP
 * gives the vCPU's guest_shared.
 */
fault:
	lea -GUEST_STACK(%rsp), %rcx
	shr $14, %rcx
	shl $12, %rcx
	add $GUEST_SHARED, %rcx
	pop %rax
	mov %eax, SHARED_VECTOR(%rcx)
	pop %rax
	mov %rax, SHARED_ERROR(%rcx)
	pop %rax
	mov %rax, SHARED_RIP(%rcx)
	mov %cr2, %rax
	mov %rax, SHARED_CR2(%rcx)
	mov $GUEST_PORT_FAULT, %edx
	out %eax, %dx
1:	pause
	jmp 1b

/*
 * SYSCALL puts the return address into RCX and RFLAGS into R11 and does not change RSP. It returns by IRETQ,
 * which also works if the CPL did not change (kvm-pvm). SYSRET would not.
 */
on_syscall:
	incq SHARED_COUNT(%rbx)
	mov %rsp, %rax
	push $(GUEST_USER_DS | 3)
	push %rax
	push %r11
	push $(GUEST_USER_CS | 3)
	push %rcx
	iretq

/* OUT between stamps. */
body_out:
	xor %r8d, %r8d
	mov SHARED_RING(%rdi), %r10
1:	cmp SHARED_BATCH(%rdi), %r8d
	jae 2f
	mov %r8d, SHARED_INDEX(%rdi)
	lfence
	rdtsc
	lfence
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, %r11
	mov $GUEST_PORT_STORM, %edx
	out %eax, %dx
	lfence
	rdtsc
	lfence
	shl $32, %rdx
	or %rdx, %rax
	mov %r11, 0(%r10)
	mov %rax, 40(%r10)
	add $64, %r10
	inc %r8d
	jmp 1b
2:	ret

/* Each operation makes arg[0] OUTs. */
body_outs:
	xor %r8d, %r8d
	mov $GUEST_PORT_STORM, %edx
1:	cmp SHARED_BATCH(%rdi), %r8d
	jae 3f
	mov %r8d, SHARED_INDEX(%rdi)
	mov SHARED_ARG(%rdi), %rcx
2:	out %eax, %dx
	loop 2b
	inc %r8d
	jmp 1b
3:	ret

body_mmio:
	mov SHARED_BATCH(%rdi), %ecx
	mov $GUEST_MMIO, %edx
1:	movl $1, (%rdx)
	mov (%rdx), %eax
	dec %ecx
	jnz 1b
	ret

/* One OUT per operation to the port in arg[0], without reading the index. */
body_port:
	mov SHARED_BATCH(%rdi), %ecx
	mov SHARED_ARG(%rdi), %edx
1:	out %eax, %dx
	dec %ecx
	jnz 1b
	ret

body_syscall:
	mov SHARED_BATCH(%rdi), %r8d
1:	syscall
	dec %r8d
	jnz 1b
	ret

/* Writes a byte to each of `batch` pages from arg[0] on. */
body_pages:
	mov SHARED_BATCH(%rdi), %ecx
	mov SHARED_ARG(%rdi), %rdx
1:	movb $1, (%rdx)
	add $0x1000, %rdx
	dec %ecx
	jnz 1b
	ret

/* State at the start and the clock: CS to arg[1], RDTSC to arg[2]. */
body_state:
	mov %cs, %eax
	mov %rax, SHARED_ARG + 8(%rdi)
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, SHARED_ARG + 16(%rdi)
	ret

body_nop:
	ret

body_ud2:
	.globl hv_guest_ud2
hv_guest_ud2:
	ud2
	ret

/* A page that nothing maps: #PF with CR2. */
body_page_fault:
	mov $0x50000000, %eax
	mov (%rax), %eax
	ret

body_divide:
	xor %eax, %eax
	xor %edx, %edx
	div %eax
	ret

body_int3:
	int3
	ret

/* A handler for UD2: counts, and skips the instruction. */
	.globl hv_guest_handler
hv_guest_handler:
	incq SHARED_COUNT(%rbx)
	addq $2, (%rsp)
	iretq

body_hang:
	.globl hv_guest_hang
hv_guest_hang:
1:	pause
	jmp 1b

body_hlt:
	mov SHARED_BATCH(%rdi), %ecx
1:	hlt
	dec %ecx
	jnz 1b
	ret

	.macro body name
1:	.asciz "\name"
	.fill 32 - (. - 1b)
	.quad IMAGE(body_\name), 0, 0, 0, 0, 0, 0, 0, 0
	.endm

	.balign 8
table:
	.irp name, out, outs, mmio, port, syscall, pages, state, nop, ud2, page_fault, divide, int3, \
	     hang, hlt
	body \name
	.endr
	.balign 4096
hv_guest_end:

	.section .note.GNU-stack, "", @progbits
