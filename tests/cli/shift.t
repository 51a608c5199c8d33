#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# exitstorm plot -k shift: the ratio of each quantile to the first run's, with its band.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1
make_run()
{
	"$python" "$top/tests/cli/make_run.py" "$@" || exit 1
}
mkdir fake
cat >fake/gnuplot <<END
#!/bin/sh
cp series1 "$tmp/data"
printf 'figure IEND\256\102\140\202' >figure
END
chmod +x fake/gnuplot
# plots ARGS...: $data is what gnuplot draws
plots()
{
	run env PATH="$tmp/fake:$PATH" "$EXITSTORM" plot "$@" -k shift -s hlt -o shift.png
	data=$(cat data)
}
same_as_compare()
{
	"$EXITSTORM" compare deep slower -s hlt --json | "$python" -c '
import json, sys
row = json.load(sys.stdin)["comparisons"][0]
print("%.1f" % ((row["ratio"] - 1) * 100))'
}

make_run run --n 200
make_run run2 --n 200 --scale 1.1 --seed 2
make_run deep --n 1100 --repeats 4 --seed 6
make_run slower --n 1100 --repeats 4 --scale 1.1 --seed 7

plots deep slower
is "$(printf '%s\n' "$data" | awk '{ print $1 }' | tr '\n' ' ')" "1 2.5 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95 97.5 99 " \
	"shift: a line per quantile"
is "$(printf '%s\n' "$data" | awk '$1 <= 90 && !($2 > 9 && $2 < 11 && $3 < $2 && $2 < $4)')" "" "each is about 10 % more, within its band"
is "$(printf '%s\n' "$data" | awk '$1 == 50 { printf "%.1f", $2 }')" \
	"$(same_as_compare)" "the median's is that of compare"
plots run run2
is "$(printf '%s\n' "$data" | awk '{ print $1 }' | tr '\n' ' ')" "5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95 " \
	"of 200 records no quantile with fewer than ten beyond it"
fails 1 "draws runs against the first one" "$EXITSTORM" plot run -k shift -o shift.svg
done_testing
