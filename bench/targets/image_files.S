/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is booted in an emulator, within the command; the assembler's include path finds the files. */
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
