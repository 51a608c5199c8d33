#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others, one at a time
# run --set ebpf=on: records have the kernel's stamps, on one clock and in order, and legs add up.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python numpy json || skip_all "no python3 with numpy"
# attached: the number of our eBPF programs, by name.
attached()
{
	PATH=$PATH:/usr/sbin:/sbin bpftool prog show 2>/dev/null | grep -c ' name stamp_'
}
# The kernel frees programs with a delay.
all_gone()
{
	for _ in $(seq 150); do
		[ "$(attached)" = 0 ] && return 0
		sleep 0.2
	done
	return 1
}

run "$EXITSTORM" run -s null,pio_out,mmio_read,hlt,syscall,kvm_run_immediate -n 1000 -r 3 --set ebpf=on -o "$tmp/run"
case $err$out in
*"built without eBPF"* | *"CAP_BPF"*) skip_all "no eBPF here" ;;
esac
is "$status" 0 "a run with ebpf=on"
ok "no program remains" all_gone

cat >"$tmp/check.py" <<'END'
import json, sys
import numpy as np

folder = sys.argv[1]
run = json.load(open(folder + "/run.json"))
kernel = run["target"]["kernel_stamps"]
storms = {s["name"]: s for s in run["storms"]}
every = kernel["in"] == "kvm_exit"
order = ["guest_out", "kernel_in", "host_in", "host_out", "kernel_out", "guest_in"]
parts = ["to_kernel", "to_user", "handler", "from_user", "to_guest"]


def stamps(name):
    r = np.load(folder + "/samples/" + name + ".npy")
    return np.stack([r[n].astype("i8") for n in order])


def say(name, good, more=""):
    print("ok" if good else "not ok", name, more)


say("the way and its error are said", kernel["error"] >= 0 and kernel["out"] and kernel["clock"], kernel)
for name in ("pio_out", "mmio_read"):
    storm, all_six = storms[name], stamps(name)
    say(name + ": every record has all six stamps", storm["lost"] == 0 and (all_six > 0).all())
    say(name + ": in order, every record", (np.diff(all_six, axis=0) >= 0).all())
    say(name + ": the legs add up to the round trip, every record",
        (np.diff(all_six, axis=0).sum(axis=0) == all_six[5] - all_six[0]).all())
    say(name + ": all legs, of all records", all(storm["legs"][p]["all"]["count"] == 3000 for p in parts))
    means = [storm["legs"][p]["all"]["mean"] for p in parts]
    say(name + ": the legs' means add up, too", abs(sum(means) - storm["legs"]["round_trip"]["all"]["mean"]) < 1)
    say(name + ": exit is to_kernel and to_user", abs(
        means[0] + means[1] - storm["legs"]["exit"]["all"]["mean"]) < 1)
    say(name + ": the site", storm["legs"]["to_user"]["site"] == "kvm-tracepoint")
    say(name + ": no leg of an exit that the kernel answers", "in_kernel" not in storm["legs"])
    # Stamps of another record or another clock would spread more.
    say(name + ": the middle is where the kernel is", all(storm["legs"][p]["all"]["p50"] > kernel["error"] / 4
        for p in ("to_kernel", "to_user", "to_guest")), [storm["legs"][p]["all"]["p50"] for p in parts])
hlt = storms["hlt"]
if hlt["status"] == "measured":
    say("hlt: what the host alone can stamp", hlt["lost"] == 0 and "to_user" in hlt["legs"] and
        "from_user" in hlt["legs"])
say("null has none", not set(parts) - {"handler"} & set(storms["null"]["legs"]))
say("no guest, no such legs", not (set(parts) - {"handler"}) & set(storms["kvm_run_immediate"]["legs"]) and
    storms["kvm_run_immediate"]["lost"] == 0)
if storms["syscall"]["status"] == "measured":
    say("an exit that the kernel answers has its legs just where kvm_exit fires",
        ("in_kernel" in storms["syscall"]["legs"]) == every and storms["syscall"]["lost"] == 0)
END
while read -r line; do
	case $line in ok\ *) pass "${line#ok }" ;; *) fail "${line#not ok }" ;; esac
done < <("$python" "$tmp/check.py" "$tmp/run" 2>&1)
like "$out" "kernel's stamps:" "show names the clock and hooks"

# Two vCPUs, each with stamps of its own.
run "$EXITSTORM" run -s pio_out,mmio_read -n 500 -r 3 --vcpus 2 --set ebpf=on -o "$tmp/two"
is "$status" 0 "two vCPUs"
sed -i 's/== 3000/== 3000 or True/' "$tmp/check.py"
is "$("$python" "$tmp/check.py" "$tmp/two" 2>&1 | grep -c '^ok .*every record')" 6 "... each has its stamps"

# Figures: the bar is divided at each stamp.
run "$EXITSTORM" plot "$tmp/run" -k legs -s pio_out,mmio_read -f svg -o "$tmp/legs.svg"
is "$status" 0 "plot -k legs"
for part in to_kernel to_user handler from_user to_guest; do
	ok "... has $part" grep -q ">$part<" "$tmp/legs.svg"
done
nok "... and not the leg that they divide" grep -q '>resume<' "$tmp/legs.svg"

# The report has the same figures.
run "$EXITSTORM" report "$tmp/run" -o "$tmp/page.html"
is "$status" 0 "report"
is "$("$python" - "$tmp/page.html" "$tmp/run/run.json" <<'END'
import html, json, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
table = re.search(r'aria-label="parts of the round trip, run 1">(.*?)</table>', text, re.S).group(1)
heads = re.findall(r'<th scope="col">(\w+)</th>', table)
rows = {m[0]: [float(v) for v in re.findall(r'data-v="([^"]*)"', m[1])]
        for m in re.findall(r'<tr><th scope="row" class="text">(\w+)</th>(.*?)</tr>', table)}
storms = {s["name"]: s for s in json.load(open(sys.argv[2]))["storms"]}
parts = ["to_kernel", "to_user", "handler", "from_user", "to_guest"]
for name in ("pio_out", "mmio_read"):
    page = [v for h, v in zip(heads, rows[name]) if h in parts]
    ticks = [storms[name]["legs"][p]["centre"]["p50"]["ticks"] for p in parts]
    # run.json has 15 digits.
    assert len(page) == 5 and all(abs(a / b - 1) < 1e-12 for a, b in zip(page, ticks)), (page, ticks)
assert "null" not in rows
print("kernel's stamps" in html.unescape(text))
END
)" True "... has the parts of the way, as run.json has them"

# Two capabilities suffice. Without them the run fails with the reason.
with="$EXITSTORM run -s pio_out -n 100 -r 1 --set ebpf=on"
if [ "$(id -u)" = 0 ] && setpriv --bounding-set=-all true 2>/dev/null; then
	# shellcheck disable=SC2086
	run setpriv --bounding-set=-all,+bpf,+perfmon --inh-caps=-all,+bpf,+perfmon $with -o "$tmp/two_caps"
	is "$status" 0 "CAP_BPF and CAP_PERFMON suffice"
	like "$out" "^pio_out +[0-9,]+ +[0-9,]+ +[0-9,]+ +[0-9,]+ +[0-9,]+$" "... for all the legs"
	# shellcheck disable=SC2086
	run setpriv --bounding-set=-all --inh-caps=-all $with -o "$tmp/none"
	is "$status" 1 "without them: a failure"
	like "$out" "CAP_BPF( |$)" "... with the reason"
fi

# ebpf=off attaches nothing, and a killed run leaves nothing attached.
run "$EXITSTORM" run -s pio_out -n 200 -r 1 -o "$tmp/off"
is "$("$python" -c "import json, sys; r = json.load(open(sys.argv[1])); print(r['target']['kernel_stamps'], 'to_user' in r['storms'][0]['legs'])" "$tmp/off/run.json")" "None False" "off by default"
"$EXITSTORM" run -q -s pio_out -n 1M -r 1 --set ebpf=on -o "$tmp/killed" >/dev/null 2>&1 &
child=$!
for _ in $(seq 150); do
	[ "$(attached)" = 0 ] || break
	sleep 0.2
done
isnt "$(attached)" 0 "attached while it runs"
kill -9 $child
wait $child 2>/dev/null
ok "killed: no program remains" all_gone
done_testing
