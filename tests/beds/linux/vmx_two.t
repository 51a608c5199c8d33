#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: bochs-vmx:6.12
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh
# VMX on two CPUs, and beside a KVM that turns it on when it is loaded (Linux 6.12 and later): neither disturbs the
# other, and a CPU that goes offline leaves VMX first.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh
few="-n 100 -r 1 --samples 0"
is "$(nproc)" 2 "two CPUs"
state >"$tmp/before"
is "$(cut -d' ' -f1 "$tmp/before" | sort -u | tr '\n' ' ')" "0 1 " "... with their states"
ok "it loads" insmod /lib/bed/exitstorm.ko

for how in "path=fast --set irqs=off" "path=full --set irqs=on"; do
	# shellcheck disable=SC2086
	run "$EXITSTORM" run -t module -s cpuid,pio_out,page_fill $few --set $how -o "$tmp/few"
	is "$status" 0 "a run with $how"
	is "$(grep -c '"status": "measured"' "$tmp/few/run.json")" 3 "... its storms verify themselves"
	rm -rf "$tmp/few"
	same "after it"
done

ok "KVM is loaded" modprobe kvm_intel
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module -s cpuid $few
is "$status" 1 "the module refuses, though no VM runs"
like "$err" "another hypervisor uses VMX.*rmmod kvm_intel" "... with the command that helps"
ok "rmmod kvm_intel" rmmod kvm_intel

# shellcheck disable=SC2086
run "$EXITSTORM" run -t module -s cpuid,ple_round_robin $few --vcpus 2 --cpu 1,0 -o "$tmp/two"
is "$status" 0 "after that it runs, two vCPUs on two CPUs"
is "$(grep -c '"vcpu": 1' "$tmp/two/run.json")" 2 "... both are measured"
same "after them"

ok "it unloads" rmmod exitstorm
ok "... and loads again" insmod /lib/bed/exitstorm.ko

# The last test, and CPU 1 stays offline: in three of three attempts, bringing it online again after a run hung this
# kernel in Bochs (CPU 1 had no tick, RCU waited for it). Without a run it did not, nor on QEMU's SVM.
begin --vcpus 2 --cpu 0,1
ok "two threads run" [ "$(threads)" -ge 2 ]
ok "CPU 1 goes offline in mid-run" sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
is "$(threads)" 0 "... which ends the run"
done_testing
