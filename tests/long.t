#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
# tests/long, with made-up long tests: their order, what fits into a budget, what is kept, and that a red one is red.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/tests" "$tmp/cache"
cp "$top/tests/run" "$top/tests/long" "$top/tests/Head.pm" "$top/tests/Limit.pm" "$tmp/tests"
: >"$tmp/tests/skips.txt"
export EXITSTORM_CACHE="$tmp/cache"
cd "$tmp" || exit 1

# long NAME HEAD COMMAND: a test; HEAD: lines of its head
long()
{
	printf '#!/bin/sh\n# long: made up\n%s\necho 1..1\n%s\n' "$2" "$3" >"$1.t"
	chmod +x "$1.t"
}

# tests OPTION...: tests/long over a.t to d.t; $ran: those that it lists to be run, in order
tests()
{
	run tests/long "$@" a.t b.t c.t d.t
	ran=$(printf '%s\n' "$out" | sed -n '/^Long tests/,/^[^ L]/s/^  \([a-z]\)\.t$/\1/p' | tr -d '\n')
}

for name in a b c d; do
	long $name "# takes: 10" "echo ok 1; echo $name >>order"
done
tests --list --turn 0
is "$ran" abcd "never run: in order of their names"
tests --list --turn 6
is "$ran" cdab "... beginning with another after each commit"
nok "--list runs none" test -e order

tests --list --budget 20 --turn 1
is "$ran" bc "a budget of 20 s: two of 10 s each"
like "$out" "^  a.t \(takes 10 s\)$" "... and the others are named"
tests --list --budget 9
is "$ran:$status" ":0" "a budget that is too small for all: none, which is no failure"
tests --list --budget 0
is "$ran" "" "... nor for a budget of 0"

long c "# beside: others
# takes: 10" "echo ok 1; echo c >>order"
long d "# beside: others
# takes: 10" "echo ok 1; echo d >>order"
tests --list --budget 20 --turn 2
is "$ran" cd "two lanes: two that may run beside each other are one after the other at worst"
long b "" "echo ok 1"
tests --list --budget 1000 --turn 0
is "$ran" acd "a test that was never seen green is left out"
like "$out" "^  b.t \(.*never seen green" "... and named"
tests --list --turn 0
is "$ran" abcd "... and run without a budget"

for name in b c d; do
	long $name "# takes: 10" "echo ok 1; echo $name >>order"
done
tests --budget 20 --turn 1
is "$status:$(tr -d '\n' <order)" 0:bc "run: the two that fit"
tests --list --turn 1
is "$ran" dabc "then they come last"
like "$(cat cache/long)" "^[0-9]{10} [0-9.]+ [0-9.]+ 0 b.t$" "when, how long, how: kept"
tests --list --budget 20 --turn 1
is "$ran" dabc "how long a test took here counts more than its head's line" || note "$out"
echo "100 500.0 9.0 0 a.t" >>cache/long
tests --list --budget 499 --turn 0
is "$ran" dbc "also if that is longer"
like "$out" "^  a.t \(takes 500 s\)$" "... with its seconds"
tests --list --turn 0
is "$ran" dabc "the longest ago comes first"

long a "# takes: 1" "echo ok 1"
long d "# takes: 1" "echo not ok 1 - red"
rm cache/long
tests --budget 100 --turn 0
is "$status" 1 "a red test fails"
like "$err" "not ok 1 - red" "... and is shown"
like "$(cat cache/long)" " [1-9][0-9]* d.t$" "... and kept as red"

long a "# takes: 4" "echo ok 1"
long c "# takes: 1" "echo ok 1"
long d "# takes: 1" "sleep 60 & echo \$! >$tmp/pid; wait"
rm cache/long
tests --budget 6 --turn 2
is "$status" 0 "at the end of the budget a test is cut off, which is no failure"
like "$out" "^Cut off after 6 s: d.t$" "... and named"
nok "... and its child has ended" grep -q '^State:[[:space:]]*[RSDT]' "/proc/$(cat pid)/status"
like "$(cat cache/long)" " - d.t$" "... and kept as begun"
like "$(cat cache/long)" " 0 c.t$" "... as the one before it"
nok "... but none that has not begun" grep -q ' a.t$' cache/long
long c "# takes: 1" "echo not ok 1 - red"
rm cache/long
tests --budget 6 --turn 2
is "$status" 1 "a red test before the one that is cut off fails"

: >file
EXITSTORM_CACHE=$tmp/file/none tests --turn 0 --budget 0
is "$status" 0 "a cache that cannot be read: as none"
long d "# takes: 1" "echo ok 1"
EXITSTORM_CACHE=$tmp/file/none tests --turn 3 --budget 1
is "$status" 0 "... nor written: the tests decide"
like "$err" "what ran is not kept: " "... and it is said"
fails 2 "no test" tests/long --budget 3
done_testing
