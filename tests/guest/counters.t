#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others, one at a time
# run --set counters=: events of the vCPU's thread, counted during the storm, and the reasons for events that
# cannot be counted.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python json || skip_all "no python3"
run "$EXITSTORM" run -s null --set counters=page-faults -n 10 -r 1 -o "$tmp/probe"
case $err in *"without libperf"*) skip_all "no libperf" ;; esac

fails 2 "an unknown event" "$EXITSTORM" run -s null --set counters=cyclez
like "$err" "no event is called 'cyclez'" "... is named in the error"

# ask RUN EXPRESSION: prints the value of an expression of Python about run.json.
ask()
{
	"$python" -c "
import json, sys
run = json.load(open(sys.argv[1] + '/run.json'))
storm = {s['name']: s for s in run['storms']}
counters = {n: s['counters'] for n, s in storm.items()}
print($2)" "$1"
}

list=context-switches,task-clock,kvm:kvm_userspace_exit,cycles,kvm:no_such,msr/tsc/
run "$EXITSTORM" run -s null,pio_out -n 3000 -r 2 --set "counters=$list" -o "$tmp/run"
is "$status" 0 "a run with counters"
is "$(ask "$tmp/run" "run['settings']['counters']")" "$list" "run.json has the list"
is "$(ask "$tmp/run" "' '.join(counters['pio_out'])")" "${list//,/ }" "counters{} has each event"
like "$out" "Not counted: .*kvm:no_such: this kernel has no such tracepoint" "an unknown tracepoint, with the reason"
is "$(ask "$tmp/run" "list(counters['pio_out']['task-clock'])")" "['both']" "a clock counts both sides together"

# kvm_userspace_exit: each of our exits, one at the end of each batch, and those that signals cause.
if [ "$(ask "$tmp/run" "'host' in counters['pio_out']['kvm:kvm_userspace_exit'] and 'why' in counters['pio_out']['kvm:kvm_userspace_exit']['host']")" = True ]; then
	skip "tracepoints cannot be counted" "... exact counts"
else
	note "$(ask "$tmp/run" "counters['pio_out']['kvm:kvm_userspace_exit']['host']")"
	is "$(ask "$tmp/run" "sum(1 for p in storm['pio_out']['repeats'])")" 2 "two repeats"
	is "$(ask "$tmp/run" "0 <= counters['pio_out']['kvm:kvm_userspace_exit']['host']['count'] \
- sum(p['operations'] + -(-p['operations'] // p['batch']) for p in storm['pio_out']['repeats']) <= 60")" \
		True "userspace exits: one an operation and one a batch"
	is "$(ask "$tmp/run" "counters['null']['kvm:kvm_userspace_exit']['host']['per_op'] < 0.05")" True \
		"a storm without exits has none"
	is "$(ask "$tmp/run" "counters['null']['kvm:kvm_userspace_exit']['host']['per_exit'] is None \
or storm['null']['exits'] > 0")" True "... and no mean for an exit"
fi
# The TSC between begin and end of counting agrees with the records.
if [ "$(ask "$tmp/run" "'why' in list(counters['pio_out']['msr/tsc/'].values())[0]")" = False ]; then
	# The counter stops while the thread is switched out. So it is compared with the median: the mean includes
	# these times.
	is "$(ask "$tmp/run" "0.8 * storm['pio_out']['legs']['round_trip']['all']['p50'] \
< list(counters['pio_out']['msr/tsc/'].values())[0]['per_op'] \
< 2 * storm['pio_out']['legs']['round_trip']['all']['mean']")" True "msr/tsc/ is what the stamps say"
fi
if [ ! -e /sys/bus/event_source/devices/cpu ] && [ ! -e /sys/bus/event_source/devices/cpu_core ]; then
	like "$out" "cycles.*no PMU here" "no PMU, with the reason"
	is "$(ask "$tmp/run" "list(counters['pio_out']['cycles'])")" "['host', 'guest']" "... of both sides"
else
	is "$(ask "$tmp/run" "counters['pio_out']['cycles']['guest']['count'] > 0")" True \
		"cycles of the guest"
fi

# Events that share a PMU are scaled, and show prints the share. The figures are edited: there may be no PMU.
cp -r "$tmp/run" "$tmp/shared"
"$python" - "$tmp/shared/run.json" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
side = {"per_exit": 4321.5, "per_op": 4321.5, "looking_per_op": 2.0, "count": 1e6, "running": 0.5}
for storm in run["storms"]:
    storm["counters"] = {"cycles": {"host": side, "guest": dict(side, per_op=77.25, running=1.0)}}
json.dump(run, open(sys.argv[1], "w"))
END
run "$EXITSTORM" show "$tmp/shared"
like "$out" "^storm +event +host +guest +overhead +on PMU$" "host and guest in columns, and the PMU's share"
like "$out" "^pio_out +cycles +4,32[12] +77.25 +4.00 +50 %$" "... with their figures"
like "$out" "on PMU: share of the time" "... and a legend"

# No counters by default; --like repeats them.
run "$EXITSTORM" run -s null -n 200 -r 1 -o "$tmp/none"
is "$(ask "$tmp/none" "(counters['null'], run['settings']['counters'])")" "({}, 'none')" "off by default"
run "$EXITSTORM" run --like "$tmp/run" -n 200 -r 1 -o "$tmp/like"
is "$(ask "$tmp/like" "run['settings']['counters']")" "$list" "--like counts the same"
run "$EXITSTORM" run -s null -n 200 -r 1 --vary counters=none,task-clock+msr/tsc/ -o "$tmp/vary"
is "$status" 0 "--vary: a list that is joined by +"
is "$(ls "$tmp/vary")" "counters=none
counters=task-clock+msr_tsc_" "... in folders of one level"
is "$(ask "$tmp/vary/counters=task-clock+msr_tsc_" "run['settings']['counters']")" \
	"task-clock,msr/tsc/" "... is a list with commas"
fails 2 "another target has no counters" "$EXITSTORM" run -t bochs -s null --set counters=cycles
done_testing
