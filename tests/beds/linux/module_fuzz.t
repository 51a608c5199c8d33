#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm
# more beds: bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/fuzz
# 10,000 ioctls with random or nearly right arguments, or $CALLS, of which one in $RARE may be accepted; by $SEED.
# Afterwards KVM can be used.
. "$(dirname "$0")/../../lib.sh"
calls=${CALLS:-10000}
insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko
cat /proc/exitstorm_state >"$tmp/before"
RUN_LIMIT=${BED_TEST_LIMIT:-140} run fuzz "${SEED:-20261125}" "$calls" "${RARE:-64}"
is "$status" 0 "of $calls calls some are accepted, the malformed ones are refused"
note "$out"
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --samples 0
is "$status" 0 "the next run succeeds"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
ok "it unloads" rmmod exitstorm
rmmod state
ok "KVM can be loaded" modprobe "$EXITSTORM_BED_MODULE"
ok "... and gives /dev/kvm" have_kvm
rmmod "$EXITSTORM_BED_MODULE"
done_testing
