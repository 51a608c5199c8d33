#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beside: others
# bench/setup/suite.sh, the measurements of `make bench`, with a made-up command: its status when a storm, a run or a
# figure fails, and lines of 80 columns.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/bin"
for command in sh awk cat date dirname grep mkdir uname; do
	ln -s "$(command -v $command)" "$tmp/bin/$command"
done
for command in gnuplot bochs qemu-system-x86_64; do
	printf '#!/bin/sh\n' >"$tmp/bin/$command" && chmod +x "$tmp/bin/$command"
done
# $RUN, $PLOT and $DOCTOR: what becomes of the command: good; storm: one storm fails; or nothing is written.
cat >"$tmp/exitstorm" <<'END'
#!/bin/sh
case $1 in
doctor | list) [ "${DOCTOR:-good}" = good ] || exit 1 ;;
run)
	while [ "$1" != -o ]; do shift; done
	[ "$RUN" != none ] || exit 1
	mkdir -p "$2"
	[ "$RUN" = good ] && status=measured || status=failed
	printf ' "status": "%s"\n "native": false\n' $status >"$2/run.json"
	printf 'a long table\nDisturbed and kept: 9 %% of all,\n  most in hlt.\nBelow: more\n'
	[ "$RUN" = good ]
	;;
show)
	printf 'target of the run\n  on this machine\nclock: TSC, 1 tick = 1 ns; n = 5\n\nstorm p50\nhlt 1\nvmcall 2\ncpuidx 3\n'
	printf 'Exits\ncpuid 4\n'
	;;
plot)
	while [ "$1" != -o ]; do shift; done
	[ "${PLOT:-good}" = good ] || exit 1
	: >"$2"
	;;
esac
END
chmod +x "$tmp/exitstorm"

bench()
{
	rm -rf "$tmp/runs"
	run env PATH="$tmp/bin" "$@" sh "$top/bench/setup/suite.sh" "$tmp/exitstorm"
}
bench RUN=good
is "$status" 0 "all is measured"
summary=$(printf '%s\n' "$out" | sed '1,/^== Summary/d')
is "$(printf '%s\n' "$summary" | grep -c "^$tmp/runs/")" 6 "six runs are named at the end"
is "$(printf '%s\n' "$summary" | sed -n '/-bochs$/,/^$/p' | sed 1d)" "  target of the run
  clock: TSC, 1 tick = 1 ns
  storm p50
  vmcall 2
  cpuid 4
  Disturbed and kept: 9 % of all,
    most in hlt." "... each with target, clock, the storms that matter there, and what disturbed it"
like "$summary" "exitstorm report RUN" "what to do next is said"
unlike "$out" "a long table" "the whole table is not printed"
is "$(cat "$tmp"/runs/*-bochs.txt | head -n 1)" "a long table" "... but written beside the run"
is "$(ls "$tmp"/runs/*-bochs/figures)" "legs.pdf
legs.png" "... in which the figures are"
unlike "$out" "Failed" "... and no failure"
is "$(printf '%s\n' "$out" | grep -v "$tmp/" | awk 'length > 80')" "" "no line but those with paths is over 80 columns"
like "$out" "^   n = 100, 5 repeat\(s\): counts of instructions, not time$" "an emulator's heading says what its figures are"
like "$out" "^   n = 500, 5 repeat\(s\)$" "... the machine's own has no such line"

bench RUN=storm
is "$status" 0 "a storm that fails is a result"
is "$(printf '%s\n' "$out" | grep -c '^  Failed: 1 storms; ')" 6 "... which each run says at the end"

bench RUN=none
is "$status" 1 "no run at all: status 1"
unlike "$out" "^$tmp/runs" "... and none is named"
bench RUN=good PLOT=none
is "$status" 1 "a figure that cannot be drawn: status 1"
is "$(printf '%s\n' "$out" | grep -c "^$tmp/runs/")" 6 "... after all runs"
bench RUN=good DOCTOR=none
is "$status" 1 "no target can be used: status 1"
like "$err" "no target is usable here" "... in words"
rm "$tmp/bin/bochs"
bench RUN=good
is "$status" 0 "no Bochs: no failure"
like "$out" "^No bochs here, so nothing of: target bochs, all storms on raw SVM\.$" "... but said"
done_testing
