#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# Machine checks, which QEMU raises by its monitor, while a guest of ours runs: the host handles them, as it does
# without a guest. QEMU 7.2 does not intercept #MC: the guest's IDT gets it. The exit itself is in tests/unit.
# shellcheck disable=SC2154
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox xz
. "$(dirname "$0")/../lib.sh"

for test in mce_recovered mce_fatal_process mce_fatal_guest; do
	run "$top/tests/beds/run" qemu-svm:6.12 $test.t
	is "$status" 0 "$test.t"
	[ "$status" = 0 ] || note "$out"
done

# On bare metal, with a guest that never exits. The monitor's command comes when the image has begun to send.
"$EXITSTORM" image -o "$tmp/image" -s cpuid -n 100 -r 1 >/dev/null
"$top/tests/module/hang" "$tmp/image/exitstorm.bin" "$top/build/guest.elf" "$top/build/guest.bin" >"$tmp/image/hang.bin"
begun()
{
	until [ -s "$tmp/serial" ] || [ -e "$tmp/over" ]; do sleep 0.2; done
	sleep 2
	echo "mce 0 4 0xb600000000000135 0x4 0x1000 0"
	until [ -e "$tmp/over" ]; do sleep 0.2; done
}
begun | {
	timeout -s KILL 100 qemu-system-x86_64 -nodefaults -accel tcg -cpu EPYC,+svm -m 256 -kernel \
		"$tmp/image/hang.bin" -initrd "$tmp/image/exitstorm.plan" -display none -serial "file:$tmp/serial" \
		-no-reboot -device isa-debug-exit,iobase=0xf4 -monitor stdio >"$tmp/qemu" 2>&1
	echo $? >"$tmp/over"
}
is "$(cat "$tmp/over")" 1 "bare metal: the image ends by itself"
is "$(tr -d '\0\r' <"$tmp/serial" | grep -ao 'panic: machine check.*')" \
	"panic: machine check on CPU 0: IA32_MCG_STATUS 0x4, MC4_STATUS 0xb600000000000135, MC4_ADDR 0x1000" \
	"with a line that has the bank"
done_testing
