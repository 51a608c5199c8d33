#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: bochs-vmx
# files: build/module/%r/exitstorm.ko
# One tick is one instruction: lean legs are those of the image, which tests/beds/vmx_legs.t derives from
# its disassembly: 8 to the first stamp of the host, 18 in the host, 9 back.
. "$(dirname "$0")/../../lib.sh"
insmod /lib/bed/exitstorm.ko
run "$EXITSTORM" run -t module -s cpuid -n 2000 -r 1 --samples 0 -o "$tmp/run"
is "$status" 0 "cpuid is measured"
legs=$(tr -d ' \n' <"$tmp/run/run.json" | grep -o '"\(exit\|handler\|resume\)":{"site":"vmx-asm","all":{[^}]*}' |
	sed 's/^"\([a-z]*\)".*"min":\([0-9.]*\),.*"max":\([0-9.]*\),.*/\1 \2 \3/')
note "$legs"
for leg in "exit 8" "handler 18" "resume 9"; do
	like "$legs" "^${leg}(\.0)? ${leg#* }(\.0)?$" "$leg instructions in every record, as in the image"
done
like "$(cat "$tmp/run/run.json")" '"clock": "instructions"' "it is said to be an emulator's"
rmmod exitstorm
done_testing
