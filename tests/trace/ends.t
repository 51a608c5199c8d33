#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
# The end of an exitstorm trace on the real /dev/kvm: with its VM, its command, a signal. Errors without
# permission and without space. No eBPF program or link remains.
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

# Signals. A shell starts background commands with SIGINT ignored: perl resets that.
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
	is "$?" 0 "SIG$signal ends a trace with status 0"
	like "$(cat "$tmp/out")" "in all; hooks:" "... with the whole table"
	ok "... and a whole run" "$EXITSTORM" show "$tmp/$signal"
	is "$(cat "$tmp/err")" "" "... and no message"
done

# nohup, and a reader that closes the pipe.
sh -c 'trap "" HUP; exec "$@"' sh "$EXITSTORM" trace -p $endless -d 2 -o "$tmp/nohup" >"$tmp/out" 2>&1 &
trace=$!
sleep 1
kill -HUP $trace
wait $trace
is "$?" 0 "an ignored SIGHUP does not end a trace"
ok "... which writes its run" "$EXITSTORM" show "$tmp/nohup"
{ timeout -s KILL 60 "$EXITSTORM" trace -p $endless -i 0.2 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -1 >/dev/null
is "$(cat "$tmp/status"):$(cat "$tmp/err")" "141:" "a trace ends silently when its output is closed"
{ "$EXITSTORM" trace -p $endless -i 0.2 -d 2 -o "$tmp/unread" 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -1 >/dev/null
is "$(cat "$tmp/status"):$(cat "$tmp/err")" "141:" "... with --output after its run is written"
ok "... a whole one" "$EXITSTORM" show "$tmp/unread"

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
isnt "$(count KVM_EXIT_IO)" "" "... which prints its figures"
run "$EXITSTORM" trace -- sh -c '. "$2"; "$1" 100000000 0 & runs $!; kill -9 $!; "$1" 4000 0' sh "$exits" \
	"$top/tests/trace/trace.sh"
like "$(count KVM_EXIT_IO)" "^([0-9]+ 4000|4000 [0-9]+)$" "a VM that is killed in mid-trace, and the next"

# COMMAND
run "$EXITSTORM" trace -d 1 -- sleep 30
is "$status" 0 "the end of -d ends COMMAND, too"
fails 1 "a COMMAND that is not there" "$EXITSTORM" trace -- /no/such
like "$err" "cannot run /no/such: No such file" "... with the reason"
fails 1 "a COMMAND that may not be run" "$EXITSTORM" trace -- /etc/passwd
like "$err" "cannot run /etc/passwd: Permission denied" "... with the reason"
run "$EXITSTORM" trace -o "$tmp/failed" -- sh -c '"$1" 500 0; exit 3' sh "$exits"
is "$status" 1 "a COMMAND that fails is a failure"
like "$err" "^exitstorm trace: sh has failed: status 3$" "... with the reason"
is "$(count KVM_EXIT_IO)" 500 "... but its trace is whole"
ok "... and written" "$EXITSTORM" show "$tmp/failed"
fails 1 "a COMMAND that is killed is a failure" "$EXITSTORM" trace -q -- sh -c 'kill -9 $$'
like "$err" "^exitstorm trace: sh was killed: Killed$" "... with the reason"

# Files that cannot be written.
mkdir "$tmp/there" && : >"$tmp/there/x"
for option in -o --record; do
	fails 1 "$option to a folder that is not empty" "$EXITSTORM" trace -d 0.1 $option "$tmp/there"
	like "$err" "there" "... names the folder"
	fails 1 "$option where nothing can be made" "$EXITSTORM" trace -d 0.1 $option /proc/no/run
done
is "$(ls -A "$tmp/there")" x "... which stays unchanged"
touch "$tmp/began"
fails 1 "--openmetrics where nothing can be made" "$EXITSTORM" trace --openmetrics /no/such/file -- rm "$tmp/began"
like "$err" "/no/such/file: No such file or directory" "... names the file"
ok "... before COMMAND runs" test -e "$tmp/began"
"$EXITSTORM" trace -d 0.1 >/dev/full 2>"$tmp/err"
is "$?" 1 "a full disk under stdout is a failure"
like "$(cat "$tmp/err")" "No space left on device" "... with the reason"

# In a mount namespace of its own, which takes the mount along when it ends. $1: the mount point.
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
	is "$status" 1 "--record on a disk that fills up fails"
	like "$(printf '%s\n' "$err" | grep '^exitstorm')" "No space left on device" "... with the reason"
	is "$(cat "$tmp/disk.left")" "" "... and leaves no file"
else
	skip "no mount namespace may be made here" "a full disk"
fi

# No program or link remains.
for way in tp_btf raw_tp; do
	attach $way
	is "$?" 0 "$way: a trace is attached ($(echo $programs), $(echo $links))"
	kill_it
	is "$(left)" "" "... killed: no program or link remains"
done
# It detaches before it prints: here its output blocks on a full pipe.
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
is "$links" "" "... and detached while it prints"
ok "... which has not ended" kill -0 $trace
kill -9 $trace
wait $trace 2>/dev/null
exec 3>&-
# The check sees a link that remains: one that is pinned, with its program.
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
then:" "... a pinned link and its program are seen until it is unlinked"
else
	skip "no mount namespace may be made here" "a pinned link"
fi

# Permissions. COMMAND would need /dev/kvm, so another user traces a VM of ours.
fails 1 "a seccomp filter that forbids bpf(2)" "$(dirname "$exits")/no_bpf" "$EXITSTORM" trace -d 0.1
like "$err" "even bpf\(2\) on no map is refused .*a container's seccomp filter or security module forbids bpf\(2\)" \
	"... is named as the cause, with the step that was tried"
run "$(dirname "$exits")/no_bpf" "$EXITSTORM" run -s null -n 10 -r 1 --set ebpf=on -o "$tmp/no_bpf"
like "$(printf %s "$out" | tr -s "\n " " ")" "ebpf=on: loading the programs: Operation not permitted: even bpf\(2\)" \
	"... by ebpf=on, too"
for files in 5 8 10 14; do
	fails 1 "$files files may be open" sh -c 'ulimit -n $1; exec "$2" trace -d 0.1' sh $files "$EXITSTORM"
	like "$err" "Too many open files: this process may have $files files open \(ulimit -n\)" "... is named as the cause"
done
# hidden PATH COMMAND...: with a folder that is empty.
cat >"$tmp/hidden" <<'END'
mount -t tmpfs none "$1" || exit 9
shift
exec "$@"
END
if unshare -m true 2>/dev/null; then
	fails 1 "no BTF" unshare -m sh "$tmp/hidden" /sys/kernel/btf "$EXITSTORM" trace -d 0.1
	like "$err" "there is no BTF.*/sys/kernel/btf/vmlinux: No such file or directory" "... is named as the cause"
	run unshare -m sh "$tmp/hidden" /sys/kernel/btf "$EXITSTORM" run -s pio_out -n 100 -r 1 --set ebpf=on -o "$tmp/nobtf"
	is "$status" 0 "... which ebpf=on does not need"
	like "$out" "^pio_out( +[0-9,]+){5}$" "... for its legs"
	fails 1 "an empty /sys" unshare -m sh "$tmp/hidden" /sys "$EXITSTORM" trace -d 0.1
	like "$err" "/sys is not mounted here, or hidden" "... is named as the cause"
else
	skip "no mount namespace may be made here" "no BTF, no /sys"
fi
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	cp "$EXITSTORM" "$tmp/exitstorm" # other users may not read the tree
	user="setpriv --reuid 65534 --clear-groups"
	fails 1 "a user without capabilities" $user "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_BPF and CAP_PERFMON are missing" "... names the missing ones"
	fails 1 "with CAP_BPF alone" $user --inh-caps +bpf --ambient-caps +bpf "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_PERFMON is missing" "... names the missing one"
	fails 1 "with CAP_PERFMON alone" $user --inh-caps +perfmon --ambient-caps +perfmon \
		"$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_BPF is missing" "... names the missing one"
	"$exits" 100000000 0 >/dev/null 2>&1 &
	seen=$!
	ok "a VM runs" runs $seen
	both="--inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon"
	# Without CAP_SYS_RESOURCE the limit of locked memory cannot be raised.
	run $user $both sh -c "ulimit -l 0; exec '$tmp/exitstorm' trace -d 1"
	is "$status" 0 "with both it works, also with no locked memory allowed"
	isnt "$(count KVM_EXIT_IO)" "" "... and sees exits"
	fails 1 "with both, but no permission to read trace events" $user $both \
		"$tmp/exitstorm" trace -d 0.1 --attach tracepoint
	like "$err" "tracefs" "... names tracefs"
	kill $seen
else
	skip "no setpriv, or not root" "capabilities"
fi
done_testing
