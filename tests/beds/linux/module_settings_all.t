#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3000
# beds: none
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko tests/beds/linux/module.sh tests/beds/linux/settings.sh
# Every setting that the module takes, at every value, over every storm: run by tests/beds/qemu-svm-long.t and bochs-vmx-long.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/module.sh
. /lib/bed/settings.sh
# shellcheck disable=SC2034
VALUE_LIMIT=400

state >"$tmp/before"
insmod /lib/bed/exitstorm.ko
values >"$tmp/values"
while read -r key all; do
	for other in $all; do
		value "$key=$other" 60
	done
done <"$tmp/values"
rmmod exitstorm
same "after all of them"
rmmod state
done_testing
