# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boxes of a leg: one row per storm, in it one box per run. The file "values" has the
# words and numbers, "run1", "run2", ... one line per storm: place, p1, p25, p50, p75, p99, p99.9.
load 'values'

set linetype 1 lc rgb '#0072B2' pt 6
set linetype 2 lc rgb '#D55E00' pt 6
set linetype 3 lc rgb '#009E73' pt 6
set linetype 4 lc rgb '#000000' pt 6
set linetype 5 lc rgb '#CC79A7' pt 6
set linetype 6 lc rgb '#56B4E9' pt 6
set linetype 7 lc rgb '#E69F00' pt 6
set linetype 8 lc rgb '#666666' pt 6

set title HEAD noenhanced
set xlabel XLABEL noenhanced offset 0,0.3
set border 3
set tics nomirror out
if (TOP_AXIS) {
	set border 7
	set x2label 'time' noenhanced offset 0,-0.5
	set x2tics out
}
set grid xtics ytics lc rgb '#DDDDDD' lt 1 lw 0.5, lc rgb '#EEEEEE' lt 1 lw 0.5
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP \
	left font CAPTION_FONT textcolor rgb '#333333' noenhanced
set key at screen 0.5, screen KEY_TOP center top vertical maxrows KEY_ROWS \
	Left reverse samplen 3.5 width 3 noenhanced
set yrange [STORMS - 0.4:-0.6]
set ytics noenhanced scale 0
set rmargin at screen 0.965
half = 0.34 / RUNS
cap = half * 0.5
file(r) = sprintf('run%d', r)
array SHADE[8] = [0.35, 0.1, 0.6, 0.2, 0.45, 0.15, 0.3, 0.05]

plot for [r = 1:RUNS] file(r) using 2:1:($6 - $2):(0) with vectors nohead \
		linetype r linewidth 1 notitle, \
	for [r = 1:RUNS] file(r) using 2:($1 - cap):(0):(2 * cap) with vectors nohead \
		linetype r linewidth 1 notitle, \
	for [r = 1:RUNS] file(r) using 6:($1 - cap):(0):(2 * cap) with vectors nohead \
		linetype r linewidth 1 notitle, \
	for [r = 1:RUNS] file(r) using 4:1:3:5:($1 - half):($1 + half) with boxxyerror \
		linetype r linewidth 1 fillstyle solid SHADE[r] border notitle, \
	for [r = 1:RUNS] file(r) using 4:($1 - half):(0):(2 * half) with vectors nohead \
		linetype r linewidth 2.5 notitle, \
	for [r = 1:RUNS] file(r) using 7:1 with points \
		linetype r pointsize POINT * 0.8 linewidth 1 notitle, \
	for [r = 1:(RUNS > 1 ? RUNS : 0)] NaN with boxes \
		linetype r fillstyle solid SHADE[r] border title RUN[r] noenhanced
