#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# beside: others
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

# These have run nowhere: a Bochs that has the controls is to run them, and tests/hardware.md to say so.
nowhere()
{
	for model in sapphire_rapids arrow_lake wildcat_lake; do
		PATH=$(dirname "$1"):$own run "$EXITSTORM" run -q -t bochs --set model=$model -s cpuid,notify,bus_lock -n 10 -r 1 \
			-o "$tmp/$model"
		is "$(sed -n 's/^      "\(status\|why\)": "\(.*\)",$/\2/p' "$tmp/$model/run.json")" "measured
skipped
this CPU's VMX lacks secondary processor-based control \\\"VMM bus-lock detection\\\"
skipped
this CPU's VMX lacks secondary processor-based control \\\"instruction timeout\\\"" "$suite: $model has neither bus-lock detection nor instruction timeout"
		rm -rf "${tmp:?}/$model"
	done
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
	[ $suite != testing ] || nowhere "$command"
done
done_testing
