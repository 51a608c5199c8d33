# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
#
# For tests that end a run of exitstorm.ko early and compare the machine's state before and after. Loads state.ko.
#
# state          every CPU's state, see state/state.c
# same WHEN      a test: the state equals $tmp/before
# begin OPTION...     starts a long run in the background, $pid, with -o $tmp/long
# threads        prints the number of the module's threads

insmod /lib/bed/state.ko

state()
{
	cat /proc/exitstorm_state
}

same()
{
	state >"$tmp/after"
	is "$(diff "$tmp/before" "$tmp/after")" "" "$1: every CPU's state is unchanged"
}

# Waits until the module's thread runs.
begin()
{
	"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 "$@" -o "$tmp/long" >"$tmp/said" 2>&1 &
	pid=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(threads)" = 0 ] || break
		sleep 0.1
	done
	sleep 0.3
}

threads()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^exitstorm/'
}
