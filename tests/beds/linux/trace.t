#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beds: bochs-vmx qemu-svm:6.12 qemu-svm:newest
# more beds: qemu-svm bochs-vmx
# files: build/tests/trace/exits build/tests/trace/halts tests/trace/away.sh tests/trace/trace.sh
# exitstorm trace on kvm_intel or kvm_amd: counts equal the guest's exits by each way to attach, VMs are told apart,
# a VM may end in mid-trace, and every event is recorded or counted as lost.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/trace.sh

# How many exits are recorded, all of them: a million take 200 s in Bochs. A trace takes five seconds there, of which
# the verifier has most: one way to attach, check-long has the others.
ways="tp_btf raw_tp tracepoint"
case $EXITSTORM_BED:${BED_MORE:-} in
qemu-svm:1) io=IOIO many=1000000 ;;
qemu-svm:*) io=IOIO many=30000 ;;
bochs-vmx:1) io=IO many=20000 ;;
*) io=IO many=5000 ways=tp_btf ;;
esac

# Loading kvm a second time takes 15 s in Bochs.
if [ "$EXITSTORM_BED" = qemu-svm ]; then
	rmmod kvm_amd 2>/dev/null
	rmmod kvm 2>/dev/null
	fails 1 "without KVM: an error" "$EXITSTORM" trace -d 1
	like "$err" "has no KVM" "... with the reason"
fi
ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"

for way in $ways; do
	run "$EXITSTORM" trace --by all --attach $way -- exits 2000 500
	is "$status" 0 "$way: a trace"
	like "$(printf '%s' "$out" | tr '\n' ' ')" "hooks: .*kvm_exit.*\($way\)" "... by that way"
	is "$(count $io)" 2000 "... 2000 exits for OUT"
	is "$(count CPUID)" 500 "... 500 for CPUID"
	is "$(count HLT)" 1 "... 1 for HLT"
	is "$(count KVM_EXIT_IO)" 2000 "... 2000 to userspace for OUT"
	is "$(count KVM_EXIT_HLT)" 1 "... 1 for HLT"
	note "$out"
done

# Two VMs at a time, and the second is killed. This does not depend on the vendor.
if [ "$EXITSTORM_BED:${BED_MORE:-}" != bochs-vmx: ]; then
	run "$EXITSTORM" trace -- sh -c '. /lib/bed/trace.sh; exits 3000 300 & first=$!; exits 1000000 0 & runs $!; kill -9 $!; wait $first; exits 40 4'
	is "$status" 0 "a VM that is killed in mid-trace, and others"
	like "$(count $io)" "^(3000 [0-9]+|[0-9]+ 3000) 40$" "... VMs are told apart by their exits"
	like "$out" "^VM 1: exits" "... the first is listed"
	like "$out" "^VM 2: exits" "... the second"
	like "$out" "^VM 3: exits" "... and the one that came later"
fi

run "$EXITSTORM" trace --rips --record "$tmp/run" -- exits 20 $many
is "$status" 0 "$many exits are recorded"
like "$out" "^  0x0000000000001[0-9a-f]+ +20 .*$io" "--rips: the RIP of OUT"
lost=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) events were lost.*/\1/p')
kept=$("$EXITSTORM" export "$tmp/run" --csv | grep -c '^cpuid,')
is $((kept + ${lost:-0})) $many "... each is recorded or counted as lost"
is "${lost:-0}" 0 "... and none is lost"
run "$EXITSTORM" show "$tmp/run"
like "$out" "^cpuid +[0-9]" "show reads the run"

# These do not depend on the vendor: tests/trace/trace.t has them on the machine's own KVM.
if [ "$EXITSTORM_BED:${BED_MORE:-}" = qemu-svm:1 ]; then
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
	is "$(count $io) $(count CPUID)" "700 70" "only COMMAND's VM is traced"
	run "$EXITSTORM" trace -p $other -d 1
	isnt "$(count $io)" "" "-p: a trace of that process"
	is "$(count CPUID)" "" "... alone"
	kill -9 $other
	wait $other 2>/dev/null

	run "$EXITSTORM" trace --slow 1ns -- exits 20 5
	is "$(printf '%s\n' "$out" | grep -c "slow: .*handler *$io ")" 20 "--slow prints each slow exit"
	like "$out" "slow: .* rip 0x1[0-9a-f]{3} " "... with the guest's RIP"
fi
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
done_testing
