#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: qemu-svm:6.12
# files: build/module/%r/exitstorm.ko
# A run on CPU 0 interrupts CPU 1 once, for a timer of the watchdog, and not to look for another hypervisor there.
. "$(dirname "$0")/../../lib.sh"
tracing=/sys/kernel/tracing
insmod /lib/bed/exitstorm.ko
echo 1 >$tracing/events/csd/csd_function_entry/enable
run taskset 1 "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --samples 0 -q --cpu 0 -o "$tmp/run"
echo 0 >$tracing/events/csd/csd_function_entry/enable
is "$status" 0 "a run on CPU 0"
is "$(grep -c '\[001\].*\[exitstorm\]' $tracing/trace)" 1 "calls one function of the module's on CPU 1"
grep '\[exitstorm\]' $tracing/trace | while read -r line; do note "$line"; done
rmmod exitstorm
done_testing
