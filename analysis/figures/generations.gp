# SPDX-License-Identifier: GPL-2.0-or-later
#
# Quantiles of a leg by CPU: a row for each storm, in it one mark for each run. The file "values" has
# the words and numbers, "run1", "run2", ... one line per storm: place, p50 and its interval, p99 and its
# interval.
load 'values'

# Colours of Okabe and Ito (Color Universal Design, 2008) without the yellow; points differ as well,
# for print in grey.
set linetype 1 lc rgb '#0072B2' pt 7
set linetype 2 lc rgb '#D55E00' pt 5
set linetype 3 lc rgb '#009E73' pt 9
set linetype 4 lc rgb '#000000' pt 11
set linetype 5 lc rgb '#CC79A7' pt 13
set linetype 6 lc rgb '#56B4E9' pt 15
set linetype 7 lc rgb '#E69F00' pt 2
set linetype 8 lc rgb '#666666' pt 1

set title HEAD noenhanced
set border 3
set tics nomirror out
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP \
	left font CAPTION_FONT textcolor rgb '#333333' noenhanced
set key at screen 0.5, screen KEY_TOP center top vertical maxrows KEY_ROWS \
	Left reverse samplen 3.5 width 3 noenhanced
set xlabel XLABEL noenhanced offset 0,0.3
if (TOP_AXIS) {
	set border 7
	set x2label 'time' noenhanced offset 0,-0.5
	set x2tics out
}
set grid xtics lc rgb '#DDDDDD' lt 1 lw 0.5
set yrange [STORMS - 0.4:-0.6]
set ytics noenhanced scale 0
set rmargin at screen 1 - 0.5 / WIDTH_CM
array OPEN[8] = [6, 4, 8, 10, 12, 14, 1, 2]
file(r) = sprintf('run%d', r)

plot for [r = 1:RUNS] file(r) using 2:1:($5 - $2):(0) with vectors nohead \
		linetype r linewidth 0.8 notitle, \
	for [r = 1:RUNS] file(r) using 2:1:3:4 with xerrorbars \
		linetype r pointsize POINT linewidth 1.2 notitle, \
	for [r = 1:RUNS] file(r) using 5:1 with points \
		linetype r pointtype OPEN[r] pointsize POINT linewidth 1 notitle, \
	for [r = 1:RUNS] NaN with points linetype r pointsize POINT title RUN[r] noenhanced
