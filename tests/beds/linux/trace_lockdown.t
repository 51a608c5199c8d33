#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: qemu-svm:6.12
# exitstorm trace in a kernel that is locked down. There is no way back until the next boot, and a test
# behind this one could load no module of ours: its name is the last of the bed's.
. "$(dirname "$0")/../../lib.sh"
lockdown=/sys/kernel/security/lockdown

ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"
ok "securityfs" mount -t securityfs securityfs /sys/kernel/security
like "$(cat $lockdown)" "^\[none\] integrity confidentiality$" "this kernel can be locked down"
run "$EXITSTORM" trace -d 0.1
is "$status" 0 "before: a trace"
echo integrity >$lockdown
like "$(cat $lockdown)" "\[integrity\]" "lockdown=integrity"
run "$EXITSTORM" trace -d 0.1
is "$status" 0 "... lets a trace be"
echo confidentiality >$lockdown
like "$(cat $lockdown)" "\[confidentiality\]" "lockdown=confidentiality"
for way in tp_btf raw_tp tracepoint; do
	fails 1 "... does not, by $way" "$EXITSTORM" trace -d 0.1 --attach $way
	like "$err" "the kernel is locked down \(lockdown=confidentiality\)" "... and it says why"
done
fails 1 "... nor by itself" "$EXITSTORM" trace -d 0.1 -o "$tmp/run"
like "$err" "the kernel is locked down" "... says why"
nok "... and leaves no run" test -e "$tmp/run"
done_testing
