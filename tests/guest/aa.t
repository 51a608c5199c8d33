#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others, one at a time
# Pairs of equal runs: run --vary null=1,2 and selftest --aa.
. "$(dirname "$0")/../lib.sh"
need_kvm

run "$EXITSTORM" run -q -s null,syscall -n 100 -r 3 --vary null=1,2 -o "$tmp/vary"
is "$status" 0 "run --vary null=1,2"
run "$EXITSTORM" compare "$tmp/vary"
like "$out" "^ +settings.null: 1 -> 2$" "two runs that differ in nothing else"
run "$EXITSTORM" selftest --aa --pairs 2 -s null,syscall
like "$status:$out" "^[01]:A/A: 2 pairs of equal runs, their repeats in turn$" "selftest --aa makes the pairs"
like "$out" "^95 % intervals that exclude 1: +[0-4] of 4: [0-9.]+ % \(95 %: [0-9.]+ to [0-9.]+ %\)$" "... and counts intervals"
like "$out" "^verdicts \"faster\" or \"slower\": +[0-4] of 4: " "... and verdicts"
is "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'exitstorm-aa-*' -newer "$tmp/vary" | wc -l)" 0 "no folder is left"
fails 2 "--pairs without --aa" "$EXITSTORM" selftest --pairs 3
like "$err" "pairs needs --aa" "is told"
done_testing
