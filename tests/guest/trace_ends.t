#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# How an exitstorm trace ends, on the real /dev/kvm: with its VM, its command, a signal; what is said where
# it may not be or cannot write; and that nothing of it stays.
. "$(dirname "$0")/../lib.sh"
need_kvm
exits=$(dirname "$EXITSTORM")/tests/trace/exits
run "$EXITSTORM" trace -d 0.1 -q
case $err in
*"without eBPF"*) skip_all "no eBPF: built without clang, bpftool or libbpf" ;;
*CAP_BPF* | *"refuses eBPF"*) skip_all "no eBPF: $err" ;;
esac

# count REASON: what the table says of it, all of its lines.
count()
{
	printf '%s\n' "$out" | awk -v reason="$1" '$1 == reason { print $2 }' | tr '\n' ' ' | sed 's/ $//'
}

# Ends
"$exits" 100000000 0 >/dev/null 2>&1 &
endless=$!
run "$EXITSTORM" trace -p $endless -d 1
isnt "$(count KVM_EXIT_IO)" "" "-p: a VM that runs already"
like "$out" "vCPU" "... is traced"
(sleep 3; kill -9 $endless) &
run timeout 30 "$EXITSTORM" trace -p $endless
is "$status" 0 "a VM that is killed ends the trace of it"
isnt "$(count KVM_EXIT_IO)" "" "... which has its figures"
run "$EXITSTORM" trace -- sh -c '"$1" 100000000 0 & sleep 1; kill -9 $!; "$1" 4000 0' sh "$exits"
like "$(count KVM_EXIT_IO)" "^([0-9]+ 4000|4000 [0-9]+)$" "a VM that is killed in mid-trace, and the next"
run "$EXITSTORM" trace -d 1 -- sleep 30
is "$status" 0 "-d ends COMMAND, too"
fails 1 "a COMMAND that is not there" "$EXITSTORM" trace -- /no/such
like "$err" "cannot run /no/such: No such file" "... in words"

# Programs of this trace: the kernel's numbers of them.
programs()
{
	sed -n 's/^prog_id:[[:space:]]*//p' /proc/"$1"/fdinfo/* 2>/dev/null | sort -u
}
PATH=$PATH:/usr/sbin:/sbin
"$EXITSTORM" trace -d 60 >/dev/null 2>&1 &
trace=$!
for try in 1 2 3 4 5 6 7 8 9 10; do
	sleep 0.5
	attached=$(programs $trace)
	[ -z "$attached" ] || break
done
isnt "$attached" "" "the trace's programs are loaded (try $try)"
kill -9 $trace
wait $trace 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do
	left=
	for id in $attached; do
		! bpftool prog show id "$id" >/dev/null 2>&1 || left="$left $id"
	done
	[ -n "$left" ] || break
	sleep 0.3
done
is "$left" "" "kill -9: none of them stays"

# Who may. COMMAND would need /dev/kvm: so a VM of ours, seen by another.
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	cp "$EXITSTORM" "$tmp/exitstorm" # the tree may be closed to others
	fails 1 "a user" setpriv --reuid 65534 --clear-groups "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_BPF and CAP_PERFMON are missing" "... is told what is missing"
	fails 1 "with CAP_BPF alone" setpriv --reuid 65534 --clear-groups --inh-caps +bpf \
		--ambient-caps +bpf "$tmp/exitstorm" trace -d 0.1
	like "$err" "CAP_PERFMON is missing" "... what is still missing"
	"$exits" 100000 0 >/dev/null 2>&1 &
	run setpriv --reuid 65534 --clear-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon \
		sh -c "ulimit -l 0; exec '$tmp/exitstorm' trace -d 1"
	is "$status" 0 "with both it works, and without locked memory"
	isnt "$(count KVM_EXIT_IO)" "" "... and sees exits"
else
	skip "no setpriv, or not root" "capabilities"
fi
done_testing
