#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others
# All tests of tests/beds/linux in a real kernel on QEMU's emulated SVM.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox
exec "$(dirname "$0")/run" qemu-svm
