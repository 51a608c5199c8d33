#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: none
# more beds: qemu-svm bochs-vmx
# limit: 240
# files: build/module/%r/exitstorm.ko tests/beds/linux/module.sh
# A run of the module that Ctrl-C or kill -9 ends is kept and continued, repeats and counts as of one that was not.
. "$(dirname "$0")/../../lib.sh"
insmod /lib/bed/exitstorm.ko

repeats=24
# repeats_of FOLDER: those of its storm.
repeats_of()
{
	grep -c '"repeat": ' "$1/run.json"
}
# interrupted SIGNAL: starts a run that is saved as often as it can be, and ends it after its first repeats.
interrupted()
{
	rm -rf "$tmp"/run*
	EXITSTORM_SAVE=0 "$EXITSTORM" run -t module -s cpuid -n 3k -r $repeats --samples 0 -q -o "$tmp/run" >"$tmp/said" 2>&1 &
	pid=$!
	for _ in $(seq 200); do
		[ ! -e "$tmp/run.partial/run.json" ] || break
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	kill "-$1" $pid
	wait $pid
}

for signal in INT KILL; do
	interrupted $signal
	isnt $? 0 "SIG$signal ends a run of the module"
	nok "... which has no whole run" test -e "$tmp/run"
	ok "... but a part of one" test -s "$tmp/run.partial/run.json"
	done_before=$(sed -n 's/.*"repeats_done": \([0-9]*\).*/\1/p' "$tmp/run.partial/run.json")
	ok "... of some repeats (${done_before:-none})" test "${done_before:-0}" -gt 0 -a "${done_before:-0}" -lt $repeats
	run "$EXITSTORM" run -q --resume "$tmp/run"
	is "$status:$err" "0:" "--resume continues it"
	nok "... and nothing of the part stays" test -e "$tmp/run.partial"
	is "$(repeats_of "$tmp/run")" $repeats "... with as many repeats as were asked for"
	is "$(sed -n 's/.*"operations": \([0-9]*\),.*/\1/p' "$tmp/run/run.json" | sort -n | tail -n 1)" $((3000 * repeats)) \
		"... and all operations"
	like "$(cat "$tmp/run/run.json")" '"resumed": \[$' "... which the run says"
done
ok "the module unloads" rmmod exitstorm
done_testing
