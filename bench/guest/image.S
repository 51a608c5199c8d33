/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest image within the binary; build/guest.bin is found by the assembler's include path. */
	.section .rodata
	.globl guest_image, guest_image_end
	.balign 64
guest_image:
	.incbin "guest.bin"
guest_image_end:
	.section .note.GNU-stack, "", @progbits
