#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# plot --store and report --store: figures of groups have the numbers of query, and their size does not grow
# with the number of runs.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "no gnuplot"
cd "$tmp" || exit 1

# fleet NAME OPTION...: a store of a made-up fleet
fleet()
{
	local name=$1
	shift
	"$python" "$top/tests/cli/make_fleet.py" "$top/results/reference/kvm-cpl3/run.json" "$name" "$@" &&
		"$EXITSTORM" collect "$name" -o "$name.sqlite" -q
}
fleet few --hosts 20 --runs 2
fleet more --hosts 20 --runs 6

run "$EXITSTORM" plot --store few.sqlite --by host.cpu.codename -s cpuid,pio_out --data -o g.svg
is "$status$out" "0g.svg" "groups are drawn" && note "$err"
"$EXITSTORM" query few.sqlite --by host.cpu.codename -s cpuid,pio_out --csv | tr -d '\r' >query.csv
# Columns: codename, leg, clock, site, storm, runs, machines, unit, p50, low, high, p99
is "$(awk '{printf "%.6g %.6g %.6g %.6g\n", $3, $4, $5, $6}' g.svg.data/series1)" \
	"$(tail -n +2 query.csv | sort -s -t, -k5,5 | awk -F, '{printf "%.6g %.6g %.6g %.6g\n", $9, $10, $11, $12}')" "the numbers are those of query"
like "$(cat g.svg.data/values)" "5 groups by host.cpu.codename, up to 8 runs each" "the caption names the groups"
like "$(cat g.svg.data/values)" "'cpuid: Ice Lake-SP' 2" "rows have the names of groups"
run "$EXITSTORM" plot --store few.sqlite --by host.cpu.codename -s cpuid -k box --data -o b.svg
is "$status" 0 "boxes"
is "$("$python" - <<'END'
import math, sqlite3
db = sqlite3.connect("few.sqlite")
rows = [[float(x) for x in line.split()] for line in open("b.svg.data/series1")]
bad = 0
for row, codename in zip(rows, ["Cascade Lake", "Emerald Rapids", "Ice Lake-SP", "Sapphire Rapids", "Skylake-SP"]):
    machines = {}
    for machine, p50, hz in db.execute("""SELECT machine, p50, tick_hz FROM leg JOIN run ON run.id = leg.run JOIN
            environment AS e ON e.run = run.id AND e.path = 'host.cpu.codename' WHERE e.value = ? AND main = 1
            AND storm = 'cpuid'""", [codename]):
        machines.setdefault(machine, []).append(math.log(p50 / hz * 1e9))
    values = sorted(math.exp(sum(v) / len(v)) for v in machines.values())
    bad += len(values) != 4 or abs(row[2] / values[0] - 1) > 1e-6 or abs(row[6] / values[-1] - 1) > 1e-6
    bad += abs(row[4] / math.sqrt(values[1] * values[2]) - 1) > 1e-6
print(len(rows), bad)
END
)" "5 0" "from the lowest to the highest machine, not run, of each group"
run "$EXITSTORM" plot --store few.sqlite --by host.name -k heatmap --data -o h.svg
is "$status" 0 "a heatmap" && note "$err"
is "$(awk '{print $2}' h.svg.data/series1 | sort -un | wc -l)-$(awk '{print $1}' h.svg.data/series1 | sort -un | wc -l)" "20-8" "hosts by storms"
is "$("$python" - <<'END'
import statistics, math
cells = [line.split() for line in open("h.svg.data/series1")]
first = [float(c[2]) for c in cells if c[0] == "0"]
print(abs(statistics.median(math.log1p(v / 100) for v in first)) < 1e-3, max(first) > 10)
END
)" "True True" "percent from the median"
for format in pdf png tikz; do
	ok "$format" "$EXITSTORM" plot --store few.sqlite --by host.cpu.codename -s cpuid -f "$format" -o "x.$format"
done
# Many groups share a row.
"$python" - <<'END'
import sqlite3
db = sqlite3.connect("more.sqlite")
db.execute("UPDATE environment SET value = value || '-' || run WHERE path = 'host.name'")
db.commit()
END
run "$EXITSTORM" plot --store more.sqlite --by host.name -k heatmap --data -o m.svg
is "$(awk '{print $2}' m.svg.data/series1 | sort -un | wc -l)" 60 "120 groups in 60 rows"
like "$(cat m.svg.data/values)" "'node0000-1 .. node0000-2' 0" "a row has the names of the first and the last"

# The page.
run "$EXITSTORM" report --store few.sqlite --by host.cpu.codename -o few.html
is "$status" 0 "a page" && note "$err"
run "$EXITSTORM" report --store more.sqlite --by host.cpu.codename -o more.html
few=$(wc -c <few.html)
grown=$(($(wc -c <more.html) - few))
ok "three times the runs: $grown bytes more than $few" test "${grown#-}" -lt $((few / 50))
is "$(grep -o '<svg role' few.html | wc -l)" 3 "with three figures"
is "$(grep -c '^<tr>.*<td class="text">cpuid</td>' few.html)" 9 "five groups and four comparisons of cpuid"
like "$(cat few.html)" '<h2>Against Cascade Lake</h2>' "the base is named"
run "$EXITSTORM" report --store few.sqlite --by host.cpu.codename --base "Ice Lake-SP" -s cpuid -o -
like "$out" '<h2>Against Ice Lake-SP</h2>' "--base"
unlike "$out" 'pio_out' "--storms"
run "$EXITSTORM" report --store few.sqlite --by host.name -o hosts.html
like "$(cat hosts.html)" "No figure of this kind: 160 groups and storms are too many" "a figure that is left out is named"

# Names from runs stay text.
"$python" - <<'END'
import sqlite3
db = sqlite3.connect("few.sqlite")
db.execute("""UPDATE environment SET value = 'a''b"<b>%s`id`' || char(10) WHERE path = 'host.cpu.codename' AND value = 'Ice Lake-SP'""")
db.commit()
END
run "$EXITSTORM" report --store few.sqlite --by host.cpu.codename -s cpuid -o -
is "$status" 0 "a name of special characters" && note "$err"
unlike "$out" '<b>' "is escaped in the page"

# Bad input.
fails 1 "too many groups for a row each" "$EXITSTORM" plot --store few.sqlite --by host.name
like "$err" "heatmap takes all" "what takes them is named"
fails 2 "a kind that a store does not have" "$EXITSTORM" plot --store few.sqlite -k cdf
fails 2 "a heatmap of runs" "$EXITSTORM" plot "$top/results/reference/kvm-cpl3" -k heatmap
fails 2 "--by without a store" "$EXITSTORM" plot "$top/results/reference/kvm-cpl3" --by host.name
fails 2 "runs and a store" "$EXITSTORM" report --store few.sqlite "$top/results/reference/kvm-cpl3" -o x.html
fails 2 "neither" "$EXITSTORM" report -o x.html
fails 1 "a base that is no group" "$EXITSTORM" report --store few.sqlite --base none -o x.html
fails 1 "a storm that no run has" "$EXITSTORM" report --store few.sqlite -s nothing -o x.html
nok "no page" test -e x.html
"$EXITSTORM" collect "$top/results/reference/qemu-tcg" -o few.sqlite -q
run "$EXITSTORM" plot --store few.sqlite --by target.clock -s cpuid -o c.svg
is "$status" 1 "different clocks do not go into one figure"
like "$err" "different clocks.*--where target.clock=" "and it is said how to choose"
done_testing
