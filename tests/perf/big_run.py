#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a large run out of invented figures: big_run.py DIR SEED [STORMS REPEATS RECORDS].

Each storm has the four legs of an exit to userspace; run.json's figures are made here."""
import json
import os
import sys

import numpy as np

LEGS = {"exit": (0, 0.46), "handler": (1, 0.012), "resume": (2, 0.52), "round_trip": (3, 1.0)}
ROW = np.dtype([("repeat", "<u2"), ("vcpu", "<u2"), ("leg", "<u2"), ("clean", "<u2"),
                ("bucket", "<u4"), ("reserved", "<u4"), ("count", "<u8")])


def bucket(values):
    shift = np.maximum(np.frexp(values.astype(np.float64))[1] - 11, -1)
    large = ((shift + 1) << 10) + (values >> np.maximum(shift, 0)) - 1024
    return np.where(values < 1024, values, large)


def summary(values):
    quantiles = np.quantile(values, [0.5, 0.9, 0.99, 0.999])
    names = ["p50", "p90", "p99", "p999"]
    return {"count": len(values), "min": int(values.min()), "max": int(values.max()),
            "mean": float(values.mean()), "stddev": float(values.std()), "mad": 1.0,
            **{name: float(q) for name, q in zip(names, quantiles)}}


def storm(folder, rng, index, repeats, records):
    cost, rows, values = 2000 + 1000 * index, [], {leg: [] for leg in LEGS}
    entries = []
    for repeat in range(repeats):
        shift = np.exp(rng.normal(0, 0.008))
        medians = {}
        for leg, (number, part) in LEGS.items():
            found = cost * part * shift * np.exp(rng.normal(0, 0.02, records))
            found = (np.floor(found / 2 + rng.random(records)) * 2).astype(np.int64)
            values[leg].append(found)
            medians[leg] = float(np.median(found))
            buckets, counts = np.unique(bucket(found), return_counts=True)
            for clean in 0, 1:
                some = np.zeros(len(buckets), ROW)
                some["repeat"], some["leg"], some["clean"] = repeat, number, clean
                some["bucket"], some["count"] = buckets, counts
                rows.append(some)
        entries.append({"repeat": repeat, "vcpu": 0, "p50": medians, "p50_clean": medians})
    name = f"storm_{index}"
    np.save(f"{folder}/histograms/{name}.npy", np.concatenate(rows))
    legs = {}
    for leg in LEGS:
        stats = summary(np.concatenate(values[leg]))
        legs[leg] = {"site": "guest" if leg == "round_trip" else "kvm-ioctl", "all": stats,
                     "clean": stats, "p50_ci95": None}
    total = repeats * records
    return {"name": name, "kind": "io", "raw_reason": 2, "exits_per_op": 1, "cpl": 0,
            "status": "measured", "why": None, "exits": total, "expected": total, "disturbed": 0,
            "lost": 0, "legs": legs, "repeats": entries, "samples": None,
            "core_cycles_per_tick": None}


def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    storms, repeats, records = map(int, sys.argv[3:] or (40, 10, 100_000))
    rng = np.random.default_rng(seed)
    os.makedirs(f"{folder}/histograms")
    run = {
        "schema": "exitstorm-run/1", "tool": {"version": "0", "commit": "made-up"},
        "started": "2026-01-02T03:04:05Z", "duration_s": 1,
        "target": {"name": "kvm", "backend": "kvm", "emulated": False, "clock": "tsc",
                   "clock_granularity": 26, "guest_native": None, "raw_space": "kvm"},
        "host": {"cpu": {"brand": "A made-up CPU", "tsc_hz": 2300000000}, "hypervisor": None},
        "settings": {"stamps": "both"}, "controls": {},
        "plan": {"exits": records, "repeats": repeats, "warmup": 1, "vcpus": 1, "samples": 0,
                 "seed": seed, "cpus": [1]},
        "storms": [storm(folder, rng, i, repeats, records) for i in range(storms)],
    }
    with open(f"{folder}/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file)


main()
