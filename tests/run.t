#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# tests/run: time limits, and skips, which are failures unless skips.txt lists them for this machine.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/tests"
cp "$top/tests/run" "$top/tests/Limit.pm" "$tmp/tests"
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
done_testing
