#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others
# exitstorm show: output formats, bad usage, and folders that are no runs.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
"$python" "$top/tests/cli/make_run.py" "$tmp/run" --n 200 || exit 1
"$python" "$top/tests/cli/make_run.py" "$tmp/bochs" --n 20 --repeats 1 --clock instructions || exit 1
"$python" "$top/tests/cli/make_run.py" "$tmp/off" --n 1000 --stamps off || exit 1

# Forms

run "$EXITSTORM" show "$tmp/run"
is "$status:$err" "0:" "a run is shown"
like "$out" "^kvm target" "the title names the target"
like "$out" "^clock: TSC at 2.300 GHz, 1,000 ticks = 435 ns; n = 200 x 5 repeats, 1 vCPU" \
	"the title has clock and n"
like "$out" "^pio_out +0 +2[0-9],[0-9]{3} " "a storm has a row with separators"
like "$out" "^Exits to userspace - exit: until KVM_RUN returns" "the heading names the stamps' site"
like "$out" "^  mov_cr3, invlpg: 10,000 operations made 0 exits" "no_exit has its own list"
like "$out" "^Missing legs: " "missing legs are listed"
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "no line is longer than 80"
run "$EXITSTORM" show --width 64 "$tmp/run"
is "$(printf '%s\n' "$out" | awk 'length > 64')" "" "no line is longer than --width"
run "$EXITSTORM" show --width=150 "$tmp/run"
like "$out" "storm .* p50 .* time .* p99.9 .* max .* control .* n$" "a wide one has more columns"

# All records, or nearly all, or next to none disturbed: no exponent, and 100 % only for all.
for part in 1 0.996 0.0000001; do
	cp -r "$tmp/run" "$tmp/disturbed"
	"$python" - "$tmp/disturbed/run.json" $part <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
for storm in run["storms"]:
    for leg in storm["legs"].values():
        for kind in leg["all"], leg["clean"]:
            kind["count"] = 10**8
    storm["disturbed"] = int(float(sys.argv[2]) * 10**8)
json.dump(run, open(sys.argv[1], "w"))
END
	case $part in
	1) want="100 %" ;;
	0.996) want="99.6 %" ;;
	*) want="under 0.001 %" ;;
	esac
	run "$EXITSTORM" show "$tmp/disturbed"
	like "$out" "^Disturbed and kept: $want of all records, most in [a-z_]+ \($want\)" "$part disturbed: $want"
	unlike "$out" "[0-9]e[+-][0-9]" "... and no exponent"
	rm -r "$tmp/disturbed"
done

run "$EXITSTORM" show --json "$tmp/run"
printf '%s\n' "$out" >"$tmp/show.json"
ok "--json is a document with every storm" "$python" -c '
import json, sys
show, run = (json.load(open(name)) for name in sys.argv[1:])
assert show["schema"] == "exitstorm-show/1"
assert [s["name"] for s in show["storms"]] == [s["name"] for s in run["storms"]]
for a, b in zip(show["storms"], run["storms"]):
    assert a["legs"].keys() == b["legs"].keys(), a["name"]
    for leg in a["legs"]:
        for kind in "all", "clean":
            for what, value in b["legs"][leg][kind].items():
                got = a["legs"][leg][kind][what]
                assert got == value or abs(got - value) < 1e-9 * value, (a["name"], leg, what)
' "$tmp/show.json" "$tmp/run/run.json"

run "$EXITSTORM" show --csv "$tmp/run"
printf '%s\n' "$out" >"$tmp/show.csv"
ok "--csv has all legs, all and clean" "$python" -c '
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
run = json.load(open(sys.argv[2]))
for storm in run["storms"]:
    mine = [r for r in rows if r["storm"] == storm["name"]]
    assert len(mine) == (2 * len(storm["legs"]) or 1), storm["name"]
    for row in mine:
        assert row["status"] == storm["status"] and row["why"] == (storm["why"] or "")
        if row["leg"]:
            stats = storm["legs"][row["leg"]][row["records"]]
            for key in "count", "min", "p50", "p99", "max":
                assert abs(float(row[key]) - stats[key]) < 1e-6 * stats[key] + 1e-9, row
' "$tmp/show.csv" "$tmp/run/run.json"

run "$EXITSTORM" show --markdown "$tmp/run"
like "$out" "^\| pio\\\\_out \| 0 \| 2[0-9],[0-9]{3} \|" "--markdown has a row"
is "$(printf '%s\n' "$out" | grep '^|' | tr -cd '|\n' | sort -u | wc -l)" 1 \
	"--markdown has as many cells in each row"
run "$EXITSTORM" show --latex "$tmp/run"
like "$out" "^pio\\\\_out & 0 & 2[0-9],[0-9]{3} &" "--latex has a row"
like "$out" "bottomrule" "--latex uses booktabs"
run "$EXITSTORM" show --methods "$tmp/run"
like "$out" "^Exit costs were measured with exitstorm 0.1 " "--methods is a paragraph"
unlike "$out" "^$" "--methods is one paragraph"

run "$EXITSTORM" show --methods "$top/tests/data/golden/delay=0"
like "$(printf '%s' "$out" | tr '\n' ' ')" "pinned to host CPU 1, for 200 .*Other load took [0-9.]+ CPUs of the machine on average during the run\. Its repeats were taken in turn" \
	"--methods names the CPU and the other load"

# From the records: 100 of the first repeat, every tenth disturbed.
make_sampled() { "$python" "$top/tests/cli/make_run.py" "$tmp/$1" --n 100 --repeats 1 --samples 100 || exit 1; }
make_sampled sampled
run "$EXITSTORM" show --samples --csv "$tmp/sampled"
printf '%s\n' "$out" >"$tmp/anew.csv"
run "$EXITSTORM" show --csv "$tmp/sampled"
printf '%s\n' "$out" >"$tmp/then.csv"
ok "--samples computes the figures from the records" "$python" -c '
import csv, statistics, struct, sys
def rows(name):
    with open(name, newline="") as file:
        return {(r["storm"], r["leg"], r["records"]): r for r in csv.DictReader(file)}
anew, then = rows(sys.argv[1]), rows(sys.argv[2])
known = 0
for (storm, leg, records), row in anew.items():
    if leg != "round_trip":
        continue
    data = open(f"{sys.argv[3]}/samples/{storm}.npy", "rb").read()
    size, = struct.unpack("<H", data[8:10])
    taken = list(struct.iter_unpack("<6Q2I2HI", data[10 + size:]))
    values = sorted(r[5] - r[0] for r in taken if records == "all" or not r[10] & 0xf8)
    assert int(row["count"]) == len(values), row
    assert float(row["min"]) == values[0] and float(row["max"]) == values[-1], row
    assert abs(float(row["mean"]) / statistics.fmean(values) - 1) < 1e-9, row
    assert abs(float(row["p50"]) - statistics.median(values)) < 0.6 + 2e-3 * values[-1], row
    if records == "all":
        old = then[storm, leg, records]
        assert row["count"] == old["count"] and row["max"] == old["max"], (row, old)
        assert int(row["disturbed"]) == len(values) - sum(1 for r in taken if not r[10] & 0xf8)
    known += 1
assert known >= 20, known' "$tmp/anew.csv" "$tmp/then.csv" "$tmp/sampled"
run "$EXITSTORM" show --samples "$tmp/sampled"
like "$(printf '%s' "$out" | tr -s ' \n' ' ')" "Computed from the [0-9,]+ records that were kept" "the table says so"
run "$EXITSTORM" show --samples --leg round_trip --csv "$tmp/sampled"
is "$(printf '%s\n' "$out" | awk -F, 'NR > 1 && $11 != "" { print $11 }' | sort -u)" round_trip "--leg selects one leg"
fails 1 "--samples without any" "$EXITSTORM" show --samples "$tmp/run"
like "$err" "kept no records" "the error says so"
fails 2 "--leg without --samples" "$EXITSTORM" show --leg exit "$tmp/sampled"
fails 2 "an unknown leg" "$EXITSTORM" show --samples --leg arm "$tmp/sampled"
cp -r "$tmp/sampled" "$tmp/cut"
head -c 3000 "$tmp/sampled/samples/hlt.npy" >"$tmp/cut/samples/hlt.npy"
fails 1 "records that are cut off" "$EXITSTORM" show --samples "$tmp/cut"

# Counts of instructions are not shown as time

run "$EXITSTORM" show "$tmp/bochs"
like "$out" "^clock: EMULATED: one tick is one instruction, not time" "an emulated clock is named"
unlike "$out" "[0-9] (ns|us|ms)( |$)" "an emulated clock has no times"
run "$EXITSTORM" show "$tmp/off"
like "$out" "period: a batch's ticks divided by its operations" "stamps=off shows periods as such"

# Bad usage

mkdir "$tmp/latest"
EXITSTORM_RUNS=$tmp/latest
export EXITSTORM_RUNS
fails 2 "no run, and there is none to take" "$EXITSTORM" show
like "$err" "there is no run in .*/latest yet" "it says where it looked"
cp -r "$tmp/run" "$tmp/latest/20260102T030405Z-host-kvm"
cp -r "$tmp/bochs" "$tmp/latest/20260102T030405Z-host-kvm-10"
for other in .hidden named 20260102T030405Z-host-kvm-2 20260103T030405Z-host-kvm.partial; do
	cp -r "$tmp/off" "$tmp/latest/$other"
done
run "$EXITSTORM" show
is "$status:$out" "0:$("$EXITSTORM" show "$tmp/bochs")" "without a run it shows the latest one that is whole"
like "$err" "the latest run: .*/latest/20260102T030405Z-host-kvm-10$" "... and says which"
fails 1 "two runs of different settings" "$EXITSTORM" show "$tmp/run" "$tmp/off"
fails 2 "an unknown option" "$EXITSTORM" show --xml "$tmp/run"
fails 2 "two forms" "$EXITSTORM" show --json --csv "$tmp/run"
fails 2 "a width that is no number" "$EXITSTORM" show --width wide "$tmp/run"
fails 2 "a width of 3" "$EXITSTORM" show --width 3 "$tmp/run"
fails 2 "no width" "$EXITSTORM" show "$tmp/run" --width

# Bad input

fails 1 "a folder that is not there" "$EXITSTORM" show "$tmp/nothing"
fails 1 "a folder that is no run" "$EXITSTORM" show "$tmp"
fails 1 "a file" "$EXITSTORM" show "$tmp/run/run.json"
like "$err" "run.json" "the file is named"
fails 1 "an empty name" "$EXITSTORM" show ""
odd="$tmp/a \"run\" of \$(id) 'x'
second line"
fails 1 "a path with a newline gives one line" "$EXITSTORM" show "$odd"
cp -r "$tmp/run" "$odd"
run "$EXITSTORM" show "$odd"
is "$status" 0 "a run with an odd path is shown"

cp -r "$tmp/run" "$tmp/cut"
head -c 5000 "$tmp/run/run.json" >"$tmp/cut/run.json"
fails 1 "a truncated run.json" "$EXITSTORM" show "$tmp/cut"
printf '{"schema": "exitstorm-run/99"}' >"$tmp/cut/run.json"
fails 1 "an unknown format" "$EXITSTORM" show "$tmp/cut"
sed 's/"p50": [0-9.]*/"p50": "much"/' "$tmp/run/run.json" >"$tmp/cut/run.json"
fails 1 "a text where a number belongs" "$EXITSTORM" show "$tmp/cut"

# Text of a run must not control the terminal.
sed 's/needs at least two vCPUs/\\u001b]0;owned\\u0007/' "$tmp/run/run.json" >"$tmp/cut/run.json"
run "$EXITSTORM" show "$tmp/cut"
is "$status:$(printf '%s' "$out" | tr -d '\n' | tr -dc '\000-\037\177')" "0:" \
	"control characters are not printed"

for form in "" --json --csv --markdown --latex --methods; do
	# shellcheck disable=SC2086
	run sh -c '"$0" show '"$form"' "$1" >/dev/full' "$EXITSTORM" "$tmp/run"
	is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a full disk with '$form' is reported in one line"
done
run "$EXITSTORM" show --latex "$top/tests/data/golden/delay=0"
like "$out" "caption\{[^;]* on [^;]*; clock: [^}]*; settings: " "the lines of a title are separated in a caption"
done_testing
