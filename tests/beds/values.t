#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# Settings of the measurement itself on the raw targets, at every value, where a tick is an instruction: ring= and
# null= change no figure, ops= adds exactly the same with each further operation. Of metal by a capture.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
find_python json || skip_all "no python3 with json"

# of EXPRESSION RUN...: of each run, without the times of repeats, with s the storms by name, and trip(STORM) the median round trip.
of()
{
	"$python" - "$@" <<-'END'
		import json, sys
		for run in sys.argv[2:]:
		    r = json.load(open(run + "/run.json"), object_hook=lambda o: {k: v for k, v in o.items() if k != "at_s"})
		    s = {x["name"]: x for x in r["storms"]}
		    trip = lambda name: s[name]["legs"]["round_trip"]["all"]["p50"]
		    print(eval(sys.argv[1]))
	END
}
storms=vmcall,pio_out,page_fill,null

# every TARGET: ring=, null= and ops= at every value.
every()
{
	run timeout -s KILL 120 "$EXITSTORM" run -q -t "$1" -s $storms -n 300 -r 1 --vary ring=4096,1024,256,64 -o "$tmp/$1.ring"
	is "$status" 0 "$1: ring="
	is "$(of '[s[n]["status"] for n in s].count("measured")' "$tmp/$1.ring"/*)" "$(printf '4\n4\n4\n4')" "$1: every storm is measured"
	is "$(of '[trip(n) for n in sorted(s)]' "$tmp/$1.ring"/* | sort -u | wc -l)" 1 "$1: the ring's size changes no figure"
	is "$(of 's["vmcall"]["repeats"][0]["batch"] <= int(r["settings"]["ring"])' "$tmp/$1.ring"/* | sort -u)" True \
		"$1: no batch is longer than its ring"
	is "$(of 's["vmcall"]["repeats"][0]["batch"]' "$tmp/$1.ring/ring=64")" 63 "$1: ring=64 is used up to the record that ends a batch"
	run timeout -s KILL 120 "$EXITSTORM" run -q -t "$1" -s $storms -n 100 -r 1 --vary null=1,2 -o "$tmp/$1.null"
	is "$(of 's' "$tmp/$1.null"/* | sort -u | wc -l)" 1 "$1: null=1 and 2 measure the same"
	run timeout -s KILL 120 "$EXITSTORM" run -q -t "$1" -s $storms,external_interrupt -n 100 -r 2 --set path=full --set stamps=guest \
		--vary ops=1,2,4 -o "$tmp/$1.ops"
	for ops in 1 2 4; do
		is "$(of '[s[n]["exits_per_op"] for n in ("vmcall", "pio_out", "page_fill")]' "$tmp/$1.ops/ops=$ops")" \
			"[$ops, $ops, $ops]" "$1: ops=$ops makes as many exits"
	done
	is "$(of '[trip(n) for n in ("vmcall", "pio_out", "page_fill", "null")]' "$tmp/$1.ops"/* | "$python" -c '
import sys
one, two, four = (eval(line) for line in sys.stdin)
print([round(4 * (b - a) - 2 * (d - b), 3) for a, b, d in zip(one, two, four)], two[3] - one[3])')" "[0.0, 0.0, 0.0, 0.0] 0.0" \
		"$1: the third and fourth operation add what the second adds, and an empty one nothing"
	is "$(of 's["external_interrupt"]["status"]' "$tmp/$1.ops/ops=2")" skipped "$1: an event that the host requests has no ops=2"
	# The net cost of one operation less its control, by instructions, is the slope.
	is "$("$EXITSTORM" show --net "$tmp/$1.ops" | awk '$1 == "vmcall" { print $2 }')" \
		"$(of 'round(trip("vmcall") - s["vmcall"]["legs"]["control"]["all"]["p50"]) + 1' "$tmp/$1.ops/ops=1")" \
		"$1: show --net: the slope is the net cost, and the load of the operand, which the control has, too"
	run timeout -s KILL 60 "$EXITSTORM" run -q -t "$1" -s vmcall -n 10 -r 1 --set ops=2 --set stamps=guest -o "$tmp/$1.fast"
	like "$(of 's["vmcall"]["why"]' "$tmp/$1.fast")" "needs path=full" "$1: the fast path has one operation"
}

command -v bochs >/dev/null && every bochs
if command -v qemu-system-x86_64 >/dev/null; then
	every qemu
	# metal: the image's own plan, booted in QEMU.
	run "$EXITSTORM" image -s vmcall,null -n 100 -r 2 --set ring=64 --set null=2 --set ops=4 --set path=full --set stamps=guest \
		-o "$tmp/image"
	is "$status" 0 "metal: an image with these settings"
	sed -n '/qemu-system-x86_64/,$p' "$tmp/image/README" >"$tmp/try"
	(cd "$tmp/image" && timeout -s KILL 60 sh "$tmp/try" >/dev/null 2>&1)
	run "$EXITSTORM" import -q "$tmp/image/capture" -o "$tmp/metal"
	is "$(of 's["vmcall"]["exits_per_op"], s["vmcall"]["repeats"][0]["batch"] <= 64, r["settings"]["ops"], r["settings"]["null"]' \
		"$tmp/metal")" "(4, True, '4', '2')" "metal: they hold in the run"
fi
done_testing
