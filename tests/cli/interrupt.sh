# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests of interrupted runs.

# has_partial DIR PID: waits until there is a run.json in DIR.partial; false: the process has ended before.
has_partial()
{
	while [ -z "$(find "$1.partial" -name run.json 2>/dev/null)" ]; do
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.02
	done
}

# grows FILE PID: waits until the file is longer.
grows()
{
	local size
	size=$(stat -c %s "$1")
	while [ "$(stat -c %s "$1" 2>/dev/null)" = "$size" ]; do
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.02
	done
}

# edit FILE OLD NEW: replaces the first match, which there must be.
edit()
{
	grep -q -- "$2" "$1" && sed -i "0,/$2/s//$3/" "$1"
}
