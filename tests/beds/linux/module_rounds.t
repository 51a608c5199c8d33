#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beds: none
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh
# $ROUNDS of load, run and unload, and $KILLS of kill -9 in mid-run: the machine is unchanged, no thread is left, and
# KVM can be used. Called by tests/beds/module_long.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh
rounds=${ROUNDS:-20} kills=${KILLS:-5}
state >"$tmp/before"

good=0
while [ "$good" -lt "$rounds" ]; do
	insmod /lib/bed/exitstorm.ko && "$EXITSTORM" run -t module -s cpuid -n 50 -r 1 -q --samples 0 -o "$tmp/round" \
		>/dev/null 2>&1 && rmmod exitstorm && rm -r "$tmp/round" || break
	good=$((good + 1))
	[ $((good % 50)) != 0 ] || note "$good rounds"
done
is "$good" "$rounds" "$rounds rounds of load, run, unload"
same "after them"

insmod /lib/bed/exitstorm.ko
good=0
while [ "$good" -lt "$kills" ]; do
	set -- "irqs=on" "irqs=off" "path=full"
	shift $((good % 3))
	begin --set "$1" --cpu $((good % $(nproc)))
	[ "$(threads)" -ge 1 ] || break
	usleep $(($(od -An -N2 -tu2 /dev/urandom) * 3))
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	[ "$(threads)" = 0 ] || break
	good=$((good + 1))
	[ $((good % 50)) != 0 ] || note "$good times kill -9"
done
is "$good" "$kills" "$kills times kill -9 in mid-run leave no thread"
ok "it unloads" rmmod exitstorm
same "after them"
rmmod state
ok "KVM can be loaded" modprobe "$EXITSTORM_BED_MODULE"
run "$EXITSTORM" run -t kvm -s pio_out -n 100 -r 1 --samples 0 -q -o "$tmp/kvm"
is "$status" 0 "... and runs a VM"
rmmod "$EXITSTORM_BED_MODULE"
done_testing
