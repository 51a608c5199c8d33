#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beds: bochs-vmx qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm
# Target kvm on kvm_intel or kvm_amd: a guest at CPL 0 runs natively, storms exit as on that CPU, and the kernel's
# tracepoint counts the same exits.
. "$(dirname "$0")/../../lib.sh"
trace=/sys/kernel/tracing

# storm, its status on kvm_amd and on kvm_intel, exits per operation
cat >"$tmp/wanted" <<'END'
null          measured measured 0
cpuid         measured measured 1
vmcall        measured measured 1
wbinvd        measured measured 1
rdmsr         measured measured 1
pio_out       measured measured 1
pio_in        measured measured 1
mmio_read     measured measured 1
hlt           measured measured 1
page_fill     measured measured 1
mov_cr3       no_exit  no_exit  0
invlpg        no_exit  no_exit  0
wrmsr_gs_base no_exit  no_exit  0
mov_cr4_pge   measured no_exit  2
END

# run.json in short, read once (an emulator is slow): "STORM KEY VALUE", the first of each key, and
# "STORM LEG VALUE" for the medians; STORM is - for values of the whole run.
short()
{
	awk '
		BEGIN { storm = "-" }
		/"storms": \[/ { storms = 1 }
		storms && /"name": "/ { storm = $2; gsub(/[",]/, "", storm) }
		/"(exit|resume|round_trip)": [{]/ { leg = $1; gsub(/[":]/, "", leg) }
		/"(guest_cpl|guest_native|emulated|clock|status|lost|exits|expected|why)":/ {
			key = $1; gsub(/[":]/, "", key)
			value = $0; sub(/^[^:]*: */, "", value); gsub(/[",]/, "", value)
			if (!(storm SUBSEP key in seen)) print storm, key, value
			seen[storm, key] = 1
		}
		leg && /"p50":/ {
			value = $2; sub(/[.,].*$/, "", value)
			if (!(storm SUBSEP leg in seen)) print storm, leg, value
			seen[storm, leg] = 1; leg = ""
		}
		' "$run_folder/run.json" >"$tmp/short"
}

# value KEY STORM: prints the value, without starting a process
value()
{
	while read -r value_storm value_key value_text; do
		[ "$value_storm $value_key" != "$2 $1" ] || { echo "$value_text"; return; }
	done <"$tmp/short"
}

ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"

run "$EXITSTORM" doctor
is "$status" 0 "doctor says that exitstorm can run"
like "$out" "Module: $EXITSTORM_BED_MODULE" "... with this module"
case $EXITSTORM_BED in
qemu-svm) like "$out" "hypervisor +QEMU's TCG" "... and that the CPU is QEMU's" ;;
*) like "$out" "hypervisor +Bochs" "... and that the CPU is Bochs'" ;;
esac

# The kernel's own view of all that follows: counted there, as an emulator takes minutes to print each.
echo 'hist:keys=exit_reason' >$trace/events/kvm/kvm_exit/trigger
run_folder=$tmp/run
# kvm_intel takes long for an exit in Bochs.
case $EXITSTORM_BED in *vmx) exits=40 ;; *) exits=100 ;; esac
run "$EXITSTORM" run -q -t kvm -n $exits -r 1 --warmup 20 -s "$(awk '{ print $1 }' "$tmp/wanted" | paste -sd,)" \
	-o "$run_folder"
cat $trace/events/kvm/kvm_exit/hist >"$tmp/hist"
echo '!hist:keys=exit_reason' >$trace/events/kvm/kvm_exit/trigger
is "$status" 0 "run"
[ "$status" = 0 ] || note "$err"
short
is "$(value guest_cpl -)" 0 "the guest is at CPL 0"
is "$(value guest_native -)" true "... and runs natively"
is "$(value emulated -)" true "the run is marked as emulated"
is "$(value clock -)" emulated-tsc "... with the clock emulated-tsc"

while read -r storm amd intel per_op; do
	[ "$EXITSTORM_BED_MODULE" = kvm_amd ] && wanted=$amd || wanted=$intel
	is "$(value status "$storm")" "$wanted" "$storm: $wanted"
	[ "$(value status "$storm")" = "$wanted" ] || note "$(value why "$storm")"
	is "$(value lost "$storm")" 0 "$storm: no record is lost"
	[ "$wanted" = measured ] || continue
	is "$(value expected "$storm")" $((exits * per_op)) "$storm: $per_op exits per operation"
	ok "$storm: KVM counted at least as many" test "$(value exits "$storm")" -ge $((exits * per_op))
done <"$tmp/wanted"

# Guest and host have one clock: exit and resume are not longer than the round trip.
for storm in pio_out pio_in mmio_read hlt; do
	whole=$(value round_trip $storm) exit=$(value exit $storm) resume=$(value resume $storm)
	ok "$storm: exit ($exit) and resume ($resume) are within the round trip ($whole)" \
		test "$exit" -gt 0 -a "$resume" -gt 0 -a $((exit + resume)) -lt $((whole * 3 / 2))
done

# The tracepoint counted at least as many, by exit reason (SDM vol. 3, app. C) and exit code (APM vol. 2,
# app. C).
while read -r storm amd intel; do
	[ "$EXITSTORM_BED_MODULE" = kvm_amd ] && reason=$amd || reason=$intel
	seen=$(sed -n "s/^{ exit_reason: *$reason } hitcount: *//p" "$tmp/hist")
	ok "kvm_exit counted $storm ($reason: ${seen:-none})" test "${seen:-0}" -ge $exits
done <<'END'
cpuid     114  10
wbinvd    137  54
vmcall    129  18
rdmsr     124  31
pio       123  30
page_fill 1024 48
END

if [ "$EXITSTORM_BED" = qemu-svm ]; then
	run "$EXITSTORM" list
	is "$status" 0 "list"
	like "$out" "[0-9]+ storms, [0-9]{2} can be tried here on target kvm" "... counts the storms of KVM"
	run "$EXITSTORM" selftest
	# In an emulator a timer may fire before the HLT that waits for it: fewer exits than were asked for.
	failed=$(printf '%s\n' "$out" | grep '^failed' | grep -v 'exits were asked for and')
	like "$out" "EMULATED" "... prints EMULATED"
	is "$failed" "" "... and no storm fails"
	ok "... forty are measured" test "$(printf '%s\n' "$out" | grep -c '^measured')" -ge 40
fi
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
done_testing
