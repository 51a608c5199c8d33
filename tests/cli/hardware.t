#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others, one at a time
# tests/hardware.md and the checks of selftest are one table, and every command in it is one that exists.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
run "$EXITSTORM" selftest --checks
is "$status" 0 "selftest --checks"
is "$(grep '^|' "$top/tests/hardware.md")" "$out" "tests/hardware.md is the command's table"
rows=$(printf '%s\n' "$out" | sed 1,2d)
ok "... of twenty rows or more" test "$(printf '%s\n' "$rows" | wc -l)" -ge 20
is "$(printf '%s\n' "$rows" | cut -d'|' -f2 | sort | uniq -d)" "" "... each with its own name"
printf '%s\n' "$rows" | grep -o 'exitstorm [a-z]*' | sort -u | while read -r _ command; do
	"$EXITSTORM" "$command" --help >/dev/null 2>&1 || echo "$command"
done >"$tmp/unknown"
is "$(cat "$tmp/unknown")" "" "... and commands that exist"
# The storms that a row names.
"$EXITSTORM" list --json >"$tmp/list" 2>/dev/null || "$EXITSTORM" list >"$tmp/list"
sed -n 's/^HARDWARE("[a-z_]*", "[a-z]*", "[a-z_]*", "\([a-z_0-9,]*\)".*/\1/p' "$top/bench/cli/hardware.def" | tr ',' '\n' | sort -u |
	while read -r storm; do
		[ -z "$storm" ] || grep -qw "$storm" "$tmp/list" || echo "$storm"
	done >"$tmp/unknown"
is "$(cat "$tmp/unknown")" "" "... and storms that exist"
done_testing
