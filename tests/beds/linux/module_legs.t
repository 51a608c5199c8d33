#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/image.legs build/module/%r/module.legs
# One tick is one instruction: legs of the fast path have the lengths of the disassembly, of image and module.
. "$(dirname "$0")/../../lib.sh"
is "$(cat /lib/bed/module.legs)" "$(cat /lib/bed/image.legs)" "module and image have the same instructions"
is "$(wc -l </lib/bed/image.legs)" 4 "... counted: $(tr '\n' ' ' </lib/bed/image.legs)"
insmod /lib/bed/exitstorm.ko
run "$EXITSTORM" run -t module -s cpuid -n 2000 -r 1 --samples 0 -o "$tmp/run"
is "$status" 0 "cpuid is measured"
legs=$(tr -d ' \n' <"$tmp/run/run.json" | grep -o '"\(exit\|handler\|resume\)":{"site":"vmx-asm","all":{[^}]*}' |
	sed 's/^"\([a-z]*\)".*"min":\([0-9.]*\),.*"max":\([0-9.]*\),.*/\1 \2 \3/')
note "$legs"
while read -r leg count; do
	[ "$leg" = path ] || like "$legs" "^$leg $count(\.0)? $count(\.0)?$" "$leg: the same in every record"
done </lib/bed/image.legs
like "$(cat "$tmp/run/run.json")" '"clock": "instructions"' "the clock is instructions"
rmmod exitstorm
done_testing
