#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beds: bochs-vmx
# files: /usr/bin/qemu-system-x86_64=/usr/bin/qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin=/usr/share/seabios/bios-256k.bin
# files: /usr/share/qemu/kvmvapic.bin=/usr/share/qemu/kvmvapic.bin
# files: /usr/share/qemu/multiboot_dma.bin=/usr/share/qemu/multiboot_dma.bin
# Raw VMX as a nested hypervisor: the image under QEMU on this kernel's kvm_intel, which checks controls, host state,
# guest state, EPT pointer and lists of MSRs of each VM entry by itself. Storms of each kind of VMCS with few exits,
# or $STORMS: all.
. "$(dirname "$0")/../../lib.sh"
: "${STORMS:=cpuid,page_fill,nmi,preemption_timer,entry_fail_state,entry_fail_msr,dirty_log_full,vmread_shadow,vmfunc_eptp_switch}"
RUN_LIMIT=${BED_TEST_LIMIT:-580}

ok "modprobe kvm_intel nested=0" modprobe kvm_intel nested=0
run "$EXITSTORM" run -q -t qemu --set accel=kvm -n 10 -r 1 -s vmcall -o "$tmp/none"
like "$(cat "$tmp/none/run.json")" '"why": "accel=kvm needs a host whose KVM offers nesting' \
	"without nesting accel=kvm is refused"
ok "rmmod kvm_intel" rmmod kvm_intel
ok "modprobe kvm_intel nested=1" modprobe kvm_intel nested=1
[ "$STORMS" != all ] || STORMS=
run "$EXITSTORM" run -q -t qemu --set accel=kvm -n 16 -r 1 --warmup 0 ${STORMS:+-s "$STORMS"} -o "$tmp/run"
is "$status" 0 "run -t qemu --set accel=kvm: no storm fails"
[ "$status" = 0 ] || note "$err"

# "STORM STATUS EXITS EXPECTED WHY"
awk '
	/^      "(name|status|why|exits|expected)": / {
		key = $1; gsub(/[":]/, "", key)
		text = $0; sub(/^[^:]*: /, "", text); sub(/,$/, "", text)
		if (key ~ /name|status/) gsub(/"/, "", text)
		value[key] = text
	}
	/^      "expected": / { print value["name"], value["status"], value["exits"], value["expected"], value["why"] }
	' "$tmp/run/run.json" >"$tmp/storms"
grep -E ' (failed|measured|no_exit) ' "$tmp/storms" >"$tmp/ran"
note "$(wc -l <"$tmp/ran") storms ran, $(grep -c ' measured ' "$tmp/ran") are measured"
# SYSCALL does not exit; KVM loads the bitmap of virtual EOIs only where the CPU has posted interrupts.
is "$(grep -v ' measured ' "$tmp/ran" | grep -v -e '^syscall no_exit ' -e '^virtualized_eoi no_exit ')" "" \
	"... all that ran are measured"
is "$(awk '$2 == "measured" && $3 < $4' "$tmp/ran")" "" "... with as many exits as each has to have"
# A storm that is skipped needs a feature that this CPU lacks, or another target.
is "$(grep ' skipped ' "$tmp/storms" | grep -v -e "this CPU" -e "raw VMX" -e "needs raw SVM")" "" \
	"... the others need what this CPU does not have"
is "$(grep -c ' measured ' "$tmp/ran")" "${MEASURED:-$(echo "$STORMS" | tr ',' '\n' | grep -c .)}" "... and their number is right"
like "$(head -n 40 "$tmp/run/run.json")" '"backend": "vmx"' "by raw VMX"
run "$EXITSTORM" show "$tmp/run"
title=$(printf '%s\n' "$out" | sed -n '1,/^clock/p' | tr -s ' \n' ' ')
like "$title" "NESTED: raw VMX at L2, under this machine's kvm_intel \(L1\), under Bochs, an emulator \(L0\)" \
	"its title says nested, at which level and under whom"
ok "rmmod kvm_intel" rmmod kvm_intel
done_testing
