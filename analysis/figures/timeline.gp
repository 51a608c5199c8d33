# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records in the order of their operations: one kind of point for each storm of each run. The file
# "values" has the words and numbers, "series1", "series2", ... one line per record: operation,
# ticks or time, 1 if it was disturbed.
load 'values'

# Colours of Okabe and Ito (Color Universal Design, 2008) without the yellow; points differ as well,
# for print in grey.
set linetype 1 lc rgb '#0072B2' pt 7
set linetype 2 lc rgb '#D55E00' pt 4
set linetype 3 lc rgb '#009E73' pt 8
set linetype 4 lc rgb '#000000' pt 2
set linetype 5 lc rgb '#CC79A7' pt 6
set linetype 6 lc rgb '#56B4E9' pt 10
set linetype 7 lc rgb '#E69F00' pt 12
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
set xlabel 'operation' noenhanced offset 0,0.3
set format x '%.0f'
set xtics noenhanced
disturbed(y, flag) = flag == 1 ? y : NaN

plot for [i = 1:SERIES] sprintf('series%d', i) using 1:2 with points \
		linetype i pointsize POINT * 0.35 linewidth 0.7 notitle, \
	for [i = 1:SERIES] sprintf('series%d', i) using 1:(disturbed($2, $3)) with points \
		linecolor rgb '#000000' pointtype 6 pointsize POINT * 0.9 linewidth 0.5 notitle, \
	for [i = 1:SERIES] NaN with points linetype i pointsize POINT title TITLE[i] noenhanced, \
	NaN with points linecolor rgb '#000000' pointtype 6 pointsize POINT * 1.3 title 'disturbed'
