#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make perf, analysis: analysis.py EXITSTORM COST

1. The summary of one storm's round trips from samples/*.npy beside NumPy's percentile of the same
   file, in turn, both from a warm page cache: as results/README.md loads it (numpy.load), and mapped.
2. Memory against the number of records: show, compare, plot, report.
3. compare and report of two runs of 40 storms x 10 repeats x 10^5 records.

Prints the medians of rounds; what misses its mark makes the exit status 1. PERF_RECORDS: of 1
(10,000,000, which are 640 MB; 100000000 are 6.4 GB of disk, and of memory for numpy.load).
PERF_ROUNDS: 5.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

RECORD = np.dtype([("guest_out", "<u8"), ("kernel_in", "<u8"), ("host_in", "<u8"),
                   ("host_out", "<u8"), ("kernel_out", "<u8"), ("guest_in", "<u8"),
                   ("iteration", "<u4"), ("raw_reason", "<u4"), ("vcpu", "<u2"), ("repeat", "<u2"),
                   ("flags", "<u4")])
BLOCK = 1 << 20
QUANTILES = {"p50": 50, "p90": 90, "p99": 99, "p999": 99.9}
NUMPY = """
import numpy, sys, time
began = time.perf_counter()
r = numpy.load(sys.argv[1], mmap_mode=sys.argv[2] if len(sys.argv) > 2 else None)
q = numpy.percentile(r["guest_in"] - r["guest_out"], [50, 90, 99, 99.9])
print(time.perf_counter() - began, *q)
"""
COST = os.path.abspath(sys.argv[2])
missed = False


def mark(good):
    global missed
    missed |= not good
    return "reached" if good else "MISSED"


def measure(*command):
    """Seconds, peak KiB and the output of one command, by `cost`: a child of Python's would begin
    with Python's own peak."""
    with tempfile.TemporaryDirectory() as tmp:
        out = subprocess.run([COST, f"{tmp}/cost", *command], stdout=subprocess.PIPE, check=True,
                             encoding="utf-8").stdout
        with open(f"{tmp}/cost", encoding="utf-8") as file:
            seconds, kib = file.read().split()
    return float(seconds), int(kib), out


def write_records(path, count):
    rng = np.random.default_rng(1)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=RECORD, shape=(count,))
    for first in range(0, count, BLOCK):
        n = min(BLOCK, count - first)
        rows = np.zeros(n, RECORD)
        rows["iteration"] = np.arange(first, first + n)
        rows["guest_out"] = rows["iteration"].astype("u8") * 70000 + 1
        at = rows["guest_out"]
        for stamp, mean in ("host_in", 30000), ("host_out", 350), ("guest_in", 33000):
            at = at + np.abs(rng.normal(mean, mean / 50, n)).astype("u8")
            rows[stamp] = at
        rows["flags"] = (rng.random(n) < 0.02) * 64
        array[first:first + n] = rows
    array.flush()


def make_run(here, folder, storms, repeats, records, seed):
    subprocess.run([sys.executable, f"{here}/big_run.py", folder, str(seed), str(storms), str(repeats),
                    str(records)], check=True)


def make_sampled(here, folder, count):
    make_run(here, folder, 1, 2, 10000, 1)
    os.mkdir(f"{folder}/samples")
    write_records(f"{folder}/samples/storm_0.npy", count)
    with open(f"{folder}/run.json", encoding="utf-8") as file:
        run = json.load(file)
    run["storms"][0]["samples"] = "samples/storm_0.npy"
    with open(f"{folder}/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file)


def ours(exitstorm, folder):
    seconds, kib, out = measure(exitstorm, "show", folder, "--samples", "--leg", "round_trip", "--json")
    stats = json.loads(out)["storms"][0]["legs"]["round_trip"]["all"]
    return seconds, kib, [stats[name] for name in QUANTILES], stats["count"]


def beside_numpy(exitstorm, folder, count, rounds):
    times = {"ours": [], "numpy": [], "mapped": []}
    path = f"{folder}/samples/storm_0.npy"
    for _ in range(rounds + 1):
        seconds, _, quantiles, counted = ours(exitstorm, folder)
        times["ours"].append(seconds)
        for name, mode in ("numpy", []), ("mapped", ["r"]):
            _, _, out = measure(sys.executable, "-c", NUMPY, path, *mode)
            took, *theirs = map(float, out.split())
            times[name].append(took)
        # A bucket is narrower than 0.1 %; no record may be missing.
        good = counted == count and all(abs(a / b - 1) < 1e-3 for a, b in zip(quantiles, theirs))
        if not good:
            sys.exit(f"perf: {counted} of {count} records, {quantiles} and not {theirs}")
    # The first round warms the page cache.
    median = {name: statistics.median(values[1:]) for name, values in times.items()}
    print(f"Round trips of {count:,} records from .npy, {rounds} rounds in turn, medians")
    print(f"  exitstorm show --samples --leg round_trip {median['ours']:.2f} s, whole process; numpy.load "
          f"and percentile {median['numpy']:.2f} s, without Python's start")
    ratio = median["numpy"] / median["ours"]
    print(f"  {ratio:.1f} times as fast as NumPy >= 5 {mark(ratio >= 5)}; as numpy.load(mmap_mode='r') "
          f"({median['mapped']:.2f} s): {median['mapped'] / median['ours']:.1f} times")


def memory(exitstorm, small, large, tmp):
    print("Memory by the number of records, KiB at most")
    for text, command in (
            ("show --samples", ["show", "RUN", "--samples"]),
            ("show", ["show", "RUN"]),
            ("compare", ["compare", "RUN", small, "-l", "all"]),
            ("plot -k timeline", ["plot", "RUN", "-k", "timeline", "-f", "svg", "-o", f"{tmp}/t.svg"]),
            ("plot -k cdf", ["plot", "RUN", "-k", "cdf", "-f", "svg", "-o", f"{tmp}/c.svg"]),
            ("report", ["report", "RUN", "-o", f"{tmp}/r.html"])):
        peak, took = [], 0
        for folder in small, large:
            took, kib, _ = measure(exitstorm, *[folder if part == "RUN" else part for part in command])
            peak.append(kib)
        # The largest process: gnuplot where there is one.
        print(f"  {text:<18} {peak[0]:>8,} {peak[1]:>8,}  {peak[1] / peak[0]:.2f} <= 1.10 "
              f"{mark(peak[1] <= 1.1 * peak[0])}  {took:.1f} s")


def two_runs(exitstorm, here, tmp):
    for seed in 1, 2:
        make_run(here, f"{tmp}/big{seed}", 40, 10, 100_000, seed)
    pair = [f"{tmp}/big1", f"{tmp}/big2"]
    what = "two runs of 40 storms x 10 repeats x 10^5 records"
    seconds, kib, _ = measure(exitstorm, "compare", "-l", "all", *pair)
    print(f"compare of {what}, all legs: {seconds:.2f} s < 10 s {mark(seconds < 10)}, {kib:,} KiB")
    seconds, kib, _ = measure(exitstorm, "report", *pair, "-o", f"{tmp}/report.html")
    size = os.path.getsize(f"{tmp}/report.html") / 1e6
    print(f"report of them: {seconds:.2f} s < 20 s {mark(seconds < 20)}, {kib:,} KiB, {size:.1f} MB of page")


def main():
    exitstorm, here = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(__file__))
    count = int(os.environ.get("PERF_RECORDS", 10_000_000))
    rounds = min(int(os.environ.get("PERF_ROUNDS", 5)), 21)
    with tempfile.TemporaryDirectory(prefix="exitstorm-perf.") as tmp:
        make_sampled(here, f"{tmp}/small", count // 10)
        make_sampled(here, f"{tmp}/large", count)
        beside_numpy(exitstorm, f"{tmp}/large", count, rounds)
        memory(exitstorm, f"{tmp}/small", f"{tmp}/large", tmp)
        two_runs(exitstorm, here, tmp)
    sys.exit(missed)


main()
