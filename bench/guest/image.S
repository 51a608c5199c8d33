/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Embeds the guest image. The assembler finds guest.bin by its include path. */
	.section .rodata
	.globl guest_image, guest_image_end
	.balign 64
guest_image:
	.incbin "guest.bin"
guest_image_end:
	.section .note.GNU-stack, "", @progbits
