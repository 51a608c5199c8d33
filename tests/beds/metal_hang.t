#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# long: each hang is waited for, up to 2^26 instructions
# takes: 45
#
# The image's watchdog: a guest that hangs, and one that exits for ever, end with one line, and the next storm runs.
# The guest's loop of cpuid is replaced in the image. An emulator that is stopped for a while is no hang.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
find_python json || skip_all "no python3 with json"

# plant HEX...: an image whose loops of cpuid begin with these bytes. STI, CLI: in Bochs 2.7 a guest that does not
# change IF after an entry takes no interrupt (SDM Vol. 3: external-interrupt exiting does not depend on IF).
plant()
{
	nm "$top/build/guest.elf" | "$python" -c '
import sys
guest = open(sys.argv[1], "rb").read()
image = bytearray(open(sys.argv[2], "rb").read())
at = image.find(guest)
symbols = {name: int(value, 16) for value, _, name in (line.split() for line in sys.stdin)}
assert at > 0
for loop in "storm_stamped_cpuid", "storm_plain_cpuid":
    offset = symbols[loop] - symbols["guest_header"]
    code = bytes.fromhex(sys.argv[3])
    image[at + offset:at + offset + len(code)] = code
open(sys.argv[4], "wb").write(image)' "$top/build/guest.bin" "$images/exitstorm.bin" "$1" "$tmp/planted.bin"
}

# result NAME CAPTURE: what the run says
result()
{
	run "$EXITSTORM" import -q "$2" -o "$2.run"
	is "$(get "$2.run" '[(x, s[x]["status"]) for x in ("cpuid", "vmcall")]')" \
		"[('cpuid', 'skipped'), ('vmcall', 'measured')]" "$1: the storm after it is measured"
	is "$(get "$2.run" 's["cpuid"]["why"]')" "the guest hangs or exits for ever: its batch does not end" "... and one line tells why"
}
run "$EXITSTORM" image -s cpuid,vmcall -n 100 -r 1 -o "$tmp/image"
for what in "a hang:fbfaebfe" "exits for ever:fbfa0fa2ebfa"; do
	plant "${what#*:}" || fail "the image can be changed"
	what=${what%:*}
	for model in corei7_skylake_x ryzen; do
		BOCHS_PLAN=$tmp/image/exitstorm.plan bochs_run "$tmp/planted.bin" $model 100
		is $? 0 "Bochs $model, $what: the image ends by itself"
		result "Bochs $model, $what" "$bochs_dir/serial"
	done
	command -v qemu-system-x86_64 >/dev/null || { skip "no QEMU (qemu-system-x86_64)"; continue; }
	timeout -s KILL 100 qemu-system-x86_64 -nodefaults -accel tcg -cpu EPYC,+svm -m 64 -icount shift=0,sleep=off \
		-kernel "$tmp/planted.bin" -initrd "$tmp/image/exitstorm.plan" -display none -serial "file:$tmp/qemu" \
		-no-reboot -device isa-debug-exit,iobase=0xf4 2>/dev/null
	is $? 1 "QEMU, $what: the image ends by itself"
	result "QEMU, $what" "$tmp/qemu"
	rm -rf "$tmp/qemu" "$tmp/qemu.run"
done
command -v qemu-system-x86_64 >/dev/null || { done_testing; exit; }

# QEMU's clock goes on while it is stopped: twice in the batches of two vCPUs that wait for each other. The storm takes
# some seconds of CPU time, so it is stopped after little of that, not after some time.
run "$EXITSTORM" image -s ple_round_robin -n 600 -r 1 -o "$tmp/two"
qemu-system-x86_64 -nodefaults -accel tcg -cpu EPYC,+svm -m 64 -smp 2 -kernel "$images/exitstorm.bin" \
	-initrd "$tmp/two/exitstorm.plan" -display none -serial "file:$tmp/stopped" -no-reboot \
	-device isa-debug-exit,iobase=0xf4 2>/dev/null &
pid=$!
# In clock ticks.
cpu_time()
{
	sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $12 + $13 }'
}
# The storm has begun when the frames before it, of some 5 KB, have been sent.
until [ "$(stat -c %s "$tmp/stopped" 2>/dev/null || echo 0)" -gt 5000 ] || ! kill -0 "$pid"; do
	sleep 0.02
done
for stop in 1 2; do
	kill -STOP "$pid"
	sleep 6
	ok "QEMU is stopped in a run ($stop)" grep -q '^State:.*stopped' "/proc/$pid/status"
	used=$(cpu_time)
	kill -CONT "$pid"
	until [ "$(cpu_time)" != "$used" ]; do
		sleep 0.02
	done
done
wait "$pid"
is $? 1 "... the image ends by itself"
run "$EXITSTORM" import -q "$tmp/stopped" -o "$tmp/stopped.run"
like "$(get "$tmp/stopped.run" 's["ple_round_robin"]["status"]')" "^(no_exit|measured)" "... and no batch hangs"
done_testing
