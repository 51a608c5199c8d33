#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# join: exits by a host's trace of made-up operations, counted exactly, by the TSC offset and by the order of stamps;
# two levels; what cannot be joined. Real exits are joined in the beds: tests/beds/linux/join.t.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
made=$("$python" "$top/tests/cli/make_join.py" "$tmp")

# copy FROM TO STATEMENT: of Python, on the run's JSON r
copy()
{
	cp -r "$tmp/$1" "$tmp/$2"
	"$python" - "$tmp/$2/run.json" "$3" <<-'END'
	import json, sys
	r = json.load(open(sys.argv[1]))
	exec(sys.argv[2])
	json.dump(r, open(sys.argv[1], "w"))
	END
}
# of NAME: a figure of what was made
of() { echo "$made" | "$python" -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }

# check RUN: counts and stamps of what make_join.py has made
check()
{
	is "$(get "$1" "s['cpuid']['exits'], s['cpuid']['exits_per_op'], s['cpuid']['joined']['foreign']")" \
		"($(of own), 1, $(of foreign))" "$2: every exit is counted, the foreign ones apart"
	is "$(get "$1" "s['cpuid']['status'], s['cpuid']['exit_proof']['evidence'], s['cpuid']['joined']['inside']")" \
		"('measured', 'counted', 'cost')" "$2: the proof is the count"
	is "$(get "$1" "s['pause']['status'], s['pause']['exits'], s['pause']['joined']['foreign'], s['pause']['legs']")" \
		"('no_exit', 0, 240, {})" "$2: one exit in ten operations is none of each"
	is "$(get "$1" "s['null']['status'], s['null']['exits']")" "('measured', 0)" "$2: a baseline has none"
	is "$(get "$1" "s['cpuid']['disturbed']")" "$(of foreign)" "$2: operations with a foreign exit are disturbed"
	is "$(get "$1" "[round(s['cpuid']['legs']['in_kernel']['all'][k]) for k in ('count', 'min', 'max')]")" \
		"[2400, 1500, 1500]" "$2: kvm_exit to kvm_entry"
	is "$("$EXITSTORM" export --csv -s cpuid "$1" | tr -d '\r' | awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ n++; bad += $at["to_kernel"] + $at["in_kernel"] + $at["to_guest"] != $at["round_trip"] }
		END { print n, bad + 0 }')" "2400 0" "$2: the legs' sum is the round trip, in each record"
}

run "$EXITSTORM" join "$tmp/guest" "$tmp/host" -o "$tmp/one"
is "$status" 0 "join" && note "$err"
check "$tmp/one" "by the offset"
is "$(get "$tmp/one" "[(v['clock'], v['error'], v['host_vcpu']) for v in r['joined']['hosts'][0]['vcpus']]")" \
	"[('tsc_offset', 3, 0), ('tsc_offset', 3, 1)]" "the run says by which clock, and which vCPU it was"
ok "to_kernel is at least what was made" [ "$(get "$tmp/one" "int(s['cpuid']['legs']['to_kernel']['all']['min'])")" = 400 ]
like "$out" "^cpuid +cpuid +1 +300 +cost " "show has a table of the counts"
like "$(echo "$out" | tr -s '\n ' ' ')" "1 of 1 \(precision\).* 1 of 1 \(recall\)" "... with what the guest's proofs were worth"
unlike "$out" "takes no stamps" "... and no word of stamps that are missing"
is "$(echo "$out" | awk 'length > 80' | wc -l)" 0 "... within 80 columns"
ok "the joined run agrees with the schema" "$EXITSTORM" show --json "$tmp/one"
find_python jsonschema && ok "... as a validator sees it" "$python" -c "import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))" "$tmp/one/run.json" "$top/results/schema.json"

copy host unknown 'for v in r["trace"]["vcpus"]: del v["tsc_offset"]'
run "$EXITSTORM" join -q "$tmp/guest" "$tmp/unknown" -o "$tmp/order"
is "$status:$out" "0:$tmp/order" "without an offset, by the order of stamps" && note "$err"
is "$(get "$tmp/order" "[s[n]['exits'] for n in ('cpuid', 'pause', 'null')], s['cpuid']['joined']['foreign']")" \
	"([$(of own), 0, 0], $(of foreign))" "... the counts are the same"
error=$(get "$tmp/order" "t['kernel_stamps']['error'] if t['kernel_stamps']['clock'] == 'order' else -1")
ok "... with the error that is left ($error ticks)" [ "$error" -gt 3 -a "$error" -lt 250 ]
off=$(get "$tmp/order" "int(abs(s['cpuid']['legs']['to_kernel']['all']['min'] - 400))")
ok "... which holds: to_kernel is off by $off" [ "$off" -le "$error" ]

copy host wrong 'for v in r["trace"]["vcpus"]: v["tsc_offset"] += 700000'
run "$EXITSTORM" join -q "$tmp/guest" "$tmp/wrong" -o "$tmp/corrected"
is "$(get "$tmp/corrected" "s['cpuid']['exits'], t['kernel_stamps']['clock']")" "($(of own), 'order')" \
	"an offset that has changed since is not believed"
copy host scaled 'for v in r["trace"]["vcpus"]: v["tsc_scaling"] = 1.01'
fails 1 "clocks of another rate" "$EXITSTORM" join "$tmp/guest" "$tmp/scaled" -o "$tmp/none"
like "$err" "no vCPU of this trace has exits within the operations" "... are not joined"

run "$EXITSTORM" join "$tmp/guest" "$tmp/host" "$tmp/lower" -o "$tmp/two"
is "$status" 0 "two levels" && note "$err"
check "$tmp/two" "two levels"
is "$(get "$tmp/two" "[s['cpuid']['joined']['levels'][1]['exits_per_op']] + [round(x * 2400) for x in (
	s['cpuid']['joined']['levels'][0]['ticks'], s['cpuid']['joined']['levels'][1]['ticks'], s['cpuid']['joined']['rest'])]")" \
	"[2.25, $(of host), $(of lower), $(of rest)]" "exits of the machine below, and the time of each level"
is "$(echo "$out" | awk 'length > 80' | wc -l)" 0 "... within 80 columns"

fails 1 "a run in place of a trace" "$EXITSTORM" join "$tmp/guest" "$tmp/guest" -o "$tmp/none"
like "$err" "trace --record" "... the command that makes one is named"
copy host lossy 'r["incomplete"] = "lost: 5 events"'
fails 1 "a trace that has lost exits" "$EXITSTORM" join "$tmp/guest" "$tmp/lossy" -o "$tmp/none"
like "$err" "cannot count them.* --buffer" "... cannot count"
copy host later 'r["storms"] = [s for s in r["storms"] if s["name"] == "intr"]'
fails 1 "a trace without the guest's exits" "$EXITSTORM" join "$tmp/guest" "$tmp/later" -o "$tmp/none"
copy guest bare 'for x in r["storms"]: x["samples"] = None'
fails 1 "a run without records" "$EXITSTORM" join "$tmp/bare" "$tmp/host" -o "$tmp/none"
like "$err" "run --samples" "... the option is named"
copy host empty 'for x in r["storms"]: x["samples"] = None'
fails 1 "a trace without kvm_exit" "$EXITSTORM" join "$tmp/guest" "$tmp/empty" -o "$tmp/none"
like "$err" "kvm-pvm" "... says which KVM has none"
fails 2 "one operand" "$EXITSTORM" join "$tmp/guest" -o "$tmp/none"
fails 2 "no output" "$EXITSTORM" join "$tmp/guest" "$tmp/host"
fails 1 "an output that is there" "$EXITSTORM" join "$tmp/guest" "$tmp/host" -o "$tmp/one"
ok "nothing was written by those that failed" [ ! -e "$tmp/none" ]
done_testing
