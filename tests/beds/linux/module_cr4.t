#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: bochs-vmx
# files: build/module/%r/cr4/exitstorm.ko=/lib/bed/exitstorm_cr4.ko build/module/%r/state/state.ko
# exitstorm.ko built as for kernels that do not export cr4_update_irqsoff (6.19 and later): VMX is on during
# batches only.
. "$(dirname "$0")/../../lib.sh"
insmod /lib/bed/state.ko
cat /proc/exitstorm_state >"$tmp/before"
insmod /lib/bed/exitstorm_cr4.ko
run "$EXITSTORM" run -t module -s cpuid,page_fill,external_interrupt,vmcall -n 500 -r 1 --samples 0 -o "$tmp/run"
is "$status" 0 "storms are measured"
is "$(grep -c '"status": "measured"' "$tmp/run/run.json")" 3 "all but the one that takes the host's interrupts"
like "$out" "external_interrupt: .*interrupts" "... with the reason"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --set irqs=on
like "$out" "cpuid: irqs=on keeps VMX on between batches" "irqs=on is refused"
rmmod exitstorm
rmmod state
done_testing
