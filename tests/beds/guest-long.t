#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: a Linux guest in a Linux guest in an emulator
# limit: 1800
# beside: others
# Target guest in a guest of Linux' kvm_amd, beside the exits that this counts, on QEMU's emulated SVM.
. "$(dirname "$0")/bed.sh"
for need in qemu-system-x86_64 busybox; do
	command -v $need >/dev/null || bed_skip $need
done
# Two CPUs of TCG in one thread hang now and then.
BED_SMP=1 BED_MEM=1400 exec "$(dirname "$0")/run" qemu-svm guest_in_guest.t
