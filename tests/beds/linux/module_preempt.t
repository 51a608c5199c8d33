#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: qemu-svm:6.12
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh
# On a kernel that preempts no kernel thread (preempt=none) a long run leaves its CPU to other tasks between batches,
# and the kernel finds no task that hangs, also not where the command does not read.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh
preempt=/sys/kernel/debug/sched/preempt
hung=/proc/sys/kernel/hung_task_timeout_secs
complaints()
{
	dmesg | grep -E 'soft lockup|rcu.*(stall|self-detected)|blocked for more than'
}

insmod /lib/bed/exitstorm.ko
echo none >$preempt
like "$(cat $preempt)" "\(none\)" "the kernel preempts no kernel thread"
echo 1 >/proc/sys/kernel/watchdog_thresh # a soft lockup after two seconds
begin --cpu 1
ok "a run is under way" [ "$(threads)" -ge 1 ]
ok "another task has its turn on its CPU" timeout 20 taskset 2 sh -c 'for _ in 1 2 3 4 5; do usleep 1000; done'
ok "... and every task gives up its CPU (RCU Tasks)" timeout 30 sh -c 'echo 1 >/proc/exitstorm_tasks'
sleep 2
is "$(complaints)" "" "no soft lockup, no RCU stall"
ok "the run goes on" kill -0 "$pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
echo voluntary >$preempt
echo 10 >/proc/sys/kernel/watchdog_thresh

# More records than the ring has room for, and a process that does not read them.
echo 1 >$hung
"$EXITSTORM" run -t module -s cpuid -n 40k --samples 40k -r 1 -q --vcpus 2 --cpu 1,0 -o "$tmp/stopped" >"$tmp/said" 2>&1 &
pid=$!
sleep 1
kill -STOP "$pid"
sleep 3
is "$(complaints)" "" "vCPUs that wait for room in the ring do not count as hung"
kill -CONT "$pid"
wait "$pid"
is "$?" 0 "the run is whole"
echo 120 >$hung
rmmod exitstorm
rmmod state
done_testing
