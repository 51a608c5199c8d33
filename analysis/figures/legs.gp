# SPDX-License-Identifier: GPL-2.0-or-later
#
# The legs of an exit end to end: one bar for each storm of each run, from the guest's last stamp to
# its first. The file "values" has the words, numbers and colours, "run1", "run2", ... one line per bar:
# place, start of each part, end of the bar.
load 'values'

set title HEAD noenhanced
set xlabel XLABEL noenhanced offset 0,0.3
set border 3
set tics nomirror out
if (TOP_AXIS) {
	set border 7
	set x2label 'time' noenhanced offset 0,-0.5
	set x2tics out
}
set grid xtics lc rgb '#DDDDDD' lt 1 lw 0.5
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP \
	left font CAPTION_FONT textcolor rgb '#333333' noenhanced
set key at screen 0.5, screen KEY_TOP center top vertical maxrows KEY_ROWS \
	Left reverse samplen 3.5 width 3 noenhanced
set yrange [SERIES - 0.4:-0.6]
set ytics noenhanced scale 0
set rmargin at screen 0.965
half = 0.32
file(r) = sprintf('run%d', r)

plot for [r = 1:RUNS] for [part = 1:PARTS] file(r) \
		using (column(part + 1)):1:(column(part + 1)):(column(part + 2)):($1 - half):($1 + half) \
		with boxxyerror linetype part linewidth 0.3 fillstyle solid 0.9 border lc rgb '#333333' notitle, \
	for [part = 1:PARTS] NaN with boxes linetype part fillstyle solid 0.9 border lc rgb '#333333' \
		title PART[part] noenhanced
