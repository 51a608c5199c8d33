/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot scripts, each ended by a 0. Paths are from the top of the tree. */
	.macro figure name, file
	.global \name
\name:
	.incbin "\file"
	.byte 0
	.endm

	.section .rodata
	figure figure_cdf, "analysis/figures/cdf.gp"
	figure figure_box, "analysis/figures/box.gp"
	figure figure_timeline, "analysis/figures/timeline.gp"
	figure figure_generations, "analysis/figures/generations.gp"
	figure figure_scaling, "analysis/figures/scaling.gp"
	figure figure_sweep, "analysis/figures/sweep.gp"
	figure figure_shift, "analysis/figures/shift.gp"
	figure figure_legs, "analysis/figures/legs.gp"
	figure figure_groups, "analysis/figures/groups.gp"
	figure figure_heatmap, "analysis/figures/heatmap.gp"

	.section .note.GNU-stack, "", @progbits
