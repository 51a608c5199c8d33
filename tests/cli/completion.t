#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# Bash completion: the words that the Tab key offers.
. "$(dirname "$0")/../lib.sh"

mkdir "$tmp/bin" "$tmp/some run"
ln -s "$EXITSTORM" "$tmp/bin/exitstorm"
PATH=$tmp/bin:$PATH
cd "$tmp" || exit 1
. "$top/bench/cli/completion.bash"

# offers LINE: the words for the end of the line, sorted, with blanks between them.
offers()
{
	COMP_LINE=$1
	COMP_POINT=${#COMP_LINE}
	read -ra COMP_WORDS <<<"$COMP_LINE"
	COMPREPLY=()
	_exitstorm
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ' | sed 's/ $//'
}

is "$(complete -p exitstorm)" "complete -F _exitstorm exitstorm" "it is registered"
is "$(offers "exitstorm d")" "doctor" "a command"
is "$(offers "exitstorm s")" "selftest show" "two commands"
is "$(offers "exitstorm ")" "$(printf '%s\n' --help --version ab archive campaign collect compare doctor export gate image import join list plot query report run selftest show trace |
	sort | tr '\n' ' ' | sed 's/ $//')" "all commands"
is "$(offers "exitstorm --v")" "--version" "an option of exitstorm"
is "$(offers "exitstorm doctor --j")" "--json" "an option of a command"
is "$(offers "exitstorm doctor --")" "--anonymous --help --json" "all its options"
is "$(offers "exitstorm run --va")" "--vary" "an option of run"
is "$(offers "exitstorm run -s pio_i")" "pio_in" "a storm"
is "$(offers "exitstorm run -s pio_in,pio_o")" "pio_in,pio_out" "a second storm"
is "$(offers "exitstorm run -s pio_in,pio_i")" "" "a storm is not offered twice"
is "$(offers "exitstorm run --storms=pio_i")" "pio_in" "a storm after ="
is "$(offers "exitstorm run -t k")" "kvm" "a target"
is "$(offers "exitstorm run --set cp")" "cpl=" "a setting"
is "$(offers "exitstorm run --set cpl=")" "0 3 auto" "its values"
is "$(offers "exitstorm run --set stamps=g")" "guest" "one of its values"
is "$(offers "exitstorm run --set=stamps=g")" "guest" "the same after ="
is "$(offers "exitstorm run --vary cpl=0,")" "0,3 0,auto" "a second value"
is "$(offers "exitstorm run --set counters=cyc")" "cycles" "an event"
is "$(offers "exitstorm run --set counters=cycles,page-f")" "cycles,page-faults" "a second event"
is "$(offers "exitstorm run --set del")" "delay=" "a setting that is a number"
is "$(offers "exitstorm run --set delay=")" "" "and nothing for its value"
is "$(offers "exitstorm run --set nothing=")" "" "no values for an unknown setting"
is "$(offers "exitstorm plot -k ")" "box cdf generations legs scaling shift sweep timeline" "kinds of figures"
is "$(offers "exitstorm plot --leg res")" "resume" "a leg"
is "$(offers "exitstorm plot -f p")" "pdf png" "formats of figures"
is "$(offers "exitstorm trace --by v")" "vcpu vm" "what a trace has tables by"
is "$(offers "exitstorm trace --hooks kvm_exit,kvm_en")" "kvm_exit,kvm_entry" "a second hook"
is "$(offers "exitstorm compare so")" "some run" "a run to compare"
is "$(offers "exitstorm compare a --unit c")" "cycles" "a unit"
is "$(offers "exitstorm compare a --leg a")" "all" "all legs"
is "$(offers "exitstorm show so")" "some run" "a run's folder"
is "$(offers "exitstorm show so --m")" "--markdown --methods" "an option after it"
is "$(offers "exitstorm run -n ")" "" "nothing for a number"
is "$(offers "exitstorm export so -s pio_i")" "pio_in" "a storm to export"
is "$(offers "exitstorm frobnicate -")" "" "nothing for an unknown command"


# Each spelling of each option in --help is offered, and nothing else is.
for command in $("$EXITSTORM" --complete commands); do
	in_help=$("$EXITSTORM" "$command" --help | grep -oE '^  (-[a-z],|   ) --[a-z-]+' | grep -oE -e '-[a-z-]+' |
		sort | tr '\n' ' ' | sed 's/ $//')
	is "$(offers "exitstorm $command -")" "$in_help" "the options of $command"
done

fails 2 "an unknown list" "$EXITSTORM" --complete frobnications
fails 2 "the options of an unknown command" "$EXITSTORM" --options frobnicate
done_testing
