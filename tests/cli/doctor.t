#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# doctor: the report agrees with the machine and fits 80 columns; --json is JSON.
. "$(dirname "$0")/../lib.sh"

run "$EXITSTORM" doctor
text=$out
if (: <>/dev/kvm) 2>/dev/null; then
	is "$status" 0 "with /dev/kvm there is a target"
	like "$text" "^  kvm +yes: " "the kvm target is usable"
	like "$text" "^  kvm +/dev/kvm opens" "/dev/kvm can be opened"
else
	is "$status" 1 "without /dev/kvm there is no target"
	like "$text" "^  kvm +no: " "the kvm target is not usable, with the reason"
	like "$text" "^In the way" "the section of blockers is there"
fi
is "$err" "" "nothing goes to stderr"
is "$(printf '%s\n' "$text" | awk 'length > 80')" "" "it fits 80 columns"
like "$text" "^  kernel +Linux $(uname -r)\$" "it names the kernel"
like "$text" "^  tsc +The TSC is " "it describes the TSC"
if grep -qw hypervisor /proc/cpuinfo; then
	like "$text" "^  hypervisor +This machine is a VM" "it reports the hypervisor below"
else
	like "$text" "^  hypervisor +none below" "it reports no hypervisor below"
fi
# Each feature that a hypervisor may advertise is in the data dictionary, with its effect.
missing=$(sed -n 's/^PARAVIRT("\([^"]*\)".*, \([a-z0-9_]*\), "\([^"]*\)")$/| \1 | `\2` |\t| \3 |/p' \
	"$top/bench/machine/paravirt.def" | tee "$tmp/features" | while IFS='	' read -r name effect; do
	grep -F -- "$name" "$top/results/README.md" | grep -qF -- "$effect" || echo "$name"
done)
is "$missing" "" "results/README.md has all features of hypervisors"
ok "... which are many" test "$(wc -l <"$tmp/features")" -gt 40
helps=$(printf '%s\n' "$text" | grep -c '^      help  ')
undos=$(printf '%s\n' "$text" | grep -c '^      undo  ')
ok "no undo without help" test "$undos" -le "$helps"

# Tracing and counting: the findings agree with the commands.
run "$EXITSTORM" trace -q -d 0.05
traced=$status
run "$EXITSTORM" doctor
text=$(printf '%s\n' "$out" | tr -s ' \n' ' ')
if [ "$traced" = 0 ]; then
	like "$text" " trace VMs can be traced \(eBPF, [a-z_]+\)" "VMs can be traced"
else
	like "$text" " trace No VM can be traced, and no kernel stamp taken \(ebpf=on\): " "VMs cannot be traced, with the reason"
fi
like "$text" " pmu (Events of the PMU can be counted|No event)" "events of the PMU"
if [ "$(id -u)" = 0 ] && [ "$traced" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	cp "$EXITSTORM" "$tmp/exitstorm"
	run setpriv --reuid 65534 --clear-groups "$tmp/exitstorm" doctor
	like "$out" '^      help  sudo setcap cap_bpf,cap_perfmon\+ep "' "a user gets the command that helps"
	like "$out" '^      undo  sudo setcap -r "' "... and the one that reverts it"
	run "$(dirname "$EXITSTORM")/tests/trace/no_bpf" "$EXITSTORM" doctor
	like "$(printf '%s\n' "$out" | tr -s ' \n' ' ')" "seccomp filter or security module forbids bpf" \
		"a container's filter is named"
fi

before=$(cat /sys/module/kvm/parameters/* /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)
run "$EXITSTORM" doctor
after=$(cat /sys/module/kvm/parameters/* /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)
is "$after" "$before" "it changes nothing"

if find_python json; then
	run "$EXITSTORM" doctor --json
	printf '%s\n' "$out" >"$tmp/doctor.json"
	cat >"$tmp/check.py" <<-'END'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert set(d) == {"usable", "host", "targets", "proofs", "findings"}, set(d)
		assert d["usable"] == any(t["usable"] for t in d["targets"])
		guest = [t for t in d["targets"] if t["name"] == "guest"][0]
		assert (d["proofs"] is None) == (not guest["usable"]), d["proofs"]
		if d["proofs"]:
		    assert set(d["proofs"]) == {"architecture", "cost", "unknown"}, d["proofs"]
		    assert "vmcall" in d["proofs"]["architecture"] and "rdrand" in d["proofs"]["unknown"]
		    intel = d["host"]["cpu"]["vendor"] == "GenuineIntel"
		    assert "cpuid" in d["proofs"]["architecture" if intel else "cost"]
		    assert "rdtscp" in d["proofs"]["cost"] and "null" not in sum(d["proofs"].values(), [])
		for t in d["targets"]:
		    assert t["usable"] == (t["why"] is None), t
		for f in d["findings"]:
		    assert f["level"] in ("good", "note", "warning", "blocker"), f
		    assert f["text"] and f["subject"], f
		    assert f["help"] or not f["undo"], f
		    assert max(len(f[k] or "") for k in ("text", "help", "undo")) < 255, f
		assert d["host"]["cpu"]["vendor"] and d["host"]["kernel"], d["host"]
		assert (d["host"]["cmdline"] is None) == (sys.argv[2] == "anonymous")
	END
	ok "--json has the documented form" "$python" "$tmp/check.py" "$tmp/doctor.json" named
	"$EXITSTORM" doctor --json --anonymous >"$tmp/anonymous.json"
	ok "--anonymous leaves out the command line" "$python" "$tmp/check.py" "$tmp/anonymous.json" \
		anonymous
else
	skip "no python3" "--json"
fi
done_testing
