#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others, one at a time
# long: boots each emulator several times
# Runs in emulators are killed and continued. In Bochs, which counts instructions, the figures are those of a run that
# was not interrupted.
. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")
. "$here/interrupt.sh"
find_python json || skip_all "python3 is not installed"

figures() { "$EXITSTORM" show --csv "$1" | cut -d, -f 4-; }

for target in bochs:bochs qemu:qemu-system-x86_64; do
	program=${target#*:} target=${target%:*}
	if ! command -v "$program" >/dev/null; then
		skip "no $program" "$target"
		continue
	fi
	plan=(-t "$target" -s null,cpuid,vmcall,hlt -n 500 -r 3)
	EXITSTORM_SAVE=0 "$EXITSTORM" run -q "${plan[@]}" -o "$tmp/$target" >/dev/null 2>&1 &
	pid=$!
	ok "$target: a run that is saved" has_partial "$tmp/$target" "$pid"
	kill -s KILL "$pid"
	wait "$pid" 2>/dev/null
	ok "... and killed is a part of one" test -s "$tmp/$target.partial/run.json"
	run "$EXITSTORM" run -q --resume "$tmp/$target"
	is "$status:$out:$err" "0:$tmp/$target:" "... is continued"
	is "$("$python" "$here/check_whole.py" "$tmp/$target")" whole "... and then whole"
done
if [ -d "$tmp/bochs" ]; then
	run "$EXITSTORM" run -q -t bochs -s null,cpuid,vmcall,hlt -n 500 -r 3 -o "$tmp/other"
	is "$(figures "$tmp/bochs")" "$(figures "$tmp/other")" "Bochs: the figures are those of a run that was not interrupted"
fi
done_testing
