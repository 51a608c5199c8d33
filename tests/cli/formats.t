#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# --format of show and compare: formats of other tools, read by these tools where they are installed; and -s of show.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1
make()
{
	"$python" "$top/tests/cli/make_run.py" "$@" || exit 1
}
make old --n 2000 --repeats 10 --seed 1
make new --n 2000 --repeats 10 --seed 3 --scale 1.05
make bochs --clock instructions --n 200

# python NAME CODE ARGUMENT...: passes if the code prints nothing
check()
{
	local name=$1
	shift
	is "$("$python" -c "$@" 2>&1)" "" "$name"
}

"$EXITSTORM" show old --csv >old.csv
# The centre of the repeats' medians in ns, from the run itself.
figures='
import json, math, sys
run = json.load(open(sys.argv[1] + "/run.json"))
hz = run["host"]["cpu"]["tsc_hz"]
storm = next(s for s in run["storms"] if s["name"] == "pio_out")
ns = [r["p50_clean"]["round_trip"] / hz * 1e9 for r in storm["repeats"]]
middle = sorted(ns)[2:-2]
centre = math.exp(sum(map(math.log, middle)) / len(middle))
# Where the clock is coarse, medians are spread over its step.
near = lambda a, b: abs(a - b) <= 1e-4 * abs(b)
'

# Google Benchmark

"$EXITSTORM" show old --format gbench -s 'pio_*' >old.json
"$EXITSTORM" show new --format gbench -s 'pio_*' >new.json
check "gbench: an entry per repeat, in ns" "$figures"'
of = [b for b in json.load(open("old.json"))["benchmarks"] if b["name"] == "pio_out"]
if len(of) != 10 or any(b["time_unit"] != "ns" or b["run_type"] != "iteration" for b in of): print(of)
if not all(near(b["real_time"], value) for b, value in zip(of, ns)): print(of, ns)' old
gbench=/usr/share/benchmark/compare.py
scipy=$(for p in python3 /usr/bin/python3; do "$p" -c 'import scipy, numpy' 2>/dev/null && echo "$p" && break; done)
if [ -e $gbench ] && [ "$scipy" ]; then
	run "$scipy" $gbench --no-color benchmarks old.json new.json
	is "$status" 0 "gbench: compare.py of Google Benchmark reads it"
	like "$out" '^pio_out +\+0\.0[3-7]' "... and finds 5 %"
	like "$out" '^pio_out_pvalue .*U Test, Repetitions: 10 vs 10' "... and its U test has all repeats"
	"$EXITSTORM" compare old new --format gbench -s pio_out >both.json
	run "$scipy" $gbench --no-color filters both.json base/ new/
	like "$out" '^\[base/ vs\. new/\]pio_out_pvalue' "gbench: both runs in one file, as its filters take them"
else
	skip "no compare.py of Google Benchmark with SciPy" "gbench: compare.py reads it"
fi
fails 1 "gbench: instructions are no time" "$EXITSTORM" show bochs --format gbench

# Bencher

"$EXITSTORM" show old --format bmf >bmf.json
check "bmf: the figure and its interval" "$figures"'
of = json.load(open("bmf.json"))["pio_out"]
latency = of["latency"]
if set(of) != {"latency"} or set(latency) != {"value", "lower_value", "upper_value"}: print(of)
if not near(latency["value"], centre): print(latency, centre)
if not latency["lower_value"] < latency["value"] < latency["upper_value"]: print(latency)' old
"$EXITSTORM" show bochs --format bmf >bochs.json
check "bmf: instructions have a measure of their own" '
import json
print(*(k for m in json.load(open("bochs.json")).values() for k in m if k != "instructions"))'
is "$("$EXITSTORM" compare old new --format bmf -s pio_out | grep -o '"[a-z]*/pio_out"' | tr '\n' ' ')" '"base/pio_out" "new/pio_out" ' \
	"bmf: of a comparison, by run"

# Go

run "$EXITSTORM" show old --format gobench --leg all
is "$(printf '%s\n' "$out" | grep -vcE '^(goos|goarch|pkg|cpu): .|^Benchmark[A-Z][^ ]*-[0-9]+ [0-9]+ [0-9.]+(e[+-][0-9]+)? [a-z]+/op$')" 0 \
	"gobench: lines of Go's benchmark format"
is "$(printf '%s\n' "$out" | grep -c '^BenchmarkExit/storm=pio_out/leg=round_trip-1 2000 .* ns/op$')" 10 "gobench: one per repeat"
like "$out" '^BenchmarkExit/storm=pio_out/leg=handler-1 ' "gobench: --leg all has all legs"
unlike "$("$EXITSTORM" show old --format gobench)" 'leg=handler' "... which are not there without it"
like "$("$EXITSTORM" compare old new --format gobench)" '^BenchmarkExit/storm=pio_out/leg=round_trip/run=new-1 ' "gobench: runs are a key"
if command -v benchstat >/dev/null; then
	"$EXITSTORM" compare old new --format gobench >go.txt
	run benchstat -col /run go.txt
	like "$out" 'storm=pio_out' "gobench: benchstat reads it"
else
	skip "no benchstat" "gobench: benchstat reads it"
fi

# JUnit, TAP, summary

"$EXITSTORM" compare old new --format junit --fail-above 2 >junit.xml 2>/dev/null
is $? 3 "--fail-above gives its status with --format, too"
check "junit: cases, failures, figures" '
import sys, xml.etree.ElementTree as xml
root = xml.parse("junit.xml").getroot()
cases = {c.get("name"): c for c in root.iter("testcase")}
suite = root.find("testsuite")
if root.tag != "testsuites" or int(suite.get("tests")) != len(cases): print(root.attrib, suite.attrib)
failed = [n for n, c in cases.items() if c.find("failure") is not None]
if int(suite.get("failures")) != len(failed) or "pio_out" not in failed: print(failed, suite.attrib)
text = cases["pio_out"].find("failure").get("message")
if not text.startswith("slower: ") or "ratio 1.05" not in text: print(text)'
unlike "$("$EXITSTORM" compare old new --format junit --fail-above 20 2>/dev/null)" "<failure" "junit: the limit is --fail-above's"
if find_python junitparser; then
	is "$("$python" -c 'from junitparser import JUnitXml
x = JUnitXml.fromfile("junit.xml"); x.update_statistics(); print(x.failures == len([c for s in x for c in s if c.result and type(c.result[0]).__name__ == "Failure"]))')" \
		True "junit: junitparser reads it"
else
	skip "no python3 with junitparser" "junit: junitparser reads it"
fi
find_python json
run "$EXITSTORM" compare old new --format tap -s pio_out,hlt
is "$out" "$(printf 'TAP version 13\n1..2\nnot ok 1 - pio_out\n'; printf '%s\n' "$out" | sed -n 4p
	printf 'not ok 2 - hlt\n'; printf '%s\n' "$out" | sed -n 6p)" "tap: a test per storm"
like "$out" '^# slower: .* ratio 1\.05' "tap: with its figures"
run "$EXITSTORM" compare old new --format summary -s pio_out --fail-above 2
like "$out" '^### exitstorm: failed$' "summary: a heading"
like "$out" '^- `pio_out`: slower: ' "summary: what failed"
# A storm that is lost, and one that only the new run has.
"$python" -c '
import json
run = json.load(open("new/run.json"))
run["storms"] = [s for s in run["storms"] if s["name"] != "hlt"]
json.dump(run, open("new/run.json", "w"))'
run "$EXITSTORM" compare old new -s hlt,pio_out --fail-above 20
is "$status" 1 "--fail-above: a storm that is lost is a failure"
like "$err" "^exitstorm compare: 1 storm of the base was not measured$" "... which is told"
like "$("$EXITSTORM" compare old new --format tap)" '^not ok [0-9]+ - hlt$' "tap: a storm that is lost has failed"
like "$("$EXITSTORM" compare new old --format tap)" '^ok [0-9]+ - hlt # SKIP not compared: missing in base$' "... one that is new has not"
like "$("$EXITSTORM" show old --format junit | tr '>' '\n')" '<skipped message="(skipped|no_exit): ' "junit of a run: storms that were skipped"

# HdrHistogram

"$EXITSTORM" show old --format hgrm -s pio_out >pio_out.hgrm
check "hgrm: rows that rise, totals, footer" '
import csv, re
lines = open("pio_out.hgrm").read().split("\n")
if lines[0] != "       Value     Percentile TotalCount 1/(1-Percentile)" or lines[1]: print(lines[:2])
rows = [l for l in lines[2:] if l and l[0] != "#"]
form = re.compile(r" *(\d+\.\d{3}) (\d\.\d{12}) {1,10}(\d+)(?: +(\d+\.\d\d))?$")
match = [form.match(r) for r in rows]
if not all(match): print([r for r, m in zip(rows, match) if not m])
value = [(float(m[1]), float(m[2]), int(m[3])) for m in match]
if value != sorted(value) or value[0][1] != 0 or value[-1][1:] != (1, 20000): print(value)
if match[-1][4] or any(abs(1 / (1 - float(m[2])) / float(m[4]) - 1) > 0.01 for m in match[:-1]): print(rows[-3:])
# Five steps per half of what is left: 0, 10, ... 50, 55, ... 75, 77.5 %
if [round(v[1], 4) for v in value[:12]] != [0, .1, .2, .3, .4, .5, .55, .6, .65, .7, .75, .775]: print(value[:12])
all = next(r for r in csv.DictReader(open("old.csv")) if (r["storm"], r["leg"], r["records"]) == ("pio_out", "round_trip", "all"))
import json
hz = json.load(open("old/run.json"))["host"]["cpu"]["tsc_hz"]
if abs(value[5][0] / (float(all["p50"]) / hz * 1e9) - 1) > 0.003: print(value[5], all["p50"])
if abs(value[-1][0] - float(all["max"]) / hz * 1e9) > 0.01: print(value[-1], all["max"])
if not re.fullmatch(r"#\[Mean    = +[\d.]+, StdDeviation   = +[\d.]+\]", lines[-4]): print(lines[-4])'
fails 1 "hgrm: several storms" "$EXITSTORM" show old --format hgrm -s 'pio_*'
like "$err" "hgrm holds one histogram, and [0-9]+ storms have one: -s chooses" "... the error says so"
fails 1 "hgrm of a comparison" "$EXITSTORM" compare old new --format hgrm

# Folders of runs are groups

mkdir group-a group-b
for seed in 1 2 3; do
	make group-a/$seed --n 200 --repeats 5 --seed $seed
	make group-b/$seed --n 200 --repeats 5 --seed 1$seed --scale 1.05
done
run "$EXITSTORM" compare group-a/ group-b -s pio_out --fail-above 2
is "$status" 3 "two folders of runs: 5 % is found"
like "$out" "^base \(base\): group-a/+1, group-a/+2, group-a/+3" "each is a group"
like "$out" "^pio_out .*slower$" "with one verdict"
run "$EXITSTORM" compare group-a -s pio_out
is "$(printf '%s\n' "$out" | grep -cE '^ *[123] +[0-9]')" 3 "one folder alone: each run for itself"
run "$EXITSTORM" compare group-a group-b group-a/ -s pio_out
like "$out" "^ *group-b .*slower$" "three groups have the names of their folders"

# show -s

is "$("$EXITSTORM" show old --csv -s 'pio_*,hlt' | cut -d, -f3 | sort -u | tr '\n' ' ')" "hlt pio_in pio_out pio_string_out storm " \
	"show -s takes names and patterns"
is "$("$EXITSTORM" show old --json -s hlt | grep -c '"name": "pio')" 0 "... for JSON, too"
unlike "$("$EXITSTORM" show old -s hlt)" "^pio_out" "... and for the table"
fails 2 "a storm with a typo" "$EXITSTORM" show old -s pio_ot
like "$err" "no storm 'pio_ot' in old; did you mean 'pio_out'\?" "has a suggestion"
fails 2 "a pattern that matches nothing" "$EXITSTORM" show old -s 'xyz*'
fails 2 "compare: a storm with a typo" "$EXITSTORM" compare old new -s pio_ot
fails 2 "an unknown format" "$EXITSTORM" show old --format gbnech
like "$err" "did you mean 'gbench'\?" "has a suggestion, too"
done_testing
