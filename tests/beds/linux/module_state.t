#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: bochs-vmx qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/registers
# State that a guest must not leave changed: of the CPU, compared before and after each batch, with unusual values in
# registers that are 0 in a kernel thread; and of the process that starts the run.
. "$(dirname "$0")/../../lib.sh"
insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko
parts=$(cut -d' ' -f2 /proc/exitstorm_state)

storms=cpuid,mov_cr3,mov_dr,mov_to_cr8,page_fill,pf_reflect,xsetbv,wrmsr_gs_base,nmi
for settings in "irqs=off" "irqs=on" "irqs=off vmload=batch" "irqs=on vmload=batch"; do
	case $EXITSTORM_BED$settings in *vmx*vmload*) continue ;; esac # VMX has no such switch
	ok "state is compared around batches" sh -c 'echo 1 >/proc/exitstorm_batches'
	# shellcheck disable=SC2046,SC2086
	run "$EXITSTORM" run -t module -s "$storms" -n 60 -r 1 --warmup 20 --samples 0 -q -o "$tmp/$settings" \
		$(printf ' --set %s' $settings)
	is "$status" 0 "storms with $settings"
	is "$(sed -n '/"name": "nmi"/,/"status"/s/.*"status": "\(.*\)".*/\1/p' "$tmp/$settings/run.json")" measured \
		"... also that which sends NMIs: none is lost to another CPU"
	out=$(cat /proc/exitstorm_batches)
	is "$(printf '%s\n' "$out" | grep -v '^batches')" "" "no batch leaves a change"
	batches=$(printf '%s\n' "$out" | sed -n 's/^batches //p')
	ok "batches were compared (${batches:-none})" [ "${batches:-0}" -ge 20 ]
	storms=cpuid,mov_dr,pf_reflect,nmi
done

# Features that the CPU lacks are skipped. Kernels since 6.1 list all of these.
for part in XCR0 XSS PKRU S_CET SSP FRED_CONFIG SPEC_CTRL TSC_AUX VM_HSAVE_PA; do
	case $part in
	PKRU) grep -q '^flags.* ospke' /proc/cpuinfo ;;
	*) printf '%s\n' "$parts" | grep -qx "$part" ;;
	esac
	if [ $? = 0 ]; then
		pass "the state includes $part"
	else
		skip "this CPU has no $part" "the state includes $part"
	fi
done
run registers cpuid mov_cr3 mov_dr page_fill pf_reflect
is "$status" 0 "a process that starts storms on its own CPU finds its registers unchanged"
note "$out"
unlike "$out" "^changed" "all of them: x87, MXCSR, vectors, bases of FS and GS, PKRU, I/O permissions"
rmmod exitstorm
rmmod state
done_testing
