#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# export --perfetto: the form of the trace-event JSON, and events that agree with the records.
. "$(dirname "$0")/../lib.sh"

find_python numpy json || skip_all "no python3 with numpy"
fails 2 "two forms and no run" "$EXITSTORM" export --perfetto
fails 2 "an unknown storm" "$EXITSTORM" export "$top/tests/data/run" --perfetto -s nothing

# check RUN: prints "good", or the difference between the events and the records.
check()
{
	"$EXITSTORM" export "$1" --perfetto >"$tmp/trace.json" || return 1
	"$python" "$top/tests/cli/perfetto.py" "$1" "$tmp/trace.json"
}

is "$(check "$top/tests/data/run" 2>&1)" good "the fixture"
is "$(check "$top/results/reference/bochs-haswell" 2>&1)" good "a run in an emulator: a tick is shown as 1 us"
is "$(check "$top/results/reference/kvm-cpl0" 2>&1)" good "a real run with guest_visit legs"
if have_kvm; then
	"$EXITSTORM" run -q -s pio_out,hlt,syscall,kvm_run_immediate -n 300 -r 2 --vcpus 2 -o "$tmp/run" >/dev/null 2>&1
	is "$(check "$tmp/run" 2>&1)" good "two vCPUs"
	if "$EXITSTORM" run -q -s pio_out,hlt -n 300 -r 2 --set ebpf=on -o "$tmp/ebpf" >/dev/null 2>"$tmp/err"; then
		is "$(check "$tmp/ebpf" 2>&1)" good "with the kernel's stamps"
	else
		skip "no eBPF here" "with the kernel's stamps"
	fi
fi
"$EXITSTORM" export "$top/tests/data/run" --perfetto >/dev/full 2>"$tmp/err"
is "$?:$(wc -l <"$tmp/err")" 1:1 "a full disk is reported in one line"
done_testing
