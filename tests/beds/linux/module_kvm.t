#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: qemu-svm qemu-svm:newest
# more beds: bochs-vmx
# limit: 120
# files: build/module/%r/exitstorm.ko
# The first user of VMX or SVM keeps it: the module refuses beside KVM, KVM refuses beside the module.
. "$(dirname "$0")/../../lib.sh"
storm="-s cpuid -n 100 -r 1 --samples 0"
insmod /lib/bed/exitstorm.ko
modprobe "$EXITSTORM_BED_MODULE"
ok "KVM is loaded" [ -e /dev/kvm ]

"$EXITSTORM" run -t kvm -s pio_out -n 100M -r 1 -q -o "$tmp/kvm" >/dev/null 2>&1 &
pid=$!
sleep 1.5
ok "a VM runs" kill -0 "$pid"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module $storm
is "$status" 1 "the module refuses beside it"
like "$err" "another hypervisor uses (VMX|SVM).*rmmod $EXITSTORM_BED_MODULE" "... with the command that helps"
ok "... and the VM goes on" kill -0 "$pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
rmmod "$EXITSTORM_BED_MODULE"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module $storm
is "$status" 0 "after rmmod the module runs"

# Up to 6.11 KVM turns on VMX or SVM with the first VM, later when it is loaded.
"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 -o "$tmp/long" >/dev/null 2>&1 &
pid=$!
sleep 1
modprobe "$EXITSTORM_BED_MODULE" 2>/dev/null
# shellcheck disable=SC2086
run "$EXITSTORM" run -t kvm $storm
isnt "$status" 0 "KVM refuses a VM beside a run of the module"
note "$err"
ok "... and the run goes on" kill -0 "$pid"
kill -INT "$pid"
wait "$pid"
modprobe "$EXITSTORM_BED_MODULE"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t kvm -s pio_out -n 100 -r 1 --samples 0
is "$status" 0 "afterwards KVM runs a VM"
rmmod "$EXITSTORM_BED_MODULE"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module $storm
is "$status" 0 "... and the module a run"
ok "it unloads" rmmod exitstorm
done_testing
