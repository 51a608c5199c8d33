#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/rounds
# $ROUNDS of load, run and unload, and $KILLS of load, kill -9 in mid-run and unload: the machine is unchanged, no
# thread is left, and KVM can be used. tests/beds/module_long.t: more of them, in each bed.
. "$(dirname "$0")/../../lib.sh"
rounds=${ROUNDS:-5} kills=${KILLS:-3}
insmod /lib/bed/state.ko
cat /proc/exitstorm_state >"$tmp/before"
RUN_LIMIT=${BED_TEST_LIMIT:-140} run rounds /lib/bed/exitstorm.ko "$rounds" "$kills" "${SEED:-1}"
is "$status" 0 "$rounds rounds of load, run, unload, and $kills kills in mid-run, after each of which it unloads"
note "$out"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
insmod /lib/bed/exitstorm.ko
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --samples 0 -q -o "$tmp/run"
is "$status" 0 "the command makes a run"
ok "it unloads" rmmod exitstorm
rmmod state
ok "KVM can be loaded" modprobe "$EXITSTORM_BED_MODULE"
run "$EXITSTORM" run -t kvm -s pio_out -n 100 -r 1 --samples 0 -q -o "$tmp/kvm"
is "$status" 0 "... and runs a VM"
rmmod "$EXITSTORM_BED_MODULE"
done_testing
