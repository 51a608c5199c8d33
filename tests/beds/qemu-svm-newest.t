#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: a third kernel; 6.1 and 6.12 are in check
# limit: 1800
# beside: others
# With the newest kernel that Debian's testing or backports offer: the tests that name qemu-svm:newest in their
# heads.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox xz
exec "$(dirname "$0")/run" qemu-svm:newest
