#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beside: others
# bench/setup/suite.sh, the measurements of `make bench`, with a made-up command: its status when a storm, a run or a
# figure fails, and lines of 80 columns.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/bin"
for command in sh cat date dirname grep mkdir uname; do
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
	[ "$RUN" = good ]
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
is "$(printf '%s\n' "$out" | grep -c '^Run: ')" 6 "six runs are named at the end"
like "$out" "^Figure: .*/figures/legs\.png$" "... with their figures"
unlike "$out" "^Failed" "... and no failure"
is "$(printf '%s\n' "$out" | grep -v '^Run:\|^Figure:' | awk 'length > 80')" "" "no line but those with paths is over 80 columns"
like "$out" "^   n = 100, 5 repeat\(s\): counts of instructions, not time$" "an emulator's heading says what its figures are"
like "$out" "^   n = 500, 5 repeat\(s\)$" "... the machine's own has no such line"

bench RUN=storm
is "$status" 0 "a storm that fails is a result"
is "$(printf '%s\n' "$out" | grep -c '^Failed:  1 storms of this run ')" 6 "... which each run says at the end"

bench RUN=none
is "$status" 1 "no run at all: status 1"
unlike "$out" "^Run:" "... and none is named"
bench RUN=good PLOT=none
is "$status" 1 "a figure that cannot be drawn: status 1"
is "$(printf '%s\n' "$out" | grep -c '^Run: ')" 6 "... after all runs"
bench RUN=good DOCTOR=none
is "$status" 1 "no target can be used: status 1"
like "$err" "no target is usable here" "... in words"
rm "$tmp/bin/bochs"
bench RUN=good
is "$status" 0 "no Bochs: no failure"
like "$out" "^No bochs here, so nothing of: target bochs, all storms on raw SVM\.$" "... but said"
done_testing
