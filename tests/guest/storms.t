#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others, one at a time
# Every storm on the real /dev/kvm, at CPL 0 and CPL 3: counts, order of stamps, reasons of storms that do not
# exit or cannot run, and the end of a guest that hangs.
. "$(dirname "$0")/../lib.sh"
need_kvm
find_python numpy || skip_all "no python3 with numpy"

cat >"$tmp/check.py" <<'END'
# check.py RUN LIST: checks each storm of a run, prints errors.
import json, sys
import numpy as np

folder, listed = sys.argv[1], {s["name"]: s for s in json.load(open(sys.argv[2]))["storms"]}
run = json.load(open(folder + "/run.json"))
plan, stamps = run["plan"], run["settings"]["stamps"]
measured = 0

def wrong(storm, what):
    print(f"{storm['name']}: {what}")

def in_order(records, names):
    ticks = [records[n].astype(np.int64) for n in names]
    return all((t > 0).all() for t in ticks) and all((a <= b).all() for a, b in zip(ticks, ticks[1:]))

for storm in run["storms"]:
    row = listed[storm["name"]]
    baseline = "baseline" in row["needs"]
    if storm["status"] != "measured":
        if not storm["why"] or storm["legs"]:
            wrong(storm, f"{storm['status']} without a reason, or with figures")
        # Fewer exits than operations are a failure that the run tells of. A KVM that interprets the guest
        # (kvm-pvm at CPL 0) sends IPIs without an exit, and on a busy machine a timer fires before HLT.
        short = row["kind"] in ("interrupt_delivery", "timer") and "exits were asked for and" in storm["why"]
        if short and not 0 < storm["exits"] < storm["expected"]:
            wrong(storm, f"{storm['exits']} of {storm['expected']} is no failure")
        if storm["status"] == "failed" and not short:
            wrong(storm, "failed: " + storm["why"])
        continue
    measured += 1
    vcpus = {(r["repeat"], r["vcpu"]) for r in storm["repeats"]}
    total = plan["exits"] * len(vcpus)
    if sum(r["operations"] for r in storm["repeats"]) != total:
        wrong(storm, "not all operations were made")
    if storm["expected"] != round(total * storm["exits_per_op"]):
        wrong(storm, f"{storm['expected']} expected, not {total} x {storm['exits_per_op']}")
    if storm["exits"] < storm["expected"]:
        wrong(storm, f"{storm['exits']} exits of {storm['expected']}")
    if not baseline and storm["exits_per_op"] < 1:
        wrong(storm, "measured without an exit")
    if storm["lost"]:
        wrong(storm, f"{storm['lost']} records lost")
    if "cpl0" in row["needs"] and storm["cpl"] != 0 or "cpl3" in row["needs"] and storm["cpl"] != 3:
        wrong(storm, "at the wrong level")
    legs = storm["legs"]
    wanted = {"period"}
    beside = set()
    if storm["kind"] == "host_call":
        wanted |= {"handler", "guest_visit"} if stamps == "both" else set()
    elif stamps != "off":
        wanted.add("round_trip")
        beside = {"first", "control"}
        if row["userspace"] and stamps == "both":
            wanted |= {"exit", "handler", "resume"}
    if set(legs) != wanted | beside:
        wrong(storm, f"legs {sorted(legs)}, not {sorted(wanted)}")
    for name, leg in legs.items():
        if name not in ("period", "guest_visit", "first", "control") and leg["all"]["count"] != total:
            wrong(storm, f"{name} has {leg['all']['count']} of {total}")
        if leg["clean"]["count"] > leg["all"]["count"]:
            wrong(storm, f"{name} has more clean records than records")
    if wanted == {"period"}:
        if storm["samples"]:
            wrong(storm, "samples of what had no stamps")
        continue
    records = np.load(f"{folder}/{storm['samples']}")
    if len(records) != min(plan["samples"], total):
        wrong(storm, f"{len(records)} samples")
    names = ["guest_out", "host_in", "host_out", "guest_in"] if "exit" in wanted else \
        ["host_in", "host_out"] if "handler" in wanted else ["guest_out", "guest_in"]
    if not in_order(records, names):
        wrong(storm, f"stamps out of order: {names}")
    for repeat, vcpu in vcpus:
        part = records[(records["repeat"] == repeat) & (records["vcpu"] == vcpu)]
        if not (np.diff(part["iteration"].astype(np.int64)) > 0).all():
            wrong(storm, "samples are not in the order of operations")
        if names[0] == "guest_out" and not (part["guest_in"][:-1] <= part["guest_out"][1:]).all():
            wrong(storm, "records overlap")
print(measured, "measured", file=sys.stderr)
END

"$EXITSTORM" list --json >"$tmp/list.json"

# check NAME RUN-OPTION...: makes a run and checks all its storms.
check()
{
	name=$1
	shift
	run "$EXITSTORM" run -q -r 2 -n 300 --samples 200 -o "$tmp/run$tap_count" "$@"
	# check.py tells which failures are none of this tool's
	like "$status $err" "^(0 |1 .* storms? failed)" "$name: the run is made"
	run "$python" "$tmp/check.py" "$out" "$tmp/list.json"
	is "$status:$out" "0:" "$name: counts and stamps are right"
	note "$err"
}

RUN_LIMIT=400
all=$tmp/run$tap_count
check "all storms" -n 100
unlike "$err" "^0 measured" "some storms were measured"
run "$top/tests/tested" kvm "$all/run.json"
is "$out" "" "bench/storms/tested.def agrees"
RUN_LIMIT=120
check "at CPL 0" --set cpl=0 -s 'null,rdtsc,pio_*,mmio_*,hlt,kvm_run_immediate'
unlike "$err" "^0 measured" "some storms were measured at CPL 0"
check "at CPL 3" --set cpl=3 -s 'null,rdtsc,pio_*,mmio_*,syscall,kvm_run_immediate'
unlike "$err" "^0 measured" "some storms were measured at CPL 3"
check "two vCPUs" --vcpus 2 -s 'null,pio_out,mmio_read,cpuid,syscall'
# All vCPUs share the ring of coalesced writes: each uses its part.
check "two vCPUs and one ring" --vcpus 2 --set stamps=off --set cpl=0 -n 20000 -s 'coalesced_*'
check "an interrupt controller" --set irqchip=on -s 'pio_out,lapic_*,pic_*'
check "stamps of the guest" --set stamps=guest -s 'pio_out,mmio_read,kvm_run_immediate'
check "no stamps" --set stamps=off -s 'pio_out,mmio_read,kvm_run_immediate,null'

run "$EXITSTORM" run -s ple_round_robin -n 10 -r 1 --cpu 0
like "$out" "ple_round_robin: needs a CPU for each" "vCPUs that wait for each other need a CPU each"

# Settings that a storm excludes.
run "$EXITSTORM" run -s syscall,hlt --set cpl=0 --set irqchip=on -n 10 -r 1
is "$status" 0 "storms that need another setting are no failure"
like "$out" "syscall: needs cpl=3" "the reason names the privilege level"
like "$out" "hlt: needs irqchip=off" "... and the irqchip"

# A seed determines which records are kept.
for i in 1 2; do
	"$EXITSTORM" run -q -s null -n 500 -r 2 --samples 50 --seed 7 -o "$tmp/seed$i" >"$tmp/.out"
done
same='import numpy as np, sys
a, b = (np.load(f + "/samples/null.npy")["iteration"].tolist() for f in sys.argv[1:])
sys.exit(a != b)'
ok "a seed chooses the same records again" "$python" -c "$same" "$tmp/seed1" "$tmp/seed2"

# A guest that never exits (VMCALL on some KVMs) is ended, and the run goes on.
run "$EXITSTORM" run -s hypercall_map_gpa,null -n 100 -r 3 --vcpus 2 -o "$tmp/hang"
is "$status" 0 "a storm that may hang does not hang the run"
like "$out" "^null +" "the other storms are measured"

run "$EXITSTORM" selftest
unlike "$(printf '%s\n' "$out" | grep '^failed' | grep -v 'exits were asked for and')" "failed" \
	"selftest finds no failure but of storms that wait for events"
like "$out" "^[0-9]+ measured, [0-9]+ no exit, [0-9]+ skipped, [0-9] failed of [0-9]+ storms\$" "... and prints the numbers"
is "$status" "$(printf '%s\n' "$out" | grep -c '^failed' | sed 's/[1-9].*/1/')" "... and its status is 1 if one failed"
like "$out" "^kernel +Linux $(uname -r)" "it names the kernel"
checks=$("$EXITSTORM" selftest --checks | sed -n 's/^| `\([a-z_]*\)`.*/\1/p')
is "$(printf '%s\n' "$out" | sed -nE 's/^(pass|fail|not here) +([a-z_]+) .+/\2/p')" "$checks" "it judges each check of hardware"
is "$(printf '%s\n' "$out" | sed 1,6d | awk 'length > 80')" "" "in 80 columns"
done_testing
