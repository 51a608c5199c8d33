#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# tests/run: time limits, and skips, which are failures unless skips.txt lists them for this machine.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/tests"
cp "$top/tests/run" "$top/tests/Head.pm" "$top/tests/Limit.pm" "$tmp/tests"
cat >"$tmp/tests/skips.txt" <<'END'
# test | reason | when
*/listed.t | no hardware* | true
*/elsewhere.t | no hardware* | false
END

# script NAME LINE...: runs a test of these lines
script()
{
	file=$tmp/tests/$1.t
	shift
	printf '#!/bin/sh\n' >"$file"
	printf '%s\n' "$@" >>"$file"
	chmod +x "$file"
	run "$tmp/tests/run" "$file"
}

script good 'echo 1..1' 'echo ok 1'
is "$status" 0 "a test that passes"
like "$out" "^All tests successful" "... is summarised by prove"

script bad 'echo 1..1' 'echo not ok 1 - really' 'echo "# because"'
isnt "$status" 0 "a test that fails"
like "$err" "not ok 1 - really" "... is shown"
like "$err" "^# because" "... with its comment"

script listed 'echo 1..1' 'echo "ok 1 - x # SKIP no hardware here"'
is "$status" 0 "a listed skip is allowed"
like "$err" "skipped: .*listed.t.*no hardware here" "... and printed"
script listed 'echo "1..0 # SKIP no hardware here"'
is "$status" 0 "... for a whole file, too"
script listed 'echo 1..1' 'echo "ok 1 - x # SKIP no time"'
isnt "$status" 0 "a skip for another reason is a failure"
like "$err" "not allow here: no time" "... that prints the reason"
script elsewhere 'echo 1..1' 'echo "ok 1 - x # SKIP no hardware here"'
isnt "$status" 0 "a skip whose condition is false is a failure"
script unlisted 'echo "1..0 # SKIP no hardware here"'
isnt "$status" 0 "a skip in a test that is not listed is a failure"

script crash 'echo 1..1' 'echo ok 1' 'kill -SEGV $$'
isnt "$status" 0 "a crash after the last test is a failure"
script early 'echo 1..2' 'echo ok 1'
isnt "$status" 0 "an end before the last test is a failure"

script late '# limit: 4' 'echo 1..1' 'echo ok 1' "sleep 55 & echo \$! >$tmp/pid; wait"
isnt "$status" 0 "a test that runs past its limit is a failure"
like "$err" "killed after its limit of 4 s" "... that names the limit"
# A zombie has ended, too: reaping it is up to its new parent.
nok "... and its child has ended" grep -q '^State:[[:space:]]*[RSDT]' "/proc/$(cat "$tmp/pid")/status"

# The limit's clock on a machine with so many runnable tasks for each CPU.
clock()
{
	echo "procs_running $1" >"$tmp/stat"
	perl -I"$top/tests" -MLimit -e '$Limit::stat = shift; my $limit = Limit->new(10); $limit->{cpus} = 2;
		$limit->{last} -= 4; $limit->reached; printf "%.0f\n", $limit->{left}' "$tmp/stat"
}
is "$(clock 3)" 6 "two tasks for two CPUs: 4 s of wall time are 4 s"
is "$(clock 9)" 9 "... eight tasks: 1 s"
is "$(clock 1)" 6 "... none, and the test waits: 4 s"

script signals 'echo 1..1' 'grep -q "^SigIgn:.*0000$" /proc/self/status && echo ok 1'
is "$status" 0 "a test begins with default actions of signals"
status=$(trap '' HUP INT QUIT; "$tmp/tests/run" "$tmp/tests/signals.t" >/dev/null 2>&1; echo $?)
is "$status" 0 "... also if the runner was started with some of them ignored (nohup)"

# beside NAME OTHER SECONDS: a test that waits until the other one has begun, and then that long
beside()
{
	cat >"$tmp/$1.t" <<-END
		#!/bin/sh
		# limit: 30
		# beside: others
		touch "$tmp/$1.began"
		for _ in \$(seq 200); do [ ! -e "$tmp/$2.began" ] || break; sleep 0.1; done
		echo 1..1
		[ ! -e "$tmp/$2.began" ] || echo ok 1
		sleep $3
		touch "$tmp/$1.ended"
	END
}
beside left right 0
beside right left 2
printf '#!/bin/sh\necho 1..1\n[ ! -e "%s/left.ended" ] || [ ! -e "%s/right.ended" ] || echo ok 1\n' "$tmp" "$tmp" >"$tmp/alone.t"
chmod +x "$tmp/left.t" "$tmp/right.t" "$tmp/alone.t"
run "$tmp/tests/run" "$tmp/alone.t" "$tmp/left.t" "$tmp/right.t"
is "$status" 0 "tests with a line beside: run at the same time, before the others"
like "$out" "^Files=3, Tests=3" "... and all of them ran"

# Two that may not run beside each other, and one that runs beside both. They find the lock of the other.
for name in first second; do
	cat >"$tmp/$name.t" <<-END
		#!/bin/sh
		# beside: others, one at a time
		echo 1..2
		mkdir "$tmp/lock" && echo ok 1 || echo not ok 1
		for _ in \$(seq 200); do [ ! -e "$tmp/left.began" ] || break; sleep 0.1; done
		[ ! -e "$tmp/left.began" ] || echo ok 2
		rmdir "$tmp/lock"
		touch "$tmp/$name.ended"
	END
	chmod +x "$tmp/$name.t"
done
cat >"$tmp/left.t" <<-END
	#!/bin/sh
	# beside: others
	touch "$tmp/left.began"
	for _ in \$(seq 200); do [ ! -e "$tmp/second.ended" ] || break; sleep 0.1; done
	echo 1..1
	[ ! -e "$tmp/second.ended" ] || echo ok 1
END
rm -f "$tmp/left.began"
run env TEST_TIMES="$tmp/times" "$tmp/tests/run" "$tmp/first.t" "$tmp/second.t" "$tmp/left.t"
is "$status" 0 "others, one at a time: beside others, but not beside each other"
is "$(awk '$4 == "0" { n++ } $4 == "-" { began++ } END { print n, began }' "$tmp/times")" "3 3" "TEST_TIMES: a line when each begins and ends"
unlike "$out" "Most CPU time" "three tests need no list of those that took longest"
for n in 1 2 3 4 5 6 7 8 9 10; do
	printf '#!/bin/sh\necho 1..1\necho ok 1\n' >"$tmp/n$n.t"
done
printf '#!/usr/bin/perl\nprint "1..1\\n"; 1 while (times)[0] < 0.3; print "ok 1\\n";\n' >"$tmp/busy.t"
chmod +x "$tmp"/*.t
run "$tmp/tests/run" "$tmp"/n*.t "$tmp/busy.t"
like "$(printf '%s\n' "$out" | grep -A1 '^Most CPU time:')" "^ +[0-9.]+ s, +0\.[3-9] s of CPU  .*/busy.t$" "eleven: the busiest comes first"
is "$(printf '%s\n' "$out" | sed -n '/^Most CPU time:/,$p' | grep -c ' s of CPU ')" 10 "... and ten are listed"
done_testing
