#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# exitstorm ab: the order of the commands, what is undone and when, what the runs record, the verdict.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python json || skip_all "no python3"
cd "$tmp" || exit 1
short=(-s pio_out,syscall -n 50)

# done_by FILE TEXT: waits until the file has the text; false: not within 30 s.
done_by()
{
	for _ in $(seq 600); do
		grep -q "$2" "$1" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

# The order, and the record of it

run "$EXITSTORM" ab --a 'echo a >>log' --b 'echo b >>log' --undo 'echo undo >>log' --max-rounds 4 -- "${short[@]}" -o pair
is "$status" 0 "it ends well"
is "$(tr '\n' ' ' <log)" "a b b a a b b a undo " "the commands run in ABBA order, then the undo command"
is "$(ls pair)" "$(printf 'a\nb')" "one folder with a run for each side"
like "$out" "^pio_out .*(same|slower|faster|unclear)" "the verdicts are printed"
like "$out" "^ +before each repeat: echo a >>log$" "with the commands"
like "$out" "^paired: repeats were taken in turn" "judged in pairs"
like "$err" "^4 rounds: the limit, --max-rounds$" "and why it ended"
run "$EXITSTORM" compare pair
like "$out" "^pio_out .*(same|slower|faster|unclear)" "compare reads the folder as one family"
if find_python json jsonschema numpy; then
	ok "the runs conform to the schema" "$python" "$top/tests/cli/schema.py" "$top/results/schema.json" pair
else
	skip "no python3 with jsonschema and numpy" "the runs conform to the schema"
fi
is "$("$python" - pair/b/run.json <<'END'
import json, sys
ab = json.load(open(sys.argv[1]))["ab"]
print(ab["side"], ab["command"], ab["undo"], ab["ended"], [s["round"] for s in ab["steps"]],
      {s["status"] for s in ab["steps"]}, ab["undone"]["status"])
END
)" "b echo b >>log echo undo >>log max_rounds [0, 1, 2, 3] {0} 0" "run.json has command, rounds and statuses"
is "$(grep -h -o '"in_turn": "[0-9a-f]*"' pair/*/run.json | sort -u | wc -l)" 1 "the runs are of one family"
fails 1 "a folder that is there already" "$EXITSTORM" ab --a true --b true -- "${short[@]}" -o pair

run "$EXITSTORM" ab --a 'true /srv/alice' --b true --max-rounds 2 -- "${short[@]}" --anonymous -o quiet
is "$status:$(grep -rl alice quiet)" "0:" "--anonymous leaves the commands out of the runs"

run "$EXITSTORM" ab --aa --a 'echo a >>aa.log' --b 'echo b >>aa.log' --max-rounds 2 -- "${short[@]}" -o two
is "$(tr '\n' ' ' <aa.log)" "a a a a a b b a " "--aa measures A against A first"
like "$out" "^A/A +ratio +95 % +verdict +in 8 rounds +in 2 rounds$" "and prints what can be told apart"
is "$(ls two-aa)" "$(printf 'a1\na2')" "its runs are beside the others"

# When it ends

run "$EXITSTORM" ab --a true --b true --max-time 1 --max-rounds 1000 --margin 0.001 -- -s syscall -n 50 -o timed
like "$err" "^[0-9]+ rounds: the limit, --max-time$" "--max-time ends it"
run "$EXITSTORM" ab --a true --b true --margin 50 -- -s syscall -n 200 -o wide
like "$err" "^(8|1[0-9]|[2-9][0-9]) rounds: every storm is decided$" "it ends when every storm is decided"
like "$out" "^syscall .*same$" "which the verdict says"

# A longer exit path, by a command

slower=${EXITSTORM%/*}/tests/ab/slower.so
if [ -e "$slower" ]; then
	printf 0 >flag
	run env SLOWER_FLAG=flag SLOWER_TICKS=6000 LD_PRELOAD="$slower" "$EXITSTORM" ab --a 'printf 0 >flag' --b 'printf 1 >flag' \
		--fail-above 1 --max-time 60 -- -s pio_out -n 300 -o longer
	is "$status" 3 "a longer way to the exit is a regression past --fail-above"
	like "$out" "^pio_out .*slower$" "found by a command that switches it"
	run env SLOWER_FLAG=flag SLOWER_TICKS=6000 LD_PRELOAD="$slower" "$EXITSTORM" ab --a 'printf 1 >flag' --b 'printf 0 >flag' \
		--fail-above 1 --max-time 60 -- -s pio_out -n 300 -o shorter
	is "$status:$(printf '%s\n' "$out" | grep -c '^pio_out .*faster$')" "0:1" "the other way round it is faster"
fi
run "$EXITSTORM" ab --a true --b true --fail-above 1 --max-rounds 2 --margin 0.001 -- -s pio_out -n 50 -o few
is "$status" 4 "two rounds decide nothing"

# Errors

run "$EXITSTORM" ab --a true --b 'echo "no such module" >&2; exit 3' --undo 'echo undo >>failed.log' -- "${short[@]}" -o bad
is "$status" 1 "a command that fails ends it"
is "$err" "exitstorm ab: --b: 'echo \"no such module\" >&2; exit 3' has failed, status 3: no such module" "with its last words"
is "$(cat failed.log):$(ls -d bad 2>&1 | grep -c 'No such')" "undo:1" "undone, and no run is left"
run "$EXITSTORM" ab --a true --b true --undo 'echo stuck; false' --max-rounds 2 -- "${short[@]}" -o stuck
is "$status" 1 "an undo command that fails is a failure"
like "$err" "^exitstorm ab: --undo: 'echo stuck; false' has failed, status 1: stuck$" "which is told"
ok "the runs are kept" test -e stuck/b/run.json
fails 2 "--vary" "$EXITSTORM" ab --a true --b true -- --vary null=1,2
like "$err" "vary of run cannot be given: A and B are what varies" "has its reason"
fails 2 "--repeats" "$EXITSTORM" ab --a true --b true -- -r 3
fails 2 "an option of run before the --" "$EXITSTORM" ab --a true --b true --set cpl=0
fails 2 "an emulator" "$EXITSTORM" ab --a true --b true -- -t bochs -s pio_out
fails 2 "no B" "$EXITSTORM" ab --a true
fails 2 "--unclear alone" "$EXITSTORM" ab --a true --b true --unclear fail
run "$EXITSTORM" ab --a true --b true -- --help
like "$out" "^usage: exitstorm run" "--help after -- is that of run"

# Interrupted: SIGINT, SIGTERM, SIGHUP, then kill -9 in a command and in a measurement. `setsid` because shells start
# background processes with SIGINT ignored.
interrupt()
{
	rm -f "$1.log" begun
	"$python" -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$EXITSTORM" ab --a "$2" --b "$2" --undo "echo undone >>$1.log" --max-rounds 1000 \
		--margin 0.001 -- -s pio_out -n 50 -o "$1" >"$1.out" 2>"$1.err" &
	pid=$!
	done_by begun x || fail "$1: it has begun"
	kill -"$3" "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	done_by "$1.log" undone
	is "$(cat "$1.log")" undone "$1: undone, once"
	is "$(ls -d "$1" 2>&1 | grep -c 'No such')" 1 "$1: no run is left"
}
for signal in INT TERM HUP; do
	interrupt "$signal" 'echo x >>begun' "$signal"
	is "$status:$(cat "$signal.err")" "1:exitstorm ab: interrupted: no run was written
undone by 'echo undone >>$signal.log'" "$signal: it says so"
	interrupt "command-$signal" 'echo x >>begun; sleep 300' "$signal"
	is "$status" 1 "command-$signal: a command under way is ended"
done
interrupt KILL 'echo x >>begun' KILL
# shellcheck disable=SC2016 # for the command's shell
interrupt command-KILL 'echo $$ >pid; echo x >>begun; exec sleep 300' KILL
nok "command-KILL: the command has ended" kill -0 "$(cat pid)"
done_by KILL.err 'undo command has run, status 0' && pass "KILL: a line tells it" || fail "KILL: a line tells it"

# The process that runs the commands is killed: exitstorm ends, and undoes by another one.
rm -f begun
"$EXITSTORM" ab --a 'echo $PPID >guardian; echo x >>begun' --b true --undo "echo undone >>lost.log" --max-rounds 1000 \
	--margin 0.001 -- -s pio_out -n 50 -o lost >lost.out 2>lost.err &
pid=$!
done_by begun x
kill -9 "$(cat guardian)"
wait "$pid"
is "$?:$(cat lost.log)" "1:undone" "a guardian that is killed: undone by another one"
done_testing
