#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# VMCBs that VMRUN refuses, in Bochs and QEMU: the message names the broken rule of APM Vol. 2, "Canonicalization
# and Consistency Checks". And the image's errors on CPUs without SVM or without a feature that it needs.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

# report BED MAX: repeats the image's TAP; at most MAX rules are not checked by the emulator.
report()
{
	like "$serial" "^1\.\.19" "$1: all 19 cases ran"
	printf '%s\n' "$serial" | tr -d '\r' >"$tmp/serial"
	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP"*) note "$1: $line" ;;
		"ok "*) pass "$1: ${line#ok * - }" ;;
		"not ok "*) fail "$1: ${line#not ok * - }" ;;
		"#"*) note "$line" ;;
		esac
	done <"$tmp/serial"
	passed=$(grep -c '# SKIP' "$tmp/serial")
	ok "$1: at most $2 of the rules are not checked there ($passed)" test "$passed" -le "$2"
}

# qemu_run IMAGE CPU: boots it; $serial is the serial line's text.
qemu_run()
{
	timeout -s KILL 30 qemu-system-x86_64 -nodefaults -accel tcg -cpu "$2" -m 64 -kernel "$1" \
		-display none -serial "file:$tmp/qemu" -no-reboot \
		-device isa-debug-exit,iobase=0xf4 2>/dev/null
	qemu_status=$?
	serial=$(tr -d '\0' <"$tmp/qemu")
	[ $qemu_status = 1 ]
}

bochs_run "$images/svm_entry.bin" ryzen
is $? 0 "Bochs: the image ends by itself"
report Bochs 2

if command -v qemu-system-x86_64 >/dev/null; then
	qemu_run "$images/svm_entry.bin" EPYC,+svm
	is $? 0 "QEMU: the image ends by itself"
	report QEMU 2
	# Such a CPU runs storms in place, of which this image has no plan.
	qemu_run "$images/exitstorm.bin" EPYC,-svm
	is $? 0 "no SVM: the image ends by itself"
	like "$serial" "no plan was given" "... with the reason"
	qemu_run "$images/exitstorm.bin" EPYC,+svm,-npt
	is $? 0 "SVM without nested paging: the image ends by itself"
	like "$serial" "no plan was given" "... with the reason"
	qemu_run "$images/exitstorm.bin" EPYC,+svm
	is $? 0 "no plan: the image ends by itself"
	like "$serial" "no plan was given" "... with the reason"
else
	skip "no QEMU (package qemu-system-x86)" "the same in QEMU"
fi

# QEMU missing, killed, hung: a fake QEMU, first in PATH.
few=$tmp/few
mkdir "$few"
fails 1 "QEMU is not installed" env PATH="$few" "$EXITSTORM" run -t qemu -s vmcall -o "$tmp/none"
fake()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$few/qemu-system-x86_64"
	chmod +x "$few/qemu-system-x86_64"
}
fake 'kill -KILL $$'
run env PATH="$few:$PATH" "$EXITSTORM" run -q -t qemu -s vmcall -n 64 -r 1 -o "$tmp/killed"
is "$status" 1 "QEMU killed: exit status 1"
like "$("$EXITSTORM" show "$tmp/killed")" "QEMU was killed by signal 9" "... and the run has the reason"
fake 'exec sleep 100'
run env EXITSTORM_TIMEOUT=1 PATH="$few:$PATH" "$EXITSTORM" run -q -t qemu -s vmcall -n 64 -r 1 -o "$tmp/hung"
is "$status" 1 "QEMU hung: exit status 1"
like "$("$EXITSTORM" show "$tmp/hung")" "QEMU hangs" "... and the run has the reason"
fake 'echo "qemu: no such CPU" >&2; exit 3'
run env PATH="$few:$PATH" "$EXITSTORM" run -q -t qemu -s vmcall -n 64 -r 1 -o "$tmp/refused"
is "$status" 1 "QEMU refuses: exit status 1"
like "$("$EXITSTORM" show "$tmp/refused" | tr -s '\n ' ' ')" "no such CPU" "... and QEMU's message is quoted"
done_testing
