#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 200
# beside: others
#
# `exitstorm image`: its files boot as its README says, by a Multiboot loader and by GRUB, and the capture of the
# serial line becomes a run.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
find_python json || skip_all "no python3 with json"

image()
{
	run "$EXITSTORM" image "$@"
}
storms=null,cpuid,vmcall,pio_out,mov_cr3

# Errors leave no files.
fails 2 "no -o" "$EXITSTORM" image -s cpuid
fails 2 "an unknown storm" "$EXITSTORM" image -s nonsense -o "$tmp/none"
fails 2 "a setting that bare metal does not have" "$EXITSTORM" image -s cpuid --set model=haswell -o "$tmp/none"
fails 1 "storms that bare metal cannot run" "$EXITSTORM" image -s lapic_eoi -o "$tmp/none"
mkdir "$tmp/full"
touch "$tmp/full/file"
fails 1 "a folder that is not empty" "$EXITSTORM" image -s cpuid -o "$tmp/full"
fails 1 "a folder that cannot be made" "$EXITSTORM" image -s cpuid -o /proc/none
is "$(ls "$tmp")" "full" "no temporary folder is left"
fails 1 "run -t metal is refused" "$EXITSTORM" run -t metal -s cpuid -o "$tmp/none"
run "$EXITSTORM" list -t metal --settings
like "$out" "^check +none\\|host_load" "list -t metal --settings"
unlike "$out" "^model" "... without settings of emulators"

image -s $storms -n 300 -r 2 -o "$tmp/image"
is "$status" 0 "image"
is "$(cd "$tmp/image" && echo *)" "README exitstorm.bin exitstorm.plan grub.cfg" "... writes these files"
long=$(awk 'length > 80' "$tmp/image/README")
is "$long" "" "... the README fits 80 columns"

# The command for QEMU is taken from the README.
if command -v qemu-system-x86_64 >/dev/null; then
	sed -n '/qemu-system-x86_64/,$p' "$tmp/image/README" >"$tmp/try"
	(cd "$tmp/image" && timeout -s KILL 60 sh "$tmp/try" 2>"$tmp/said")
	like "$(tail -c 40 "$tmp/image/capture" | tr -d '\0')" "exitstorm: all is sent" "QEMU: the last line says that all is sent"
	run "$EXITSTORM" import -q "$tmp/image/capture" -o "$tmp/qemu"
	is "$status" 0 "QEMU: the capture becomes a run"
	is "$(get "$tmp/qemu" 'r["target"]["name"], r["target"]["backend"], [s[x]["status"] for x in sorted(s)]')" \
		"('qemu', 'svm', ['measured', 'measured', 'measured', 'measured', 'measured'])" "... of these storms on SVM"
	is "$(get "$tmp/qemu" 's["cpuid"]["exits"], r["plan"]["cpus"], "model" in r["settings"]')" "(600, [], False)" "... with plan and settings"
	# Without -icount the clock is neither hardware's nor one of instructions: its rate is known, and no figure is in ns.
	is "$(get "$tmp/qemu" 'r["target"]["clock"], 1e7 < r["host"]["cpu"]["tsc_hz"] < 1e11, r["host"]["apic_ids"]')" \
		"('emulated-tsc', True, [0])" "... with the rate of the TSC, labelled as emulated"
	run "$EXITSTORM" show "$tmp/qemu"
	unlike "$out" "[0-9] ns" "... and without nanoseconds"
	head -c 3000 "$tmp/image/capture" >"$tmp/cut"
	run "$EXITSTORM" import -q "$tmp/cut" -o "$tmp/half"
	is "$status" 1 "half a capture: exit status 1"
	like "$err" "incomplete: the image's report ends early" "... and the run is reported as incomplete"
else
	skip "no QEMU (qemu-system-x86_64)"
fi

# GRUB on a CD, in Bochs: the BIOS, the loader, VMX.
for need in bochs grub-mkrescue xorriso mformat; do
	command -v $need >/dev/null || missing="${missing-} $need"
done
if [ -n "${missing-}" ]; then
	skip "no CD with GRUB:$missing"
	done_testing
	exit
fi
mkdir -p "$tmp/iso/boot/exitstorm" "$tmp/iso/boot/grub"
cp "$tmp/image/exitstorm.bin" "$tmp/image/exitstorm.plan" "$tmp/iso/boot/exitstorm/"
{
	echo "set timeout=0"
	cat "$tmp/image/grub.cfg"
} >"$tmp/iso/boot/grub/grub.cfg"
grub-mkrescue -d /usr/lib/grub/i386-pc --fonts= --themes= --locales= \
	--install-modules="normal multiboot2 iso9660 biosdisk boot" -o "$tmp/cd.iso" "$tmp/iso" >"$tmp/said" 2>&1 ||
	fail "grub-mkrescue: $(tail -3 "$tmp/said")"
bios=/usr/share/bochs
cat >"$tmp/bochsrc" <<END
display_library: term
megs: 128
cpu: model=corei7_skylake_x, count=1, ips=4000000, reset_on_triple_fault=0
romimage: file=$bios/BIOS-bochs-latest
vgaromimage: file=$(ls $bios/VGABIOS-lgpl-latest $bios/VGABIOS* 2>/dev/null | head -1)
ata0-master: type=cdrom, path=$tmp/cd.iso, status=inserted
boot: cdrom
clock: sync=none
com1: enabled=1, mode=file, dev=$tmp/capture
log: $tmp/log
END
printf 'c\nquit\n' >"$tmp/rc"
TERM=xterm timeout -s KILL 100 bochs -q -f "$tmp/bochsrc" $(bochs_options) -rc "$tmp/rc" >"$tmp/out" 2>&1 </dev/null
run "$EXITSTORM" import -q "$tmp/capture" -o "$tmp/grub"
is "$status" 0 "GRUB, Bochs: the capture becomes a run"
is "$(get "$tmp/grub" 'r["target"]["name"], r["target"]["backend"], [s[x]["status"] for x in sorted(s)]')" \
	"('bochs', 'vmx', ['measured', 'measured', 'measured', 'measured', 'measured'])" "... of these storms on VMX"
run "$EXITSTORM" run -q -t bochs -s $storms -n 300 -r 2 -o "$tmp/direct"
legs='[(x, l, s[x]["legs"][l]["all"]["p50"]) for x in sorted(s) for l in s[x]["legs"] if l != "period"]'
is "$(get "$tmp/grub" "$legs")" "$(get "$tmp/direct" "$legs")" "... with the figures of -t bochs"
done_testing
