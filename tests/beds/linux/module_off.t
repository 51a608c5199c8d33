#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: qemu-svm bochs-vmx qemu-svm:newest
# limit: 60
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko
# ends: state: 0 of [12] CPUs have VMX or SVM on at the end
# Power-off (Bochs, which would go on after a reboot) or reboot in mid-run: the module leaves VMX or SVM first. No
# test can follow: tests/beds/run reads the last message of state.ko on the console.
. "$(dirname "$0")/../../lib.sh"
ok "state.ko" insmod /lib/bed/state.ko
ok "exitstorm.ko" insmod /lib/bed/exitstorm.ko
"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 -o "$tmp/run" &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	threads=$(cat /proc/[0-9]*/comm | grep -c '^exitstorm/')
	[ "$threads" = 0 ] || break
	sleep 0.2
done
ok "a run is under way" [ "$threads" -ge 1 ]
if [ "$EXITSTORM_BED" = bochs-vmx ]; then
	poweroff -f
else
	reboot -f
fi
sleep 30
done_testing
