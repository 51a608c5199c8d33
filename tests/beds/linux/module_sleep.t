#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: qemu-svm
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko
# The machine goes to sleep (ACPI S3) in mid-run, and an alarm wakes it. Bochs' firmware offers no such state.
. "$(dirname "$0")/../../lib.sh"
threads()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/'
}
insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko
cat /proc/exitstorm_state >"$tmp/before"
like "$(cat /sys/power/state)" "\bmem\b" "this machine can sleep"
# On the CPU that sleep does not take offline first.
"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 --cpu 0 -o "$tmp/run" >"$tmp/said" 2>&1 &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(threads)" = 0 ] || break
	sleep 0.2
done
ok "a run is under way" [ "$(threads)" -ge 1 ]
latency()
{
	od -An -td4 -N4 /dev/cpu_dma_latency | tr -d ' '
}
is "$(latency)" 0 "which keeps CPUs out of idle states (/dev/cpu_dma_latency)"
like "$(for fd in /proc/"$pid"/fd/*; do readlink "$fd"; done)" "^/dev/cpu_dma_latency$" "and has that open itself"
# An alarm that comes too early ends the attempt instead of being missed.
cat /sys/power/wakeup_count >"$tmp/count"
cat "$tmp/count" >/sys/power/wakeup_count
echo +4 >/sys/class/rtc/rtc0/wakealarm
echo mem >/sys/power/state 2>/dev/null
note "$(dmesg | grep 'PM: suspend' | tail -n 2)"
like "$(dmesg)" "PM: suspend entry" "the machine went to sleep"
like "$(dmesg)" "state: 0 of 2 CPUs have VMX or SVM on at the end" "with SVM off on all CPUs before"
is "$(threads)" 0 "and the run has ended"
wait "$pid"
is "$?" 1 "the command fails"
like "$(cat "$tmp/run/run.json")" "the run was ended because" "and its run says why"
isnt "$(latency)" 0 "idle states are allowed again"
is "$(nproc)" 2 "both CPUs are there"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is as it was"
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 -q --samples 0 -o "$tmp/next"
is "$status" 0 "the next run is a good one"
rmmod exitstorm
rmmod state
done_testing
