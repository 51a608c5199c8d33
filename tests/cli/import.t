#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
# A capture is a file from elsewhere: whatever it says, import makes a run that can be read, or ends with one
# line. (The captures of real images are in the beds' tests.)
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1
"$EXITSTORM" image -s null,cpuid -r 2 -n 100 -o image >/dev/null || exit 1
make_capture() { "$python" "$top/tests/cli/make_capture.py" image/exitstorm.plan "$@"; }
statuses='[x["status"] for x in r["storms"]]'

make_capture good.cap || exit 1
run "$EXITSTORM" import -q good.cap -o good
is "$status:$out:$err" 0:good: "an honest capture"
is "$(get good "$statuses, r['storms'][1]['legs']['period']['all']['count']")" "(['measured', 'measured'], 200)" \
	"... is a run with all its values"
is "$(get good "[r['host']['cpu'][x] for x in ('tsc_hz', 'tsc_source', 'tsc_invariant', 'microcode')], r['host']['apic_ids']")" \
	"([2100000000, 'a timer', True, '0xf0'], [6])" "... with the machine's"

for lie in range count sum leg repeat vcpu max twice exits; do
	make_capture lie.cap --lie "$lie" || exit 1
	run "$EXITSTORM" import -q lie.cap -o "$lie"
	is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a false $lie: status 1 and one line"
	like "$err" "incomplete: [0-9]+ frames are invalid; first incomplete storm: null\$" "... which says where"
	is "$(get "$lie" "$statuses, r['storms'][0]['why']")" \
		"(['failed', 'measured'], 'a part of its results is invalid, or is there twice')" "... the other storm is kept"
	ok "... and the run can be read" "$EXITSTORM" show "$lie"
done

# CPUID leaves may hold any bytes.
for field in vendor brand hypervisor tsc_source; do
	make_capture text.cap --hello "$field=41fffe1b5d42c3" || exit 1
	ok "a $field that is no text" "$EXITSTORM" import -q text.cap -o "of-$field"
done
is "$(get of-vendor 'r["host"]["cpu"]["vendor"]') $(get of-brand 'r["host"]["cpu"]["brand"]') \
$(get of-hypervisor 'r["host"]["hypervisor"]') $(get of-tsc_source 'r["host"]["cpu"]["tsc_source"]')" \
	"A???]B? A???]B? A???]B? A???]B?" "... is printable in the run"
make_capture text.cap --hello backend=41fffe || exit 1
fails 1 "a backend that is no text" "$EXITSTORM" import -q text.cap -o no
make_capture text.cap --end 1b5d303bff || exit 1
run "$EXITSTORM" import -q text.cap -o ended
is "$status:$err" "1:exitstorm import: text.cap: incomplete: ?]0;?" "the image's own reason is printable, too"

nok "what is refused as a whole leaves no run" test -e no
is "$(ls -A | grep -c '^\.exitstorm')" 0 "nothing temporary is left"
done_testing
