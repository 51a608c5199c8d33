#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beds: qemu-svm bochs-vmx
# more beds: bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh tests/beds/linux/settings.sh
# Every setting that the module takes, at every value, over storms that use each way in which a handler affects the
# host or the guest's state. All storms: module_settings_all.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh
. /lib/bed/settings.sh
storms=cpuid,nmi,external_interrupt,interrupt_window,mov_cr4_pge,pf_reflect,page_fill min=7
case $EXITSTORM_BED:${BED_MORE:-} in
*vmx:) storms=cpuid,nmi,external_interrupt_ack,interrupt_window,page_fill min=5 ;; # Bochs takes ten times as long
*vmx:1) storms=$storms,external_interrupt_ack min=8 ;;
*svm:*) storms=$storms,null,vmcall,rdmsr,pio_out,hlt,mov_cr3,mov_dr min=14 ;;
esac

state >"$tmp/before"
insmod /lib/bed/exitstorm.ko
values >"$tmp/values"
ok "settings are listed" [ "$(wc -l <"$tmp/values")" -ge 8 ]
ok "among them is vmload with two values" grep -q '^vmload each batch$' "$tmp/values"
ok "and delay, a number" grep -q '^delay 0 6 1000$' "$tmp/values"
while read -r key default others; do
	# In Bochs each value takes three seconds: the first of the others, check-long has all.
	case $EXITSTORM_BED:${BED_MORE:-} in *vmx:) others=${others%% *} ;; esac
	for other in $others; do
		value "$key=$other" "$min" "$storms"
	done
	note "$key=$default is what all other runs have"
done <"$tmp/values"
rmmod exitstorm
same "after all of them"
rmmod state
done_testing
