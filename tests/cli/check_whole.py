#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a run is whole and its parts fit each other. check_whole.py DIR [--partial]

Prints one line: "whole", or what is wrong. With --partial the run was interrupted: then the arrays are read as
run.json counts their items.
"""
import json
import os
import sys

ROW = 24
RECORD = 64


def items(path, size, count):
    """The first `count` items (None: all that the header says) of a .npy file, as bytes."""
    data = open(path, "rb").read()
    begin = 10 + int.from_bytes(data[8:10], "little")
    shape = int(data[10:begin].split(b"'shape': (")[1].split(b",")[0])
    if count is None:
        count = shape
        if len(data) != begin + count * size:
            raise SystemExit(f"{path}: {len(data)} bytes for {count} items")
    if len(data) < begin + count * size:
        raise SystemExit(f"{path}: {len(data)} bytes are too few for {count} items")
    return [data[begin + i * size:begin + (i + 1) * size] for i in range(count)]


def number(item, at, size):
    return int.from_bytes(item[at:at + size], "little")


def check_storm(run, folder, storm, arrays):
    name, repeats = storm["name"], len({r["repeat"] for r in storm["repeats"]})
    path = f"histograms/{name}.npy"
    rows = items(f"{folder}/{path}", ROW, None if arrays is None else arrays.get(path, 0))
    total = sum(number(row, 16, 8) for row in rows if number(row, 4, 2) == 3 and number(row, 6, 2) == 0)
    want = storm["legs"]["round_trip"]["all"]["count"]
    if total != want:
        return f"{name}: {total} values in histograms, {want} in run.json"
    if len({number(row, 0, 2) for row in rows}) != repeats:
        return f"{name}: other repeats in histograms"
    if want != repeats * run["plan"]["exits"] * run["plan"]["vcpus"]:
        return f"{name}: {want} values of {repeats} repeats"
    if storm["samples"]:
        records = items(f"{folder}/{storm['samples']}", RECORD, None if arrays is None else arrays[storm["samples"]])
        if len({number(record, 58, 2) for record in records}) != repeats:
            return f"{name}: other repeats in samples"
    return None if arrays is not None or repeats == run["plan"]["repeats"] else f"{name}: {repeats} repeats"


def main():
    folder, partial = sys.argv[1], "--partial" in sys.argv
    run = json.load(open(f"{folder}/run.json"))
    if partial != ("interrupted" in run):
        return "is interrupted" if not partial else "is complete"
    extra = set(os.listdir(folder)) - {"run.json", "samples", "histograms"}
    if not partial and extra:
        return f"has {extra}"
    for storm in run["storms"]:
        if storm["status"] == "measured":
            fault = check_storm(run, folder, storm, run["interrupted"]["arrays"] if partial else None)
            if fault:
                return fault
    return "whole"


print(main())
