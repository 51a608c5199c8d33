#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad usage of trace, option by option: one clear line, status 2, nothing written. What needs a kernel
# that traces is in tests/guest/trace_ends.t.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1

# refuses WORDS ARGUMENT...
refuses()
{
	words=$1
	shift
	fails 2 "trace $*" "$EXITSTORM" trace "$@"
	like "$err" "$words" "... $words"
}

for option in -p --pid -d --duration -i --interval -o --output --by --slow --record --buffer --openmetrics \
	--hooks --attach; do
	refuses "option '$option' needs a value" $option
done
for option in --rips --json --quiet; do
	refuses "option '$option' takes no value" $option=1
done
for pid in abc '' -5 0 1.5 0x10 99999999999 12a; do
	refuses "-p '$pid' is not the number of a process" -p "$pid"
done
for time in 0 -1 x '' nan inf 5x 1e400 '1 s'; do
	refuses "-d '$time' is not a time above 0" -d "$time"
	refuses "-i '$time' is not a time above 0" -i "$time"
	refuses "--slow '$time' is not a time above 0" --slow "$time"
done
refuses "-i is at least 0.05" -i 10ms
for size in 0 -1 x '' nan 1G 2000M 64kk; do
	refuses "--buffer '$size' is not a size" --buffer "$size"
done
refuses "--by takes vm, vcpu or all, not 'x'" --by x
refuses "--attach takes tp_btf, raw_tp or tracepoint, not 'none'" --attach none
refuses "unknown hook 'x'" --hooks x
refuses "did you mean 'kvm_exit'\?" --hooks kvm_exitt
refuses "unknown hook ''" --hooks kvm_exit,,kvm_entry
refuses "needs kvm_exit or kvm_userspace_exit" --hooks kvm_entry,sched_switch
refuses "name one folder, once" -o a --record b
refuses "name one folder, once" -o a -o a
refuses "a command stands behind '--': -- true" true
refuses "no command stands behind '--'" --
refuses "no command stands behind '--'" -d 1 --
refuses "-p and a command: one of them" -p $$ -- true

no_process=$(($(cat /proc/sys/kernel/pid_max) - 1))
while [ -e /proc/$no_process ]; do
	no_process=$((no_process - 1))
done
fails 1 "a process that there is not" "$EXITSTORM" trace -p $no_process
like "$err" "there is no process $no_process" "... is named"
is "$(find . -name '[!.]*')" "" "nothing was written"
done_testing
