#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm bochs-vmx qemu-svm:6.12
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/hold
# rmmod in mid-run: ends the guest, leaves VMX or SVM, frees all; and who still has the device open, or comes just
# then, meets an error and nothing else.
. "$(dirname "$0")/../../lib.sh"
storm="-t module -s cpuid -r 1 -q --samples 0"
threads()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/'
}
centiseconds()
{
	tr -d . </proc/uptime | cut -d' ' -f1
}
until_run()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(threads)" = 0 ] || break
		sleep 0.1
	done
}

insmod /lib/bed/state.ko
cat /proc/exitstorm_state >"$tmp/before"
same()
{
	cat /proc/exitstorm_state >"$tmp/after"
	is "$(diff "$tmp/before" "$tmp/after")" "" "every CPU's state is as it was"
}

insmod /lib/bed/exitstorm.ko
# shellcheck disable=SC2086
"$EXITSTORM" run $storm -n 100M -o "$tmp/long" >"$tmp/out" 2>"$tmp/said" &
pid=$!
until_run
ok "a run is under way" [ "$(threads)" -ge 1 ]
began=$(centiseconds)
ok "rmmod ends it" rmmod exitstorm
took=$(($(centiseconds) - began))
# It takes two grace periods, of a quarter of a second on a quiet machine.
ok "within seconds ($took/100)" [ "$took" -le 1000 ]
nok "the device is gone" [ -e /dev/exitstorm ]
is "$(threads)" 0 "and every thread"
wait "$pid"
is "$?" 1 "the command fails"
is "$(cat "$tmp/said")" "exitstorm run: module was taken away in mid-run (rmmod): no run was left" "and says why in one line"
is "$(cat "$tmp/out")" "" "and nothing else"
is "$(ls -d "$tmp"/long* 2>/dev/null)" "" "nothing half written is left"
same
ok "it can be loaded again" insmod /lib/bed/exitstorm.ko

mkfifo "$tmp/go"
hold <"$tmp/go" >"$tmp/held" 2>&1 &
pid=$!
exec 9>"$tmp/go"
until_run
ok "a process has a run and waits" [ "$(threads)" -ge 1 ]
ok "rmmod while it has the device open" rmmod exitstorm
is "$(threads)" 0 "ends the run"
insmod /lib/bed/exitstorm.ko
ok "and can be loaded again meanwhile" [ -e /dev/exitstorm ]
exec 9>&-
wait "$pid"
is "$?" 0 "the process lives on, and one that inherits from it"
for who in child parent; do
	for call in info start stop wait; do
		like "$(cat "$tmp/held")" "^$who $call: (Inappropriate|Not a tty)" "its calls are errors: $who, $call"
	done
	like "$(cat "$tmp/held")" "^$who ring: over, a frame is there" "$who: the ring can still be read"
	like "$(cat "$tmp/held")" "^$who close: done" "$who: closes it"
done
# shellcheck disable=SC2086
run "$EXITSTORM" run $storm -n 100 -o "$tmp/then"
is "$status" 0 "the module that was loaded meanwhile runs"
rmmod exitstorm
same

# In a session of its own: so that all of it can be ended.
rounds=5
[ "$EXITSTORM_BED" != bochs-vmx ] || rounds=1
setsid hold 120 &
hammer=$!
good=0
while [ "$good" -lt "$rounds" ]; do
	insmod /lib/bed/exitstorm.ko || break
	usleep $(($(od -An -N2 -tu2 /dev/urandom) * 8))
	rmmod exitstorm || break
	[ "$(threads)" = 0 ] || break
	good=$((good + 1))
done
is "$good" "$rounds" "$rounds rounds of rmmod at any moment, while others open, start, map, wait and close"
kill -KILL "-$hammer"
same
insmod /lib/bed/exitstorm.ko
# shellcheck disable=SC2086
run "$EXITSTORM" run $storm -n 100 -o "$tmp/last"
is "$status" 0 "afterwards it runs"
rmmod exitstorm
rmmod state
done_testing
