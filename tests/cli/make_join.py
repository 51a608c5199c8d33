#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the run of a guest and the traces of the machines below it, of invented exits that fit each other.

make_join.py DIR: DIR/guest, DIR/host, DIR/lower, from tests/data/run. Prints what was made, as JSON.

In the guest (2 vCPUs, 3 repeats): cpuid exits once an operation, and an interrupt falls into every 8th; pause exits
in every 10th; null never. Each exit of the host has two below it: the guest's, which goes through there, and one that
the host makes while it handles it.
"""
import json
import os
import random
import struct
import sys

OFFSET = -987654321098     # of the guest's TSC against its host's
LOWER = 5000000000         # of the host's TSC against that of the machine below
RECORD = ("[('guest_out', '<u8'), ('kernel_in', '<u8'), ('host_in', '<u8'), ('host_out', '<u8'), "
          "('kernel_out', '<u8'), ('guest_in', '<u8'), ('iteration', '<u4'), "
          "('raw_reason', '<u4'), ('vcpu', '<u2'), ('repeat', '<u2'), ('flags', '<u4')]")
HISTOGRAM = ("[('repeat', '<u2'), ('vcpu', '<u2'), ('leg', '<u2'), ('clean', '<u2'), "
             "('bucket', '<u4'), ('reserved', '<u4'), ('count', '<u8')]")
fixture, folder = os.path.join(os.path.dirname(sys.argv[0]), "../data/run"), sys.argv[1]
random.seed(3)


def write_npy(path, descr, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    header = "{'descr': %s, 'fortran_order': False, 'shape': (%d,), }" % (descr, len(rows))
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(b"".join(rows))


def record(out=0, kernel_in=0, kernel_out=0, back=0, iteration=0, reason=0xffffffff, vcpu=0, repeat=0):
    return struct.pack("<QQQQQQIIHHI", out, kernel_in, 0, 0, kernel_out, back, iteration, reason, vcpu, repeat, 0)


guest, host, lower = {}, {}, {}    # records by storm
made = {"foreign": 0, "own": 0, "host": 0, "lower": 0, "rest": 0, "all": 0}
now = 2000000000000                # the guest's clock
NAMES = {"cpuid": 0x72, "intr": 0x60, "pause": 0x77}


def exit_at(at, ticks, name, vcpu, count):
    """An exit of the guest from `at` on; its two at the machine below take 100 and 200 ticks of it."""
    host.setdefault(name, []).append(record(0, at - OFFSET, at - OFFSET + ticks, vcpu=vcpu, reason=NAMES[name]))
    for begin, length, below in ((at - 150, 100, "l2_" + name), (at + 40, 200, "vmresume")):
        down = begin - OFFSET - LOWER
        lower.setdefault(below, []).append(record(0, down, down + length, vcpu=vcpu, reason=0x72))
    if count:
        made["host"] += ticks - 200
        made["lower"] += 300


for vcpu in (0, 1):
    for repeat in range(3):
        for storm in ("cpuid", "pause", "null"):
            for i in range(400):
                if i % 100 == 0:
                    now += 40000 + random.randrange(9000)
                    exit_at(now - 9000, 4000, "intr", vcpu, False)
                out = now = now + 40 + random.randrange(30)
                if storm == "cpuid" or (storm == "pause" and i % 10 == 0):
                    now += 400 + random.randrange(60)
                    exit_at(now, 1500, storm, vcpu, storm == "cpuid")
                    now += 1500
                    made["own"] += storm == "cpuid"
                if storm == "cpuid" and i % 8 == 0:
                    now += 250
                    exit_at(now, 900, "intr", vcpu, True)
                    now += 900
                    made["foreign"] += 1
                now += 30 + random.randrange(60)
                if storm == "cpuid":
                    made["all"] += now - out
                guest.setdefault(storm, []).append(record(out, back=now, iteration=i, vcpu=vcpu, repeat=repeat))

run = json.load(open(f"{fixture}/run.json", encoding="utf-8"))
template = run["storms"][0]
run["storms"] = []
run["target"].update(name="guest", backend="none", raw_space="none")
run["plan"].update(exits=400, repeats=3, vcpus=2, samples=2400)
for name, rows in guest.items():
    exits = name == "cpuid"
    rounds = [int.from_bytes(row[40:48], "little") - int.from_bytes(row[:8], "little") for row in rows]
    histogram, repeats = [], []
    for repeat in range(3):
        for vcpu in (0, 1):
            mine = [t for t, row in zip(rounds, rows) if row[56:60] == struct.pack("<HH", vcpu, repeat)]
            for clean in (0, 1):
                histogram += [struct.pack("<HHHHIIQ", repeat, vcpu, 3, clean, b, 0, c) for b, c in
                              sorted({t if t < 1024 else 1024 + t // 2 - 512 if t < 2048 else 2048 + t // 4 - 512: 0
                                      for t in mine}.items()) for c in [0] if c]
            repeats.append({"repeat": repeat, "vcpu": vcpu, "operations": 400, "p50": {}, "p50_clean": {}})
    storm = dict(template, name=name, kind={"null": "none"}.get(name, name), raw_reason=None, exits=0, expected=0,
                 exits_per_op=int(exits), status="no_exit" if name == "pause" else "measured", operations=2400,
                 why="operation, exit not proven" if name == "pause" else None, repeats=repeats, legs={},
                 samples=f"samples/{name}.npy", exit_proof={
                     "evidence": "cost" if exits else "unknown", "median": 1, "control": 1, "threshold": 1,
                     "native_cycles": None})
    site = {"site": "guest-user", "all": {"count": 2400}, "clean": {"count": 2400}, "p50_ci95": None}
    storm["operation" if name == "pause" else "legs"] = {"round_trip": site}
    run["storms"].append(storm)
    write_npy(f"{folder}/guest/samples/{name}.npy", RECORD, rows)
with open(f"{folder}/guest/run.json", "w", encoding="utf-8") as file:
    json.dump(run, file)

for level, exits, offset in (("host", host, OFFSET), ("lower", lower, LOWER)):
    run = json.load(open(f"{fixture}/run.json", encoding="utf-8"))
    run["target"].update(name="trace")
    run["settings"] = {"interval": "1", "events": "on"}
    run["trace"] = {"hooks": {}, "clock_error": 3, "lost": {}, "vcpus": [
        {"vm": 1, "vcpu": v, "pid": 1, "tid": 2 + v, "process": "vmm", "tsc_offset": offset, "tsc_scaling": 1.0,
         "tsc_changes": 0} for v in (0, 1)]}
    run["storms"] = [dict(template, name=name, kind="other", raw_reason=NAMES.get(name.replace("l2_", ""), 0x80),
                          raw_space="svm", status="skipped", why="made up", legs={}, samples=f"samples/{name}.npy")
                     for name in exits]
    for name, rows in exits.items():
        write_npy(f"{folder}/{level}/samples/{name}.npy", RECORD, rows)
    with open(f"{folder}/{level}/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file)
made["rest"] = made["all"] - made["host"] - made["lower"]
print(json.dumps(made))
