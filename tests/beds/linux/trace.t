#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beds: qemu-svm bochs-vmx qemu-svm:6.12
# files: build/tests/trace/exits build/tests/trace/halts tests/trace/away.sh tests/trace/trace.sh
# exitstorm trace on a real kvm_intel or kvm_amd: counts are what the guest did, whatever the way to
# attach; VMs are told apart; a VM may end in mid-trace; every one of many events is kept or counted.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/trace.sh
RUN_LIMIT=450

case $EXITSTORM_BED:$(uname -r) in
qemu-svm:6.1.*) io=IOIO many=1000000 ;;
qemu-svm:*) io=IOIO many=100000 ;;
*) io=IO many=50000 ;; # a million take 200 s
esac

# Loading kvm again takes Bochs a quarter of a minute.
if [ "$EXITSTORM_BED" = qemu-svm ]; then
	rmmod kvm_amd 2>/dev/null
	rmmod kvm 2>/dev/null
	fails 1 "without KVM it says so" "$EXITSTORM" trace -d 1
	like "$err" "has no KVM" "... in words"
fi
ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"

for way in tp_btf raw_tp tracepoint; do
	run "$EXITSTORM" trace --by all --attach $way -- exits 2000 500
	is "$status" 0 "$way: traces"
	like "$(printf '%s' "$out" | tr '\n' ' ')" "hooks: .*kvm_exit.*\($way\)" "... by that way"
	is "$(count $io)" 2000 "... 2000 exits for OUT"
	is "$(count CPUID)" 500 "... 500 for CPUID"
	is "$(count HLT)" 1 "... 1 for HLT"
	is "$(count KVM_EXIT_IO)" 2000 "... 2000 to userspace for OUT"
	is "$(count KVM_EXIT_HLT)" 1 "... 1 for HLT"
	note "$out"
done

# Two at a time, and the second is killed.
run "$EXITSTORM" trace -- sh -c '. /lib/bed/trace.sh; exits 3000 300 & first=$!; exits 1000000 0 & runs $!; kill -9 $!; wait $first; exits 40 4'
is "$status" 0 "a VM that is killed in mid-trace, beside others"
like "$(count $io)" "^(3000 [0-9]+|[0-9]+ 3000) 40$" "... VMs are told apart by their exits"
like "$out" "^VM 1: exits" "... one is there"
like "$out" "^VM 2: exits" "... the other"
like "$out" "^VM 3: exits" "... and the one after it"

run "$EXITSTORM" trace --rips --record "$tmp/run" -- exits 20 $many
is "$status" 0 "$many exits are recorded"
like "$out" "^  0x0000000000001[0-9a-f]+ +20 .*$io" "with --rips: where OUT stands"
lost=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) events were lost.*/\1/p')
kept=$("$EXITSTORM" export "$tmp/run" --csv | grep -c '^cpuid,')
is $((kept + ${lost:-0})) $many "... each is kept, or counted as lost"
is "${lost:-0}" 0 "... and none is lost"
run "$EXITSTORM" show "$tmp/run"
like "$out" "^cpuid +[0-9]" "the run shows"

# What is the same on both: where it takes no minutes.
if [ "$EXITSTORM_BED" = qemu-svm ]; then
	run "$EXITSTORM" trace --buffer 4k --record "$tmp/small" -- exits 20 20000
	is "$(count CPUID)" 20000 "with a buffer that is too small the histograms count all"
	lost=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) events were lost.*/\1/p')
	isnt "${lost:-0}" 0 "... and events are lost"
	seen=$(printf '%s\n' "$out" | awk '/^  exit/ { n = 1 } /^  (of|to user)/ { n = /to user/ } n { sum += $2 } END { print sum }')
	"$EXITSTORM" export "$tmp/small" --csv >"$tmp/csv"
	kept=$(($(wc -l <"$tmp/csv") - 1))
	is $((kept + ${lost:-0})) "$seen" "... each of which is counted"

	# shellcheck source=/dev/null
	. /lib/bed/away.sh
	exits=exits halts=halts
	away hw 10000

	run "$EXITSTORM" trace --hooks kvm_exit -- exits 300 200
	is "$(count $io) $(count CPUID)" "300 200" "one hook: exits are counted"
	like "$out" "exit: period" "... with the time from exit to exit"

	exits 1000000 0 >/dev/null 2>&1 &
	other=$!
	# shellcheck source=/dev/null
	ok "another VM runs" runs $other
	run "$EXITSTORM" trace -- exits 700 70
	is "$(count $io) $(count CPUID)" "700 70" "COMMAND alone is traced, not its neighbour"
	run "$EXITSTORM" trace -p $other -d 1
	isnt "$(count $io)" "" "with -p the process that is asked for"
	is "$(count CPUID)" "" "... alone"
	kill -9 $other
	wait $other 2>/dev/null

	run "$EXITSTORM" trace --slow 1ns -- exits 20 5
	is "$(printf '%s\n' "$out" | grep -c "slow: .*handler *$io ")" 20 "slow ones are printed, each"
	like "$out" "slow: .* rip 0x1[0-9a-f]{3} " "... with the guest's RIP"
fi
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
done_testing
