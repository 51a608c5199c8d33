/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux_int_stubs: INT n and RET for each vector, 8 bytes apart. */
	.text
	.balign	64
	.globl	linux_int_stubs
linux_int_stubs:
	.set	vector, 0
	.rept	256
	.balign	8
	.byte	0xcd, vector			/* INT vector */
	ret
	.set	vector, vector + 1
	.endr
	.section .note.GNU-stack, "", @progbits
