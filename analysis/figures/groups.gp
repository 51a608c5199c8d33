# SPDX-License-Identifier: GPL-2.0-or-later
#
# Figures of groups of runs of a store: a row for each group and storm. The file "values" has the words and
# numbers, "series1" a line for each row: place, colour, and p50, its interval and p99, or (BOX) the minimum,
# p25, median, p75 and maximum of the group's machines.
load 'values'

# Colours of Okabe and Ito (Color Universal Design, 2008) without the yellow.
array COLOUR[8] = [0x0072B2, 0xD55E00, 0x009E73, 0x000000, 0xCC79A7, 0x56B4E9, 0xE69F00, 0x666666]
colour(n) = COLOUR[int(n) % 8 + 1]

set border 3
set tics nomirror out
set grid xtics lc rgb '#DDDDDD' lt 1 lw 0.5
set xlabel XLABEL noenhanced
set yrange [ROWS - 0.4:-0.6]
set ytics noenhanced scale 0
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set rmargin at screen 0.94
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP left font CAPTION_FONT textcolor rgb '#333333' noenhanced
unset key
if (LOG) {
	set logscale x
}
u(c) = column(c) / SCALE
if (BOX) {
	plot 'series1' using (u(3)):1:(u(7) - u(3)):(0):(colour($2)) with vectors nohead lc rgb variable lw 1, \
		'' using (u(5)):1:(u(4)):(u(6)):($1 - 0.3):($1 + 0.3):(colour($2)) with boxxyerror \
			lc rgb variable fillstyle solid 0.35 border, \
		'' using (u(5)):($1 - 0.3):(0):(0.6):(colour($2)) with vectors nohead lc rgb variable lw 2.5
} else {
	plot 'series1' using (u(3)):1:(u(6) - u(3)):(0):(colour($2)) with vectors nohead lc rgb variable lw 0.8, \
		'' using (u(3)):1:(u(4)):(u(5)):(colour($2)) with xerrorbars pt 7 ps POINT lw 1.2 lc rgb variable, \
		'' using (u(6)):1:(colour($2)) with points pt 6 ps POINT lw 1 lc rgb variable
}
