#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 200
# beside: others
#
# A panic on bare metal: every CPU leaves VMX operation or SVM, also one whose guest never exits. Then the whole
# reason is on the serial line, and the emulator ends.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

report()
{
	is "$(printf '%s\n' "$serial" | tr -d '\r' | grep '^CPU')" "CPU 0: inside, then outside
CPU 1: inside, then outside" "$1: both CPUs are out of it"
	like "$serial" "^panic: vector 6 \(#UD\), error code 0x0, rip 0x[0-9a-f]*, cr2 0x0, rsp 0x[0-9a-f]*" \
		"$1: one line with the reason"
}

for model in corei7_skylake_x ryzen; do
	BOCHS_CPUS=2 bochs_run "$images/metal_panic.bin" $model
	is $? 0 "$model: the image ends by itself"
	report $model
done
if command -v qemu-system-x86_64 >/dev/null; then
	timeout -s KILL 60 qemu-system-x86_64 -nodefaults -accel tcg -cpu EPYC,+svm -m 64 -smp 2 \
		-kernel "$images/metal_panic.elf" -display none -serial "file:$tmp/qemu" -no-reboot \
		-device isa-debug-exit,iobase=0xf4 2>/dev/null
	is $? 1 "QEMU: the image ends by itself"
	serial=$(tr -d '\0' <"$tmp/qemu")
	report QEMU
fi
done_testing
