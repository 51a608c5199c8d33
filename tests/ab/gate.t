#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# exitstorm gate: its baseline, its statuses and its files.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python json || skip_all "no python3"
cd "$tmp" || exit 1
export SLOWER_FLAG=$tmp/flag SLOWER_TICKS=50000
slower=${EXITSTORM%/*}/tests/ab/slower.so
printf 0 >flag

fails 1 "no baseline" "$EXITSTORM" gate --baseline base
like "$err" "exitstorm gate --baseline base --refresh" "... says how to get one"
run env LD_PRELOAD="$slower" "$EXITSTORM" gate --baseline base --refresh -- -q -s pio_out,null -n 50 -r 2
is "$status:$out" "0:base" "--refresh measures one"
is "$(ls base | wc -l)" 10 "of ten runs"
is "$(find . -name '.exitstorm*')" "" "nothing else is left"

gate()
{
	rm -rf new
	run env LD_PRELOAD="$slower" "$EXITSTORM" gate --baseline base "$@" -- -q -o new
}
gate --fail-above 1000 --junit j.xml --tap t.tap --summary s.md
is "$status" 0 "no slower than the limit"
like "$(tail -n +2 t.tap | head -n 1)" '^1\.\.[12]$' "TAP has a test per storm"
like "$(cat s.md)" '^### exitstorm: passed$' "the summary says so"
is "$(ls new | wc -l)" 10 "as many runs as the baseline has"
printf 1 >flag
gate --fail-above 20 --junit j.xml --tap t.tap --summary s.md
is "$status" 3 "a longer way to the exit is a regression"
like "$err" "^exitstorm gate: slower by more than 20 %: 1 of [12] comparisons$" "... which is told"
like "$(cat t.tap)" '^not ok [12] - pio_out$' "TAP has it"
like "$(cat j.xml)" '<testcase classname="exitstorm" name="pio_out"><failure message="slower: ' "JUnit has it"
like "$(cat s.md)" '^### exitstorm: failed$' "the summary says so"
printf 0 >flag
gate --fail-above 0 --time 1
like "$status" '^[34]$' "a limit that no machine can hold is not passed"
is "$(($(ls new | wc -l) >= 3))" 1 "--time: three runs or more"
gate --fail-above 0 --time 1 --bisect
like "$status" '^(3|125)$' "--bisect: git bisect skips what is not decided"

# A baseline of another machine or plan
cp -r base other
for run in other/*/run.json; do
	"$python" -c 'import json, sys
run = json.load(open(sys.argv[1])); run["host"]["cpu"]["stepping"] += 1; json.dump(run, open(sys.argv[1], "w"))' "$run"
done
mv base kept; mv other base
gate --time 1
is "$status" 4 "a baseline of another CPU decides nothing"
like "$err" "new/01 cannot be compared with the baseline: host.cpu.stepping was [0-9]+ and is [0-9]+; --refresh" "... the reason"
rm -rf base; mv kept base
"$python" -c 'import json
run = json.load(open("base/03/run.json")); run["plan"]["exits"] = 51; json.dump(run, open("base/03/run.json", "w"))'
fails 1 "a baseline of two plans" "$EXITSTORM" gate --baseline base
mkdir precious && echo x >precious/file
fails 1 "a folder that is no baseline is not replaced" "$EXITSTORM" gate --baseline precious --refresh -- -q -s null -n 10 -r 2
is "$(cat precious/file)" x "... it is as it was"
fails 2 "a plan beside that of the baseline" "$EXITSTORM" gate --baseline base -- -n 10
fails 2 "--vary" "$EXITSTORM" gate --baseline base --refresh -- --vary null=1,2
done_testing
