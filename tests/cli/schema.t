#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others, one at a time
# The fixture, a run made here and every run that a test leaves under build/**/tests/runs/ conform to
# results/schema.json and results/README.md. Damaged runs of tests are in other folders.
. "$(dirname "$0")/../lib.sh"

find_python jsonschema numpy || skip_all "no python3 with jsonschema and numpy"
set -- "$python" "$top/tests/cli/schema.py" "$top/results/schema.json"

fixture=$top/tests/data/run
ok "the fixture is valid" "$@" "$fixture"
ok "so are the golden runs" "$@" "$top/tests/data/golden"

# The check itself: each of these changes of the fixture must give an error that matches.
cat >"$tmp/damage.py" <<'END'
import json, numpy as np, shutil, sys
fixture, tmp = sys.argv[1:]
for number, line in enumerate(sys.stdin):
    folder = f"{tmp}/damaged/{number}"
    shutil.copytree(fixture, folder)
    run = json.load(open(folder + "/run.json"))
    storm = run["storms"][0]
    exit = storm["legs"]["exit"]["all"]
    hist = np.load(folder + "/histograms/pio_out.npy")
    rec = np.load(folder + "/samples/pio_out.npy")
    exec(line.split(" | ")[1])
    json.dump(run, open(folder + "/run.json", "w"))
    np.save(folder + "/histograms/pio_out.npy", hist)
    np.save(folder + "/samples/pio_out.npy", rec)
END
cat >"$tmp/damages" <<'END'
a missing field | del run["host"]["kernel"] | 'kernel' is a required property
a number as a string | exit["p50"] = "5" | legs.exit.all.p50:
a clock that is none | run["target"]["clock"] = "sundial" | target.clock:
an emulated run with the real clock | run["target"]["emulated"] = True | target.clock:
NaN | exit["mad"] = float("nan") | NaN is no JSON
figures of what was skipped | run["storms"][2]["legs"] = storm["legs"] | storms.2.legs:
a skipped storm without a reason | run["storms"][2]["why"] = None | storms.2.why:
a control that is no number | run["controls"] = {"primary": {"HLT exiting": "on"}} | controls.primary.HLT exiting:
a storm that is there twice | run["storms"][1]["name"] = "vmcall" | there twice
an array of no storm | storm["name"] = "pio_on" | belongs to no storm
a lost row of a histogram | hist = hist[1:] | the histogram has
a row that is there twice | hist = np.concatenate([hist, hist[:1]]) | there twice
a median from elsewhere | exit["p50"] = exit["max"] | p50 is
quantiles out of order | exit["p90"] = exit["max"] + 1 | not in order
a wrong dtype | hist = hist.astype([(n, "<u8") for n in hist.dtype.names]) | dtype is
a sample of another run | rec["host_in"][5] += 9000 | not in the histogram
too many samples | rec = np.concatenate([rec, rec]) | samples where the plan wants
END
"$python" "$tmp/damage.py" "$fixture" "$tmp" <"$tmp/damages"
run "$@" "$tmp/damaged"
is "$status" 1 "damaged runs fail"
number=0
while IFS= read -r line; do
	like "$out" "damaged/$number(/.*)?: .*${line##* | }" "${line%% | *} is seen"
	number=$((number + 1))
done <"$tmp/damages"
# The NumPy examples in results/README.md: counts and medians of the fixture in three ways.
sed -n '/^```python$/,/^```$/{/^```/!p;}' "$top/results/README.md" >"$tmp/readme.py"
run sh -c 'cd "$1" && "$2" "$3"' - "$top" "$python" "$tmp/readme.py"
is "$out" "pio_out 22175.0 tsc
40 22181.5
40 22160" "the NumPy lines of results/README.md read a run"

# Runs of other tests that ran before this one.
left=$(find "$top/build" -type d -path '*/tests/runs' 2>/dev/null)
if [ -n "$left" ]; then
	old=$IFS
	IFS='
'
	# shellcheck disable=SC2086
	ok "runs of other tests are valid" "$@" $left
	IFS=$old
fi

if ( : <>/dev/kvm ) 2>/dev/null; then
	run "$EXITSTORM" run -t kvm -s null,pio_out,cpuid,syscall,hlt -n 300 -r 3 --samples 100 -o "$tmp/made/1"
	is "$status" 0 "a run with samples"
	run "$EXITSTORM" run -t kvm -s pio_out,pio_in -n 300 -r 2 --vary stamps=both,guest,off --anonymous \
		-o "$tmp/made/vary"
	is "$status" 0 "runs with and without stamps"
	ok "runs of exitstorm are valid" "$@" "$tmp/made"
	run "$@" "$tmp/made"
	is "$out" "4 runs" "all of them were checked"
else
	skip "/dev/kvm cannot be opened" "a run"
fi
done_testing
