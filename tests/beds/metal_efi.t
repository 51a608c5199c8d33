#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beside: others
# long: OVMF and GRUB take a minute of CPU time in QEMU's TCG
# takes: 35
#
# `exitstorm image` boots from UEFI: OVMF's memory map has holes, its ACPI tables name the CPUs, and GRUB loads by
# Multiboot 2 or 1.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
find_python json || skip_all "no python3 with json"
for need in qemu-system-x86_64 grub-mkrescue xorriso mformat; do
	command -v $need >/dev/null || skip_all "no CD with GRUB: $need"
done
efi=$("$top/tests/beds/efi_of" 2>"$tmp/said") || skip_all "no OVMF or no GRUB for UEFI: $(cat "$tmp/said")"

storms=cpuid,vmcall,external_interrupt,nmi,ple_round_robin
run "$EXITSTORM" image -s $storms -n 300 -r 2 -o "$tmp/image"
is "$status" 0 "image"
for version in 2 1; do
	number=${version#1}
	mkdir -p "$tmp/iso$version/boot/exitstorm" "$tmp/iso$version/boot/grub"
	cp "$tmp/image/exitstorm.bin" "$tmp/image/exitstorm.plan" "$tmp/iso$version/boot/exitstorm/"
	{
		echo "set timeout=0"
		sed "s/multiboot2/multiboot$number/; s/module2/module$number/" "$tmp/image/grub.cfg"
	} >"$tmp/iso$version/boot/grub/grub.cfg"
	grub-mkrescue -d "$efi/usr/lib/grub/x86_64-efi" --fonts= --themes= --locales= \
		--install-modules="normal multiboot multiboot2 iso9660 part_gpt fat boot" -o "$tmp/cd$version.iso" \
		"$tmp/iso$version" >"$tmp/said" 2>&1 || fail "grub-mkrescue: $(tail -3 "$tmp/said")"
	cp "$efi/usr/share/OVMF/OVMF_VARS_4M.fd" "$tmp/vars"
	timeout -s KILL 150 qemu-system-x86_64 -nodefaults -accel tcg -cpu EPYC,+svm -m 512 -smp 2 -display none \
		-drive "if=pflash,format=raw,readonly=on,file=$efi/usr/share/OVMF/OVMF_CODE_4M.fd" \
		-drive "if=pflash,format=raw,file=$tmp/vars" -cdrom "$tmp/cd$version.iso" \
		-serial "file:$tmp/capture$version" -no-reboot -device isa-debug-exit,iobase=0xf4 2>"$tmp/said"
	is $? 1 "Multiboot $version: the image ends by itself"
	run "$EXITSTORM" import -q "$tmp/capture$version" -o "$tmp/run$version"
	is "$status" 0 "... its capture becomes a run"
	is "$(get "$tmp/run$version" '[s[x]["status"] for x in sorted(s) if x != "ple_round_robin"]')" \
		"['measured', 'measured', 'measured', 'measured']" "... of these storms"
	like "$(get "$tmp/run$version" 's["ple_round_robin"]["status"]')" "^(no_exit|measured)" "... and of one with two CPUs"
	is "$(get "$tmp/run$version" 'r["host"]["apic_ids"], r["target"]["emulated"]')" "([0, 1], True)" "... on the CPUs that are named"
done
done_testing
