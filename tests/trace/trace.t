#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
# exitstorm trace on the real /dev/kvm. Exits to userspace are counted exactly by each way to attach. kvm_exit
# does not fire on every KVM: the beds test it.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/trace/trace.sh"
need_kvm
exits=$(dirname "$EXITSTORM")/tests/trace/exits
need_ebpf
is "$status" 0 "a trace of nothing succeeds"
is "$out$err" "" "... and -q says nothing"
run "$EXITSTORM" trace -d 0.1 -p $$
like "$out" "^no exits seen" "a process without a VM: the output says that there were no exits"

# Without tracefs: in a mount namespace of its own.
cat >"$tmp/with_tracefs" <<'END'
#!/bin/sh
mount -t tracefs nodev /sys/kernel/tracing && exec "$@"
END
chmod +x "$tmp/with_tracefs"

for way in tp_btf raw_tp tracepoint; do
	around=
	if [ $way = tracepoint ] && [ ! -d /sys/kernel/tracing/events ]; then
		fails 1 "$way without tracefs" "$EXITSTORM" trace -d 1 --attach $way
		like "$err" "mount -t tracefs" "... says what to mount"
		if ! unshare -m true 2>/dev/null; then
			skip "no mount namespace may be made here" "$way"
			continue
		fi
		around="unshare -m $tmp/with_tracefs"
	fi
	run $around "$EXITSTORM" trace --by all --attach $way -- "$exits" 20000 100 2
	is "$status" 0 "$way: a trace"
	like "$(printf '%s' "$out" | tr '\n' ' ')" "hooks: .*kvm_userspace_exit.*\($way\)" "... by that way"
	is "$(printf '%s\n' "$err" | grep -c 'io 20000 hlt 1')" 2 "... the VM's own count: twice 20000"
	is "$(count KVM_EXIT_IO)" 40000 "... the trace counts the same"
	is "$(count KVM_EXIT_HLT)" 2 "... 2 for HLT"
done
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "the table has 80 columns"

run "$EXITSTORM" trace --hooks kvm_userspace_exit --by vcpu -- "$exits" 5000 0 2
is "$(count KVM_EXIT_IO)" "5000 5000" "one hook, by vCPU: each has its own line"
like "$out" "to userspace: period" "... with the time from exit to exit"

run "$EXITSTORM" trace -- sh -c '"$1" 30000 0 & "$1" 10000 0; wait' sh "$exits"
case $(count KVM_EXIT_IO) in
"30000 10000" | "10000 30000") pass "two VMs are told apart" ;;
*) fail "two VMs are told apart" "$out" ;;
esac
like "$out" "^VM 2: exits, process [0-9]+, 1 vCPU$" "... by name and process"

# Every hundredth exit takes userspace 2 ms.
run "$EXITSTORM" trace --slow 1900us --rips -- "$exits" 1000 0 1 2000
slow=$(printf '%s\n' "$out" | grep -c '^slow: .* ms user .*KVM_EXIT_IO\|^slow: .*ms user .*KVM_EXIT_IO')
ok "--slow prints the 10 slow exits ($slow)" test "$slow" -ge 10
ok "... and few others" test "$slow" -lt 200
like "$out" "^slow: +[0-9.]+ s +[0-9.]+ms user .* rip 0x10[0-9a-f]+ pid [0-9]+ vCPU 0" \
	"... each with time, reason, rip and vCPU"
like "$out" "^  0x00000000000010[0-9a-f]+ +(999|1000) " "--rips: all exits come from one RIP"

# One thread that runs two vCPUs in turn. A slow exit has the vCPU that made it.
run "$EXITSTORM" trace --by vcpu --slow 1ns -- "$(dirname "$exits")/turns" 500
is "$(count KVM_EXIT_IO)" 1000 "a thread with two vCPUs"
like "$out" "^VM 1, several vCPUs: turns, process" "... has no vCPU's number in the table"
is "$(printf '%s\n' "$out" | sed -n 's/^slow: .*KVM_EXIT_IO.* vCPU \([0-9]*\)$/\1/p' | head -998 | paste -sd '')" \
	"$(yes 01 | head -499 | paste -sd '')" "... but each slow exit has it, in turn"

# A VM that is not a child of COMMAND.
"$exits" 100000000 0 >/dev/null 2>&1 &
neighbour=$!
ok "another VM runs" runs $neighbour
run "$EXITSTORM" trace -- "$exits" 3000 0
is "$(count KVM_EXIT_IO)" 3000 "only COMMAND's VM is traced"
run "$EXITSTORM" trace -p $neighbour -d 1 --json --record "$tmp/neighbour"
printf '%s\n' "$out" >"$tmp/neighbour.json"
kill -9 $neighbour
wait $neighbour 2>/dev/null

# Times of vCPUs.
. "$top/tests/trace/away.sh"
halts=$(dirname "$exits")/halts
if [ -e /sys/module/kvm_intel ] || [ -e /sys/module/kvm_amd ]; then
	away hw 1000000
else
	away kvm 60000
fi

# Runs
run "$EXITSTORM" trace --record "$tmp/run" -i 1 -- "$exits" 500000 0 2
is "$status" 0 "a million exits are recorded"
lost=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) events were lost.*/\1/p' | tail -1)
kept=$("$EXITSTORM" export "$tmp/run" --csv | grep -c '^kvm_exit_io,')
is $((kept + ${lost:-0})) 1000000 "... each is recorded or counted as lost"
is "${lost:-0}" 0 "... and none is lost"
# A thread is in userspace for one exit at a time: records of a vCPU that overlap are another's. From the first event on,
# which is read before the first histograms are.
run "$EXITSTORM" trace -q --record "$tmp/four" -- sh -c '"$1" 30000 0 2 & "$1" 30000 0 2; wait' sh "$exits"
is "$status" 0 "two VMs of two vCPUs are recorded"
is "$("$EXITSTORM" export "$tmp/four" --csv | awk -F, '$1 == "kvm_exit_io" { print $3, $9, $10 }' | sort -k1,1n -k2,2n |
	awk '{ n[$1]++ } $1 == vcpu && $2 < end { over++ } { vcpu = $1; end = $3 }
	END { print n[0], n[1], n[2], n[3], over + 0 }')" "30000 30000 30000 30000 0" "... each record with its vCPU"
# A buffer of 73 events holds fewer than come in 50 ms.
run "$EXITSTORM" trace --buffer 4k --record "$tmp/small" -- "$exits" 20000 0 2
is "$status" 0 "a buffer that is too small: the trace succeeds"
is "$(count KVM_EXIT_IO)" 40000 "... the histograms have all exits"
lost=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) events were lost.*/\1/p' | tail -1)
isnt "${lost:-0}" 0 "... some events are lost"
kept=$("$EXITSTORM" export "$tmp/small" --csv | grep -c '^kvm_exit_io,\|^kvm_exit_hlt,')
is $((kept + ${lost:-0})) 40002 "... and counted"
like "$("$EXITSTORM" show "$tmp/small")" "lost: $lost events" "... as show says, too"
run "$EXITSTORM" trace -o "$tmp/other" -i 0.5 -- "$exits" 200000 0 2
is "$status" 0 "-o writes a run"
run "$EXITSTORM" show "$tmp/run"
like "$out" "^kvm_exit_io +[0-9]" "show"
run "$EXITSTORM" compare "$tmp/run" "$tmp/other"
is "$status" 0 "compare"
like "$out" "^kvm_exit_io " "... has the reason"
if command -v gnuplot >/dev/null; then
	ok "plot" "$EXITSTORM" plot "$tmp/run" -k cdf -o "$tmp/cdf.svg"
else
	skip "no gnuplot" "plot"
fi
if find_python jsonschema numpy; then
	ok "the run matches the schema" "$python" "$top/tests/cli/schema.py" "$top/results/schema.json" "$tmp/run"
	# The other VM still runs: table, histograms and records must end at the same moment.
	is "$("$python" - "$tmp/neighbour.json" "$tmp/neighbour" <<-'END'
		import json, sys
		import numpy as np
		total = json.loads(open(sys.argv[1]).read())
		run = json.load(open(sys.argv[2] + "/run.json"))
		records = np.load(sys.argv[2] + "/samples/kvm_exit_io.npy")
		[io] = [r for v in total["vcpus"] for r in v["reasons"] if r["reason"] == "KVM_EXIT_IO"]
		[storm] = [s for s in run["storms"] if s["name"] == "kvm_exit_io"]
		assert len(records) == io["exits"] == storm["exits"] > 100
		whole = records[records["host_out"] > 0]
		assert len(whole) >= len(records) - 1
		ns = (whole["host_out"] - whole["host_in"]).astype("f8") / run["host"]["cpu"]["tsc_hz"] * 1e9
		user = io["legs"]["user"]
		assert user["count"] == len(ns)
		assert abs(user["sum_ns"] / ns.sum() - 1) < 0.001, (user["sum_ns"], ns.sum())
		assert abs(user["min_ns"] - ns.min()) < 2 and abs(user["max_ns"] / ns.max() - 1) < 1e-4
		for key, q in ("p50_ns", 0.5), ("p90_ns", 0.9), ("p99_ns", 0.99):
		    # A bucket is 1/32 wide; in the tail the distance between neighbours is larger.
		    low, high = np.quantile(ns, [max(q - 0.002, 0), min(q + 0.002, 1)])
		    assert low / 1.04 <= user[key] <= high * 1.04, (key, user[key], low, high)
		print("same")
	END
	)" same "the kernel's histogram is that of the records: count, sum, ends, quantiles"
	run "$EXITSTORM" trace --json -i 0.5 -- "$exits" 50000 0 2
	printf '%s\n' "$out" >"$tmp/json"
	is "$("$python" - "$tmp/json" <<-'END'
		import json, sys
		lines = [json.loads(line) for line in open(sys.argv[1])]
		total = lines[-1]
		assert total["kind"] == "total" and all(l["kind"] == "interval" for l in lines[:-1])
		io = [r for v in total["vcpus"] for r in v["reasons"] if r["reason"] == "KVM_EXIT_IO"]
		seen = sum(r["exits"] for l in lines[:-1] for v in l["vcpus"] for r in v["reasons"]
			   if r["reason"] == "KVM_EXIT_IO")
		user = [r["legs"]["user"] for r in io]
		assert all(u["min_ns"] <= u["p50_ns"] <= u["p99_ns"] <= u["max_ns"] for u in user)
		print(sum(r["exits"] for r in io), seen <= 100000, sum(u["count"] for u in user))
	END
	)" "100000 True 100000" "--json: the same counts, each exit with its time"
else
	skip "no jsonschema" "--json"
fi

run "$EXITSTORM" trace --openmetrics "$tmp/metrics.prom" -q -- "$exits" 3000 0
is "$status" 0 "--openmetrics"
like "$(cat "$tmp/metrics.prom")" '^exitstorm_exits_total\{.*reason="KVM_EXIT_IO"\} 3000$' "... counts"
like "$(cat "$tmp/metrics.prom")" '^exitstorm_user_seconds_bucket\{.*KVM_EXIT_IO",le="\+Inf"\} 3000$' \
	"... and histograms"
if command -v promtool >/dev/null; then
	ok "... promtool accepts it" sh -c "promtool check metrics <'$tmp/metrics.prom'"
else
	skip "no promtool" "promtool"
fi

# --anonymous: neither tables, JSON, metrics nor the run tell whose VM it was.
cp "$exits" "$tmp/acme-vmm"
hidden="process|pid|tid|acme-vmm"
run "$EXITSTORM" trace --anonymous --slow 1us --by vcpu --openmetrics "$tmp/hidden.prom" -o "$tmp/hidden" -- "$tmp/acme-vmm" 100 0
is "$status" 0 "--anonymous"
like "$out" '^VM 1, vCPU 0$' "... has VM and vCPU"
unlike "$(printf '%s\n' "$out" | grep -v '; hooks:')" "$hidden" "... and no process, pid or tid in its tables"
like "$(cat "$tmp/hidden.prom")" '^exitstorm_exits_total\{trace="hidden",vm="1",thread="1",vcpu="0",' "... nor in its metrics"
unlike "$(cat "$tmp/hidden.prom")" "$hidden" "... none at all"
unlike "$(cat "$tmp/hidden/run.json")" "\"($hidden)\"|\"cmdline\": \"" "... nor in the run"
run "$EXITSTORM" trace --anonymous --json -- "$tmp/acme-vmm" 100 0
like "$out" '"vm":1,"vcpu":0,"seconds"' "... nor in JSON"
unlike "$out" "\"($hidden)\"" "... none at all"

done_testing
