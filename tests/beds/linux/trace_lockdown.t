#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: qemu-svm:6.12
# exitstorm trace under kernel lockdown. It lasts until the next boot and forbids unsigned modules, so that this must
# be the bed's last test by name.
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
is "$status" 0 "... allows a trace"
echo confidentiality >$lockdown
like "$(cat $lockdown)" "\[confidentiality\]" "lockdown=confidentiality"
for way in tp_btf raw_tp tracepoint; do
	fails 1 "... forbids one by $way" "$EXITSTORM" trace -d 0.1 --attach $way
	like "$err" "the kernel is locked down \(lockdown=confidentiality\)" "... with the reason"
done
fails 1 "... forbids one by default" "$EXITSTORM" trace -d 0.1 -o "$tmp/run"
like "$err" "the kernel is locked down" "... with the reason"
nok "... and leaves no run" test -e "$tmp/run"
done_testing
