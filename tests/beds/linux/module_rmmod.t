#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/hold
# An open file holds the module: rmmod fails and the run goes on. Its last close, also by exit or a kill, ends the
# run, and rmmod leaves VMX or SVM and frees everything.
. "$(dirname "$0")/../../lib.sh"
storm="-t module -s cpuid -r 1 -q --samples 0"
threads()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/'
}
refused()
{
	run rmmod exitstorm
	isnt "$status" 0 "rmmod is refused: $1"
	like "$err" "in use|temporarily unavailable" "... as long as the module is in use"
	ok "... and the run goes on" [ "$(threads)" -ge 1 ]
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
	is "$(diff "$tmp/before" "$tmp/after")" "" "every CPU's state is unchanged"
}

insmod /lib/bed/exitstorm.ko
# shellcheck disable=SC2086
"$EXITSTORM" run $storm -n 100M -o "$tmp/long" >"$tmp/out" 2>"$tmp/said" &
pid=$!
until_run
ok "a run is under way" [ "$(threads)" -ge 1 ]
refused "a command has the device open"
ok "the command runs, too" kill -0 "$pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
is "$(threads)" 0 "kill -9 ends guest and threads"
is "$(ls -d "$tmp"/long* 2>/dev/null)" "" "no temporary folder is left"
ok "then rmmod works" rmmod exitstorm
nok "the device is gone" [ -e /dev/exitstorm ]
same
ok "it can be loaded again" insmod /lib/bed/exitstorm.ko

mkfifo "$tmp/go"
hold <"$tmp/go" >"$tmp/held" 2>&1 &
pid=$!
exec 9>"$tmp/go"
until_run
ok "a process has a run, and a child that inherits the file" [ "$(threads)" -ge 1 ]
step()
{
	echo >&9
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q "$1" "$tmp/held" && break
		sleep 0.1
	done
	is "$(tail -n 1 "$tmp/held")" "$1" "... $2"
}
refused "both have it open"
step closed "the parent closes it"
refused "the child has it open, the parent has the ring mapped"
step unmapped "the parent unmaps the ring"
refused "the child has both"
step killed "the child is killed"
is "$(threads)" 0 "closing the last reference ends the run"
ok "rmmod works, though the parent still lives" rmmod exitstorm
same
exec 9>&-
wait "$pid"
is "$?" 0 "the parent exits with 0"
insmod /lib/bed/exitstorm.ko
# shellcheck disable=SC2086
run "$EXITSTORM" run $storm -n 100 -o "$tmp/then"
is "$status" 0 "the module that was loaded again makes a run"
rmmod exitstorm
same

# In a session of its own, so that all its processes can be killed.
rounds=5
[ "$EXITSTORM_BED" != bochs-vmx ] || rounds=1
setsid hold 120 &
hammer=$!
good=0 tries=0
while [ "$good" -lt "$rounds" ]; do
	insmod /lib/bed/exitstorm.ko || break
	usleep $(($(od -An -N2 -tu2 /dev/urandom) * 8))
	until rmmod exitstorm 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || break 2
		usleep 10000
	done
	[ "$(threads)" = 0 ] || break
	good=$((good + 1))
done
is "$good" "$rounds" "$rounds rounds of rmmod at random times, while processes open, start, map, wait and close"
note "refused $tries times"
kill -KILL "-$hammer"
same
insmod /lib/bed/exitstorm.ko
# shellcheck disable=SC2086
run "$EXITSTORM" run $storm -n 100 -o "$tmp/last"
is "$status" 0 "afterwards it makes a run"
rmmod exitstorm
rmmod state
done_testing
