/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schema.sql, ended by a 0. The path is from the top of the tree. */
	.section .rodata
	.global store_schema
store_schema:
	.incbin "analysis/store/schema.sql"
	.byte 0

	.section .note.GNU-stack, "", @progbits
