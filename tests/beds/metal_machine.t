#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 200
# beside: others
#
# The bare-metal host on several machines: the local APIC in both modes, the TSC's rate against timers, memory,
# CPUs by APIC ID, interrupts that no storm has sent.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

# Bochs: one tick of the TSC is a microsecond of the PIT (ips=1000000).
common()
{
	like "$serial" "^interrupted: right, strays 1, held 1" "$1: one stray interrupt is no error, a device's is held"
}
rate()
{
	hz=$(printf '%s\n' "$serial" | sed -n 's/^TSC \([0-9]*\) Hz by .*/\1/p')
	ok "$1: $3 finds $2 Hz within 1 % (${hz:-none})" test $((hz * 100)) -gt $(($2 * 99)) -a $((hz * 100)) -lt $(($2 * 101))
	like "$serial" "^TSC [0-9]+ Hz by $3" "... by $3"
}
BOCHS_CPUS=2 bochs_run "$images/metal_machine.bin" corei7_skylake_x
is $? 0 "Bochs: the image ends by itself"
common Bochs
rate Bochs 1000000 "the PIT"
like "$serial" "^x2APIC 0" "... xAPIC"
like "$serial" "^an MSR that exists: 1, one that does not: 0" "... #GP of RDMSR is survived"
like "$serial" "^CPUs of 2: 2" "... two CPUs"
BOCHS_ROM=$images/rom_x2apic.bin BOCHS_CPUS=2 bochs_run "$images/metal_machine.bin" corei7_skylake_x
is $? 0 "Bochs, x2APIC by firmware: the image ends by itself"
common "x2APIC"
like "$serial" "^x2APIC 1" "... x2APIC"
like "$serial" "^CPU 1 is APIC 1" "... both CPUs run"

command -v qemu-system-x86_64 >/dev/null || { skip "no QEMU (qemu-system-x86_64)"; done_testing; exit; }

# qemu OPTIONS...: the image under QEMU's BIOS, which has ACPI tables
qemu()
{
	rm -f "$tmp/qemu"
	timeout -s KILL 60 qemu-system-x86_64 -nodefaults -accel tcg -m 128 -kernel "${image:-$images/metal_machine.elf}" \
		-display none -serial "file:$tmp/qemu" -no-reboot -device isa-debug-exit,iobase=0xf4 "$@" 2>/dev/null
	is $? 1 "QEMU $*: the image ends by itself"
	serial=$(tr -d '\0\r' <"$tmp/qemu")
}
qemu -cpu EPYC,+svm -icount shift=0,sleep=off
common QEMU
rate QEMU 1000000000 "the ACPI power-management timer"
memory=$(printf '%s\n' "$serial" | sed -n 's/^memory \([0-9]*\) KiB/\1/p')
ok "... most of its memory is found ($memory KiB)" test "$memory" -gt 120000 -a "$memory" -lt 130048
qemu -cpu EPYC,+svm,-nx
common "QEMU without NX"
# Without -icount the TSC is this machine's: both timers measure the same.
hz=$(printf '%s\n' "$serial" | sed -n 's/^TSC \([0-9]*\) Hz by .*/\1/p')
qemu -machine acpi=off -cpu EPYC,+svm
rate "QEMU without ACPI" "$hz" "the PIT"

# 12 CPUs of which 8 can run; firmware's numbers have gaps (2 sockets of 3 cores of 2 threads).
qemu -cpu EPYC,+svm,+topoext -smp 12,sockets=2,cores=3,threads=2
like "$serial" "^CPUs of 3: 3, of 99: 8" "12 CPUs: as many as are wanted, at most 8"
is "$(printf '%s\n' "$serial" | sed -n 's/^CPU . is APIC //p' | tr '\n' ' ')" "0 2 3 4 5 8 9 10 " \
	"... first other cores of the package, then the other one, no thread of the own core"
image=$images/metal_panic.elf
qemu -cpu EPYC,+svm -smp 12
like "$serial" "^panic: vector 6" "12 CPUs: a panic prints its reason"
done_testing
