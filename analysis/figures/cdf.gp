# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cumulative distributions of a leg: one line for each storm of each run. The file "values" has the
# words and numbers, "series1", "series2", ... the points.
load 'values'

# Colours of Okabe and Ito (Color Universal Design, 2008) without the yellow, which is not visible on
# paper; dashes and points differ as well, for print in grey.
set linetype 1 lc rgb '#0072B2' dt 1 pt 7
set linetype 2 lc rgb '#D55E00' dt (9,3) pt 4
set linetype 3 lc rgb '#009E73' dt (12,3,2,3) pt 8
set linetype 4 lc rgb '#000000' dt (3,3) pt 2
set linetype 5 lc rgb '#CC79A7' dt 1 pt 5
set linetype 6 lc rgb '#56B4E9' dt (9,3) pt 10
set linetype 7 lc rgb '#E69F00' dt (12,3,2,3,2,3) pt 12
set linetype 8 lc rgb '#666666' dt (6,2) pt 1
set linetype 9 lc rgb '#0072B2' dt (3,3) pt 6
set linetype 10 lc rgb '#D55E00' dt 1 pt 13
set linetype 11 lc rgb '#009E73' dt (3,3) pt 9
set linetype 12 lc rgb '#000000' dt (12,3,2,3) pt 3

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
set ylabel 'share of records' noenhanced
set yrange [0:1]
set ytics 0.2 format '%.1f'
set lmargin at screen 0.095
set rmargin at screen 0.965
plot for [i = 1:SERIES] sprintf('series%d', i) using 1:2 with linespoints \
	linetype i linewidth 1.5 pointnumber 7 pointsize POINT title TITLE[i] noenhanced
