#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beside: others
# With the newest kernel that Debian 12 offers: the tests that name qemu-svm:6.12 in their heads.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox xz
exec "$(dirname "$0")/run" qemu-svm:6.12
