# SPDX-License-Identifier: GPL-2.0-or-later
#
# How far groups of runs of a store lie from the median of all: a row for each group, a column for each storm.
# The file "values" has the words and numbers, "series1" a line for each cell: column, row, percent.
load 'values'

set border 0
set tics scale 0
set xtics rotate by 60 right noenhanced
set ytics noenhanced
set xrange [-0.5:COLUMNS - 0.5]
set yrange [ROWS - 0.5:-0.5]
set bmargin at screen PANEL_BOTTOM
set tmargin at screen PANEL_TOP
set rmargin at screen 0.86
set label 1 CAPTION at screen 0.015, screen CAPTION_TOP left font CAPTION_FONT textcolor rgb '#333333' noenhanced
unset key
set palette defined (-1 '#0072B2', 0 '#F7F7F7', 1 '#D55E00')
set cbrange [-RANGE:RANGE]
set cblabel '% from the median' offset 0.5,0
plot 'series1' using 1:2:($1 - 0.5):($1 + 0.5):($2 - 0.5):($2 + 0.5):3 with boxxyerror \
	fillcolor palette fillstyle solid 1 noborder
