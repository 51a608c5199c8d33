#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# All tests of tests/beds/linux in a real kernel on the VMX of Bochs.
. "$(dirname "$0")/bed.sh"
bed_needs bochs busybox grub-mkrescue xorriso mformat
exec "$(dirname "$0")/run" bochs-vmx
