#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: qemu-svm qemu-svm:newest
# files: build/module/%r/hang.ko build/module/%r/state/state.ko
# A guest that never exits: after three seconds another CPU ends its batch, by an NMI where interrupts are off. So
# the test needs two CPUs, and Bochs has one.
. "$(dirname "$0")/../../lib.sh"
storm="-t module -s cpuid -n 100 -r 1 --samples 0 -q"
insmod /lib/bed/state.ko
cat /proc/exitstorm_state >"$tmp/before"
insmod /lib/bed/hang.ko
# Started on the CPU that hangs, and on any.
for setting in "off 0 1" "off 1 2" "on 1 3"; do
	# shellcheck disable=SC2086
	set -- $setting
	# shellcheck disable=SC2086
	RUN_LIMIT=40 run taskset "$3" "$EXITSTORM" run $storm --cpu "$2" --set "irqs=$1" -o "$tmp/run"
	like "$(cat "$tmp/run/run.json")" "the guest hangs: its batch does not end" \
		"irqs=$1, on CPU $2, begun by a process on CPUs 0x$3: its end, and why"
	rm -rf "$tmp/run"
done
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"

"$EXITSTORM" run $storm --cpu 1 --set irqs=off -o "$tmp/run" >"$tmp/said" 2>&1 &
pid=$!
sleep 1
kill -KILL "$pid"
wait "$pid" 2>/dev/null
# wait returns after the run has ended: the killed process closes the device first.
is "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/')" 0 "kill -9 while it hangs ends the run at once"
ok "and rmmod works" rmmod exitstorm
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
rmmod state
done_testing
