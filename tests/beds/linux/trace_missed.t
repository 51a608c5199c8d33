#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: qemu-svm qemu-svm:newest
# files: build/tests/trace/compat build/tests/trace/exits tests/trace/trace.sh
# KVM_RUNs that a trace does not see, because the kernel has skipped the hook's program or a 32-bit system call made
# them: the time in userspace before them must not go on in the kernel, where it would hide the time off the CPU.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/trace.sh

ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"
run "$EXITSTORM" trace --by all -- compat 4000
is "$status" 0 "two vCPUs share a CPU and enter KVM unseen"
note "$out$err"
like "$out" "^  KVM_EXIT_IO +[0-9]+ " "their exits are seen"
waited=$(printf '%s\n' "$err" | sed -n 's/^runs .* waited \([0-9]*\)\.[0-9] %$/\1/p' | awk '{ sum += $1 } END { print sum / NR }')
off=$(printf '%s\n' "$out" | sed -n 's/.*off_cpu \([0-9.]*\) %.*/\1/p')
ok "half of their time is off the CPU ($off %; they have waited for $waited %)" \
	awk -v off="${off:-0}" -v waited="${waited:-0}" 'BEGIN { exit !(waited > 20 && off > waited / 2 && off < waited + 25) }'
unlike "$out" "of the vCPUs' time:.* user [0-9]" "no time in userspace is known"

# vCPUs that share CPUs preempt each other in the hooks. With raw_tp and tp_btf that loses events on kernels which run
# these programs with preemption enabled: then the trace tells how many.
run taskset 1 "$EXITSTORM" trace --by all -- exits 1000 0 4
note "$out"
is "$(count KVM_EXIT_IO)" 4000 "four vCPUs on one CPU: all exits to userspace"
unlike "$out" "were skipped by the kernel" "... and no hook was skipped"
run taskset 1 "$EXITSTORM" trace --by all --attach tp_btf -- exits 1000 0 4
seen=$(count KVM_EXIT_IO)
missed=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) calls of hooks were skipped by the kernel.*/\1/p')
note "tp_btf: $seen of 4000, $missed skipped"
ok "--attach tp_btf: all, or the trace tells that some were skipped ($seen, ${missed:-0})" \
	test "$seen" -le 4000 -a $((seen + ${missed:-0})) -ge 4000
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
done_testing
