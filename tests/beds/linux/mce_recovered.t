#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# beds: none
# taints: 4
# files: build/module/%r/exitstorm.ko build/module/%r/hang.ko tests/beds/linux/mce.sh
# Machine checks that the kernel survives, without a guest and while one runs. Run by tests/beds/machine_check.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/mce.sh
taskset -p 1 $$ >/dev/null # CPU 1 is the one that is to be hit
logged()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		dmesg | grep -q "Hardware Error.*$1" && return
		sleep 0.2
	done
	return 1
}

# Machine-check exceptions that CPU 1 has handled.
exceptions()
{
	awk '$1 == "MCE:" { print $3 }' /proc/interrupts
}

# The control: CPU 1 in a process. The kernel prints what a machine check left once a second.
for cpu in 0 1; do
	echo 1 >/sys/devices/system/machinecheck/machinecheck$cpu/check_interval
done
taskset 2 sh -c 'while :; do :; done' &
pid=$!
machine_check 1 deferred
ok "without a guest the kernel logs the machine check" logged 'Bank 4: b4'
is "$(exceptions)" 1 "and counts the exception"
kill -KILL $pid
dmesg -c >/dev/null

# counted NUMBER: waits until so many exceptions are counted.
counted()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(exceptions)" -lt "$1" ] || return 0
		sleep 0.5
	done
	return 1
}

# A guest that never exits: CPU 1 is in it for certain, until the watchdog ends the batch after three seconds. On a
# busy machine QEMU may raise the machine check after that: this is no trial, and CPU 1 has it in another process.
insmod /lib/bed/hang.ko
for hits in 2 3 4 5 6 7 8; do
	taskset 3 "$EXITSTORM" run -t module -s cpuid,hlt -n 100 -r 1 --samples 0 -q --cpu 1 --set irqs=off -o "$tmp/run" \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	sleep 1
	machine_check 1 deferred
	wait $pid
	ended=$?
	{ [ $ended = 0 ] && counted $hits && rm -r "$tmp/run"; } || break
	note "the machine check came after the guest's end"
	dmesg -c >/dev/null
done
is "$ended" 1 "the run that it hits ends"
like "$(cat "$tmp/err")" "^exitstorm run: cpuid: a machine check \(#MC\) hit CPU 1 while the guest ran: the run is over, the host's log has the error: 1 of 2 storms are complete in .*/run\.partial; " \
	"in one clear line"
is "$(wc -l <"$tmp/err")" 1 "that is all"
is "$(ls "$tmp" | grep -v '^err$\|^out$')" run.partial "and keeps the storm before it, no run"
rm -rf "$tmp/run.partial"
is "$(exceptions)" "$hits" "the kernel's handler was called"
ok "and logs the machine check" logged 'Bank 4: b4'
dmesg -c >/dev/null
rmmod exitstorm

# Again: nothing is left in progress, which would shut the CPU down.
insmod /lib/bed/exitstorm.ko
taskset 3 "$EXITSTORM" run -t module -s null -n 3M -r 1 --samples 0 -q --cpu 1 -o "$tmp/run" >"$tmp/out" 2>&1 &
pid=$!
sleep 0.5
machine_check 1 corrected
wait $pid
is "$?" 0 "a corrected error, which is no exception, ends no run"
ok "and is logged" logged 'Bank 4: 94'
is "$(exceptions)" "$hits" "by the kernel's timer"
rm -rf "$tmp/run"
run taskset 3 "$EXITSTORM" run -t module -s cpuid,nmi -n 100 -r 1 --samples 0 -q --cpu 1 -o "$tmp/run"
is "$status" 0 "the next run is a good one"
rmmod exitstorm
done_testing
