# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# bed_needs COMMAND...: skips the whole test where tests/beds/run cannot boot a kernel: a command is missing, or
# no exitstorm.ko was built.

bed_skip()
{
	echo "1..0 # SKIP no $1 for a bed"
	exit 0
}

bed_needs()
{
	for need; do
		command -v "$need" >/dev/null || bed_skip "$need"
	done
	ls "$(dirname "$0")"/../../build/module/*/exitstorm.ko >/dev/null 2>&1 || bed_skip exitstorm.ko
}
