#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beside: others
#
# The target bochs from the command line: settings, two CPUs, the same twice, and captures.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
find_python json || skip_all "no python3 with json"

bochs()
{
	run "$EXITSTORM" run -q -t bochs "$@"
}

# Twice the same.
for i in 1 2; do
	bochs -s vmcall,cpuid,rdmsr,page_fill,pio_out,mov_cr0_wp -n 600 -r 2 \
		--samples 300 -o "$tmp/run$i"
	is "$status" 0 "run $i"
done
# Without the time at which each repeat ended, which is the machine's and not the emulator's.
storms='[{**x, "repeats": [{**p, "at_s": 0} for p in x["repeats"]]} for x in r["storms"]]'
is "$(get "$tmp/run1" "$storms")" "$(get "$tmp/run2" "$storms")" "two runs of one plan have the same storms[]"
ok "... and the same arrays" diff -r "$tmp/run1/histograms" "$tmp/run2/histograms"
ok "... of records, too" diff -r "$tmp/run1/samples" "$tmp/run2/samples"
is "$(ls "$tmp/run1/samples" | wc -l)" "$(ls "$tmp/run1/histograms" | wc -l)" "records come where they are asked for"
is "$(get "$tmp/run1" '[s["vmcall"][k] for k in ("status", "exits", "expected", "exits_per_op")]')" \
	"['measured', 1200, 1200, 1]" "every exit is counted"
is "$(get "$tmp/run1" 'r["target"]["emulated"], r["target"]["clock"], r["target"]["backend"]')" \
	"(True, 'instructions', 'vmx')" "the run is marked as emulated"

# Settings: listed, refused, recorded, varied.
run "$EXITSTORM" list -t bochs --settings
for setting in "path +fast\\|full" "vpid +on\\|off" "slat_page +4k\\|2m\\|1g" "stamps +both\\|guest\\|off" \
	"fence +lfence\\|none\\|mfence" "model +"; do
	like "$out" "^$setting" "list --settings has $setting"
done
unlike "$out" "^irqchip" "... without settings of other targets"
fails 2 "bochs takes no irqchip" "$EXITSTORM" run -t bochs -s vmcall --set irqchip=on
fails 2 "no such model" "$EXITSTORM" run -t bochs -s vmcall --set model=pentium
for setting in path=fast vpid=off slat_page=2m model=haswell; do
	have_kvm && fails 2 "kvm takes no $setting" "$EXITSTORM" run -t kvm -s null --set "$setting"
done
bochs -s vmcall,page_fill -n 100 -r 1 --set vpid=off --set slat_page=2m --set fence=mfence \
	--set model=haswell --set path=full -o "$tmp/settings"
is "$status" 0 "settings"
is "$(get "$tmp/settings" '" ".join(k + "=" + r["settings"][k] for k in sorted(r["settings"]))')" \
	"check=none cpl=auto delay=0 fence=mfence model=haswell null=1 ops=1 path=full place=auto ring=4096 slat_page=2m stamps=both unrestricted=off vmload=each vpid=off" "are recorded"
run "$EXITSTORM" show "$tmp/settings"
like "$out" "fence=mfence path=full vpid=off slat_page=2m" "... and shown"
# Controls in force: of every VM, and where a storm has others.
bochs -s vmcall,rdtsc_exit,tpr_below_threshold,ud2 -n 100 -r 1 -o "$tmp/controls"
is "$(get "$tmp/controls" '[r["controls"][g].get(n) for g, n in (("primary", "HLT exiting"), ("primary", "RDTSC exiting"), ("secondary", "enable EPT"), ("fields", "VPID"), ("EPTP", "memory type"), ("EPTP", "levels"), ("VM-exit", "host address-space size"), ("VM-entry", "IA-32e mode guest"))]')" \
	"[1, None, 1, 1, 6, 4, 1, 1]" "run.json has the controls in force"
is "$(get "$tmp/controls" '[s[x].get("controls") for x in ("vmcall", "rdtsc_exit", "tpr_below_threshold", "ud2")]')" \
	"[None, {'primary': {'RDTSC exiting': 1}}, {'primary': {'CR8-load exiting': 0, 'CR8-store exiting': 0, 'use TPR shadow': 1}}, {'exceptions': {'#UD, invalid opcode': 1}}]" \
	"... and of a storm what differs"
is "$(get "$tmp/settings" 'r["controls"]["secondary"].get("enable VPID"), r["controls"].get("fields")')" "(None, None)" "vpid=off has neither"
run "$EXITSTORM" show "$tmp/controls" --controls
like "$out" "^ +secondary +1 +enable EPT$" "show --controls"
like "$out" "^rdtsc_exit +primary +1 +RDTSC exiting$" "... and the controls that a storm changes"
run "$EXITSTORM" show "$tmp/controls" --json
like "$out" "\"enable EPT\": 1" "show --json has them"
run "$EXITSTORM" compare "$tmp/controls" "$tmp/settings"
like "$out" "controls.secondary.enable VPID: 1 -> -" "compare shows which differ"
bochs -s vmcall,nmi,entry_fail_state -n 100 -r 1 --set check=host_load -o "$tmp/check"
is "$(get "$tmp/check" '[s[x]["legs"].get("host_load", {}).get("site") for x in ("vmcall", "nmi", "entry_fail_state")]')" \
	"['vmx-msr-store', 'vmx-msr-store', None]" "check=host_load: a leg; a failed entry stores nothing"
run "$EXITSTORM" show "$tmp/check"
like "$(echo "$out" | tr '\n' ' ')" "first stamp comes 3 ticks after the TSC that +the VM +exit" "... and show says how far"
bochs -s vmcall -n 100 -r 1 --set check=host_load --set model=ryzen -o "$tmp/nocheck"
like "$(get "$tmp/nocheck" 's["vmcall"]["why"]')" "SVM has no area" "SVM has none"
bochs -s vmcall -n 100 -r 1 --set slat_page=1g -o "$tmp/giant"
is "$(get "$tmp/giant" 's["vmcall"]["status"]')" "measured" "slat_page=1g"
bochs -s vmcall,cpuid -n 100 -r 1 --vary path=fast,full -o "$tmp/vary"
is "$out" "$tmp/vary/path=fast
$tmp/vary/path=full" "--vary path=fast,full makes a run each"
ok "full takes longer than fast" test "$(get "$tmp/vary/path=full" 'int(s["vmcall"]["legs"]["handler"]["all"]["p50"])')" \
	-gt "$(get "$tmp/vary/path=fast" 'int(s["vmcall"]["legs"]["handler"]["all"]["p50"])')"
for stamps in guest off; do
	bochs -s vmcall -n 100 -r 1 --set stamps=$stamps -o "$tmp/$stamps"
	is "$(get "$tmp/$stamps" 's["vmcall"]["status"]')" measured "stamps=$stamps"
done
is "$(get "$tmp/guest" 'list(s["vmcall"]["legs"])')" "['round_trip', 'period', 'first', 'control']" "stamps=guest: no stamps of the host"
is "$(get "$tmp/off" 'list(s["vmcall"]["legs"])')" "['period']" "stamps=off: the period alone"

# Storms of 9,000 operations have batches of at most 70 in an emulator.
for ring in 64 256 1024 4096; do
	batch=$((ring > 70 ? 70 : ring - 1))
	bochs -s vmcall -n 9000 -r 1 --set ring=$ring -o "$tmp/ring$ring"
	is "$(get "$tmp/ring$ring" '[s["vmcall"]["repeats"][0]["batch"], s["vmcall"]["legs"]["first"]["all"]["count"], s["vmcall"]["exits"]]')" \
		"[$batch, $(((9000 + batch - 1) / batch)), 9000]" "ring=$ring: batches of $batch operations"
done

# Two CPUs that run guests at the same time.
bochs -s vmcall,cpuid,page_fill,pio_out -n 500 -r 2 --vcpus 2 -o "$tmp/two"
is "$status" 0 "--vcpus 2"
for storm in vmcall cpuid page_fill pio_out; do
	is "$(get "$tmp/two" "s['$storm']['status'], [(x['repeat'], x['vcpu'], x['exits']) for x in sorted(s['$storm']['repeats'], key=lambda x: (x['repeat'], x['vcpu']))]")" \
		"('measured', [(0, 0, 500), (0, 1, 500), (1, 0, 500), (1, 1, 500)])" \
		"$storm: each exit of both CPUs is counted"
	is "$(get "$tmp/two" "s['$storm']['legs']['round_trip']['all']['count']")" 2000 "... and stamped"
done

bochs -s vmcall -n 10000 -r 1 --vcpus 2 -o "$tmp/many"
is "$status" 0 "both report at the same time, and no frame is damaged"

# Captures: the serial output of two boots in one file is imported as the same run.
mkdir "$tmp/keep"
EXITSTORM_KEEP=$tmp/keep bochs -s vmcall,cpuid,rdmsr -n 300 -r 2 --samples 50 -o "$tmp/direct"
cat "$tmp"/keep/*/serial >"$tmp/line"
{ printf 'SeaBIOS\r\nBooting\r\n'; cat "$tmp/line"; printf '\r\nlogin: '; } >"$tmp/capture"
run "$EXITSTORM" import -q "$tmp/capture" -o "$tmp/imported"
is "$status$err" 0 "import of a capture with text around"
is "$(get "$tmp/imported" "$storms")" "$(get "$tmp/direct" "$storms")" "... is the run itself"
ok "... with its histograms" diff -r "$tmp/imported/histograms" "$tmp/direct/histograms"
ok "... and records" diff -r "$tmp/imported/samples" "$tmp/direct/samples"
is "$(get "$tmp/imported" 'r["target"]["name"], r["target"]["clock"], r["imported"], "incomplete" in r')" \
	"('bochs', 'instructions', 'capture', False)" "... and says what it is of"
is "$(get "$tmp/imported" 'r["settings"] == {"x": 1} or r["settings"]["path"]')" fast "... with the settings"
run "$EXITSTORM" run --like "$tmp/imported" -q -o "$tmp/again"
is "$status" 0 "... and can be repeated (--like)"

# Damaged: one byte of the first boot is changed.
set -- "$tmp/line"
# damage FILE OFFSET: a copy with one byte changed
damage()
{
	cp "$1" "$tmp/damaged"
	printf '\125' | dd of="$tmp/damaged" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
size=$(stat -c %s "$1")
damage "$1" $((size / 4))
rm -rf "$tmp/imported"
run "$EXITSTORM" import "$tmp/damaged" -o "$tmp/imported"
is "$status" 1 "a damaged capture: status 1"
like "$err" "incomplete: [0-9]+ frames were lost on the line; first incomplete storm: (vmcall|cpuid|rdmsr)\$" "... the error names the first damaged storm"
like "$out" "^INCOMPLETE: .* first incomplete storm: (vmcall|cpuid|rdmsr)" "... as show does"
is "$(get "$tmp/imported" 'bool(r["incomplete"]), sorted({x["status"] for x in r["storms"]})')" \
	"(True, ['failed', 'measured'])" "complete storms are kept, the run is marked as incomplete"
head -c $((size - 300)) "$1" >"$tmp/cut"
run "$EXITSTORM" import -q "$tmp/cut" -o "$tmp/cut-run"
is "$status" 1 "a capture without END: status 1"
like "$err" "the image's report ends early" "... with the reason"
is "$(get "$tmp/cut-run" 'bool(r["incomplete"])')" True "... and the run is marked"
fails 1 "no file" "$EXITSTORM" import "$tmp/nothing"
echo "hello" >"$tmp/text"
fails 1 "no frame in it" "$EXITSTORM" import "$tmp/text" -o "$tmp/no"
head -c 200000 /dev/urandom >"$tmp/noise"
fails 1 "noise" "$EXITSTORM" import "$tmp/noise" -o "$tmp/no"
fails 1 "a folder" "$EXITSTORM" import "$tmp" -o "$tmp/no"
fails 2 "no operand" "$EXITSTORM" import
cat "$1" "$1" >"$tmp/twice"
fails 1 "the same boot twice" "$EXITSTORM" import "$tmp/twice" -o "$tmp/no"
like "$err" "more results than its plan asks for" "... with the reason"
nok "none of these leaves a run" test -e "$tmp/no"

# selftest, whose output users of hardware send in.
run "$EXITSTORM" selftest -t bochs
is "$status" 0 "selftest -t bochs"
like "$out" "^clock +EMULATED" "... the clock is EMULATED"
like "$out" "^measured +vmcall +0 +35 instructions" "... figures have the clock's unit"
like "$out" ", 0 failed of [0-9]+ storms" "... nothing fails"
done_testing
