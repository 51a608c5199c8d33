#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# files: build/module/%r/exitstorm.ko
# Who uses VMX or SVM first has it: KVM is let alone, and KVM finds no trace of us.
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
is "$status" 1 "the module refuses while it does"
like "$err" "another hypervisor uses (VMX|SVM).*rmmod $EXITSTORM_BED_MODULE" "and says what to do"
ok "which does not disturb the VM" kill -0 "$pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
rmmod "$EXITSTORM_BED_MODULE"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module $storm
is "$status" 0 "after rmmod it runs"

modprobe "$EXITSTORM_BED_MODULE"
"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 -o "$tmp/long" >/dev/null 2>&1 &
pid=$!
sleep 1
# shellcheck disable=SC2086
run "$EXITSTORM" run -t kvm $storm
isnt "$status" 0 "a VM that is made meanwhile is refused by KVM"
note "$err"
ok "and our run goes on" kill -0 "$pid"
kill -INT "$pid"
wait "$pid"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t kvm -s pio_out -n 100 -r 1 --samples 0
is "$status" 0 "afterwards KVM has a VM"
rmmod "$EXITSTORM_BED_MODULE"
# shellcheck disable=SC2086
run "$EXITSTORM" run -t module $storm
is "$status" 0 "and the module a run"
ok "it unloads" rmmod exitstorm
done_testing
