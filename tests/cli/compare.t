#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# exitstorm compare: verdicts, output formats, runs that it refuses, bad input.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
make()
{
	folder=$1
	shift
	"$python" "$top/tests/cli/make_run.py" "$tmp/$folder" --n 200 --repeats 10 "$@" || exit 1
}
make a --seed 1
make b --seed 2
make slow --seed 3 --scale 1.05
make bochs --clock instructions
make off --seed 4 --stamps off

# change NEW OLD PYTHON: a copy of a run with `run` changed.
change()
{
	rm -rf "${tmp:?}/$1"
	cp -r "$tmp/$2" "$tmp/$1"
	"$python" -c '
import json, sys
run = json.load(open(sys.argv[1]))
storms = {s["name"]: s for s in run["storms"]}
exec(sys.argv[2])
json.dump(run, open(sys.argv[1], "w"))' "$tmp/$1/run.json" "$3"
}

# Verdicts

run "$EXITSTORM" compare "$tmp/a" "$tmp/slow" --fail-above 2
is "$status" 3 "5 % slower is past --fail-above 2"
is "$(printf '%s\n' "$err" | wc -l)" 1 "with one line on stderr"
like "$out" "^pio_out +22,[0-9]{3} +23,[0-9]{3} +1\.0[45][0-9] +1\.0[0-9]{2}\.\.1\.0[0-9]{2} .*slower$" \
	"a slower storm has its ratio and interval"
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "no line is longer than 80"
run "$EXITSTORM" compare "$tmp/slow" "$tmp/a" --fail-above 2
is "$status" 0 "a faster storm is no regression"
like "$out" "^pio_out .*faster$" "its verdict is faster"
run "$EXITSTORM" compare "$tmp/slow" "$tmp/a" --base 2
like "$out" "^pio_out .* 1\.0.*slower$" "--base swaps the runs"
run "$EXITSTORM" compare "$tmp/a" "$tmp/slow" --fail-above 20
is "$status" 0 "5 % is not past 20"
run "$EXITSTORM" compare "$tmp/a" "$tmp/b" --fail-above 0
is "$status" 0 "equal runs are no regression"
like "$out" "^pio_out .*same$" "their verdict is same"
like "$out" "^Differences:" "differences of the environment are listed"
like "$out" "^  nothing" "here there are none"
run "$EXITSTORM" compare "$tmp/a" "$tmp/a"
is "$status:$(printf '%s\n' "$out" | grep -cE 'slower|faster')" "0:1" "a run compared with itself has no difference"

change one a 'for s in run["storms"]: s["repeats"] = s.get("repeats", [])[:1]'
run "$EXITSTORM" compare "$tmp/one" "$tmp/slow" --fail-above 0
is "$status" 4 "one repeat is no regression, and no success"
like "$err" "^exitstorm compare: 16 of 16 comparisons have no verdict$" "the reason of the status"
like "$out" "^pio_out .* - .*unclear \(1 repeat\)" "the verdict gives the reason"
change three a 'for s in run["storms"]: s["repeats"] = s.get("repeats", [])[:3]'
run "$EXITSTORM" compare "$tmp/three" "$tmp/b" --margin 0.1
like "$out" "^pio_out .*unclear \([0-9,]+\)" "unclear gives the number of repeats that would suffice"

# Load of other processes

# busy NEW OLD OTHERS STOLEN [WORD]: a copy of a run during which other processes used OTHERS CPUs.
busy()
{
	change "$1" "$2" "run['meanwhile'] = {'others': $3, 'stolen': $4}; run['in_turn'] = '${5:-}' or None"
}
busy busy-a a 0.9 0
busy quiet-a a 0.05 0.01
busy quiet-slow slow 0.1 0
busy stolen-slow slow 0.02 0.4
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/quiet-slow" --fail-above 2
is "$status" 3 "a quiet machine: slower"
unlike "$out" "BUSY" "no line about load"
run "$EXITSTORM" compare "$tmp/busy-a" "$tmp/quiet-slow" --fail-above 2
is "$status" 4 "a busy machine, runs one after the other: nothing is decided"
like "$out" "^pio_out .*1\.0.*unclear \(busy\)$" "the verdict is unclear (busy)"
like "$err" "warning: 16 of 16 comparisons are unclear: other processes used the CPUs" "a warning on stderr"
like "$out" "^BUSY: other load took up to 0.90 CPUs" "the load of other processes is printed"
run "$EXITSTORM" compare "$tmp/busy-a" "$tmp/quiet-slow" --fail-above 2 --unclear ok
is "$status" 0 "--unclear=ok: no status of its own"
run "$EXITSTORM" compare "$tmp/busy-a" "$tmp/quiet-slow" --fail-above 2 --bisect
is "$status" 125 "--bisect: git bisect skips a commit without a verdict"
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/quiet-slow" --fail-above 2 --bisect
is "$status" 3 "--bisect: a slower commit is bad"
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/quiet-a" --fail-above 2 --bisect
is "$status" 0 "--bisect: an equal commit is good"
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/quiet-slow" -s nothing --fail-above 2 --bisect
is "$status" 125 "--bisect: runs that cannot be compared are skipped, too"
change mixed quiet-a 'for s in run["storms"]:
    if s["name"] == "pio_out": s["repeats"] = s["repeats"][:1]'
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/mixed" --fail-above 2
is "$status" 0 "some of sixteen are unclear"
like "$err" "^exitstorm compare: warning: [1-9] of 16 comparisons are unclear: they may be slower" "a warning tells it"
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/mixed" --fail-above 2 --unclear fail
is "$status" 4 "--unclear=fail: one is enough"
run "$EXITSTORM" compare "$tmp/quiet-slow" "$tmp/mixed" --base 2 --fail-above 2 --unclear fail
is "$status" 3 "a regression counts first"
run "$EXITSTORM" compare "$tmp/quiet-a" "$tmp/stolen-slow"
like "$out" "^pio_out .*unclear \(busy\)$" "stolen time counts as load"
run "$EXITSTORM" compare "$tmp/busy-a" "$tmp/quiet-a"
like "$out" "^pio_out .*unclear \(busy\)$" "equal runs are unclear, too"
run "$EXITSTORM" compare --json "$tmp/busy-a" "$tmp/quiet-slow" -s pio_out
like "$out" '"because": "busy"' "--json has the reason"
run "$EXITSTORM" compare "$tmp/busy-a" "$tmp/quiet-slow" --force --fail-above 2
is "$status" 3 "--force gives a verdict"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "FORCED: other load ran, and the runs were not taken in turn" "labelled as forced"
# A busy server, whose measured CPUs and their siblings are quiet; and the reverse.
near() { change "$1" "$2" 'run["meanwhile"] = {"others": '"$3"', "stolen": 0.0, "measured": {"cpus": [5, 69], "others": '"$4"', "stolen": '"$5"'}}'; }
near server-a a 61.3 0.02 0.0
near server-slow slow 59.8 0.03 0.0
run "$EXITSTORM" compare "$tmp/server-a" "$tmp/server-slow"
like "$out" "^pio_out .*slower$" "load on other CPUs of a server does not count"
unlike "$out" "BUSY" "... and is not told"
near sibling-slow slow 0.5 0.4 0.0
near steal-slow slow 0.5 0.0 0.4
for near in sibling steal; do
	run "$EXITSTORM" compare "$tmp/server-a" "$tmp/$near-slow"
	like "$out" "^pio_out .*unclear \(busy\)$" "$near: load on the measured CPUs does"
done
run "$EXITSTORM" show --methods "$tmp/server-a"
like "$(printf '%s' "$out" | tr '\n' ' ')" "Other load took 0.02 CPUs of the measured CPUs and their siblings" "--methods says of which CPUs"
busy turn-a a 0.9 0 c0ffee
busy turn-slow slow 0.9 0 c0ffee
busy other-turn slow 0.9 0 decaf
run "$EXITSTORM" compare "$tmp/turn-a" "$tmp/turn-slow"
like "$out" "^pio_out .*slower$" "runs measured in turn have a verdict"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "taken in turn, so it affected all" "the output gives the reason"
unlike "$out" "^unpaired" "and no other method is named"
like "$out" "^paired: " "the output names the method"
run "$EXITSTORM" compare "$tmp/a" "$tmp/slow"
like "$out" "^unpaired: " "... that of other runs, too"
unlike "$out" "^paired" "which are not judged in pairs"
run "$EXITSTORM" compare "$tmp/turn-a" "$tmp/other-turn"
like "$out" "^pio_out .*unclear \(busy\)$" "in turn with a third run is not in turn"
busy busy-bochs bochs 0.9 0
run "$EXITSTORM" compare "$tmp/busy-bochs" "$tmp/busy-bochs"
like "$out" "^pio_out .*same$" "counts of instructions do not depend on load"

# Differences

change kernel b 'run["host"]["kernel"] = "6.99"; run["host"]["cpu"]["microcode"] = "0x9"
run["settings"]["cpl"] = "3"'
change eoi a 'run["host"]["below"] = {"name": "KVM", "features": {"KVM": {"pv_eoi": 1, "async_pf": 1}}}'
change no_eoi a 'run["host"]["below"] = {"name": "KVM", "features": {"KVM": {"async_pf": 1}}}'
run "$EXITSTORM" compare "$tmp/eoi" "$tmp/no_eoi"
like "$out" "^  host.below.features.KVM.pv_eoi: 1 -> -$" "a feature of the hypervisor below is listed"
unlike "$out" "async_pf" "... and none that both have"
run "$EXITSTORM" compare "$tmp/a" "$tmp/kernel"
like "$out" "^  host.kernel: 6.18.5 -> 6.99$" "another kernel is listed"
like "$out" "^  host.cpu.microcode: 0x2b000571 -> 0x9$" "so does another microcode"
like "$out" "^  settings.cpl: auto -> 3$" "and another setting"

# Forms

run "$EXITSTORM" compare --json "$tmp/a" "$tmp/slow"
printf '%s\n' "$out" >"$tmp/compare.json"
run "$EXITSTORM" compare --csv "$tmp/a" "$tmp/slow"
printf '%s\n' "$out" >"$tmp/compare.csv"
ok "--json and --csv have the same figures, and they are right" "$python" -c '
import csv, json, math, statistics, sys
doc = json.load(open(sys.argv[1]))
rows = list(csv.DictReader(open(sys.argv[2], newline="")))
base, new = (json.load(open(name + "/run.json")) for name in sys.argv[3:])
assert doc["schema"] == "exitstorm-compare/1" and doc["unit_of_inference"] == "repeat"
assert len(rows) == len(doc["comparisons"]) == doc["tests"] == 16, len(rows)
def logs(run, name, leg):
    storm, = (s for s in run["storms"] if s["name"] == name)
    return [math.log(r["p50_clean"][leg]) for r in storm["repeats"]]
for a, b in zip(rows, doc["comparisons"]):
    for key, value in b.items():
        if isinstance(value, float):
            assert abs(float(a[key]) - value) <= 1e-8 * abs(value), (key, a[key], value)
        elif value is not None:
            assert a[key] == str(value), key
    x, y = logs(base, b["storm"], b["leg"]), logs(new, b["storm"], b["leg"])
    assert b["method"] == "unpaired"
    # Ten values: two are trimmed at each end, or winsorised.
    x, y = sorted(x), sorted(y)
    ratio = math.exp(statistics.fmean(y[2:8]) - statistics.fmean(x[2:8]))
    if b["clock_blur"] == 0: # the others have medians of their own
        assert abs(b["ratio"] / ratio - 1) < 1e-9, b["storm"]
        x, y = ([v[2]] * 2 + v[2:8] + [v[7]] * 2 for v in (x, y))
        error = math.sqrt(statistics.variance(x) * 0.3 + statistics.variance(y) * 0.3)
        half = math.log(b["ci95_high"]) - math.log(b["ratio"]) - math.log1p(b["clock_blur"])
        assert 2.22 <= half / error <= 2.58, half / error # Student t, 5 to 10 degrees
    assert b["ci95_low"] <= b["ratio"] <= b["ci95_high"]
    assert b["p"] <= b["p_holm"] <= 1
' "$tmp/compare.json" "$tmp/compare.csv" "$tmp/a" "$tmp/slow"
run "$EXITSTORM" compare --markdown "$tmp/a" "$tmp/slow"
like "$out" "^\| pio\\\\_out \| 22,.* slower \|$" "--markdown has a row"
run "$EXITSTORM" compare --latex "$tmp/a" "$tmp/slow"
like "$out" "^pio\\\\_out & 22,.* & slower " "--latex has a row"
like "$out" "toprule" "--latex uses booktabs"
run "$EXITSTORM" compare -s 'pio_*' -l all "$tmp/a" "$tmp/slow"
like "$out" "^pio_in resume .*slower" "--leg all has the legs"
unlike "$out" "^hlt" "-s leaves the others out"
fails 1 "without a leg in common" "$EXITSTORM" compare "$tmp/a" "$tmp/off"
like "$err" "no leg in common" "the error says so"

# figures NAME: passes if the assertions in Python from stdin about `doc`, the last run's output, hold.
figures()
{
	printf '%s\n' "$out" >"$tmp/figures.json"
	cat >"$tmp/figures.py"
	ok "$1" "$python" -c 'import json, math, statistics, sys
tmp = sys.argv[1]
doc = json.load(open(tmp + "/figures.json"))
rows = {(c["storm"], c["leg"]): c for c in doc["comparisons"]}
def storms(run):
    return {s["name"]: s for s in json.load(open(f"{tmp}/{run}/run.json"))["storms"]}
exec(open(tmp + "/figures.py").read())' "$tmp"
}
# A second vCPU that is a tenth slower, much more than a bucket's width.
two='for s in run["storms"]:
    for r in s.get("repeats", []):
        r["p50_clean"] = {leg: 4e5 + r["repeat"] for leg in r["p50_clean"]}
    s["repeats"] = s.get("repeats", []) + [dict(r, vcpu=1, p50_clean={leg: v * 1.1 for leg, v in
        r["p50_clean"].items()}) for r in s.get("repeats", [])]
    for leg in s["legs"].values(): leg["all"]["p50"] = 4e5'
change two-a a "$two"
change two-b b "$two"
run "$EXITSTORM" compare --json "$tmp/two-a" "$tmp/two-b" -s pio_out
figures "vCPUs of one repeat are one value, their geometric mean" <<'END'
logs = {}
for r in storms("two-a")["pio_out"]["repeats"]:
    logs.setdefault(r["repeat"], []).append(math.log(r["p50_clean"]["round_trip"]))
row = rows["pio_out", "round_trip"]
assert row["n"] == row["base_n"] == len(logs) == 10 and len(logs[0]) == 2
assert abs(math.log(row["base_p50"]) - statistics.fmean(sorted(map(statistics.fmean, logs.values()))[2:8])) < 1e-9
END
run "$EXITSTORM" compare --json "$tmp/bochs" "$tmp/bochs"
figures "instructions have no step that blurs" <<'END'
assert len(rows) > 10 and all(c["clock_blur"] == 0 for c in rows.values())
END
# Ten repeats spread by 2 %, and ten that are 3.9 % slower: for one comparison p is about 0.04.
spread='for s in run["storms"]:
    for i, r in enumerate(s.get("repeats", [])):
        r["p50_clean"] = {leg: 1e5 * (1.02 if i % 2 else 0.98) * factor for leg in r["p50_clean"]}
    for leg in s["legs"].values(): leg["all"]["p50"] = 1e5'
change wide-a a "factor = 1
$spread"
change wide-b a "factor = 1.039
$spread"
run "$EXITSTORM" compare --json "$tmp/wide-a" "$tmp/wide-b" -s pio_out
figures "alone it is found" <<'END'
row = rows["pio_out", "round_trip"]
assert row["verdict"] == "slower" and 0.03 < row["p"] == row["p_holm"] < 0.05, row
END
run "$EXITSTORM" compare --json "$tmp/wide-a" "$tmp/wide-b"
figures "among sixteen it is not, and it takes more repeats" <<'END'
row = rows["pio_out", "round_trip"]
assert doc["tests"] == 16 and row["verdict"] == "unclear" and row["because"] == "spread"
assert 25 <= row["needed"] <= 120, row["needed"]
END
run "$EXITSTORM" compare --json "$tmp/wide-a" "$tmp/wide-b" -l round_trip
figures "the leg asked for is the family" <<'END'
assert {c["family"] for c in doc["comparisons"]} == {len(rows)} == {doc["tests"]}, doc["tests"]
END
run "$EXITSTORM" compare --json "$tmp/wide-a" "$tmp/wide-b" -l all
figures "with all legs each leg is a family" <<'END'
from collections import Counter
legs = Counter(leg for _, leg in rows)
assert len(legs) > 3 and sum(legs.values()) == doc["tests"], legs
for (storm, leg), c in rows.items():
    assert c["family"] == legs[leg], (storm, leg, c["family"])
    assert c["p_holm"] <= min(1, c["p"] * legs[leg]) * (1 + 1e-9), (storm, leg)
END
run "$EXITSTORM" compare "$tmp/wide-a" "$tmp/wide-b" -l all
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "Holm over the comparisons of one leg \([0-9]+ of exit, .*[0-9]+ of round_trip" \
	"the foot names the families"

# Tails

"$python" "$top/tests/cli/make_run.py" "$tmp/deep-a" --n 1100 --repeats 6 --seed 31
"$python" "$top/tests/cli/make_run.py" "$tmp/deep-b" --n 1100 --repeats 6 --seed 32 --scale 2
run "$EXITSTORM" show "$tmp/deep-a" --json
printf '%s' "$out" >"$tmp/shown.json"
run "$EXITSTORM" compare --json "$tmp/deep-a" "$tmp/deep-b" --quantile p99
figures "--quantile p99 compares the repeats' p99" <<'END'
shown = {s["name"]: s["legs"] for s in json.load(open(tmp + "/shown.json"))["storms"]}
assert doc["quantile"] == "p99" and len(rows) > 10
for (storm, leg), c in rows.items():
    want = shown[storm][leg]["centre"]["p99"]
    assert abs(c["base_value"] / want["ticks"] - 1) < 1e-9 and c["records"] == "all", (storm, c)
    assert c["base_p50"] is None and c["p99_ratio"] == c["ratio"], (storm, c)
    assert 1.3 < c["ratio"] < 3, (storm, c["ratio"])
END
run "$EXITSTORM" compare "$tmp/deep-a" "$tmp/deep-b" --quantile p99 -s pio_out --fail-above 10
is "$status" 3 "--fail-above is about that quantile"
unlike "$out" " p99 +verdict" "no second column of p99"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "centre of its repeats' p99, in ticks" "the foot names the quantile"
fails 1 "a quantile without support" "$EXITSTORM" compare "$tmp/deep-a" "$tmp/deep-b" --quantile p99.9
like "$err" "p99.9 needs 10,?000 records per repeat" "... with the number that would do"
fails 2 "an unknown quantile" "$EXITSTORM" compare "$tmp/deep-a" "$tmp/deep-b" --quantile p98

# Both sides of a pair are up to a fifth slower now and then, one repeat of one side is far off, and one is lost:
# only pairs show the 2 %.
pairs='for s in run["storms"]:
    for i, r in enumerate(s.get("repeats", [])):
        speed = (1, 1.19, 1.01, 1.2, 0.99, 1.17, 1.18, 1, 1.02, 1.19)[i] * (1 + (i * 7 % 5) / 2000)
        r["p50_clean"] = {leg: 1e5 * speed for leg in r["p50_clean"]}
    for leg in s["legs"].values(): leg["all"]["p50"] = 1e5
run["in_turn"] = "c0ffee"'
change pair-a a "$pairs"
change pair-b a "$pairs
for s in run['storms']:
    for i, r in enumerate(s.get('repeats', [])):
        for leg in r['p50_clean']: r['p50_clean'][leg] *= 1.02 * (1 + (i * 3 % 7) / 1000) * (1.4 if i == 4 else 1)
    if s.get('repeats'): del s['repeats'][7]"
run "$EXITSTORM" compare --json "$tmp/pair-a" "$tmp/pair-b"
figures "repeats taken in turn are judged in pairs" <<'END'
row = rows["pio_out", "round_trip"]
def medians(run):
    return {r["repeat"]: math.log(r["p50_clean"]["round_trip"]) for r in storms(run)["pio_out"]["repeats"]}
a, b = medians("pair-a"), medians("pair-b")
d = sorted(b[i] - a[i] for i in a.keys() & b.keys())
assert len(d) == 9 and row["base_n"] == 10 and row["n"] == 9
w = d[1:2] + d[1:8] + d[7:8]
half = 2.446912 * math.sqrt(statistics.variance(w) * 8 / (7 * 6)) * (1 + 1 / 49) # t(0.975), 6 degrees
half += math.log1p(row["clock_blur"])
middle = statistics.fmean(d[1:8])
assert row["method"] == "paired" and row["verdict"] == "slower", row
for key, value in ("ratio", middle), ("ci95_low", middle - half), ("ci95_high", middle + half):
    assert abs(math.log(row[key]) - value) < 1e-6, (key, row[key], math.exp(value))
assert 1.01 <= row["bootstrap_low"] <= row["ratio"] <= row["bootstrap_high"] <= 1.2
END
change alone-b pair-b 'run["in_turn"] = None'
run "$EXITSTORM" compare --json "$tmp/pair-a" "$tmp/alone-b" -s pio_out
figures "without pairs they are unclear" <<'END'
row = rows["pio_out", "round_trip"]
assert row["method"] == "unpaired" and row["verdict"] == "unclear" and row["because"] == "spread", row
END
change strange-b pair-b 'for s in run["storms"]:
    for r in s.get("repeats", []): r["repeat"] += 100'
run "$EXITSTORM" compare "$tmp/pair-a" "$tmp/strange-b" -s pio_out
like "$out" "^pio_out .* - .*unclear \(1 repeat\)" "repeats without partners have no verdict"
change load a 'run["host"]["load1"] = 0.25'
change load2 a 'run["host"]["load1"] = 0.26'
run "$EXITSTORM" compare "$tmp/load" "$tmp/load2"
like "$out" "^  host.load1: 0.25 -> 0.26" "a small difference is listed"

# Runs that are not comparable

fails 1 "emulated beside real" "$EXITSTORM" compare "$tmp/a" "$tmp/bochs"
like "$err" "base is real and new is emulated" "the error names both"
run "$EXITSTORM" compare "$tmp/a" "$tmp/bochs" --force
is "$status" 0 "--force lets it through"
like "$out" "^FORCED: base is real and new is emulated" "labelled as forced"
make tcg --clock emulated-tsc
fails 1 "instructions beside an emulated TSC" "$EXITSTORM" compare "$tmp/bochs" "$tmp/tcg"
like "$err" "different clocks: instructions in base, emulated-tsc in new" "the error names both"
change site b 'for s in run["storms"]:
    for leg in s["legs"].values():
        if leg["site"] == "kvm-ioctl": leg["site"] = "kvm-tracepoint"'
fails 1 "different sites of a leg" "$EXITSTORM" compare "$tmp/a" "$tmp/site" -l exit
like "$err" "exit stamped at kvm-ioctl, in new at kvm-tracepoint" "the error names both"
run "$EXITSTORM" compare "$tmp/a" "$tmp/site" -l exit --force
like "$out" "^pio_out exit .*sites" "--force compares them with a label"
change level b 'storms["hlt"].update(cpl=3, native=True)'
run "$EXITSTORM" compare "$tmp/a" "$tmp/level"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "hlt [0-9][^;]*; guests differ" "guests that differ are told"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "syscall( \(CPL| [0-9][^()]*\(CPL) 3\)" "a row names a guest that most storms do not have"
unlike "$out" "pio_out.*guests differ" "... which concerns only that storm"
change vmx a 'for s in run["storms"]:
    for leg in s["legs"].values(): leg["site"] = leg["site"].replace("kvm-ioctl", "vmx-asm")'
change svm b 'for s in run["storms"]:
    for leg in s["legs"].values(): leg["site"] = leg["site"].replace("kvm-ioctl", "svm-asm")'
run "$EXITSTORM" compare "$tmp/vmx" "$tmp/svm" -l exit
like "$out" "^pio_out exit .*(same|unclear)" "VMX is compared with SVM"
change other b 'storms["pio_out"]["kind"] = "mmio"; storms["hlt"].update(status="no_exit", why="0 exits", legs={})
run["storms"].remove(storms["cpuid"]); storms["pio_in"]["name"] = "mine"
storms["pio_in"]["samples"] = None'
run "$EXITSTORM" compare "$tmp/a" "$tmp/other"
like "$out" "^Not compared, another exit kind in new: pio_out$" "another kind is not compared"
like "$out" "^Not compared, no exit in new: hlt$" "a storm without exits is not compared"
like "$out" "^Not compared, missing in new: .*pio_in.*cpuid|cpuid.*pio_in" "a storm in one run only is not compared"
like "$out" "^Not compared, missing in base: mine$" "of either run"
change hz b 'run["host"]["cpu"]["tsc_hz"] = 4600000000'
run "$EXITSTORM" compare "$tmp/a" "$tmp/hz"
like "$out" "^pio_out +97[0-9]{2}\.[0-9] +48[0-9]{2}\.[0-9] +0\.(49|50)" "another TSC rate gives ns"
fails 1 "ticks of different lengths" "$EXITSTORM" compare "$tmp/a" "$tmp/hz" --unit ticks
change nohz a 'run["host"]["cpu"]["tsc_hz"] = 0'
fails 1 "a base whose TSC rate is not known" "$EXITSTORM" compare "$tmp/nohz" "$tmp/b"
like "$err" "the TSC rate of base is not known" "... is the one that is named"
fails 1 "core cycles that the runs do not have" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --unit cycles
for folder in a b; do
	change "cycles-$folder" $folder 'for s in run["storms"]: s["core_cycles_per_tick"] = 1.5'
done
run "$EXITSTORM" compare "$tmp/cycles-a" "$tmp/cycles-b" --unit cycles -s pio_out
like "$out" "^pio_out +3[34],[0-9]{3} " "core cycles are used where they are known"

# Groups and sweeps

for seed in 11 12 13 14 15 16; do make "g$seed" --seed $seed; done
for seed in 21 22 23; do make "h$seed" --seed $seed --scale 1.04; done
run "$EXITSTORM" compare "$tmp/g11,$tmp/g12,$tmp/g13" "$tmp/h21,$tmp/h22,$tmp/h23" --json
printf '%s\n' "$out" >"$tmp/groups.json"
ok "in groups the run is the unit" "$python" -c '
import json, sys
doc = json.load(open(sys.argv[1]))
assert doc["unit_of_inference"] == "run"
assert all(c["n"] == c["base_n"] == 3 for c in doc["comparisons"])
assert all(1.02 < c["ratio"] < 1.06 for c in doc["comparisons"] if c["base_p50"] > 5000)
' "$tmp/groups.json"
figures "too few records for p99: it is null" <<'END'
row = rows["pio_out", "round_trip"]
assert row["base_p99"] is row["p99"] is row["p99_ratio"] is row["p99_low"] is None, row
END
run "$EXITSTORM" compare --json "$tmp/g11" "$tmp/g11" -s null
alone=$(printf '%s' "$out" | sed -n 's/.*"clock_blur": \([0-9.e-]*\).*/\1/p')
run "$EXITSTORM" compare --json "$tmp/g11,$tmp/g11" "$tmp/g11,$tmp/g11" -s null
is "$(printf '%s' "$out" | sed -n 's/.*"clock_blur": \([0-9.e-]*\).*/\1/p')" "$alone" "two runs of a group have the clock blur of one"
for i in 11 12 13; do busy busy-g$i g$i 0.9 0; done
for i in 21 22 23; do busy busy-h$i h$i 0.9 0; done
run "$EXITSTORM" compare "$tmp/busy-g11,$tmp/busy-g12,$tmp/busy-g13" "$tmp/busy-h21,$tmp/busy-h22,$tmp/busy-h23" -s pio_out
like "$out" "^pio_out .*(slower|unclear \([0-9,]+\))$" "groups have a verdict on a busy machine, too"
for i in 11 12 13; do busy turn-g$i g$i 0.9 0 c0ffee; done
run "$EXITSTORM" compare --json "$tmp/turn-g11,$tmp/turn-g12" "$tmp/turn-g12,$tmp/turn-g13" -s pio_out
like "$out" '"method": "unpaired"' "groups are not judged in pairs, even if all runs were taken in turn"
fails 1 "a group and a single run" "$EXITSTORM" compare "$tmp/g11,$tmp/g12" "$tmp/a"
mkdir "$tmp/sweep"
cp -r "$tmp/a" "$tmp/sweep/fence=none"
cp -r "$tmp/b" "$tmp/sweep/fence=lfence"
cp -r "$tmp/slow" "$tmp/sweep/fence=cpuid"
run "$EXITSTORM" compare "$tmp/sweep" -s pio_out --base fence=none
like "$out" "^pio_out$" "in a sweep each storm has a table"
like "$out" "^fence=cpuid +23,.*slower$" "with a row for each value"
like "$out" "^fence=none +22,.*base$" "the base is marked"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "Holm over the 2 comparisons of this table" "one Holm correction over all"
change zen b 'run["host"]["cpu"].update(codename="Genoa", tsc_hz=2596000000)'
change cove a 'run["host"]["cpu"].update(codename="Sapphire Rapids")'
run "$EXITSTORM" compare "$tmp/cove" "$tmp/zen" "$tmp/slow" -s pio_out --base 2
like "$out" "^Genoa, zen +8[0-9]{3}\.[0-9] +1 +1 +base$" "CPUs are compared in ns, and one is the base"
like "$out" "^Sapphire Rapids, cove +9[0-9]{3}\.[0-9] +1\.1[0-9]+ .*slower$" "a row names its CPU"
mkdir "$tmp/empty"
fails 1 "a folder without runs" "$EXITSTORM" compare "$tmp/empty"

# Bad usage

fails 2 "no run" "$EXITSTORM" compare
fails 2 "one run" "$EXITSTORM" compare "$tmp/a"
fails 2 "an unknown leg" "$EXITSTORM" compare "$tmp/a" "$tmp/b" -l arm
fails 2 "a margin that is a word" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --margin wide
fails 2 "a margin of NaN" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --margin nan
fails 2 "--unclear without a limit" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --unclear fail
fails 2 "--bisect without a limit" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --bisect
fails 2 "--unclear with another word" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --fail-above 1 --unclear maybe
fails 2 "a limit below 0" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --fail-above=-1
fails 2 "an unknown unit" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --unit miles
fails 2 "an unknown base" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --base 3
fails 2 "two forms" "$EXITSTORM" compare "$tmp/a" "$tmp/b" --json --csv

# Bad input

fails 1 "a run that is not there" "$EXITSTORM" compare "$tmp/a" "$tmp/nothing"
fails 1 "an empty name" "$EXITSTORM" compare "$tmp/a" ""
fails 2 "a storm that is in no run" "$EXITSTORM" compare "$tmp/a" "$tmp/b" -s frobnicate
change none b 'run["storms"] = [s for s in run["storms"] if s["name"] == "vmcall"]'
fails 1 "no common storm" "$EXITSTORM" compare "$tmp/a" "$tmp/none"
change empty-legs b 'for s in run["storms"]:
    for leg in s["legs"].values():
        for stats in leg["all"], leg["clean"]:
            stats.update(count=0, **{k: None for k in stats if k != "count"})'
fails 1 "zero records" "$EXITSTORM" compare "$tmp/a" "$tmp/empty-legs"
like "$err" "without records" "the error says so"
for value in NaN 1e999 -5 '"much"' 'null' '[]' '{}' 0; do
	sed "s/\"p50_clean\": {\"round_trip\": [0-9.]*/\"p50_clean\": {\"round_trip\": $value/" \
		"$tmp/kernel/run.json" >"$tmp/cut.json"
	rm -rf "$tmp/cut" && cp -r "$tmp/b" "$tmp/cut" && cp "$tmp/cut.json" "$tmp/cut/run.json"
	run "$EXITSTORM" compare "$tmp/a" "$tmp/cut"
	ok "a median of $value: status 0 or 1" test "$status" -le 1
done
change equal a 'for s in run["storms"]:
    for r in s.get("repeats", []):
        for p in r["p50"], r["p50_clean"]:
            p.update({leg: 20000.0 for leg in p})'
rm -r "$tmp/equal/histograms"
cp -r "$tmp/equal" "$tmp/equal2"
run "$EXITSTORM" compare "$tmp/equal" "$tmp/equal2"
like "$out" "^pio_out +20,000 +20,000 +1.000 .*same$" "equal values have the verdict same"
change brand b 'run["host"]["cpu"]["brand"] = "<b>\\section{x}_&%$#" * 50000 + "\x1b[31m"'
for form in "" --json --csv --markdown --latex; do
	# shellcheck disable=SC2086
	run "$EXITSTORM" compare "$tmp/a" "$tmp/brand" $form
	ok "a brand of 10^6 characters with '$form'" test "$status" = 0
	[ "$form" = --json ] || unlike "$out" "$(printf '\033')" "no control character with '$form'"
	[ "$form" = --latex ] && unlike "$out" '\\section' "no markup in LaTeX"
	# shellcheck disable=SC2086
	run sh -c '"$0" compare '"$form"' "$1" "$2" >/dev/full' "$EXITSTORM" "$tmp/a" "$tmp/b"
	is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a full disk with '$form' is reported in one line"
done

# A kvm run includes KVM's mitigations on exits, a module run does not. No other pair has this note.
change module a 'run["target"].update(name="module", backend="vmx", raw_space="vmx")'
run "$EXITSTORM" compare "$tmp/b" "$tmp/module"
is "$status" 0 "a kvm run beside a module run"
like "$(printf '%s\n' "$out" | tr '\n' ' ')" "Module runs lack the mitigations that KVM applies on VM exit" \
	"the output says that the module has none of KVM's mitigations"
for pair in "a b" "module module"; do
	run "$EXITSTORM" compare "$tmp/${pair% *}" "$tmp/${pair#* }"
	unlike "$out" "mitigations that KVM" "no such note for $pair"
done
done_testing
