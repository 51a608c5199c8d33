#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beside: others, one at a time
# The times of exitstorm trace, which come from two clocks of the kernel, agree with those of an exitstorm run
# that it traces: the median period of all exits by the trace, and the smallest mean of a batch by the run.
# Other load on the machine moves neither. A wrong TSC rate would make nearly all periods wrong by the same
# factor; the bounds 0.6 and 1.6 leave room for a CPU that changes its frequency between.
. "$(dirname "$0")/../lib.sh"
need_kvm
need_ebpf
find_python json || skip_all "no python3"

measured()
{
	"$python" -c '
import json, sys
run = json.load(open(sys.argv[1] + "/run.json"))
storm = [s for s in run["storms"] if s["name"] == sys.argv[2]][0]
print("%.0f" % (storm["legs"][sys.argv[3]]["all"][sys.argv[4]] / run["host"]["cpu"]["tsc_hz"] * 1e9))' "$@"
}

for hooks in kvm_userspace_exit kvm_userspace_exit,sys_enter; do
	rm -rf "$tmp/trace" "$tmp/run"
	run "$EXITSTORM" trace --hooks $hooks -q -o "$tmp/trace" -- \
		"$EXITSTORM" run -t kvm -s pio_out -n 20000 -r 1 --set stamps=off -o "$tmp/run"
	is "$status" 0 "a traced run, hooks $hooks"
	min=$(measured "$tmp/run" pio_out period min)
	if [ $hooks = kvm_userspace_exit ]; then
		seen=$(measured "$tmp/trace" kvm_exit_io period p50)
	else
		user=$(measured "$tmp/trace" kvm_exit_io handler p50)
		kernel=$(measured "$tmp/trace" kvm_exit_io guest_visit p50)
		seen=$((user + kernel))
		ok "... userspace takes less than a third of it ($user ns)" test $((user * 3)) -lt $seen
	fi
	ok "... the trace's times ($seen ns) are those of the run ($min ns)" \
		test $((seen * 10)) -gt $((min * 6)) -a $((seen * 10)) -lt $((min * 16))
done
done_testing
