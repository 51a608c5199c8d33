#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1200
# long: tests that check runs on another kernel or the other vendor, and longer rounds
# beside: others
# The tests of tests/beds/linux that name qemu-svm in "# more beds:", on QEMU's emulated SVM.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox
exec "$(dirname "$0")/run" --more qemu-svm
