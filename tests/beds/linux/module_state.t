#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: qemu-svm bochs-vmx qemu-svm:6.12
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/registers
# What a guest must not leave changed: of the CPU, looked at before and after each batch, with odd values in what a
# kernel thread has 0 of; and of the process that has it run.
. "$(dirname "$0")/../../lib.sh"
insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko
parts=$(cut -d' ' -f2 /proc/exitstorm_state)

for setting in off=cpuid,mov_cr3,mov_dr,mov_to_cr8,page_fill,pf_reflect,xsetbv,wrmsr_gs_base,nmi on=cpuid,mov_dr,pf_reflect; do
	irqs=${setting%%=*}
	ok "batches are watched" sh -c 'echo 1 >/proc/exitstorm_batches'
	run "$EXITSTORM" run -t module -s "${setting#*=}" -n 60 -r 1 --warmup 20 --samples 0 -q -o "$tmp/$irqs" \
		--set "irqs=$irqs"
	is "$status" 0 "storms with irqs=$irqs"
	out=$(cat /proc/exitstorm_batches)
	is "$(printf '%s\n' "$out" | grep -v '^batches')" "" "after each of their batches all is as it was"
	batches=$(printf '%s\n' "$out" | sed -n 's/^batches //p')
	ok "there are some (${batches:-no} batches)" [ "${batches:-0}" -ge 20 ]
done

# What a CPU lacks is not tested; 6.1 and later know each of them.
for part in XCR0 XSS PKRU S_CET SSP FRED_CONFIG SPEC_CTRL TSC_AUX VM_HSAVE_PA; do
	case $part in
	PKRU) grep -q '^flags.* ospke' /proc/cpuinfo ;;
	*) printf '%s\n' "$parts" | grep -qx "$part" ;;
	esac
	if [ $? = 0 ]; then
		pass "among it is $part"
	else
		skip "this CPU has no $part" "among it is $part"
	fi
done
run registers cpuid mov_cr3 mov_dr page_fill pf_reflect
is "$status" 0 "a process that has storms run on its own CPU finds its registers as they were"
note "$out"
unlike "$out" "^changed" "all of them: x87, MXCSR, vectors, bases of FS and GS, PKRU, I/O permissions"
rmmod exitstorm
rmmod state
done_testing
