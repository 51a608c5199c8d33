#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 180
# beds: qemu-svm
# files: build/tests/trace/nested
# files: /usr/bin/qemu-system-x86_64=/usr/bin/qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin=/usr/share/seabios/bios-256k.bin
# files: /usr/share/qemu/kvmvapic.bin=/usr/share/qemu/kvmvapic.bin
# files: /usr/share/qemu/multiboot_dma.bin=/usr/share/qemu/multiboot_dma.bin
# Raw SVM as a nested hypervisor: the image under QEMU on this kernel's kvm_amd. And traces of a nested guest: exits
# of L1 and L2 apart, as many as L1 itself counts.
. "$(dirname "$0")/../../lib.sh"
trace=/sys/kernel/tracing

ok "modprobe kvm_amd nested=0" modprobe kvm_amd nested=0
run "$EXITSTORM" run -q -t qemu --set accel=kvm -n 10 -r 1 -s vmcall -o "$tmp/none"
like "$(cat "$tmp/none/run.json")" '"why": "accel=kvm needs a host whose KVM offers nesting' \
	"without nesting accel=kvm is refused"
ok "rmmod kvm_amd" rmmod kvm_amd
ok "modprobe kvm_amd nested=1" modprobe kvm_amd nested=1

echo 16384 >$trace/buffer_size_kb
echo 1 >$trace/events/kvm/kvm_nested_vmexit/enable
run "$EXITSTORM" run -q -t qemu --set accel=kvm -n 300 -r 1 -s vmcall -o "$tmp/run"
echo 0 >$trace/events/kvm/kvm_nested_vmexit/enable
is "$status" 0 "run -t qemu --set accel=kvm"
[ "$status" = 0 ] || note "$err $(grep '"why"' "$tmp/run/run.json")"
json=$(cat "$tmp/run/run.json")
like "$json" '"status": "measured"' "vmcall is measured"
like "$json" '"exits": 300' "... 300 exits"
like "$json" '"expected": 300' "... as expected"
like "$json" '"backend": "svm"' "... by raw SVM"
seen=$(grep -c 'kvm_nested_vmexit:.* reason hypercall ' $trace/trace)
ok "KVM counted nested exits ($seen)" test "$seen" -ge 300
[ "$seen" -ge 300 ] || note "$(grep -v '^#' $trace/trace | head -n 3)"
run "$EXITSTORM" show "$tmp/run"
title=$(printf '%s\n' "$out" | sed -n '1,/^clock/p' | tr -s ' \n' ' ')
like "$title" "NESTED: raw SVM at L2, under this machine's kvm_amd \(L1\), under QEMU's TCG .*\(L0\)" \
	"its title says nested, at which level and under whom"
like "$title" "L0's kernel and mitigations are unknown" "... with what is unknown"
like "$title" "EMULATED" "... and that all of it is emulated here"
: >$trace/trace

# count REASON: what the table says of it, "L2 CPUID" among them.
count()
{
	printf '%s\n' "$out" | sed -n "s/^  $1  *\([0-9]*\) .*/\1/p"
}

for way in tp_btf raw_tp tracepoint; do
	run "$EXITSTORM" trace --attach $way --rips --record "$tmp/$way" -- nested 300 70
	like "$err" "^l2 cpuid 300 vmmcall 1, l1 vmrun 301 cpuid 70$" "$way: what L1 has counted"
	is "$(count 'L2 CPUID') $(count 'L2 VMMCALL')" "300 1" "... L2's exits, apart"
	is "$(count VMRUN) $(count CPUID)" "301 70" "... and L1's own"
	is "$(count VMMCALL)" "" "... without those of L2"
	like "$out" "^  0x0000000000002005 +300 .* L2 CPUID, VM 1" "... with L2's RIP"
	like "$out" "^  0x0000000000001006 +70 .*  CPUID, VM 1" "... and L1's"
	[ $way = tp_btf ] || continue
	run "$EXITSTORM" export "$tmp/$way" --csv
	is "$(printf '%s\n' "$out" | grep -c '^l2_cpuid,') $(printf '%s\n' "$out" | grep -c '^cpuid,')" \
		"300 70" "... in the run as well"
done
run "$EXITSTORM" trace --hooks kvm_exit,kvm_nested_vmexit -- nested 300 70
is "$(count 'L2 CPUID') $(count CPUID)" "300 70" "without kvm_entry: apart, too"
unlike "$out" "handler" "... with the time from exit to exit"
ok "rmmod kvm_amd" rmmod kvm_amd
done_testing
