#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beds: none
# files: build/module/%r/hang.ko tests/beds/linux/mce.sh
# ends: mce: .Hardware Error.: CPU 1: Machine Check.*(.|\n)*Kernel panic - not syncing: Fatal
# A machine check that is fatal, while CPU 1 runs a process. Run by tests/beds/machine_check.t.
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/mce.sh
taskset -p 1 $$ >/dev/null # CPU 1 is the one that is to be hit
taskset 2 sh -c 'while :; do :; done' &
sleep 1
machine_check 1 fatal
sleep 20
