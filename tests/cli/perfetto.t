#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# export --perfetto: the form of the trace-event JSON, and that it says what the records say.
. "$(dirname "$0")/../lib.sh"

find_python numpy json || skip_all "no python3 with numpy"
fails 2 "two forms and no run" "$EXITSTORM" export --perfetto
fails 1 "a storm that is not there" "$EXITSTORM" export "$top/tests/data/run" --perfetto -s nothing

# check RUN: against the records themselves; prints "good" or what is wrong.
check()
{
	"$EXITSTORM" export "$1" --perfetto >"$tmp/trace.json" || return 1
	"$python" - "$1" "$tmp/trace.json" <<-'END'
	import collections, json, sys
	import numpy as np

	folder, path = sys.argv[1:]
	run = json.load(open(folder + "/run.json"))
	trace = json.load(open(path))
	hz = run["host"]["cpu"]["tsc_hz"] if run["target"]["clock"] == "tsc" else None
	us = 1e6 / hz if hz else 1.0
	assert abs(trace["otherData"]["us_per_tick"] - us) < 1e-9, "unit"
	first = trace["otherData"]["first_tick"]
	events = trace["traceEvents"]
	assert all(e["ph"] in "MX" for e in events), "phases"
	names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
	tracks = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
	spans = [e for e in events if e["ph"] == "X"]
	assert all((e["pid"], e["tid"]) in tracks for e in spans), "a span on a track without a name"
	assert all(e["ts"] >= 0 and e["dur"] >= 0 for e in spans), "negative times"
	assert all(tracks[e["pid"], e["tid"]].split(": ")[1] in ("guest", "kernel", "user") for e in spans)

	# On each track: in order, and each span is within another or beside it, never across its end.
	slack = 0.0005
	by_track = collections.defaultdict(list)
	for e in spans:
	    by_track[e["pid"], e["tid"]].append(e)
	for track in by_track.values():
	    stack, last = [], -1
	    for e in sorted(track, key=lambda e: (e["ts"], -e["dur"])):
	        while stack and e["ts"] >= stack[-1] - slack:
	            stack.pop()
	        assert not stack or e["ts"] + e["dur"] <= stack[-1] + slack, ("across", e)
	        stack.append(e["ts"] + e["dur"])
	    tops = [e["ts"] for e in track if e["name"] in ("exit", names[e["pid"]])]

	# Every record that has both ends of a leg has its span, and of just that time.
	want = {"round_trip": ("guest_out", "guest_in", "guest"), "exit": ("guest_out", "host_in", "kernel"),
	        "handler": ("host_in", "host_out", "user"), "resume": ("host_out", "guest_in", "kernel"),
	        "to_kernel": ("guest_out", "kernel_in", "kernel"), "to_user": ("kernel_in", "host_in", "kernel"),
	        "from_user": ("host_out", "kernel_out", "kernel"), "to_guest": ("kernel_out", "guest_in", "kernel")}
	found = collections.defaultdict(list)
	for e in spans:
	    name = "round_trip" if e["name"] == names[e["pid"]] else e["name"]
	    found[names[e["pid"]], name].append((e["ts"], e["args"]["ticks"], tracks[e["pid"], e["tid"]].split(": ")[1]))
	total = 0
	for storm in run["storms"]:
	    if not storm["samples"]:
	        continue
	    r = np.load(folder + "/" + storm["samples"])
	    for leg, (a, b, track) in want.items():
	        x, y = r[a].astype("i8"), r[b].astype("i8")
	        there = (x > 0) & (y > 0) & (y >= x)
	        expected = sorted(zip((x - first)[there].tolist(), (y - x)[there].tolist()))
	        got = sorted((ts / us, ticks) for ts, ticks, where in found[storm["name"], leg] if where == track)
	        assert len(got) == len(expected), (storm["name"], leg, len(got), len(expected))
	        assert all(abs(g[0] - e[0]) < 1 and g[1] == e[1] for g, e in zip(got, expected)), (storm["name"], leg)
	        total += len(got)
	assert total, "no spans at all"
	print("good")
	END
}

is "$(check "$top/tests/data/run" 2>&1)" good "a run that is kept with the tests"
is "$(check "$top/results/reference/bochs-haswell" 2>&1)" good "an emulator's: a tick is shown as 1 us"
is "$(check "$top/results/reference/kvm-cpl0" 2>&1)" good "a real one, with visits of the guest"
if have_kvm; then
	"$EXITSTORM" run -q -s pio_out,hlt,syscall,kvm_run_immediate -n 300 -r 2 --vcpus 2 -o "$tmp/run" >/dev/null 2>&1
	is "$(check "$tmp/run" 2>&1)" good "two vCPUs"
	if "$EXITSTORM" run -q -s pio_out,hlt -n 300 -r 2 --set ebpf=on -o "$tmp/ebpf" >/dev/null 2>"$tmp/err"; then
		is "$(check "$tmp/ebpf" 2>&1)" good "with the kernel's stamps"
	else
		skip "no eBPF here" "with the kernel's stamps"
	fi
fi
"$EXITSTORM" export "$top/tests/data/run" --perfetto >/dev/full 2>"$tmp/err"
is "$?:$(wc -l <"$tmp/err")" 1:1 "a full disk is told in one line"
done_testing
