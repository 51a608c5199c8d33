#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
# Storms in place at CPL 0, in the bootable image: asked for by place=image, and chosen by the image itself in a VM
# without VMX and SVM. An emulator has no exits, so that none may be said to be proven. The loops of the guest's
# code depend on no address, or they could not run in place.
. "$(dirname "$0")/../lib.sh"
build=$top/build

absolute=$(objdump -dr "$build/bench/guest/guest.o" | sed -n 's/^[0-9a-f]* <\(.*\)>:$/\1/p; s/.*R_X86_64_\([0-9A-Z]*\).*/ \1/p' |
	awk '/^ /{ if ($1 != "PC32" && $1 != "PLT32") print name; next } { name = $0 }' | sort -u)
is "$(printf '%s\n' "$absolute" | grep -v '_page_execute$')" "" "no loop that may run in place has an absolute address"

# status_of RUN STORM
status_of()
{
	perl -MJSON::PP -0777 -ne '($s) = grep { $_->{name} eq "'"$2"'" } @{decode_json($_)->{storms}};
		print $s ? $s->{status} : "absent"' "$1/run.json"
}

check()
{
	is "$(grep -c '"status": "failed"' "$1/run.json")" 0 "$2: no storm fails"
	for storm in cpuid rdmsr mov_cr0_wp mov_to_dr7_own apic_read_id port_pic; do
		is "$(status_of "$1" $storm)" no_exit "$2: $storm runs, and its exit is not proven"
	done
	is "$(status_of "$1" x2apic_eoi)-$(status_of "$1" wbinvd)" "$3" "$2: a #GP skips one storm, WBINVD is not asked for"
	is "$(status_of "$1" null)" measured "$2: the baseline is measured"
	is "$(sed -n 's/.*"site": "\(guest[a-z-]*\)".*/\1/p' "$1/run.json" | sort -u)" guest-image "$2: the site is the image"
	unlike "$(cat "$1/run.json")" '"evidence": "(cost|architecture)"' "$2: no exit is proven"
}

for target in bochs qemu; do
	if ! "$EXITSTORM" list -t $target >/dev/null 2>&1; then
		skip "no $target" "$target in place"
		continue
	fi
	[ $target = bochs ] || tcg="--set accel=tcg"
	run "$EXITSTORM" run -t $target --set place=image ${tcg-} -n 30 -r 1 --samples 0 -q -o "$tmp/$target"
	is "$status" 0 "$target: a run in place"
	is "$("$top/tests/tested" image:$target "$tmp/$target/run.json")" "" "$target: bench/storms/tested.def agrees"
	case $target in
	qemu) check "$tmp/$target" $target no_exit-absent ;; # TCG lets x2APIC MSRs be written in xAPIC mode
	bochs) check "$tmp/$target" $target skipped-absent ;;
	esac
done
run "$EXITSTORM" run -t qemu --set place=user -s cpuid -n 10 -q -o "$tmp/user"
like "$(cat "$tmp/user/run.json")" '"why": "the image has place=image only' "place=user is not of an image"

if command -v qemu-system-x86_64 >/dev/null; then
	# boot CPU OPTION...: an image of these options in QEMU's TCG
	boot()
	{
		cpu=$1
		shift
		rm -rf "$tmp/image"
		"$EXITSTORM" image -s cpuid,rdmsr,pio_out,null -n 20 -r 1 -o "$tmp/image" "$@" >/dev/null
		timeout -s KILL 60 qemu-system-x86_64 -accel tcg -cpu "$cpu" -kernel "$tmp/image/exitstorm.bin" \
			-initrd "$tmp/image/exitstorm.plan" -display none -serial "file:$tmp/capture" -no-reboot \
			-device isa-debug-exit,iobase=0xf4 >/dev/null 2>&1
	}
	# The architecture of this CPU would prove that CPUID exits, if it were none that TCG executes.
	boot Nehalem --set place=image
	run "$EXITSTORM" import "$tmp/capture" -o "$tmp/intel"
	is "$(status_of "$tmp/intel" cpuid)-$(status_of "$tmp/intel" null)" no_exit-measured \
		"an Intel CPU in TCG: CPUID is not said to exit"
	like "$(cat "$tmp/intel/run.json")" '"why": "operation, exit not proven: an emulated CPU has none"' "... with the reason"
	boot EPYC,-svm,tcg-cpuid=off
	run "$EXITSTORM" import "$tmp/capture" -o "$tmp/imported"
	is "$status" 0 "a VM without SVM: the image sends a run"
	# The emulator hides here: what it costs may look like an exit.
	like "$(status_of "$tmp/imported" cpuid)-$(status_of "$tmp/imported" null)" "^(no_exit|measured)-measured$" "... in place"
	is "$(status_of "$tmp/imported" pio_out)" skipped "... of the storms that need no VM"
	like "$(cat "$tmp/imported/run.json")" '"backend": "none"' "... and no backend"
else
	skip "no qemu" "a VM without SVM"
fi
done_testing
