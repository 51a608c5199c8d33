#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# Errors of the image and of target bochs.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
image=$images/exitstorm.bin
vmx=corei7_skylake_x

# A plan of the target, kept from a run.
mkdir "$tmp/keep"
EXITSTORM_KEEP=$tmp/keep run "$EXITSTORM" run -q -t bochs -s vmcall -n 64 -r 1 -o "$tmp/first"
is "$status" 0 "EXITSTORM_KEEP: a run that keeps its boot"
plan=$(echo "$tmp"/keep/*/plan)
like "$(ls "$tmp"/keep/*)" "^serial\$" "... with the image's output"
like "$(ls "$tmp"/keep/*)" "^log\$" "... and Bochs' log"

# boots NAME REGEX: the image ends by itself, and its error matches.
boots()
{
	is $? 0 "$1: the image ends by itself"
	like "$(printf '%s' "$serial" | tr -d '\0')" "^exitstorm: .*$2" "... with the reason on the serial line"
}
BOCHS_PLAN=$plan bochs_run "$image" athlon64_clawhammer 20 2>/dev/null
boots "an AMD CPU without SVM" "this CPU has no SVM"
BOCHS_ROM=$images/rom_locked.bin BOCHS_PLAN=$plan bochs_run "$image" $vmx 20 2>/dev/null
boots "VMX locked off" "the firmware has locked VMX off \\(IA32_FEATURE_CONTROL is 0x1\\)"
BOCHS_MEGS=32 BOCHS_PLAN=$plan bochs_run "$image" $vmx 20 2>/dev/null
boots "32 MiB of memory" "too little memory: [0-9]+ MiB are free, 32 are needed"
bochs_run "$image" $vmx 20 2>/dev/null
boots "no plan" "no plan was given"
for offset in 12 40 400; do
	cp "$plan" "$tmp/damaged"
	printf '\377' | dd of="$tmp/damaged" bs=1 seek="$offset" conv=notrunc 2>/dev/null
	BOCHS_PLAN=$tmp/damaged bochs_run "$image" $vmx 20 2>/dev/null
	boots "a plan damaged at byte $offset" "the plan is damaged"
done
head -c 65536 /dev/zero >"$tmp/empty.bin"
bochs_run "$tmp/empty.bin" $vmx 20 2>/dev/null
is $? 0 "no image: the boot ROM ends by itself"
like "$serial" "there is no Multiboot image" "... with the reason"

# The same file by QEMU's Multiboot loader.
if command -v qemu-system-x86_64 >/dev/null; then
	run timeout -s KILL 30 qemu-system-x86_64 -accel tcg -cpu qemu64,-svm -m 128 \
		-kernel "$images/exitstorm.elf" -display none -serial "file:$tmp/qemu" -no-reboot \
		-device isa-debug-exit,iobase=0xf4
	is "$status" 1 "qemu -kernel: the image boots and ends by itself"
	like "$(tr -d '\0' <"$tmp/qemu" | strings)" "^exitstorm: no plan was given" "... and says that it has no plan for storms in place"
else
	skip "no QEMU (package qemu-system-x86)" "the image boots in QEMU"
fi

# Bochs missing, killed, hung: a fake Bochs, first in PATH.
few=$tmp/few
mkdir "$few"
fails 1 "Bochs missing" env PATH="$few" "$EXITSTORM" run -t bochs -s vmcall -o "$tmp/none"
like "$err" "Bochs is not installed" "... is the error"
nok "... and leaves no run" test -e "$tmp/none"
fake()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$few/bochs" && chmod +x "$few/bochs"
}
# tries NAME WHAT IT SAYS: status 1, and the run says what became of each storm.
tries()
{
	rm -rf "$tmp/run"
	run env PATH="$few:$PATH" EXITSTORM_TIMEOUT="${4:-1}" TMPDIR="$tmp/scratch" \
		"$EXITSTORM" run -t bochs -s vmcall,cpuid,rdmsr -n "${3:-100}" -r 1 -o "$tmp/run"
	is "$status" 1 "$1: status 1"
	like "$err" "3 storms failed" "... with a line"
	like "$(tr '\n' ' ' <<<"$out" | tr -s ' ')" "$2" "... with the reason"
	is "$(grep -c '"status": "failed"' "$tmp/run/run.json")" 3 "... for each storm"
	is "$(ls "$tmp/scratch")" "" "... and nothing stays behind"
}
mkdir "$tmp/scratch"
real=$(command -v bochs)
fake 'kill -9 $$'
tries "Bochs killed at once" "Bochs was killed by signal 9"
# During a storm: the controls follow its BEGIN and are longer than all output before.
fake "(while kill -0 \$\$ && [ \"\$(stat -c %s serial || echo 0)\" -lt 4000 ]; do sleep 0.01; done
	kill -9 \$\$) 2>/dev/null & exec $real \"\$@\""
tries "Bochs killed on its way" "Bochs was killed by signal 9 \\(Killed\\): the image's report ends early, .*in storm: (vmcall|cpuid|rdmsr)" 2000000 15
fake 'exec sleep 100'
tries "Bochs hung" "Bochs hangs: no output for 1 s"
fake 'exit 3'
tries "Bochs that does nothing" "ends early, after 0 frames"
fake '[ -e bochsrc ] || exit; echo "no such thing" >serial; echo "00000000000p[     ] >>PANIC<< cannot open rom" >log'
tries "Bochs that has no image" "the image's last message: no such thing; Bochs: >>PANIC<< cannot open rom"
is "$(pgrep -f "$tmp/scratch" | wc -l)" 0 "no Bochs is left running"

# Ctrl-C.
rm -rf "$tmp/run"
"$EXITSTORM" run -t bochs -s vmcall -n 100M -o "$tmp/run" >"$tmp/.o" 2>"$tmp/.e" &
pid=$!
sleep 1
kill -INT "$pid"
wait "$pid"
is $? 1 "SIGINT: status 1"
is "$(cat "$tmp/.e")" "exitstorm run: interrupted: no run was written" "... with one line on stderr"
nok "... and leaves no run" test -e "$tmp/run"
done_testing
