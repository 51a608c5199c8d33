#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm
# more beds: qemu-svm bochs-vmx
# files: /usr/bin/qemu-system-x86_64=/usr/bin/qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin=/usr/share/seabios/bios-256k.bin
# files: /usr/share/qemu/kvmvapic.bin=/usr/share/qemu/kvmvapic.bin
# files: /usr/share/qemu/multiboot_dma.bin=/usr/share/qemu/multiboot_dma.bin
# exitstorm join on kvm_amd and kvm_intel: each operation of a guest has the exits that it must have, no more and no
# less, by the offset of its TSC and by the order of stamps; with QEMU as VMM, the image in place as guest.
. "$(dirname "$0")/../../lib.sh"

operations=200 repeats=2
all=$((operations * repeats))
modprobe "$EXITSTORM_BED_MODULE" || fail "modprobe $EXITSTORM_BED_MODULE"

# traced NAME OPTION...: a run $tmp/NAME and the trace of its host meanwhile, joined in $tmp/NAME-joined
traced()
{
	name=$1
	shift
	run "$EXITSTORM" trace -q --record "$tmp/$name-host" -- "$EXITSTORM" run -q -n $operations -r $repeats \
		--samples $all -o "$tmp/$name" "$@"
	is "$status" 0 "$name: a run is traced"
	[ "$status" = 0 ] || note "$out$err"
	join "$name" "$tmp/$name-host" "$name-joined"
}

# join RUN TRACE TO
join()
{
	run "$EXITSTORM" join "$tmp/$1" "$2" -o "$tmp/$3"
	is "$status" 0 "$3: joined"
	[ "$status" = 0 ] || note "$err"
	table=$(printf '%s\n' "$out" | sed -n '/^Exits by/,$p')
	note "$(printf '%s\n' "$table" | sed -n '1,/^per op/p')"
}

# storm NAME RUN: its object in run.json
storm() { sed -n '/^      "name": "'"$1"'"/,/^      "samples"/p' "$tmp/$2/run.json"; }
# number STORM RUN MEMBER: of the storm itself
number() { storm "$1" "$2" | sed -n 's/^      "'"$3"'": \([0-9.]*\),*$/\1/p' | head -n 1; }

# counted STORM RUN EXITS NAME
counted()
{
	is "$(number "$1" "$2" exits)" "$3" "$2: $1: $4"
	is "$(storm "$1" "$2" | sed -n '/"joined"/,/}/s/.*"operations": \([0-9]*\).*/\1/p')" $all "$2: ... of all $all operations"
}

check()
{
	for storm in cpuid vmcall; do
		counted $storm "$1" $all "one exit an operation"
	done
	for leg in to_kernel in_kernel to_guest; do
		like "$(storm cpuid "$1")" "\"$leg\": \{" "$1: leg $leg"
	done
}

traced kvm -t kvm -s null,cpuid,vmcall
check kvm-joined
counted null kvm-joined 0 "no exit"
like "$(cat "$tmp/kvm-joined/run.json")" '"clock": "tsc_offset"' "kvm-joined: by the TSC offset, which KVM has"
sed '/"tsc_offset"/d' "$tmp/kvm-host/run.json" >"$tmp/json"
cp -r "$tmp/kvm-host" "$tmp/unknown"
cp "$tmp/json" "$tmp/unknown/run.json"
if [ "$EXITSTORM_BED" = qemu-svm ]; then
	join kvm "$tmp/unknown" order-joined
	check order-joined
	like "$(cat "$tmp/order-joined/run.json")" '"clock": "order"' "order-joined: by the order of stamps"
else
	# Each repeat takes exactly as long here, so that the order does not tell which is which.
	fails 1 "without an offset, where all repeats are alike" "$EXITSTORM" join "$tmp/kvm" "$tmp/unknown" -o "$tmp/none"
	like "$err" "fit the operations equally well" "... there is no guess"
fi

# QEMU's start alone takes minutes of Bochs.
if [ "$EXITSTORM_BED:${BED_MORE:-}" = qemu-svm:1 ]; then
	traced image -t qemu --set accel=kvm --set place=image -s null,cpuid,vmcall,rdmsr,pause
	check image-joined
	counted null image-joined 0 "no exit"
	like "$(grep tsc_offset "$tmp/image-host/run.json")" '"tsc_offset": -[0-9]{6}' \
		"image-joined: the guest's clock began later than the host's"
	like "$(cat "$tmp/image-joined/run.json")" '"clock": "tsc_offset"' "... and is mapped by that"
	like "$(storm cpuid image-joined)" '"evidence": "counted"' "... the proof is the count"
	is "$(number pause image-joined exits)" 0 "... PAUSE makes no exit each"
	like "$table" "precision" "... and the guest's own proofs are judged by it"
fi
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
done_testing
