/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image and its ROM as data of the command, for targets that boot them in an emulator. */
	.section .rodata
	.globl image_bin, image_bin_end, image_rom, image_rom_end
	.balign 64
image_bin:
	.incbin "image/exitstorm.bin"
image_bin_end:
	.balign 64
image_rom:
	.incbin "image/rom.bin"
image_rom_end:
	.section .note.GNU-stack, "", @progbits
