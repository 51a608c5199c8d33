#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: every setting of the module at every value over every storm
# limit: 3600
# beside: others
# The tests of tests/beds/linux that take too long for `make check`, on the VMX of Bochs.
. "$(dirname "$0")/bed.sh"
bed_needs bochs busybox grub-mkrescue xorriso mformat
exec "$(dirname "$0")/run" bochs-vmx module_settings_all.t
