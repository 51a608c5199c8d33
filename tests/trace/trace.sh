# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests of exitstorm trace, on this machine and in beds.

# count REASON: the counts of all its lines in the table in $out.
count()
{
	printf '%s\n' "$out" | awk -v reason="$1" '$1 == reason { print $2 }' | tr '\n' ' ' | sed 's/ $//'
}

# runs PID: waits until a vCPU of `exits` runs: until a second thread has used 100 ms of a CPU. To create the vCPU takes
# more than 10 ms in an emulator.
runs()
{
	runs_try=0
	while [ $runs_try -lt 300 ]; do
		[ "$(cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk 'NR == 2 { print ($1 > 1e8) }')" != 1 ] || return 0
		sleep 0.1
		runs_try=$((runs_try + 1))
	done
	return 1
}
