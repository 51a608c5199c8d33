# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shift functions: the change of each quantile of a leg against the first run, in percent, with a band.
# The file "values" has the words and numbers, "series1", "series2", ... the quantile in percent, the
# change and its 95 % interval.
load 'values'

# Colours of Okabe and Ito (Color Universal Design, 2008) without the yellow; dashes and points differ
# as well, for print in grey.
set linetype 1 lc rgb '#0072B2' dt 1 pt 7
set linetype 2 lc rgb '#D55E00' dt (9,3) pt 5
set linetype 3 lc rgb '#009E73' dt (12,3,2,3) pt 9
set linetype 4 lc rgb '#000000' dt (3,3) pt 11
set linetype 5 lc rgb '#CC79A7' dt 1 pt 13
set linetype 6 lc rgb '#56B4E9' dt (9,3) pt 6

set title HEAD noenhanced
set border 3
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP \
	left font CAPTION_FONT textcolor rgb '#333333' noenhanced
set key at screen 0.5, screen KEY_TOP center top vertical maxrows KEY_ROWS \
	Left reverse samplen 3.5 width 3 noenhanced
set lmargin at screen 2.0 / WIDTH_CM
set rmargin at screen 1 - 0.5 / WIDTH_CM
# The axes are of this figure, not of ticks: quantiles, and percent.
unset logscale
unset x2tics
unset y2tics
# All centres, and the bands from 5 to 95 %: at the ends they may be many times wider.
set xrange [*:*]
set yrange [*:*]
LOW = 0
HIGH = 0
do for [i = 1:SERIES] {
	stats sprintf('series%d', i) using ($1 >= 5 && $1 <= 95 ? $3 : $2) name 'B' nooutput
	LOW = B_min < LOW ? B_min : LOW
	stats sprintf('series%d', i) using ($1 >= 5 && $1 <= 95 ? $4 : $2) name 'B' nooutput
	HIGH = B_max > HIGH ? B_max : HIGH
}
MARGIN = HIGH > LOW ? (HIGH - LOW) * 0.06 : 1
set xrange [0:100]
set yrange [LOW - MARGIN:HIGH + MARGIN]
set xtics 10 format '%.0f' nomirror out
set ytics autofreq format '%+g' nomirror out
set xlabel 'quantile in percent' noenhanced offset 0,0.3
set label 2 'change in percent' at screen 0.35 / WIDTH_CM, graph 0.5 center rotate by 90 noenhanced
set grid xtics ytics lc rgb '#DDDDDD' lt 1 lw 0.5, lc rgb '#EEEEEE' lt 1 lw 0.5
set style fill transparent solid 0.18 noborder

plot 0 with lines dashtype 1 linecolor rgb '#666666' linewidth 0.8 notitle, \
	for [i = 1:SERIES] sprintf('series%d', i) using 1:3:4 with filledcurves \
		linetype i notitle, \
	for [i = 1:SERIES] sprintf('series%d', i) using 1:2 with linespoints \
		linetype i linewidth 1.4 pointsize POINT title TITLE[i] noenhanced
