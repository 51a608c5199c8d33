#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others
#
# Raw VMX and raw SVM by one image, one set of storms, one set of exit kinds: side by side in Bochs,
# and SVM on its second implementation, QEMU.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
find_python json || skip_all "no python3"

# Storms of both vendors: several exits per operation, pages, exceptions, interrupts; and some of one vendor.
storms=vmcall,cpuid,rdmsr,wrmsr_tsc_adjust,mov_cr3,mov_from_cr8,mov_dr,hlt,pause,pio_out,pio_in,ins,mmio_read
storms=$storms,page_fill,page_read,page_execute,ud2,divide,pf_reflect,sgdt,invlpg,wbinvd,rdtsc_exit,external_interrupt,nmi
storms=$storms,vmread,vmrun,monitor

# Bochs 3.1 takes a PAUSE filter with a threshold of 0 for one that never exits.
ignored=
bochs --help 2>&1 </dev/null | grep -q 'Emulator 3\.[1-9]' && ignored=pause

# make NAME OPTIONS...: a run of them that keeps its boots
make()
{
	name=$1
	shift
	mkdir "$tmp/$name.boots"
	EXITSTORM_KEEP=$tmp/$name.boots run "$EXITSTORM" run -q -n 200 --samples 50 -s $storms "$@" -o "$tmp/$name"
	is "$status" 0 "$name"
}
make vmx -r 2 -t bochs
make svm -r 2 -t bochs --set model=ryzen
qemu=
if command -v qemu-system-x86_64 >/dev/null; then
	make tcg -r 1 -t qemu --set accel=tcg
	qemu=tcg
fi

# pair EXPRESSION: a value of v, s, q: storms by name of the runs vmx, svm, tcg (without QEMU q is s)
pair()
{
	"$python" -c "
import json
# But for the time of this machine when a repeat ended.
def load(name): return {x['name']: {**x, 'repeats': [{**p, 'at_s': 0} for p in x['repeats']]}
	for x in json.load(open('$tmp/' + name + '/run.json'))['storms']}
v, s = load('vmx'), load('svm')
q = load('${qemu:-svm}')
print(($1))"
}
is "$(pair "[n for n in v if not v[n]['kind'] == s[n]['kind'] == q[n]['kind']]")" "[]" \
	"a storm's kind is the same on both vendors"
is "$(pair "sorted(n for n in v if v[n]['status'] == s[n]['status'] == 'measured' and v[n]['raw_reason'] is not None and v[n]['raw_reason'] != s[n]['raw_reason'])[:3]")" \
	"['cpuid', 'divide', 'external_interrupt']" "... and the raw reason is the vendor's"
is "$(pair "v['cpuid']['raw_reason'], s['cpuid']['raw_reason'], v['page_execute']['raw_reason'], s['page_execute']['raw_reason'], v['nmi']['raw_reason'], s['nmi']['raw_reason']")" \
	"(10, 114, 48, 1024, 0, 97)" "... of SDM and APM"
is "$(pair "sorted(n for n in v if v[n]['status'] != 'measured'), sorted(n for n in s if s[n]['status'] != 'measured')")" \
	"(['vmrun'], ['monitor', ${ignored:+'$ignored', }'vmread'])" "storms of the other vendor are not measured"
is "$(pair "[n for n in v if v[n]['status'] == s[n]['status'] == 'measured' and set(v[n]['legs']) != set(s[n]['legs'])]")" "[]" \
	"both have the same legs"
is "$(pair "sorted(set(l['site'] for x in v.values() for l in x['legs'].values())), sorted(set(l['site'] for x in s.values() for l in x['legs'].values()))")" \
	"(['guest', 'vmx-asm'], ['guest', 'svm-asm'])" "... and the site of the stamps"

# compare of VMX and SVM.
run "$EXITSTORM" compare "$tmp/vmx" "$tmp/svm"
is "$status" 0 "compare of VMX and SVM"
like "$out" "^  target.backend: vmx -> svm$" "... lists the backend as a difference"
like "$out" "^cpuid +35 +39 +1\.114" "... storm by storm"
like "$out" "^Not compared, skipped in new: vmread$" "... a storm of VMX only"
like "$out" "^Not compared, skipped in base: vmrun$" "... a storm of SVM only"
like "$out" "^Not compared, no exit in new: (pause, )?monitor$" "... a storm that this emulator ignores"
like "$out" "clock: EMULATED" "... and the clock is named"
for leg in exit handler resume; do
	run "$EXITSTORM" compare -l $leg "$tmp/vmx" "$tmp/svm"
	like "$out" "^vmcall " "... leg by leg: $leg"
done
# VMX always switches the state of VMLOAD and VMSAVE: the setting must be listed as a difference.
make batch -r 2 -t bochs --set model=ryzen --set vmload=batch
run "$EXITSTORM" compare "$tmp/vmx" "$tmp/batch"
like "$out" "^  settings.vmload: each -> batch$" "compare lists vmload=batch"

# A storm finds out by itself that an emulator ignores its intercept, and has no figure.
like "$("$EXITSTORM" show "$tmp/svm" | tr -s '\n ' ' ')" \
	"No exit for each operation, so no figure .*monitor\([0-9]+\): raw SVM counted 0 exits for 64 operations: this CPU or kernel does not exit on it" \
	"Bochs ignores the intercept of MONITOR, and show reports no exit"

if [ -n "$qemu" ]; then
	is "$(pair "[n for n in q if q[n]['status'] == 'measured' and s[n]['status'] == 'measured' and q[n]['raw_reason'] != s[n]['raw_reason']]")" "[]" \
		"QEMU: the same exit codes as in Bochs"
	is "$(pair "q['monitor']['status']")" "measured" "... which does exit on MONITOR"
	make again -r 1 -t qemu --set accel=tcg
	is "$(pair "load('again') == q")" True "-icount: a second run has the same ticks"
	ok "... histograms, too" diff -r "$tmp/tcg/histograms" "$tmp/again/histograms"
	ok "... and records" diff -r "$tmp/tcg/samples" "$tmp/again/samples"
	run "$EXITSTORM" run --like "$tmp/tcg" -q -o "$tmp/like"
	is "$status" 0 "run --like repeats it"
	is "$(pair "load('like') == q")" True "... with the same ticks"
else
	skip "no QEMU (package qemu-system-x86)" "the same in QEMU"
fi
# All of them boot one image, in parts or whole.
for name in vmx svm $qemu; do
	for boot in "$tmp/$name".boots/*; do
		# In Bochs the image is the beginning of a ROM.
		ok "$name boots the image that was built" cmp -n "$(stat -c %s "$images/exitstorm.bin")" \
			"$(ls "$boot/rom" "$boot/image" 2>/dev/null)" "$images/exitstorm.bin"
	done
done
done_testing
