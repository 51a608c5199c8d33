#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1500
# long: two CPUs in Bochs, which take more than five minutes to boot and to run the test
# beside: others
# VMX on two CPUs, under the newest kernel that Debian 12 offers: the tests that name bochs-vmx:6.12 in
# their heads.
. "$(dirname "$0")/bed.sh"
bed_needs bochs busybox grub-mkrescue xorriso mformat xz
BED_SMP=2 exec "$(dirname "$0")/run" bochs-vmx:6.12
