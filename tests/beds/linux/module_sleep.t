#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: qemu-svm
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko
# Suspend (ACPI S3) in mid-run, with an alarm that wakes the machine. Bochs' firmware has no S3.
. "$(dirname "$0")/../../lib.sh"
threads()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/'
}
insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko
cat /proc/exitstorm_state >"$tmp/before"
like "$(cat /sys/power/state)" "\bmem\b" "this machine can sleep"
# On CPU 0, which suspend does not take offline.
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
is "$(latency)" 0 "... which keeps CPUs out of idle states (/dev/cpu_dma_latency)"
like "$(for fd in /proc/"$pid"/fd/*; do readlink "$fd"; done)" "^/dev/cpu_dma_latency$" "... by a file that the command has open"
# An alarm that comes too early aborts the suspend instead of being missed.
cat /sys/power/wakeup_count >"$tmp/count"
cat "$tmp/count" >/sys/power/wakeup_count
echo +4 >/sys/class/rtc/rtc0/wakealarm
echo mem >/sys/power/state 2>/dev/null
note "$(dmesg | grep 'PM: suspend' | tail -n 2)"
like "$(dmesg)" "PM: suspend entry" "the machine went to sleep"
like "$(dmesg)" "state: 0 of 2 CPUs have VMX or SVM on at the end" "... after SVM was left on all CPUs"
is "$(threads)" 0 "... and the run ended"
wait "$pid"
is "$?" 1 "the command fails"
like "$(cat "$tmp/run/run.json")" "the run was ended because" "... and its run has the reason"
isnt "$(latency)" 0 "idle states are allowed again"
is "$(nproc)" 2 "both CPUs are online"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 -q --samples 0 -o "$tmp/next"
is "$status" 0 "the next run succeeds"
rmmod exitstorm
rmmod state
done_testing
