#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: qemu-svm bochs-vmx qemu-svm:newest
# more beds: bochs-vmx qemu-svm
# limit: 240
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh
# After each way to end a run the machine is unchanged: state of every CPU, memory, module.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh

state >"$tmp/before"
isnt "$(wc -l <"$tmp/before")" 0 "the state can be read"
echo 1 >/proc/exitstorm_state
isnt "$(state)" "$(cat "$tmp/before")" "seen to fail: a state that was changed"
echo 1 >/proc/exitstorm_state
same "changed back"

insmod /lib/bed/exitstorm.ko
for irqs in off on; do
	run "$EXITSTORM" run -t module -s cpuid,mov_cr3,mov_dr,page_fill,pf_reflect,xsetbv,wrmsr_gs_base -n 300 -r 2 \
		--samples 0 --set irqs=$irqs
	is "$status" 0 "a run with irqs=$irqs"
	same "after it"
done
run "$EXITSTORM" run -t module -s vmcall,rdmsr -n 300 -r 1 --set path=full --set slat_page=2m --samples 0
is "$status" 0 "full path, pages of 2 MiB"
same "after it"

begin
ok "a run is under way" [ "$(threads)" -ge 1 ]
run "$EXITSTORM" run -t module -s cpuid -n 10
is "$status" 1 "a second open is refused"
like "$err" "in use" "... with the reason"
ok "... and the run goes on" kill -0 "$pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
is "$(threads)" 0 "kill -9 ends guest and threads"
nok "... and leaves no run" [ -e "$tmp/long" ]
same "after kill -9"

begin --set irqs=on
kill -INT "$pid"
wait "$pid"
is "$?" 1 "Ctrl-C ends a run"
is "$(threads)" 0 "and its threads"
same "after Ctrl-C"
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --samples 0
is "$status" 0 "the next run succeeds"

if [ "$(nproc)" -ge 2 ]; then
	run "$EXITSTORM" run -t module -s cpuid,ple_round_robin -n 200 -r 1 --vcpus 2 --cpu 1,0 --samples 0 -o "$tmp/two"
	is "$status" 0 "two vCPUs on two CPUs"
	is "$(grep -c '"vcpu": 1' "$tmp/two/run.json")" 2 "both are measured"
	same "after them"
	begin --cpu 1
	ok "a CPU goes offline in mid-run" sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
	is "$(threads)" 0 "which ends it"
	echo 1 >/sys/devices/system/cpu/cpu1/online
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	same "after it came back"
fi
run "$EXITSTORM" run -t module -s cpuid -n 100 -r 1 --cpu 63
is "$status" 1 "a CPU that does not exist is refused"

rmmod exitstorm
same "after rmmod"
# The kernel's caches grow during the first rounds. Free pages in per-CPU lists do not count as available: these
# lists are kept as short as possible (else some 25 MB of 1 GB).
echo 100000 >/proc/sys/vm/percpu_pagelist_high_fraction
free()
{
	echo 3 >/proc/sys/vm/drop_caches
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}
rounds=0 before=0
case $EXITSTORM_BED${BED_MORE:-} in
bochs-vmx) all=5 from=3 ;; # each takes a second there
qemu-svm) all=12 from=4 ;;
*) all=20 from=5 ;;
esac
while [ "$rounds" -lt "$all" ]; do
	insmod /lib/bed/exitstorm.ko && "$EXITSTORM" run -t module -s cpuid -n 50 -r 1 -q --samples 0 -o "$tmp/round" \
		>/dev/null 2>&1 && rmmod exitstorm && rm -r "$tmp/round" || break
	rounds=$((rounds + 1))
	[ "$rounds" != "$from" ] || before=$(free)
done
is "$rounds" "$all" "$all rounds of load, run, unload"
lost=$((before - $(free)))
echo 0 >/proc/sys/vm/percpu_pagelist_high_fraction
note "$lost KiB less than after $from of them"
ok "$((all - from)) of them lose no memory" [ "$lost" -lt 4096 ]
same "after them"
rmmod state
done_testing
