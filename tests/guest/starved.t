#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
#
# A vCPU whose thread gets no CPU for longer than the timeout of a guest that hangs has not hung. The thread has the
# policy SCHED_IDLE here, beside a loop at the highest priority that is not real-time on the same CPU.
. "$(dirname "$0")/../lib.sh"
need_kvm
[ "$(id -u)" = 0 ] || skip_all "not root: no nice -20 to be had"
load='' measured=''
trap 'code=$?; [ -z "$load$measured" ] || kill -9 $load $measured; (exit $code); tap_end' EXIT
cpu=$(taskset -cp $$ | sed 's/.*[:,-] *//')

# The id of the run's second thread.
vcpu_thread()
{
	for _ in $(seq 500); do
		for task in "/proc/$measured/task/"*; do
			[ "${task##*/}" = "$measured" ] || { echo "${task##*/}"; return; }
		done
		sleep 0.02
	done
}

# CPU time of the thread in ticks of 10 ms; nothing after its end.
ticks()
{
	awk '{print $14 + $15}' "/proc/$measured/task/$thread/stat" 2>/dev/null
}

# More operations than there is time for.
"$EXITSTORM" run -t kvm -s pio_out -n 1G -r 1 --warmup 0 --cpu "$cpu" -q -o "$tmp/run" >"$tmp/out" 2>&1 &
measured=$!
for _ in 1 2; do
	thread=$(vcpu_thread) # the first one may be that of a trial
	sleep 0.5
done
ok "a vCPU's thread gets what others leave" chrt -i -p 0 "$thread"
before=$(ticks)
taskset -c "$cpu" nice -n -20 sh -c 'while :; do :; done' &
load=$!
sleep 4
after=$(ticks)
kill -9 $load
wait $load 2>/dev/null
load=''
ok "... which is under half a second in four" test "$((after - before))" -lt 50
ok "... until the load ends" chrt -o -p 0 "$thread"
for _ in $(seq 200); do
	now=$(ticks)
	[ "${now:-0}" -lt "$((after + 30))" ] || break
	sleep 0.05
done
ok "... and its storm goes on" test "${now:-0}" -ge "$((after + 30))"
kill -TERM $measured
wait $measured
like "$(cat "$tmp/out")" "interrupted: no run was written" "... for as long as it may"
measured=''
done_testing
