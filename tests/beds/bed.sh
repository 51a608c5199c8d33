# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# bed_needs COMMAND...: skips the whole test, in words, where a real kernel in an emulator (tests/beds/run)
# cannot be had: a command is missing, or no exitstorm.ko was built for it.

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
