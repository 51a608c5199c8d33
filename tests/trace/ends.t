#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# How an exitstorm trace ends, on the real /dev/kvm: with its VM, its command, a signal; what is said where
# it may not be or cannot write; and that nothing of it stays.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/trace/trace.sh"
need_kvm
exits=$(dirname "$EXITSTORM")/tests/trace/exits
need_ebpf

. "$top/tests/trace/attached.sh"

# VMs
"$exits" 100000000 0 >/dev/null 2>&1 &
endless=$!
ok "a VM runs" runs $endless
run "$EXITSTORM" trace -p $endless -d 1
isnt "$(count KVM_EXIT_IO)" "" "-p: a VM that runs already"
like "$out" "vCPU" "... is traced"

# Signals. A shell has what it starts in the background ignore SIGINT: perl gives it back.
for signal in INT TERM HUP; do
	perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$EXITSTORM" trace -p $endless -i 0.2 \
		--record "$tmp/$signal" >"$tmp/out" 2>"$tmp/err" &
	trace=$!
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		! grep -q KVM_EXIT_IO "$tmp/out" || break
		sleep 0.5
	done
	kill -$signal $trace
	wait $trace
	is "$?" 0 "SIG$signal ends a trace, well"
	like "$(cat "$tmp/out")" "in all; hooks:" "... with the table of all"
	ok "... and a run that is whole" "$EXITSTORM" show "$tmp/$signal"
	is "$(cat "$tmp/err")" "" "... and nothing to complain of"
done

# nohup, and a reader that goes away.
sh -c 'trap "" HUP; exec "$@"' sh "$EXITSTORM" trace -p $endless -d 2 -o "$tmp/nohup" >"$tmp/out" 2>&1 &
trace=$!
sleep 1
kill -HUP $trace
wait $trace
is "$?" 0 "an ignored SIGHUP does not end a trace"
ok "... which is written at its end" "$EXITSTORM" show "$tmp/nohup"
{ timeout -s KILL 60 "$EXITSTORM" trace -p $endless -i 0.2 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -1 >/dev/null
is "$(cat "$tmp/status"):$(cat "$tmp/err")" "141:" "a trace ends silently when its output is closed"
{ "$EXITSTORM" trace -p $endless -i 0.2 -d 2 -o "$tmp/unread" 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -1 >/dev/null
is "$(cat "$tmp/status"):$(cat "$tmp/err")" "141:" "... with --output after its run is written"
ok "... which is whole" "$EXITSTORM" show "$tmp/unread"

"$EXITSTORM" trace -p $endless >"$tmp/out" 2>"$tmp/err" &
trace=$!
for try in $(seq 100); do
	[ "$(ids $trace link | wc -l)" -lt 4 ] || break
	sleep 0.2
done
sleep 1
kill -9 $endless
wait $trace
is "$?" 0 "a VM that is killed ends the trace of it"
out=$(cat "$tmp/out")
isnt "$(count KVM_EXIT_IO)" "" "... which has its figures"
run "$EXITSTORM" trace -- sh -c '. "$2"; "$1" 100000000 0 & runs $!; kill -9 $!; "$1" 4000 0' sh "$exits" \
	"$top/tests/trace/trace.sh"
like "$(count KVM_EXIT_IO)" "^([0-9]+ 4000|4000 [0-9]+)$" "a VM that is killed in mid-trace, and the next"

# COMMAND
run "$EXITSTORM" trace -d 1 -- sleep 30
is "$status" 0 "-d ends COMMAND, too"
fails 1 "a COMMAND that is not there" "$EXITSTORM" trace -- /no/such
like "$err" "cannot run /no/such: No such file" "... in words"
fails 1 "a COMMAND that may not be run" "$EXITSTORM" trace -- /etc/passwd
like "$err" "cannot run /etc/passwd: Permission denied" "... in words"
run "$EXITSTORM" trace -o "$tmp/failed" -- sh -c '"$1" 500 0; exit 3' sh "$exits"
is "$status" 1 "a COMMAND that fails is a failure"
like "$err" "^exitstorm trace: sh has failed: status 3$" "... in words"
is "$(count KVM_EXIT_IO)" 500 "... whose trace is whole"
ok "... and kept" "$EXITSTORM" show "$tmp/failed"
fails 1 "a COMMAND that is killed, too" "$EXITSTORM" trace -q -- sh -c 'kill -9 $$'
like "$err" "^exitstorm trace: sh was killed: Killed$" "... in words"

# Where it cannot write.
mkdir "$tmp/there" && : >"$tmp/there/x"
for option in -o --record; do
	fails 1 "$option to a folder that is not empty" "$EXITSTORM" trace -d 0.1 $option "$tmp/there"
	like "$err" "there" "... is named"
	fails 1 "$option where nothing can be made" "$EXITSTORM" trace -d 0.1 $option /proc/no/run
done
is "$(ls -A "$tmp/there")" x "... what was there is as it was"
touch "$tmp/began"
fails 1 "--openmetrics where nothing can be made" "$EXITSTORM" trace --openmetrics /no/such/file -- rm "$tmp/began"
like "$err" "/no/such/file: No such file or directory" "... is named"
ok "... before COMMAND is run" test -e "$tmp/began"
"$EXITSTORM" trace -d 0.1 >/dev/full 2>"$tmp/err"
is "$?" 1 "a full disk under stdout is a failure"
like "$(cat "$tmp/err")" "No space left on device" "... in words"

# In a mount namespace of its own: away when that is. $1: where.
cat >"$tmp/small_disk" <<'END'
mount -t tmpfs -o size=200k tmpfs "$1" || exit 9
"$2" trace --record "$1/run" -- "$3" 50000 0
status=$?
ls -A "$1" >"$1.left"
exit $status
END
if unshare -m true 2>/dev/null; then
	mkdir "$tmp/disk"
	run unshare -m sh "$tmp/small_disk" "$tmp/disk" "$EXITSTORM" "$exits"
	is "$status" 1 "--record on a disk that gets full is a failure"
	like "$(printf '%s\n' "$err" | grep '^exitstorm')" "No space left on device" "... in words"
	is "$(cat "$tmp/disk.left")" "" "... and nothing is left there"
else
	skip "no mount namespace may be made here" "a full disk"
fi

# Nothing stays.
for way in tp_btf raw_tp; do
	attach $way
	is "$?" 0 "$way: a trace is attached ($(echo $programs), $(echo $links))"
	kill_it
	is "$(left)" "" "... killed: nothing of it stays"
done
# At its end it detaches before anything else: here what it has to say, more than it would keep back,
# finds a pipe that is full.
mkfifo "$tmp/full"
exec 3<>"$tmp/full"
head -c 65536 /dev/zero >&3
"$EXITSTORM" trace --json -d 3 -- "$exits" 1000000 0 8 >&3 2>/dev/null &
trace=$!
seen=
for try in $(seq 60); do
	sleep 0.3
	links=$(ids $trace link)
	[ -z "$links" ] || seen=$links
	[ -z "$seen" ] || [ -n "$links" ] || break
done
isnt "$seen" "" "a trace is attached"
is "$links" "" "... and no more when it tells what it saw"
ok "... which it does still" kill -0 $trace
kill -9 $trace
wait $trace 2>/dev/null
exec 3>&-
# That this would be seen: with one of its links pinned, that and its program stay.
cat >"$tmp/pinned" <<'END'
. "$1"
mount -t bpf bpf "$2" || exit 9
attach tp_btf
bpftool link pin id "$(printf '%s\n' $links | tail -n 1)" "$2/link" || exit 9
kill_it
left
rm "$2/link"
echo "then:$(left)"
END
if unshare -m true 2>/dev/null; then
	mkdir "$tmp/bpf"
	is "$(unshare -m sh "$tmp/pinned" "$top/tests/trace/attached.sh" "$tmp/bpf" 2>&1)" " program link
then:" "... with a link pinned on purpose it and its program are seen to stay, until it goes"
else
	skip "no mount namespace may be made here" "a pinned link"
fi

# Who may. COMMAND would need /dev/kvm: so a VM of ours, seen by another.
fails 1 "a seccomp filter that forbids bpf(2)" "$(dirname "$exits")/no_bpf" "$EXITSTORM" trace -d 0.1
like "$err" "a container's seccomp filter or security module forbids bpf\(2\)" "... is named as what it may be"
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	cp "$EXITSTORM" "$tmp/exitstorm" # the tree may be closed to others
	user="setpriv --reuid 65534 --clear-groups"
	fails 1 "a user" $user "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_BPF and CAP_PERFMON are missing" "... is told what is missing"
	fails 1 "with CAP_BPF alone" $user --inh-caps +bpf --ambient-caps +bpf "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_PERFMON is missing" "... what is still missing"
	fails 1 "with CAP_PERFMON alone" $user --inh-caps +perfmon --ambient-caps +perfmon \
		"$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_BPF is missing" "... what is still missing"
	"$exits" 100000000 0 >/dev/null 2>&1 &
	seen=$!
	ok "a VM runs" runs $seen
	both="--inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon"
	# Without CAP_SYS_RESOURCE the limit cannot be raised.
	run $user $both sh -c "ulimit -l 0; exec '$tmp/exitstorm' trace -d 1"
	is "$status" 0 "with both it works, and without locked memory"
	isnt "$(count KVM_EXIT_IO)" "" "... and sees exits"
	fails 1 "with both, by trace events that others may not read" $user $both \
		"$tmp/exitstorm" trace -d 0.1 --attach tracepoint
	like "$err" "tracefs" "... is told so"
	kill $seen
else
	skip "no setpriv, or not root" "capabilities"
fi
done_testing
