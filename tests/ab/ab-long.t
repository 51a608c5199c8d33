#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 18000
# beside: others, one at a time
# long: up to two hours of pairs of runs
# How often exitstorm ab finds an exit path that is 2.5 % longer, and how often it calls equal ones different.
# AB_TRIES: pairs of each kind, 20 if it is not set.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python json || skip_all "no python3"
slower=${EXITSTORM%/*}/tests/ab/slower.so
cd "$tmp" || exit 1
tries=${AB_TRIES:-20}
export SLOWER_FLAG=$tmp/flag SLOWER_TICKS=0
printf 0 >flag

# The median of a round trip now, under a filter as both sides have it.
median()
{
	rm -rf now
	LD_PRELOAD=$slower "$EXITSTORM" run -q -s pio_out -r 5 -o now >/dev/null &&
		"$EXITSTORM" show now --csv | "$python" -c '
import csv, sys
print(round(next(float(r["p50"]) for r in csv.DictReader(sys.stdin) if r["leg"] == "round_trip" and r["records"] == "all")))'
}

# try NAME A B: sets $verdict, $rounds, $seconds
try()
{
	local began=$SECONDS
	rm -rf pair
	run env LD_PRELOAD="$slower" "$EXITSTORM" ab --a "printf $2 >flag" --b "printf $3 >flag" --max-time 170 --max-rounds 1000 \
		-- -s pio_out -o pair
	seconds=$((SECONDS - began))
	verdict=$(printf '%s\n' "$out" | sed -nE 's/^pio_out .* (slower|faster|same|unclear.*)$/\1/p')
	note "$1: $verdict after $seconds s; $err; $(printf '%s\n' "$out" | grep '^pio_out')"
}

found=0 alarms=0 late=0
for i in $(seq "$tries"); do
	ticks=$(median) || ticks=0
	SLOWER_TICKS=$(("${ticks:-0}" * 25 / 1000))
	try "$i, $SLOWER_TICKS of $ticks ticks more" 0 1
	[ "$verdict" = slower ] && found=$((found + 1))
	[ "$seconds" -gt 180 ] && late=$((late + 1))
	try "$i, equal" 0 0
	case $verdict in slower | faster) alarms=$((alarms + 1)) ;; esac
	[ "$seconds" -gt 180 ] && late=$((late + 1))
done
ok "2.5 % more is found in 19 of 20 tries: $found of $tries" test $((found * 20)) -ge $((tries * 19))
ok "equal pairs are called different at most twice in 20: $alarms of $tries" test $((alarms * 10)) -le "$tries"
is "$late" 0 "each within 3 minutes"
done_testing
