#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others, one at a time
# Bad usage of each option of trace: one line on stderr, status 2, no file. Errors of a trace that has begun are
# in tests/trace/ends.t.
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
	refuses "-p: '$pid' is not a number from 1 to 2147483647" -p "$pid"
done
for time in 0 -1 x '' nan inf 5x 1e400 '1 s'; do
	refuses "-d: '$time' is not a time above 0" -d "$time"
	refuses "--interval: '$time' is not a time from 0.05 s on" --interval "$time"
	refuses "--slow: '$time' is not a time above 0" --slow "$time"
done
refuses "-i: '10ms' is not a time from 0.05 s on" -i 10ms
for size in 0 -1 x '' nan 2G 2000M 64kk; do
	refuses "--buffer: '$size' is not a size from 1 to 1073741824 bytes" --buffer "$size"
done
refuses "--by: unknown 'x'; there are vm, vcpu, all" --by x
refuses "--attach: unknown 'none'; there are tp_btf, raw_tp, tracepoint" --attach none
refuses "--hooks: unknown 'x'; there are kvm_exit, kvm_entry" --hooks x
refuses "did you mean 'kvm_exit'\?" --hooks kvm_exitt
refuses "--hooks: unknown ''" --hooks kvm_exit,,kvm_entry
refuses "needs kvm_exit or kvm_userspace_exit" --hooks kvm_entry,sched_switch
refuses "--output and --record exclude each other" -o a --record b
refuses "a command must follow '--': -- true" true
refuses "no command follows '--'" --
refuses "no command follows '--'" -d 1 --
refuses "--pid and a command exclude each other" -p $$ -- true

no_process=$(($(cat /proc/sys/kernel/pid_max) - 1))
while [ -e /proc/$no_process ]; do
	no_process=$((no_process - 1))
done
fails 1 "a process that does not exist" "$EXITSTORM" trace -p $no_process
like "$err" "there is no process $no_process" "... is named in the error"
is "$(find . -name '[!.]*')" "" "nothing was written"
done_testing
