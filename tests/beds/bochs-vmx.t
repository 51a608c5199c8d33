#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# All tests of tests/beds/linux in a real kernel on the VMX of Bochs.
for need in bochs busybox grub-mkrescue xorriso mformat; do
	command -v "$need" >/dev/null || {
		echo "1..0 # SKIP no $need for a bed"
		exit 0
	}
done
ls "$(dirname "$0")"/../../build/module/*/exitstorm.ko >/dev/null 2>&1 || {
	echo "1..0 # SKIP no exitstorm.ko for a bed"
	exit 0
}
exec "$(dirname "$0")/run" bochs-vmx
