/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's style and script, each ended by a 0. Paths are from the top of the tree. */
	.macro asset name, file
	.global \name
\name:
	.incbin "\file"
	.byte 0
	.endm

	.section .rodata
	asset report_css, "analysis/report/report.css"
	asset report_js, "analysis/report/report.js"

	.section .note.GNU-stack, "", @progbits
