#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# Two recorded runs (tests/data/golden): show, compare and plot must give the figures that were recorded with them.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
golden=$top/tests/data/golden
cat >"$tmp/look.py" <<'END'
"""look.py EXITSTORM GOLDEN TMP: prints, as JSON, the figures of show, compare and plot."""
import csv, io, json, subprocess, sys
command, golden, tmp = sys.argv[1:]
def call(*args):
    return subprocess.run([command, *args], check=True, capture_output=True, text=True).stdout
figures = {}
for run in "delay=0", "delay=10000":
    for extra in [], ["--samples"]:
        for row in csv.DictReader(io.StringIO(call("show", f"{golden}/{run}", "--csv", *extra))):
            key = " ".join([run, *extra, row["storm"], row["leg"] or row["status"], row["records"]])
            figures[key] = [float(row[k]) for k in row if row[k] and k in
                            ("count", "min", "p50", "p90", "p99", "p999", "max", "mean", "stddev",
                             "mad", "control", "p50_ci95_low", "p50_ci95_high", "disturbed")]
for row in csv.DictReader(io.StringIO(call("compare", golden, "-l", "all", "--csv"))):
    figures[f"compare {row['storm']} {row['leg']} {row['verdict']}"] = [
        float(row[k]) for k in row if row[k] and k in
        ("base_n", "n", "base_p50", "p50", "ratio", "ci95_low", "ci95_high", "clock_blur", "p",
         "p_holm", "p99_ratio")]
for kind, file in ("box", "run1"), ("sweep", "storm1"), ("legs", "run1"), ("timeline", "series1"):
    call("plot", f"{golden}/delay=0", f"{golden}/delay=10000", "-k", kind, "-f", "svg",
         "-s", "pio_out", "--data", "-o", f"{tmp}/{kind}.svg")
    with open(f"{tmp}/{kind}.svg.data/{file}", encoding="utf-8") as data:
        figures[f"plot {kind}"] = [float(word) for word in data.read().split() if word != "NaN"]
json.dump(figures, sys.stdout, indent=0)
END
cat >"$tmp/same.py" <<'END'
import json, sys
now, then = (json.load(open(name)) for name in sys.argv[1:])
assert sorted(now) == sorted(then), set(now) ^ set(then)
assert len(then) > 60, len(then)
for key, values in then.items():
    assert len(values) == len(now[key]), key
    for a, b in zip(now[key], values):
        assert abs(a - b) <= 1e-7 * abs(b), (key, a, b)
END
if ! command -v gnuplot >/dev/null; then
	skip "gnuplot is not installed" "figures of the golden runs"
	done_testing
fi
ok "show, compare and plot read the golden runs" \
	sh -c '"$0" "$1" "$2" "$3" "$4" >"$4/now.json"' "$python" "$tmp/look.py" "$EXITSTORM" "$golden" "$tmp"
ok "... and give the recorded figures" "$python" "$tmp/same.py" "$tmp/now.json" "$golden/expected.json"

# The same once more, without exitstorm: quantiles from the arrays, by what results/README.md says.
cat >"$tmp/own.py" <<'END'
import json, struct, sys
from collections import Counter
legs = ["exit", "handler", "resume", "round_trip", "guest_visit", "entry_fail", "period"]
def rows(path, form):
    data = open(path, "rb").read()
    return struct.iter_unpack(form, data[10 + struct.unpack("<H", data[8:10])[0]:])
def low(bucket):
    octave, sub = bucket >> 10, bucket & 1023
    return (sub, 1) if not octave else ((sub + 1024) << (octave - 1), 1 << (octave - 1))
checked = 0
for run in "delay=0", "delay=10000":
    folder = f"{sys.argv[1]}/{run}"
    for storm in json.load(open(f"{folder}/run.json"))["storms"]:
        if storm["status"] != "measured":
            continue
        counts = {}
        for repeat, vcpu, leg, clean, bucket, _, count in rows(
                f"{folder}/histograms/{storm['name']}.npy", "<HHHHIIQ"):
            counts.setdefault((legs[leg], clean), Counter())[bucket] += count
        for name, leg in storm["legs"].items():
            for clean, stats in enumerate((leg["all"], leg["clean"])):
                have = counts.get((name, clean), Counter())
                assert sum(have.values()) == stats["count"], (run, storm["name"], name)
                for key, q in ("p50", 0.5), ("p90", 0.9), ("p99", 0.99):
                    seen = 0
                    for bucket in sorted(have):
                        seen += have[bucket]
                        if seen >= q * stats["count"]:
                            break
                    if stats["count"]:
                        at, width = low(bucket)
                        nearest = [b for b in sorted(have) if b >= bucket][:2]
                        end = sum(low(nearest[-1]))
                        assert at - 1 <= stats[key] <= end, (run, storm["name"], name, key)
                        checked += 1
        for record in rows(f"{folder}/{storm['samples']}", "<6QIIHHI"):
            assert record[9] < 5 and record[6] < 200, record
assert checked > 150, checked
END
ok "its arrays say what its summaries say" "$python" "$tmp/own.py" "$golden"
done_testing
