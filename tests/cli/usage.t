#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# Commands, help, bad usage, the man page, and errors of standard output.
. "$(dirname "$0")/../lib.sh"

manual=$top/bench/cli/exitstorm.1.scd
commands=$("$EXITSTORM" --complete commands)

run "$EXITSTORM" --help
is "$status" 0 "--help succeeds"
for command in $commands; do
	like "$out" "^  $command +[^ ]" "--help describes $command"
done
wide=$(printf '%s\n' "$out" | awk 'length > 80')
is "$wide" "" "--help fits 80 columns"

run "$EXITSTORM" --version
like "$out" '^exitstorm [0-9][0-9.]*.* \(commit .+\)$' "--version prints version and commit"

"$top/bench/cli/man.sh" "$EXITSTORM" <"$manual" >"$tmp/page.scd"
is "$?" 0 "the lists of the manual are filled in"
nok "all of them" grep -n '^@' "$tmp/page.scd"

# --help, the manual, the completion and getopt_long have the same options, as they share one table.
for command in $commands; do
	run "$EXITSTORM" "$command" --help
	is "$status" 0 "$command --help succeeds"
	like "$out" "^usage: exitstorm $command( |\$)" "$command --help begins with its usage"
	wide=$(printf '%s\n' "$out" | awk 'length > 80')
	is "$wide" "" "$command --help fits 80 columns"
	is "$("$EXITSTORM" help "$command")" "$out" "help $command is the same"
	printf '%s\n' "$out" | sed -nE 's/^  (-[a-z],|   ) (--[a-z-]+).*/\2/p' | grep -vx -e --help | sort >"$tmp/help"
	sed -n "/^## $command\$/,/^##* [^#]*\$/{s/^\(\*-[a-z]\*, \)*\*\(--[a-z-]*\)\*\( _[^ ]*_\)*\$/\2/p}" "$tmp/page.scd" | sort >"$tmp/manual"
	"$EXITSTORM" --options "$command" | sed -n 's/^\(--[a-z-]*\) .*/\1/p' | grep -vx -e --help | sort >"$tmp/offered"
	is "$(cat "$tmp/manual")" "$(cat "$tmp/help")" "$command: the manual has the options of --help"
	is "$(cat "$tmp/offered")" "$(cat "$tmp/help")" "$command: so has the completion"
	while read -r option kind _; do
		[ "$option" = operand ] && continue
		if [ "$kind" != flag ]; then
			fails 2 "$command: $option is there and needs a value" "$EXITSTORM" "$command" "$option"
			like "$err" "option '$option' needs a value" "... it says"
		elif [ "${option#--}" != "$option" ]; then
			fails 2 "$command: $option is there and takes no value" "$EXITSTORM" "$command" "$option=1"
			like "$err" "option '$option' takes no value" "... it says"
		fi
	done <<END
$("$EXITSTORM" --options "$command")
END
	fails 2 "$command: an unknown option" "$EXITSTORM" "$command" --no-such-option
	fails 2 "$command: an unknown letter" "$EXITSTORM" "$command" -Z
done

fails 2 "no command" "$EXITSTORM"
fails 2 "an unknown command" "$EXITSTORM" frobnicate
unlike "$err" "did you mean" "there is no suggestion"
fails 2 "a misspelled command" "$EXITSTORM" dcotor
like "$err" "did you mean 'doctor'\?" "the nearest command is named"
fails 2 "the beginning of a command" "$EXITSTORM" self
like "$err" "did you mean 'selftest'\?" "the command that begins so is named"
fails 2 "a run in place of a command" "$EXITSTORM" "$top/tests/data/run"
like "$err" "is a run: use 'exitstorm show .*/run'" "the command that shows it is named"
fails 2 "a storm in place of a command" "$EXITSTORM" pio_out
like "$err" "is a storm: use 'exitstorm run -s pio_out'" "the command that runs it is named"
fails 2 "an empty command" "$EXITSTORM" ""
fails 2 "an unknown option of exitstorm" "$EXITSTORM" --frobnicate
fails 2 "help for an unknown command" "$EXITSTORM" help frobnicate
fails 2 "a command with a newline and an escape in it" "$EXITSTORM" $'a\nb\e[31m\xff\xc2\x9b'
like "$err" 'a\\nb\\x1b\[31m\\xff\\xc2\\x9b' "characters that do not print are escaped"
fails 2 "UTF-8 in a command" "$EXITSTORM" 'größe'
like "$err" "'größe'" "UTF-8 is printed unchanged"
fails 2 "a very long command" "$EXITSTORM" "$(printf '%5000s' x)"

fails 2 "a value where none belongs" "$EXITSTORM" doctor --json=yes
like "$err" "'--json' takes no value" "the error says so"
fails 2 "a missing value" "$EXITSTORM" run --cpu
like "$err" "'--cpu' needs a value" "the error has the long name"
fails 2 "a missing value of a letter" "$EXITSTORM" run -n
like "$err" "'-n' needs a value" "the error has the letter"
fails 2 "a misspelled option" "$EXITSTORM" doctor --jsno
like "$err" "did you mean '--json'\?" "the nearest option is named"
fails 2 "an ambiguous option" "$EXITSTORM" run --s
like "$err" "'--s' is ambiguous" "the error says so"
fails 2 "combined letters with an unknown one" "$EXITSTORM" run -qZ
like "$err" "'-Z'" "the error names it"
fails 2 "an extra argument" "$EXITSTORM" doctor now

"$EXITSTORM" doctor >/dev/full 2>"$tmp/err"
is "$?" 1 "a full disk under stdout is a failure"
is "$(wc -l <"$tmp/err")" 1 "with one line on stderr"
like "$(cat "$tmp/err")" "No space left on device" "that gives the reason"

# closed COMMAND...: runs it with a pipe without reader as standard output; fills $status and $tmp/err.
mkfifo "$tmp/pipe"
closed()
{
	(: <"$tmp/pipe") &
	exec 4>"$tmp/pipe"
	wait $!
	"$@" >&4 2>"$tmp/err"
	status=$?
	exec 4>&-
}
run_folder=$top/tests/data/run
for command in "--help" "--version" "run --help" "help plot" list "list --settings" "list --json" doctor "doctor --json" \
	"show $run_folder" "show $run_folder --json" "show $run_folder --csv" "compare $run_folder $run_folder" \
	"compare $run_folder $run_folder --json" "export $run_folder" "export $run_folder --perfetto" \
	"report $run_folder -o -" "--complete storms" "--options run" "--man options run"; do
	# shellcheck disable=SC2086
	closed "$EXITSTORM" $command
	is "$status:$(cat "$tmp/err")" "141:" "$command ends silently at a closed pipe"
done
if command -v gnuplot >/dev/null; then
	closed "$EXITSTORM" plot "$run_folder" -f svg -o -
	is "$status:$(cat "$tmp/err")" "141:" "plot ends silently at a closed pipe"
fi
is "$("$EXITSTORM" list 2>"$tmp/err" | head -1 | wc -l):$(cat "$tmp/err")" "1:" "list | head -1 prints a line and nothing else"

# scdoc copies such a line, and roff takes it for a request.
nok "no line of the manuals begins with a dot" grep -nE '^[[:space:]]*[.]' "$tmp/page.scd" "$top/hv/vmx/vmx_intrin.3.scd"
if command -v scdoc >/dev/null; then
	scdoc <"$tmp/page.scd" >"$tmp/exitstorm.1"
	is "$?" 0 "the manual is well formed"
else
	skip "scdoc is not installed" "the manual is well formed"
fi
done_testing
