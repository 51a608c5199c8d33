#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# All tests of tests/beds/linux in a real kernel on QEMU's emulated SVM.
for need in qemu-system-x86_64 busybox; do
	command -v "$need" >/dev/null || {
		echo "1..0 # SKIP no $need for a bed"
		exit 0
	}
done
ls "$(dirname "$0")"/../../build/module/*/exitstorm.ko >/dev/null 2>&1 || {
	echo "1..0 # SKIP no exitstorm.ko for a bed"
	exit 0
}
exec "$(dirname "$0")/run" qemu-svm
