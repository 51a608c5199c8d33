# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The eBPF programs and links of a trace, by their IDs in /proc/PID/fdinfo.
PATH=$PATH:/usr/sbin:/sbin

ids()
{
	sed -n "s/^$2_id:[[:space:]]*//p" /proc/"$1"/fdinfo/* 2>/dev/null | sort -u
}

# attach WAY: starts a trace, $trace, and waits until all hooks are attached: $programs, $links.
attach()
{
	"$EXITSTORM" trace -d 60 --attach "$1" >/dev/null 2>&1 &
	trace=$!
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		sleep 0.5
		programs=$(ids $trace prog) links=$(ids $trace link)
		[ "$(printf '%s\n' "$links" | wc -l)" -lt 4 ] || return 0
	done
	return 1
}

kill_it()
{
	kill -9 $trace
	wait $trace 2>/dev/null
	return 0
}

# left: prints which of $programs and $links the kernel still has. It frees them with a delay. By bpftool's output:
# that of Debian 13 (7.5) prints a link and ends with status 255.
left()
{
	for try in 1 2 3 4 5 6 7 8 9 10; do
		left=
		for id in $programs; do
			! bpftool prog show id "$id" 2>/dev/null | grep -q "^$id:" || left="$left program"
		done
		for id in $links; do
			! bpftool link show id "$id" 2>/dev/null | grep -q "^$id:" || left="$left link"
		done
		[ -n "$left" ] || break
		sleep 0.3
	done
	printf '%s\n' "$left"
}
