#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# long: tests that check runs on another kernel or the other vendor, and longer rounds
# beside: others
# The tests of tests/beds/linux that name bochs-vmx in "# more beds:", on the VMX of Bochs.
. "$(dirname "$0")/bed.sh"
bed_needs bochs busybox grub-mkrescue xorriso mformat
exec "$(dirname "$0")/run" --more bochs-vmx
