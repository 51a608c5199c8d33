# SPDX-License-Identifier: GPL-2.0-or-later
#
# Quantiles of a leg against the values of a setting: two lines for each storm. The file
# "values" has the words and numbers, "storm1", "storm2", ... one line per run: place, p50 and its
# interval, p99 and its interval.
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
# Not ylabel, whose position depends on the width of the tics' labels.
set label 2 YLABEL at screen 0.35 / WIDTH_CM, graph 0.5 center rotate by 90 noenhanced
set lmargin at screen 2.6 / WIDTH_CM
set rmargin at screen 1 - 0.5 / WIDTH_CM
if (RIGHT_AXIS) {
	set border 11
	set rmargin at screen 1 - 2.0 / WIDTH_CM
	set label 3 'time' at screen 1 - 0.35 / WIDTH_CM, graph 0.5 center rotate by 90
	set y2tics out
}
set grid ytics lc rgb '#DDDDDD' lt 1 lw 0.5
set xlabel PLACES noenhanced offset 0,0.3
set xtics noenhanced
array OPEN[8] = [6, 4, 8, 10, 12, 14, 1, 2]

plot for [i = 1:STORMS] sprintf('storm%d', i) using 1:5:6:7 with yerrorbars \
		linetype i pointtype OPEN[i] pointsize POINT linewidth 0.8 notitle, \
	for [i = 1:STORMS] sprintf('storm%d', i) using 1:5 with lines \
		linetype i dashtype (6,4) linewidth 1 notitle, \
	for [i = 1:STORMS] sprintf('storm%d', i) using 1:2:3:4 with yerrorbars \
		linetype i pointsize POINT linewidth 0.8 notitle, \
	for [i = 1:STORMS] sprintf('storm%d', i) using 1:2 with lines \
		linetype i dashtype 1 linewidth 1.4 notitle, \
	for [i = 1:STORMS] NaN with linespoints linetype i pointsize POINT title STORM[i] noenhanced
