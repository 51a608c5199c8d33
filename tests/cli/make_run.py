#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a run folder out of invented figures, so that show and plot are tested without a guest.

make_run.py DIR [--n N] [--repeats R] [--scale F] [--clock CLOCK] [--stamps both|guest|off]
                [--seed N] [--brand TEXT] [--vcpus N] [--set KEY=VALUE] [--samples N] [--boot ID] [--offset F]

The figures are drawn from fixed distributions; its summaries are made here, from the values
themselves, not by exitstorm's own code.
"""
import argparse
import json
import math
import os
import random
import statistics
import struct

LEGS = ["exit", "handler", "resume", "round_trip", "guest_visit", "entry_fail", "period"]
SUB_BITS = 10

# name, kind, what it costs, how it is stamped
STORMS = [
    ("null", "none", 4, "guest"),
    ("rdtsc", "none", 26, "guest"),
    ("kvm_run_immediate", "host_call", 15300, "visit"),
    ("pio_out", "io", 22592, "host"),
    ("pio_in", "io", 23100, "host"),
    ("pio_string_out", "io", 24890, "host"),
    ("mmio_write", "mmio", 24210, "host"),
    ("mmio_read", "mmio", 24420, "host"),
    ("hlt", "hlt", 22010, "host"),
    ("cpuid", "cpuid", 7050, "guest"),
    ("syscall", "syscall", 2890, "guest"),
    ("rdmsr_tsc_adjust", "msr_read", 6120, "guest"),
    ("wrmsr_tsc_adjust", "msr_write", 6840, "guest"),
    ("x2apic_self_ipi_tpr_sti_hlt", "interrupt_delivery", 31870, "guest"),
    ("tsc_deadline", "timer", 48111, "guest"),
    ("page_fill", "slat_violation", 11020, "guest"),
]
NO_FIGURE = [
    ("mov_cr3", "cr_write", "no_exit", "10,000 operations made 0 exits"),
    ("invlpg", "invlpg", "no_exit", "10,000 operations made 0 exits"),
    ("vmcall", "hypercall", "skipped", "the guest did not come back within 1 s (VMCALL at CPL 0)"),
    ("ipi", "interrupt_delivery", "skipped", "needs at least two vCPUs: --vcpus 2"),
    ("ipi_halt", "interrupt_delivery", "skipped", "needs at least two vCPUs: --vcpus 2"),
    ("wbinvd", "wbinvd", "failed",
     "KVM_EXIT_INTERNAL_ERROR, emulation failed at rip 0x1010f2; the guest cannot run this here"),
]


def bucket(value):
    if value >> SUB_BITS == 0:
        return value
    shift = value.bit_length() - 1 - SUB_BITS
    return ((shift + 1) << SUB_BITS) + (value >> shift) - (1 << SUB_BITS)


def quantile(ordered, q):
    return float(ordered[min(len(ordered) - 1, int(q * len(ordered)))])


def summary(values):
    if not values:
        return {"count": 0, **{k: None for k in
                ("min", "p50", "p90", "p99", "p999", "max", "mean", "stddev", "mad")}}
    ordered = sorted(values)
    median = statistics.median(ordered)
    return {
        "count": len(ordered), "min": ordered[0], "p50": float(median),
        "p90": quantile(ordered, 0.9), "p99": quantile(ordered, 0.99),
        "p999": quantile(ordered, 0.999), "max": ordered[-1], "mean": statistics.fmean(ordered),
        "stddev": statistics.stdev(ordered) if len(ordered) > 1 else 0.0,
        "mad": float(statistics.median(abs(v - median) for v in ordered)),
    }


def interval(medians):
    if len(medians) < 2:
        return None
    logs = [math.log(m) for m in medians]
    t = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}.get(len(medians), 2.0)
    half = t * statistics.stdev(logs) / math.sqrt(len(logs))
    return [math.exp(statistics.fmean(logs) - half), math.exp(statistics.fmean(logs) + half)]


def draw(cost, n, shift):
    values = []
    for _ in range(n):
        value = cost * shift * math.exp(random.gauss(0, 0.012))
        if random.random() < 0.02:
            value += cost * random.expovariate(2.0)
        if random.random() < 0.001:
            value += 180000 * random.random()
        values.append(max(1, int(value)))
    return values


def write_npy(path, descr, rows):
    header = "{'descr': %s, 'fortran_order': False, 'shape': (%d,), }" % (descr, len(rows))
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(b"".join(rows))


HISTOGRAM = ("[('repeat', '<u2'), ('vcpu', '<u2'), ('leg', '<u2'), ('clean', '<u2'), "
             "('bucket', '<u4'), ('reserved', '<u4'), ('count', '<u8')]")


RECORD = ("[('guest_out', '<u8'), ('kernel_in', '<u8'), ('host_in', '<u8'), ('host_out', '<u8'), "
          "('kernel_out', '<u8'), ('guest_in', '<u8'), ('iteration', '<u4'), "
          "('raw_reason', '<u4'), ('vcpu', '<u2'), ('repeat', '<u2'), ('flags', '<u4')]")


def write_samples(args, name, values):
    """Records of the first round trips of the first repeat; every tenth is disturbed (IRQ)."""
    if not args.samples or "round_trip" not in values:
        return None
    rows = [struct.pack("<QQQQQQIIHHI", 1000 * i + 1, 0, 0, 0, 0, 1000 * i + 1 + v, i, 2, 0, 0,
                        16 if i % 10 == 0 else 0)
            for i, v in enumerate(values["round_trip"][:args.samples])]
    os.makedirs(f"{args.dir}/samples", exist_ok=True)
    write_npy(f"{args.dir}/samples/{name}.npy", RECORD, rows)
    return f"samples/{name}.npy"


def legs_of(how, cost, n, stamps, shift):
    """The values of each leg of one repeat."""
    if stamps == "off":
        return {"period": draw(cost, max(2, n // 500), shift)}
    if how == "visit":
        return {"guest_visit": draw(cost, n, shift)}
    if how == "guest" or stamps == "guest":
        return {"round_trip": draw(cost, n, shift)}
    legs = {"exit": draw(cost * 0.46, n, shift), "handler": draw(cost * 0.012, n, shift),
            "resume": draw(cost * 0.52, n, shift)}
    legs["round_trip"] = [sum(v) for v in zip(*legs.values())]
    return legs


def storm(args, name, kind, cost, how):
    rows, repeats, values, medians = [], [], {}, {}
    for repeat in range(args.repeats):
        shift = args.scale * math.exp(random.gauss(0, args.offset))
        legs = legs_of(how, cost, args.n, args.stamps, shift)
        one = {"repeat": repeat, "vcpu": 0, "p50": {}, "p50_clean": {}}
        for leg, found in legs.items():
            values.setdefault(leg, []).extend(found)
            medians.setdefault(leg, []).append(statistics.median(found))
            clean = [v for v in found if v < cost * 5]
            one["p50"][leg] = float(statistics.median(found))
            one["p50_clean"][leg] = float(statistics.median(clean))
            for flag, some in ((0, found), (1, clean)):
                counts = {}
                for v in some:
                    counts[bucket(v)] = counts.get(bucket(v), 0) + 1
                rows += [struct.pack("<HHHHIIQ", repeat, 0, LEGS.index(leg), flag, b, 0, c)
                         for b, c in sorted(counts.items())]
        repeats.append(one)
    write_npy(f"{args.dir}/histograms/{name}.npy", f'"{HISTOGRAM}"'.strip('"'), rows)
    total = args.n * args.repeats
    host = {"exit", "handler", "resume", "guest_visit"}
    return {
        "name": name, "kind": kind, "raw_reason": 2, "exits_per_op": 0 if kind == "none" else 1,
        "cpl": 3 if name == "syscall" else 0, "status": "measured", "why": None, "exits": total,
        "expected": total, "disturbed": total // 500, "lost": 0,
        "legs": {leg: {"site": "kvm-ioctl" if leg in host else "guest", "all": summary(found),
                       "clean": summary([v for v in found if v < cost * 5]),
                       "p50_ci95": interval(medians[leg])} for leg, found in values.items()},
        "repeats": repeats, "control": {"round_trip": 52.0, "period": 4.0},
        "stamp_overhead": {"round_trip": 52.0}, "counters": {}, "core_cycles_per_tick": None,
        "samples": write_samples(args, name, values),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--clock", default="tsc")
    parser.add_argument("--stamps", default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vcpus", type=int, default=1)
    parser.add_argument("--set", default="")
    parser.add_argument("--samples", type=int, default=0)
    parser.add_argument("--boot", help="boot ID")
    parser.add_argument("--offset", type=float, default=0.003, help="spread of the repeats")
    parser.add_argument("--brand", default="Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz")
    args = parser.parse_args()
    random.seed(args.seed)
    os.makedirs(f"{args.dir}/histograms")
    storms = [storm(args, *row) for row in STORMS]
    storms += [{"name": n, "kind": k, "status": s, "why": w, "exits": 0, "expected": 0,
                "disturbed": 0, "lost": 0, "legs": {}} for n, k, s, w in NO_FIGURE]
    run = {
        "schema": "exitstorm-run/1", "tool": {"version": "0.1", "commit": "0123abc"},
        "started": "2026-11-23T09:00:00Z", "duration_s": 12.5,
        "target": {"name": "kvm", "backend": "kvm", "emulated": args.clock != "tsc",
                   "clock": args.clock, "clock_granularity": 26, "guest_cpl": None,
                   "guest_native": None, "nesting": None, "raw_space": "kvm"},
        "host": {"cpu": {"vendor": "GenuineIntel", "family": 6, "model": 143, "stepping": 8,
                         "microcode": "0x2b000571", "brand": args.brand,
                         "codename": "Sapphire Rapids", "tsc_hz": 2300000000,
                         "tsc_invariant": True},
                 "kernel": "6.18.5", "hypervisor": "KVM", "kvm_params": {}},
        "settings": {"cpl": "auto", "irqchip": "auto", "stamps": args.stamps, "fence": "lfence"},
        "controls": {},
        "plan": {"exits": args.n, "repeats": args.repeats, "warmup": 1000, "vcpus": args.vcpus,
                 "samples": args.samples, "seed": 1, "cpus": [1]},
        "storms": storms,
    }
    if args.boot:
        run["host"].update(boot_id=args.boot, kaslr_offset="0x26400000")
    if args.set:
        key, value = args.set.split("=")
        run["settings"][key] = value
    with open(f"{args.dir}/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file, indent=1)


main()
