#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# With the newest kernel that Debian 12 offers: the tests that say "also: 6.12" in their heads.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 busybox xz
here=$(dirname "$0")
# shellcheck disable=SC2046
exec "$here/run" qemu-svm:6.12 $(grep -l '^# also: 6\.12' "$here"/linux/*.t)
