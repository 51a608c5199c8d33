#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schema.py SCHEMA FOLDER...: checks every run in the folders, and what no schema can say.

That is: which arrays there are, that they agree with the figures of run.json and with each other.
One line for each error; the last line says how many runs were looked at. 1: an error, or no run.
"""
import json
import os
import sys

import jsonschema
import numpy as np

LEGS = ("exit", "handler", "resume", "round_trip", "guest_visit", "entry_fail", "period", "host_load",
        "to_kernel", "to_user", "from_user", "to_guest", "in_kernel", "first", "control")
STAMPS = {
    "exit": ("guest_out", "host_in"),
    "handler": ("host_in", "host_out"),
    "resume": ("host_out", "guest_in"),
    "round_trip": ("guest_out", "guest_in"),
}
HISTOGRAM = np.dtype(
    [("repeat", "<u2"), ("vcpu", "<u2"), ("leg", "<u2"), ("clean", "<u2"), ("bucket", "<u4"),
     ("reserved", "<u4"), ("count", "<u8")])
RECORD = np.dtype(
    [("guest_out", "<u8"), ("kernel_in", "<u8"), ("host_in", "<u8"), ("host_out", "<u8"),
     ("kernel_out", "<u8"), ("guest_in", "<u8"), ("iteration", "<u4"), ("raw_reason", "<u4"),
     ("vcpu", "<u2"), ("repeat", "<u2"), ("flags", "<u4")])
SUB_BITS = 10


def bucket_of(ticks):
    """As results/README.md has it."""
    if ticks < 1 << SUB_BITS:
        return ticks
    shift = ticks.bit_length() - 1 - SUB_BITS
    return ((shift + 1) << SUB_BITS) + (ticks >> shift) - (1 << SUB_BITS)


def bounds(bucket):
    """The least value of a bucket, and of the one after it."""
    octave, sub = divmod(bucket, 1 << SUB_BITS)
    if octave == 0:
        return sub, sub + 1
    low = (sub + (1 << SUB_BITS)) << (octave - 1)
    return low, low + (1 << (octave - 1))


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def check_stats(where, stats, rows):
    """The figures of run.json against the histogram that they come from."""
    count = int(rows["count"].sum())
    if stats["count"] != count:
        yield f"{where}: count is {stats['count']}, the histogram has {count}"
    if not count or stats["count"] != count:
        return
    buckets = np.sort(rows["bucket"])
    for name, bucket in (("min", buckets[0]), ("max", buckets[-1])):
        low, high = bounds(int(bucket))
        if not low <= stats[name] < high:
            yield f"{where}: {name} is {stats[name]}, the histogram has {low} to {high}"
    order = [stats[name] for name in ("min", "p50", "p90", "p99", "p999", "max")]
    if order != sorted(order):
        yield f"{where}: min, quantiles and max are not in order: {order}"
    # The median lies between the buckets of the middle values, or half a tick outside.
    rows = np.sort(rows, order="bucket")
    below = np.cumsum(rows["count"])
    low = bounds(int(rows["bucket"][np.searchsorted(below, (count + 1) // 2)]))[0]
    high = bounds(int(rows["bucket"][np.searchsorted(below, count // 2 + 1)]))[1]
    if not low - 1 <= stats["p50"] <= high + 1:
        yield f"{where}: p50 is {stats['p50']}, the histogram has {low} to {high}"


def check_histogram(path, storm):
    array = np.load(path)
    if array.dtype != HISTOGRAM or array.ndim != 1:
        yield f"{path}: dtype is {array.dtype}"
        return
    keys = array[["repeat", "vcpu", "leg", "clean", "bucket"]]
    if len(np.unique(keys)) != len(keys):
        yield f"{path}: a bucket is there twice"
    if (array["count"] == 0).any() or (array["clean"] > 1).any():
        yield f"{path}: empty rows, or clean is neither 0 nor 1"
    for name, leg in storm["legs"].items():
        rows = array[array["leg"] == LEGS.index(name)]
        for key, clean in (("all", 0), ("clean", 1)):
            yield from check_stats(f"{path}: {name}.{key}", leg[key], rows[rows["clean"] == clean])


def check_samples(path, storm, plan, histogram):
    array = np.load(path)
    if array.dtype != RECORD or array.ndim != 1:
        yield f"{path}: dtype is {array.dtype}"
        return
    if len(array) > plan["samples"]:
        yield f"{path}: {len(array)} samples where the plan wants {plan['samples']}"
    if len(array) and array["repeat"].max() >= plan["repeats"]:
        yield f"{path}: a repeat that is not in the plan"
    for name in storm["legs"]:
        if name not in STAMPS:
            continue
        first, last = STAMPS[name]
        both = array[(array[first] != 0) & (array[last] >= array[first])]
        rows = histogram[(histogram["leg"] == LEGS.index(name)) & (histogram["clean"] == 0)]
        seen = {(int(row["repeat"]), int(row["vcpu"]), int(row["bucket"])) for row in rows}
        for record in both:
            bucket = bucket_of(int(record[last]) - int(record[first]))
            if (int(record["repeat"]), int(record["vcpu"]), bucket) not in seen:
                yield f"{path}: a sample's {name} leg is not in the histogram"
                return


def check_storm(folder, storm, plan):
    histogram = os.path.join(folder, "histograms", storm["name"] + ".npy")
    if storm["status"] == "measured":
        if not os.path.exists(histogram):
            yield f"{histogram}: is missing"
            return
        yield from check_histogram(histogram, storm)
    if storm["samples"] and storm["status"] == "measured":
        path = os.path.join(folder, storm["samples"])
        yield from check_samples(path, storm, plan, np.load(histogram))


def check_run(folder, validator):
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
        run = json.load(file, parse_constant=refuse)
    errors = [f"{folder}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
              for error in validator.iter_errors(run)]
    if errors:
        return errors
    names = [storm["name"] for storm in run["storms"]]
    if len(set(names)) != len(names):
        errors.append(f"{folder}: a storm is there twice")
    for kind in ("histograms", "samples"):
        path = os.path.join(folder, kind)
        for name in os.listdir(path) if os.path.isdir(path) else []:
            if name.removesuffix(".npy") not in names:
                errors.append(f"{folder}: {kind}/{name} belongs to no storm")
    for storm in run["storms"]:
        errors += check_storm(folder, storm, run["plan"])
    return errors


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    errors, runs = [], 0
    for root in sys.argv[2:]:
        for folder, _, files in os.walk(root):
            if "run.json" not in files:
                continue
            runs += 1
            try:
                errors += check_run(folder, validator)
            except (OSError, ValueError) as error:
                errors.append(f"{folder}: {error}")
    for error in errors:
        print(error.encode("unicode_escape").decode())
    print(f"{runs} runs")
    return 1 if errors or not runs else 0


sys.exit(main())
