#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
#
# Target guest: storms in place, in a process of this machine, whose hypervisor is measured. Elsewhere the
# target says why there is nothing to measure.
. "$(dirname "$0")/../lib.sh"

run "$EXITSTORM" list -t guest
if [ "$status" != 0 ]; then
	is "$status" 1 "without a hypervisor that instructions exit to, the target refuses"
	like "$err" "no hypervisor below: nothing to measure here|is emulated" "and says so"
	done_testing
	exit
fi

# status_of RUN STORM; proof_of RUN STORM; member RUN STORM EXPRESSION: of the storm's JSON
member()
{
	perl -MJSON::PP -0777 -ne '($s) = grep { $_->{name} eq "'"$2"'" } @{decode_json($_)->{storms}};
		print '"$3"', "\n"' "$1/run.json"
}

run "$EXITSTORM" run -t guest -n 300 -r 3 -o "$tmp/run"
is "$status" 0 "all storms that can run in a process"
ok "the run agrees with the schema" "$EXITSTORM" show --json "$tmp/run"
for storm in null cpuid cpuid_1 cpuid_d cpuid_hypervisor; do
	is "$(member "$tmp/run" $storm '$s->{status}')" measured "$storm is measured"
	is "$(member "$tmp/run" $storm '$s->{legs}{round_trip}{site}')" guest-user "$storm: stamped in place"
	is "$(member "$tmp/run" $storm '$s->{exits}')" 0 "$storm: no exit is said to be counted"
	is "$(member "$tmp/run" $storm '$s->{repeats}[2]{operations}')" 300 "$storm: all operations were made"
done
# The same operation twice more, by fixed proofs: an exit cannot be cheaper than the loop without one.
for storm in cpuid vmcall; do
	status=$(member "$tmp/run" $storm '$s->{status}')
	[ "$status" = skipped ] && continue # a hypervisor may answer VMCALL at CPL 3 by #UD
	like "$(member "$tmp/run" $storm '$s->{exit_proof}{evidence}')" "^(architecture|cost)$" \
		"$storm: an exit is proven"
	is "$(member "$tmp/run" $storm '$s->{exit_proof}{median} > 3 * $s->{exit_proof}{control} ? "yes" : "no"')" \
		yes "$storm: it takes longer than its control"
done
is "$(member "$tmp/run" rdrand '$s->{status} eq "skipped" ? "no_exit" : $s->{status}')" no_exit \
	"rdrand: no bound is known, so no exit is proven"
is "$(member "$tmp/run" rdrand '$s->{legs}{round_trip} ? "figures" : "none"')" none "and it has no figure of an exit"

# The rest: figures of the operation, or the reason why it cannot be tried here.
for storm in getppid signal_self touch_4k pause_4096; do
	like "$(member "$tmp/run" $storm '$s->{status}')" "^(measured|no_exit)$" "$storm has run"
done
for storm in touch_2m futex_wake port_pmtimer port_post port_pit port_pic port_rtc port_i8042 port_com1 mmio_hpet \
	mmio_ioapic mmio_virtio msr_file; do
	like "$(member "$tmp/run" $storm '"$s->{status}: " . ($s->{why} // "-")')" \
		"^measured: -$|^no_exit: operation, exit|^skipped: .*(no such interface|needs root|this machine has no|answers|needs a CPU for each|gives no pages)" \
		"$storm has run, or is skipped in words"
done
# Fresh pages cost more than mapped ones, and a thread that sleeps more than a spinning one could.
ok "touch_4k: pages are fresh in each batch" test "$(member "$tmp/run" touch_4k \
	'int($s->{operation}{round_trip}{all}{p50} / $s->{control}{round_trip})')" -ge 4
if [ "$(member "$tmp/run" futex_wake '$s->{status}')" = no_exit ]; then
	ok "futex_wake: the partner has slept" test "$(member "$tmp/run" futex_wake \
		'int($s->{operation}{round_trip}{all}{p50} / $s->{control}{round_trip})')" -ge 10
fi

run "$EXITSTORM" show "$tmp/run"
like "$out" "^storm .* proof " "show has a column of the proof"
like "$out" "^cpuid .* (architecture|cost) " "with a word for cpuid"
like "$out" "operation, exit not proven" "the others are operations whose exit is not proven"
run "$EXITSTORM" show --methods "$tmp/run"
like "$out" "could not be counted" "methods: exits were not counted"
run "$EXITSTORM" show --csv "$tmp/run"
like "$out" ",cpuid,.*,(architecture|cost)" "csv has the proof"

# An instruction that is not allowed raises a signal: this storm is skipped, the others are not.
run "$EXITSTORM" run -t guest -s rdpmc,cpuid -n 100 -r 2 -o "$tmp/fault"
if [ "$(member "$tmp/fault" rdpmc '$s->{status}')" = skipped ]; then
	is "$status" 0 "a signal of one storm ends no run"
	like "$(member "$tmp/fault" rdpmc '$s->{why}')" "an instruction raised SIG(SEGV|ILL), at rip 0x10" \
		"the reason is the signal"
	is "$(member "$tmp/fault" cpuid '$s->{status}')" measured "the storm after it is measured"
else
	is "$(cat /sys/bus/event_source/devices/cpu/rdpmc)" 2 "RDPMC is allowed here"
fi

# Storms of a VM of ours are skipped by name, those of a process in a VM by their own reason.
run "$EXITSTORM" run -t guest -s pio_out -n 100 -r 1 -o "$tmp/other"
like "$out" "pio_out: needs a VM of ours" "a storm that needs a VM is skipped with the reason"

done_testing
