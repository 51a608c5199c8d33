#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# Every run that a test leaves under build/**/tests/runs/, one made here and the fixture are what
# results/schema.json and results/README.md say. Runs that are damaged on purpose go elsewhere.
. "$(dirname "$0")/../lib.sh"

find_python jsonschema numpy || skip_all "no python3 with jsonschema and numpy"
set -- "$python" "$top/tests/cli/schema.py" "$top/results/schema.json"

fixture=$top/tests/data/run
ok "the fixture is valid" "$@" "$fixture"

# The check itself: each change must be seen. $run is the JSON, $hist and $rec the arrays.
damage()
{
	rm -rf "$tmp/damaged"
	cp -r "$fixture" "$tmp/damaged"
	ok "(the fixture is changed)" "$python" -c '
import json, numpy as np, sys
folder = sys.argv[1]
run = json.load(open(folder + "/run.json"))
storm = run["storms"][0]
hist = np.load(folder + "/histograms/pio_out.npy")
rec = np.load(folder + "/samples/pio_out.npy")
exec(sys.argv[2])
json.dump(run, open(folder + "/run.json", "w"))
np.save(folder + "/histograms/pio_out.npy", hist)
np.save(folder + "/samples/pio_out.npy", rec)' "$tmp/damaged" "$2"
	run "$python" "$top/tests/cli/schema.py" "$top/results/schema.json" "$tmp/damaged"
	is "$status" 1 "$1 is seen"
	like "$out" "$3" "$1 is said"
}
damage "a missing field" 'del run["host"]["kernel"]' "'kernel' is a required property"
damage "a number as a string" 'storm["legs"]["exit"]["all"]["p50"] = "5"' "legs.exit.all.p50: "
damage "a clock that is none" 'run["target"]["clock"] = "sundial"' "target.clock: "
damage "an emulated run with the real clock" 'run["target"]["emulated"] = True' "target.clock: "
damage "NaN" 'storm["legs"]["exit"]["all"]["mad"] = float("nan")' "NaN is no JSON"
damage "figures of what was skipped" 'run["storms"][2]["legs"] = storm["legs"]' "storms.2.legs: "
damage "a skipped storm without a reason" 'run["storms"][2]["why"] = None' "storms.2.why: "
damage "a storm that is there twice" 'run["storms"][1]["name"] = "vmcall"' "there twice"
damage "an array of no storm" 'storm["name"] = "pio_on"' "belongs to no storm"
damage "a lost row of a histogram" 'hist = hist[1:]' "the histogram has"
damage "a median from elsewhere" 'storm["legs"]["exit"]["all"]["p50"] = storm["legs"]["exit"]["all"]["max"]' \
	"p50 is"
damage "a wrong dtype" 'hist = hist.astype([(n, "<u8") for n in hist.dtype.names])' "dtype is"
damage "a sample of another run" 'rec["host_in"][5] += 9000' "not in the histogram"
damage "too many samples" 'rec = np.concatenate([rec, rec])' "samples where the plan wants"

# Runs that other tests left, if they ran before this one.
left=$(find "$top/build" -type d -path '*/tests/runs' 2>/dev/null)
if [ -n "$left" ]; then
	old=$IFS
	IFS='
'
	# shellcheck disable=SC2086
	ok "every run that a test left is valid" "$@" $left
	IFS=$old
fi

if ( : <>/dev/kvm ) 2>/dev/null; then
	run "$EXITSTORM" run -t kvm -s null,pio_out,cpuid,syscall,hlt -n 300 -r 3 --samples 100 -o "$tmp/made/1"
	is "$status" 0 "a run with samples"
	run "$EXITSTORM" run -t kvm -s pio_out,pio_in -n 300 -r 2 --vary stamps=both,guest,off --anonymous \
		-o "$tmp/made/vary"
	is "$status" 0 "runs with and without stamps"
	note "$err"
	ok "what exitstorm has written is valid" "$@" "$tmp/made"
	run "$@" "$tmp/made"
	is "$out" "4 runs" "all of them were there"
else
	skip "/dev/kvm cannot be opened" "a run of exitstorm's own"
fi
done_testing
