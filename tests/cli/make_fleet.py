#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a fleet of runs out of one: hosts of several CPU generations, with runs whose figures differ.

make_fleet.py TEMPLATE DIR [--hosts N] [--runs N] [--spread F] [--noise F] [--effect F] [--generation F]
              [--seed N]

TEMPLATE is the run.json of a real run. A host's figures differ from another's by --spread, a run's from
its host's by --noise (standard deviations of logarithms). Host h is of generation h modulo 5, each slower
than the one before by --generation. Every second run of a host has the setting vpid=off and is slower by
--effect. A run has its run.json only: no histograms.
"""
import argparse
import copy
import json
import math
import os
import random
import uuid

GENERATIONS = ["Skylake-SP", "Cascade Lake", "Ice Lake-SP", "Sapphire Rapids", "Emerald Rapids"]
TICKS = {"min", "p50", "p90", "p99", "p999", "max", "mean", "stddev", "mad"}


def centre(storm, leg, quantile):
    """As the run format has it, of repeats; of tails from all records."""
    clean = storm["legs"][leg]["clean"]
    if not clean["count"]:
        return None
    ticks = clean[quantile]
    if not ticks:
        return None
    return {"ticks": ticks, "ci95": [ticks * 0.97, ticks * 1.03], "repeats": len(storm["repeats"]),
            "records": "clean"}


def complete(run):
    for storm in run["storms"]:
        for name, leg in storm.get("legs", {}).items():
            leg.setdefault("centre", {q: centre(storm, name, q) for q in ("p50", "p99", "p999")})


def scale_leg(leg, factor):
    for part in ("all", "clean"):
        for key, value in leg[part].items():
            if key in TICKS and value is not None:
                leg[part][key] = value * factor
    if leg.get("p50_ci95"):
        leg["p50_ci95"] = [v * factor for v in leg["p50_ci95"]]
    for figure in leg["centre"].values():
        if figure:
            figure["ticks"] *= factor
            figure["ci95"] = figure["ci95"] and [v * factor for v in figure["ci95"]]


def scale(run, factor):
    for storm in run["storms"]:
        for leg in storm.get("legs", {}).values():
            scale_leg(leg, factor)
        for repeat in storm.get("repeats", []):
            for part in ("p50", "p50_clean"):
                for leg, value in repeat.get(part, {}).items():
                    if value is not None:
                        repeat[part][leg] = value * factor


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("template")
    parser.add_argument("folder")
    parser.add_argument("--hosts", type=int, default=10)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--spread", type=float, default=0.03)
    parser.add_argument("--noise", type=float, default=0.004)
    parser.add_argument("--effect", type=float, default=0.0)
    parser.add_argument("--generation", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    draw = random.Random(args.seed)
    with open(args.template) as file:
        template = json.load(file)
    complete(template)
    for host in range(args.hosts):
        generation = host % len(GENERATIONS)
        of_host = math.exp(draw.gauss(0, args.spread)) * (1 + args.generation) ** generation
        for number in range(args.runs):
            run = copy.deepcopy(template)
            off = number % 2
            scale(run, of_host * math.exp(draw.gauss(0, args.noise)) * (1 + args.effect * off))
            run["uuid"] = str(uuid.UUID(int=draw.getrandbits(128), version=4))
            run["host"]["name"] = "node%04d" % host
            run["host"]["machine_id"] = "%032x" % (host + 1)
            run["host"]["cpu"]["codename"] = GENERATIONS[generation]
            run["settings"]["vpid"] = "off" if off else "on"
            run["labels"] = {"rack": str(host // 40)}
            folder = os.path.join(args.folder, run["host"]["name"], "run%04d" % number)
            os.makedirs(folder)
            with open(os.path.join(folder, "run.json"), "w") as file:
                json.dump(run, file, indent=1)


main()
