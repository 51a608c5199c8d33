#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: none
# files: build/module/%r/hang.ko tests/beds/linux/mce.sh
# ends: mce: .Hardware Error.: CPU 1: Machine Check.*(.|\n)*Kernel panic - not syncing: Fatal
# A machine check that is fatal, while CPU 1 runs a guest: the kernel panics as without one. Run by
# tests/beds/machine_check.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/mce.sh
taskset -p 1 $$ >/dev/null # CPU 1 is the one that is to be hit
insmod /lib/bed/hang.ko
# Only while the run is under way: otherwise it would hit a process. CPU 0 may have waited for CPU 1, which hangs
# with interrupts off, until the watchdog ended the run.
for try in 1 2 3 4 5; do
	taskset 3 "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --samples 0 -q --cpu 1 --set irqs=off \
		-o "$tmp/run$try" &
	sleep 1
	cat /proc/[0-9]*/comm | grep -q "^exitstorm/" || { wait; continue; }
	machine_check 1 fatal
	sleep 20
done
