#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beds: bochs-vmx qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm bochs-vmx
# files: build/module/%r/exitstorm.ko
# exitstorm.ko loads, the storms of this CPU's vendor verify themselves, and it unloads.
. "$(dirname "$0")/../../lib.sh"
fails 1 "without the module" "$EXITSTORM" run -t module -s cpuid -n 10
ok "it loads" insmod /lib/bed/exitstorm.ko
is "$(stat -c '%a %u' /dev/exitstorm)" "600 0" "the device is root's only"
is "$(chmod 666 /dev/exitstorm; su -s /bin/sh nobody -c 'cat /dev/exitstorm' 2>&1 | grep -c .; chmod 600 /dev/exitstorm)" \
	1 "... also with mode 666"
# All storms take 90 s in Bochs: there a few of each way to handle an exit, where check-long has all.
case $EXITSTORM_BED:${BED_MORE:-} in
bochs-vmx:)
	storms=cpuid,vmcall,hlt,rdmsr,wrmsr_gs_base,pio_out,ins,mmio_read,wbinvd,mov_cr3,mov_dr,page_fill,page_execute
	storms=$storms,pf_reflect,divide,task_switch,nmi,external_interrupt,interrupt_window,preemption_timer,vmread,invept
	run "$EXITSTORM" run -t module -s $storms -n 200 -r 1 --warmup 50 --samples 0 -q -o "$tmp/few"
	is "$status" 0 "no storm fails"
	is "$(grep -c '"status": "measured"' "$tmp/few/run.json")" "$(echo $storms | tr , '\n' | wc -l)" "all are measured"
	rm -rf "$tmp/few"
	;;
*)
	run "$EXITSTORM" selftest -t module
	is "$status" 0 "no storm fails"
	note "$(printf '%s\n' "$out" | tail -n 1)"
	measured=$(printf '%s\n' "$out" | grep -c '^measured ')
	ok "most are measured ($measured)" [ "$measured" -ge 60 ]
	unlike "$out" "^(failed|skipped) +(cpuid|vmcall|hlt|rdmsr|pio_out|page_fill) " \
		"storms that every CPU supports are measured"
	case $EXITSTORM_BED in
	*vmx) like "$out" "^measured +(nmi|vmread|preemption_timer) " "and what only VMX has" ;;
	*svm) like "$out" "^measured +(vmrun|cr0_selective) " "and what only SVM has" ;;
	esac
	printf '%s\n' "$out" | grep '^failed' | while read -r line; do note "$line"; done
	;;
esac
# Exit handlers that run with the guest's GS base: what the host does for NMIs and interrupts needs its own.
run "$EXITSTORM" run -t module -s nmi,external_interrupt,cpuid -n 200 -r 2 --samples 0 -q --set vmload=batch -o "$tmp/batch"
is "$status" 0 "VMLOAD and VMSAVE once a batch"
is "$(grep -c '"status": "measured"' "$tmp/batch/run.json")" 3 "NMIs and interrupts of the guest are measured"
ok "it unloads" rmmod exitstorm
done_testing
