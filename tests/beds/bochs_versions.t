#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# long: Bochs 3.0 and 3.1 run the legs, storms and intrinsics, a minute each; check has the machine's own Bochs
#
# The tests of raw VMX and SVM in the Bochs of Debian 13 and of Debian testing, which are unpacked and not
# installed. Known answers in instructions do not depend on the emulator's version.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
find_python json || skip_all "no python3 with json"
beds=$top/tests/beds
own=$PATH

# The clock's label without the option that the target passes.
plant_no_debugger()
{
	mkdir -p "$tmp/wrapper"
	cat >"$tmp/wrapper/bochs" <<-END
		#!/bin/bash
		exec $1 "\${@/#-debugger/-q}"
	END
	chmod +x "$tmp/wrapper/bochs"
	rm -rf "$tmp/planted"
	PATH=$tmp/wrapper:$own run "$EXITSTORM" run -q -t bochs -s cpuid,null -n 200 -r 1 -o "$tmp/planted"
	PATH=$own
	is "$("$python" -c 'import json, sys
t = json.load(open(sys.argv[1]))["target"]
print(t["clock"], t["clock_check"]["claim"])' "$tmp/planted/run.json")" "emulated-tsc instructions" \
		"$suite: without -debugger the clock is not said to count instructions"
	like "$err" "warning: target bochs should have the clock \"instructions\"" "... with a warning"
}

for suite in trixie testing; do
	command=$("$beds/bochs_of" $suite 2>"$tmp/said") || {
		skip "$suite: $(tail -n 1 "$tmp/said")"
		continue
	}
	note "$suite: $command"
	for test in vmx_intrin.t vmx_legs.t svm_legs.t vmx_storms.t svm_storms.t; do
		PATH=$(dirname "$command"):$own EXITSTORM=$EXITSTORM "$beds/$test" >"$tmp/tap" 2>&1
		status=$?
		is "$status, $(grep -c '^not ok' "$tmp/tap") failed, $(grep -c '^ok' "$tmp/tap" | sed 's/^[1-9].*/some/') passed" \
			"0, 0 failed, some passed" "$suite: $test" || grep -A6 '^not ok' "$tmp/tap" | head -40 | sed 's/^/# /'
	done
	plant_no_debugger "$command"
done
done_testing
