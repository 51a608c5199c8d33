/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest in 32-bit protected mode: entry, main loop, and the loops of STORM32 rows. The macro `loop`
 * corresponds to the loops of loops.h: the same stamps, the same order of stores.
 */
#include "../../hv/guest.h"
#include "offsets.h"

	.text
	.code32
/*
 * guest_entry32: the first instruction of each vCPU. In: edi = its guest_shared, esp = top of its
 * stack. Never returns. Each OUT exits to the host, which then sets the loop to run. Loops preserve edi.
 */
	.globl guest_entry32
guest_entry32:
	cld
1:	xorl	%eax, %eax
	movl	$GUEST_PORT_DONE, %edx
	outb	%al, %dx
	movl	SHARED_LOOP(%edi), %eax		/* its upper half is 0: the image is below 4 GiB */
	call	*%eax
	jmp	1b

	/* Puts the stamp into eax and edx. Lists its LFENCEs in .fences, as GUEST_STAMP does. */
	.macro	stamp
661:	lfence
	rdtsc
662:	lfence
	.pushsection .fences, "a"
	.long	661b, 662b
	.popsection
	.endm

	/* void loop: edi = guest_shared. Clobbers all registers but edi and esp. */
	.macro	loop name, stamped, operation:vararg
	.globl	\name
	.balign	64
\name:
	movl	SHARED_RING(%edi), %esi		/* the record */
	xorl	%ebp, %ebp			/* the operation's number */
	stamp
	movl	%eax, SHARED_BEGAN(%edi)
	movl	%edx, SHARED_BEGAN + 4(%edi)
	jmp	2f
1:	.if	\stamped
	prefetchw RECORD_BYTES(%esi)		/* as GUEST_PREFETCH */
	movl	%ebp, SHARED_INDEX(%edi)
	stamp
	movl	%eax, %ebx
	movl	%edx, %ecx
	.endif
	\operation
	.if	\stamped
	stamp
	movl	%ebx, RECORD_GUEST_OUT(%esi)
	movl	%ecx, RECORD_GUEST_OUT + 4(%esi)
	movl	%eax, RECORD_GUEST_IN(%esi)
	movl	%edx, RECORD_GUEST_IN + 4(%esi)
	addl	$RECORD_BYTES, %esi
	.endif
	incl	%ebp
2:	cmpl	SHARED_BATCH(%edi), %ebp
	jb	1b
	stamp
	.if	\stamped
	movl	%ebp, SHARED_INDEX(%edi)	/* later exits are not of an operation */
	.endif
	movl	%eax, SHARED_ENDED(%edi)
	movl	%edx, SHARED_ENDED + 4(%edi)
	ret
	.endm

	.macro	storm32 id, operation:vararg
	loop	storm_plain_\id, 0, \operation
	loop	storm_stamped_\id, 1, \operation
	loop	control_plain_\id, 0
	loop	control_stamped_\id, 1
	.endm

	storm32	task_switch, ljmp $GUEST_TASK, $0

	.section .note.GNU-stack, "", @progbits
