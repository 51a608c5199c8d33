#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""perfetto.py RUN TRACE: checks the trace-event JSON of a run against the records of the run."""
import collections
import json
import sys

import numpy as np

ROUNDED = 0.00052  # microseconds: half a nanosecond, and 0.01 ns

# leg: its stamps, and the track of its span
LEGS = {
    "round_trip": ("guest_out", "guest_in", "guest"),
    "exit": ("guest_out", "host_in", "kernel"),
    "handler": ("host_in", "host_out", "user"),
    "resume": ("host_out", "guest_in", "kernel"),
    "to_kernel": ("guest_out", "kernel_in", "kernel"),
    "to_user": ("kernel_in", "host_in", "kernel"),
    "from_user": ("host_out", "kernel_out", "kernel"),
    "to_guest": ("kernel_out", "guest_in", "kernel"),
}


def check_spans(spans, tracks):
    """Each span has a named track and a time."""
    assert all((e["pid"], e["tid"]) in tracks for e in spans), "a span on a track without a name"
    assert all(e["ts"] >= 0 and e["dur"] >= 0 for e in spans), "negative times"
    assert all(tracks[e["pid"], e["tid"]] in ("guest", "kernel", "user") for e in spans)


def check_nesting(spans):
    """
    On each track, a span is within another or beside it, never across its end: in whole nanoseconds, as
    Perfetto takes them, and in the order of the file where they begin at the same time.
    """
    by_track = collections.defaultdict(list)
    for e in spans:
        by_track[e["pid"], e["tid"]].append((int(e["ts"] * 1000), int(e["dur"] * 1000), e))
    for track in by_track.values():
        stack = []
        for begin, length, e in sorted(track, key=lambda e: e[0]):
            while stack and begin >= stack[-1]:
                stack.pop()
            assert not stack or begin + length <= stack[-1], ("across", e)
            stack.append(begin + length)
            for us, ns in (e["ts"], begin), (e["dur"], length):
                assert round(us * 1000) == ns and abs(us * 1000 - ns) < 0.02, ("not whole ns", e)


def spans_by_leg(spans, names, tracks):
    """(storm, leg): (time, ticks, track) of each span."""
    found = collections.defaultdict(list)
    for e in spans:
        storm = names[e["pid"]]
        leg = "round_trip" if e["name"] == storm else e["name"]
        found[storm, leg].append((e["ts"], e["args"]["ticks"], tracks[e["pid"], e["tid"]]))
    return found


def check_records(run, folder, found, first, us):
    """Each record that has both stamps of a leg has its span, of the same time."""
    total = 0
    for storm in run["storms"]:
        if not storm["samples"]:
            continue
        r = np.load(folder + "/" + storm["samples"])
        for leg, (a, b, track) in LEGS.items():
            x, y = r[a].astype("i8"), r[b].astype("i8")
            there = (x > 0) & (y > 0) & (y >= x)
            want = sorted(zip((x - first)[there].tolist(), (y - x)[there].tolist()))
            got = sorted((ts / us, ticks) for ts, ticks, where in found[storm["name"], leg]
                         if where == track)
            assert len(got) == len(want), (storm["name"], leg, len(got), len(want))
            assert all(abs(g[0] - w[0]) * us <= ROUNDED and g[1] == w[1]
                       for g, w in zip(got, want)), (storm["name"], leg)
            total += len(got)
    assert total, "no spans at all"


def main():
    folder, path = sys.argv[1:]
    run = json.load(open(folder + "/run.json"))
    trace = json.load(open(path))
    hz = run["host"]["cpu"]["tsc_hz"] if run["target"]["clock"] == "tsc" else None
    us = 1e6 / hz if hz else 1.0
    assert abs(trace["otherData"]["us_per_tick"] - us) < 1e-9, "unit"
    events = trace["traceEvents"]
    assert all(e["ph"] in "MX" for e in events), "phases"
    names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    tracks = {(e["pid"], e["tid"]): e["args"]["name"].split(": ")[1]
              for e in events if e["name"] == "thread_name"}
    spans = [e for e in events if e["ph"] == "X"]
    check_spans(spans, tracks)
    check_nesting(spans)
    check_records(run, folder, spans_by_leg(spans, names, tracks),
                  trace["otherData"]["first_tick"], us)
    print("good")


main()
