# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests of exitstorm trace, natively and in a bed.

# count REASON: what the table in $out says of it, all of its lines.
count()
{
	printf '%s\n' "$out" | awk -v reason="$1" '$1 == reason { print $2 }' | tr '\n' ' ' | sed 's/ $//'
}

# runs PID: waits until a vCPU of `exits` is at work: a second thread, which has had 10 ms of a CPU.
runs()
{
	runs_try=0
	while [ $runs_try -lt 300 ]; do
		[ "$(cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk 'NR == 2 { print ($1 > 1e7) }')" != 1 ] || return 0
		sleep 0.1
		runs_try=$((runs_try + 1))
	done
	return 1
}
