#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/image.legs build/module/%r/module.legs
# One tick is one instruction: fast legs are as long as the disassembly of the image says, and that of the module.
. "$(dirname "$0")/../../lib.sh"
is "$(cat /lib/bed/module.legs)" "$(cat /lib/bed/image.legs)" "module and image have the same instructions"
is "$(wc -l </lib/bed/image.legs)" 4 "which are counted: $(tr '\n' ' ' </lib/bed/image.legs)"
insmod /lib/bed/exitstorm.ko
run "$EXITSTORM" run -t module -s cpuid -n 2000 -r 1 --samples 0 -o "$tmp/run"
is "$status" 0 "cpuid is measured"
legs=$(tr -d ' \n' <"$tmp/run/run.json" | grep -o '"\(exit\|handler\|resume\)":{"site":"vmx-asm","all":{[^}]*}' |
	sed 's/^"\([a-z]*\)".*"min":\([0-9.]*\),.*"max":\([0-9.]*\),.*/\1 \2 \3/')
note "$legs"
while read -r leg count; do
	[ "$leg" = path ] || like "$legs" "^$leg $count(\.0)? $count(\.0)?$" "$leg: as many in every record"
done </lib/bed/image.legs
like "$(cat "$tmp/run/run.json")" '"clock": "instructions"' "it is said to be an emulator's"
rmmod exitstorm
done_testing
