#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: every setting of the module at every value over every storm
# limit: 1800
# beside: others
# The tests of tests/beds/linux that take too long for `make check`, on QEMU's emulated SVM.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox
exec "$(dirname "$0")/run" qemu-svm module_settings_all.t
