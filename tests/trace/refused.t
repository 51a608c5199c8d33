#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
# Refusals of the kernel are explained by what was tried and what came back. Calls are refused by strace, as a
# seccomp filter or a security module would.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/trace/trace.sh"
need_kvm
need_ebpf

if strace -o /dev/null true 2>/dev/null; then
	# counted ERRNO [COMMAND...]: run with a counter whose perf_event_open() fails
	counted()
	{
		rm -rf "$tmp/r"
		run strace -f -o "$tmp/calls" -e trace=perf_event_open -e "inject=perf_event_open:error=$1" \
			"$EXITSTORM" run -t kvm -s null -n 100 -r 1 --set counters=page-faults -q -o "$tmp/r"
		said=$(grep -o '"why": "[^"]*"' "$tmp/r/run.json" | sort -u)
	}
	for error in EPERM EACCES; do
		counted $error
		is "$status" 0 "perf_event_open: $error"
		if [ "$(id -u)" = 0 ]; then
			like "$said" 'not allowed although .* forbids perf_event_open\(2\)"$' "... though it is allowed: who forbids it"
		else
			like "$said" 'not allowed( although|: it takes CAP_PERFMON)' "... what is missing"
		fi
	done
	counted ENOSYS
	like "$said" 'perf_event_open\(2\) is not there: .* hides it, or this kernel has none"$' "perf_event_open: ENOSYS"
	counted EMFILE
	like "$said" 'too many open files \(ulimit -n\)"$' "perf_event_open: EMFILE"
	for error in EPERM EACCES; do
		run strace -f -o "$tmp/calls" -e trace=bpf -e inject=bpf:error=$error "$EXITSTORM" trace -d 0.1
		like "$status:$err" "^1:.*even bpf\(2\) on no map is refused .*: .*a security module.* forbids bpf\(2\)$" "bpf: $error"
	done
	run strace -f -o "$tmp/calls" -e trace=bpf -e inject=bpf:error=ENOSYS "$EXITSTORM" trace -d 0.1
	like "$status:$err" "^1:.*\(Function not implemented\): .* hides bpf\(2\), or this kernel has none$" "bpf: ENOSYS"
else
	skip "no strace here" "calls that are refused"
fi

# root of a rootless container has all capabilities, of its user namespace.
if unshare -U -r true 2>/dev/null; then
	run unshare -U -r "$EXITSTORM" trace -d 0.1
	like "$status:$err" "^1:.*: this process is in a user namespace \(a rootless container\)" "trace in a user namespace"
	run unshare -U -r "$EXITSTORM" run -t kvm -s null -n 100 -r 1 --set counters=page-faults -q -o "$tmp/u"
	is "$status" 0 "run in a user namespace"
else
	skip "no user namespace can be made here" "a rootless container"
fi

# KVM_RUN that fails once: the storm has failed, which is not that it cannot run here.
if strace -o /dev/null true 2>/dev/null; then
	failed=0 others=''
	for number in 20 120 200 300 450; do # of a thread: the first one has under 100
		rm -rf "$tmp/f"
		run strace -f -o "$tmp/calls" -e trace=ioctl -e inject=ioctl:error=EIO:when=$number \
			"$EXITSTORM" run -t kvm -s pio_out -n 100 -r 2 -q -o "$tmp/f"
		case "$(grep -c 'KVM_RUN.*INJECTED' "$tmp/calls"):$status:$err:$(grep -o '"status": "[a-z]*"' "$tmp/f/run.json" 2>/dev/null)" in
		0:*) ;;
		*:1:*"the trial of a VM at CPL"*"Input/output error"*: | *:1:*"storm failed"*failed*) failed=$((failed + 1)) ;;
		*) others="$others $number: $status $err $(grep '"status"' "$tmp/f/run.json")" ;;
		esac
	done
	is "$others" "" "KVM_RUN fails: no storm is said to be skipped"
	ok "... but failed ($failed of 5)" test "$failed" -gt 1
else
	skip "no strace here" "KVM_RUN that fails"
fi

# --openmetrics does not wait for a FIFO's reader.
mkfifo "$tmp/fifo"
fails 1 "a FIFO that no process reads" "$EXITSTORM" trace -d 0.2 -q --openmetrics "$tmp/fifo"
like "$err" "^exitstorm trace: .*/fifo: is a FIFO that no process reads$" "... in words"
cat "$tmp/fifo" >"$tmp/got" &
run timeout 60 "$EXITSTORM" trace -d 0.5 -i 0.2 -q --openmetrics "$tmp/fifo"
wait $!
like "$(cat "$tmp/got")" "^exitstorm_trace_running" "one that is read gets the metrics"
like "$err" "fifo: is a FIFO that no process reads \(the trace goes on\)$" "... and the trace does not wait when its reader has ended"
done_testing
