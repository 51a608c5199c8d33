#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: bochs-vmx qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm
# limit: 300
# run --set ebpf=on on kvm_amd or kvm_intel: kvm_exit and kvm_entry fire, so that exits handled in the kernel have
# legs, too. In every record stamps are in order and legs add up.
. "$(dirname "$0")/../../lib.sh"

modprobe "$EXITSTORM_BED_MODULE" || skip_all "no KVM in this bed"
note "clock source: $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"

# Few exits: in Bochs VMs and eBPF programs take long.
run "$EXITSTORM" run -t kvm -s cpuid,pio_out -n 200 -r 1 --warmup 0 --set ebpf=on --set cpl=0 -o run
is "$status" 0 "a run with ebpf=on"
printf '%s\n' "$out" "$err" | sed 's/^/# /'
is "$(tr -d '\n' <run/run.json | grep -o '"in": *"[a-z_]*"' | sed 's/.*: *//')" '"kvm_exit"' \
	"the stamps are those of kvm_exit and kvm_entry"

# check_records STORM: counts its records and those with missing stamps, wrong order or legs that do not add up.
check_records()
{
	"$EXITSTORM" export run -s "$1" --csv | tr -d '\r' | awk -F, -v storm="$1" '
	NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
	{
		n++
		go = $col["guest_out"]; ki = $col["kernel_in"]; hi = $col["host_in"]
		ho = $col["host_out"]; ko = $col["kernel_out"]; gi = $col["guest_in"]
		user = hi != ""
		if (ki == "" || ko == "" || go == "" || gi == "") { missing++; next }
		# Differences of near numbers are exact in floating point.
		if (go > ki || ko > gi || (user ? ki > hi || hi > ho || ho > ko : ki > ko)) disorder++
		sum = user ? $col["to_kernel"] + $col["to_user"] + $col["handler"] + $col["from_user"] + $col["to_guest"] \
			   : $col["to_kernel"] + $col["in_kernel"] + $col["to_guest"]
		if (sum != $col["round_trip"]) wrong++
	}
	END { printf "records %d missing %d disorder %d wrong %d\n", n, missing, disorder, wrong }'
}
for storm in pio_out cpuid; do
	is "$(check_records $storm)" "records 200 missing 0 disorder 0 wrong 0" \
		"$storm: each record has its stamps, in order, and legs that add up"
done
like "$out" "^storm +to_kernel.*in_kernel" "the table has exits handled in the kernel"
run "$EXITSTORM" run -t kvm -s pio_out -n 200 -r 1 --warmup 0 --set counters=kvm:kvm_exit,page-faults -o counted
is "$status" 0 "tracepoints counted"
like "$out" "kvm:kvm_exit +[1-9]" "kvm_exit, at least one per operation"
printf '%s\n' "$out" | grep 'kvm:kvm' | sed 's/^/# /'
done_testing
