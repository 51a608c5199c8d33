#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# Hostile text in every string of a run, and as a name in every object of it, through every output of every
# command: untrusted_walk.py walks run.json for them.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"

# walk RUN [each]
walk()
{
	rm -rf "$tmp/walk"
	mkdir "$tmp/walk"
	"$python" "$top/tests/cli/untrusted_walk.py" "$EXITSTORM" "$1" "$tmp/walk" ${2:+"$2"} >"$tmp/lines" 2>&1 ||
		echo "# status $?" >>"$tmp/lines"
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "${line#ok }" ;;
		"not ok "*) fail "${line#not ok }" ;;
		*) echo "$line" ;;
		esac
	done <"$tmp/lines"
	nok "no part of the walk is missing" grep -q Traceback "$tmp/lines"
}

"$python" "$top/tests/cli/make_run.py" "$tmp/made" --n 60 --samples 30 || exit 1
walk "$tmp/made"
if [ -n "${EVERY:-}" ]; then
	walk "$tmp/made" each
	for run in "$top"/results/reference/*; do
		[ ! -e "$run/run.json" ] || walk "$run"
	done
	run "$EXITSTORM" trace -q -d 2 --record "$tmp/trace" -- \
		"$EXITSTORM" run -q -s pio_out,cpuid -n 2000 -r 2 -o "$tmp/traced"
	if [ -e "$tmp/trace/run.json" ]; then
		walk "$tmp/trace"
	else
		skip "no eBPF here" "the run of a trace"
	fi
fi
done_testing
