#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# With the newest kernel that Debian 12 offers: the tests that say "also: 6.12" in their heads.
for need in qemu-system-x86_64 busybox xz; do
	command -v "$need" >/dev/null || {
		echo "1..0 # SKIP no $need for a bed"
		exit 0
	}
done
ls "$(dirname "$0")"/../../build/module/*/exitstorm.ko >/dev/null 2>&1 || {
	echo "1..0 # SKIP no exitstorm.ko for a bed"
	exit 0
}
here=$(dirname "$0")
# shellcheck disable=SC2046
exec "$here/run" qemu-svm:6.12 $(grep -l '^# also: 6\.12' "$here"/linux/*.t)
