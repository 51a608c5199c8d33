/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux_int_stubs: INT n and RET for each vector, 16 bytes apart. Called by pointer, hence ENDBR64. */
#include <linux/linkage.h>
#include <linux/objtool.h>

#define LINUX_CODE_BYTES 0x80000 /* the image of all loops has 286 KiB: a larger one is refused */

	.text
	.balign	64
	.globl	linux_int_stubs
linux_int_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.byte	0xf3, 0x0f, 0x1e, 0xfa		/* ENDBR64 */
	.byte	0xcd, vector			/* INT vector */
	RET
	.set	vector, vector + 1
	.endr

/* Where hv/linux/inplace.c puts the guest image. */
	.balign	64
	.globl	linux_code, linux_code_end
linux_code:
	ANNOTATE_NOENDBR
	.skip	LINUX_CODE_BYTES, 0xcc
linux_code_end:
	ANNOTATE_NOENDBR
	int3
	.section .note.GNU-stack, "", @progbits
