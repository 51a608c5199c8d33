#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# A panic during a run of exitstorm.ko leaves VMX and SVM, and the crash kernel boots. See linux/module_crash.t. Not on
# Linux 6.1, whose crash path clears EFER.SVME by itself.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox
. "$(dirname "$0")/../lib.sh"
RUN_LIMIT=400

# crash HOW BED: the panic comes HOW, in BED.
crash()
{
	# Linux 6.12 warns at boot of the one CPU that Bochs has otherwise.
	case $1:$2 in
	beside:* | *:bochs-vmx:6.12) smp=2 ;;
	*) smp= ;;
	esac
	BED_SMP=$smp BED_APPEND="crashkernel=128M crash=$1" run "$top/tests/beds/run" "$2" module_crash.t
	is "$status" 0 "$2: the crash kernel boots after a panic $1"
	[ "$status" = 0 ] || note "$out"
}
for how in ${CRASHES:-run:qemu-svm:6.12}; do
	crash "${how%%:*}" "${how#*:}"
done
done_testing
