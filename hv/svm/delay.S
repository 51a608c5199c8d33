/* SPDX-License-Identifier: GPL-2.0-or-later */
/* int svm_delay(struct svm_frame *frame): a known number of instructions, then frame->delayed. */
#include "../branch.h"
#include "frame.h"

	.text
	.globl	svm_delay
svm_delay:
	endbr64				/* called by pointer: for kernels with CET */
	nop					/* ... and an even number */
	movl	FRAME_DELAY(%rdi), %eax
1:	decl	%eax
	jnz	1b
	JUMP_TO(FRAME_DELAYED(%rdi))
	.section .note.GNU-stack, "", @progbits
