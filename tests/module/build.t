#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
# exitstorm.ko compiles without a warning of the compiler, of objtool or of modpost, for every kernel whose headers
# `make module-all` or `make module-beds` (`make check`) has found. table.t compares them with the list of kernels.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
[ -s build/module/headers ] || skip_all "no kernel headers were fetched"
while read -r release _ _; do
	if [ "$(cat "build/module/$release/status" 2>/dev/null)" = "not tried" ]; then
		skip "$release: not tried: $(tail -n 1 "build/module/$release/said")"
		continue
	fi
	said=$(cat "build/module/$release/said" 2>/dev/null)
	is "$(cat "build/module/$release/status" 2>/dev/null)" 0 "$release: the module compiles"
	unlike "$said" "warning:|error:" "$release: without a warning"
	like "$(grep -aoE 'vermagic=[^ ]+ ' "build/module/$release/exitstorm.ko")" "^vermagic=$(printf '%s' "$release" | sed 's/[+]/[+]/g') " \
		"$release: the module has its vermagic"
	# As for a kernel that exports less, and as for one whose objtool looks at each file.
	for also in cr4 files; do
		[ -d "build/module/$release/$also" ] || continue
		is "$(cat "build/module/$release/$also/status" 2>/dev/null)" 0 "$release, $also: the module compiles"
		unlike "$(cat "build/module/$release/$also/said")" "error:|objtool: |modpost: |undefined" "$release, $also: without a warning"
	done
done <build/module/headers

# Differences between kernel versions are in one file.
is "$(git grep -lE 'LINUX_VERSION_CODE' -- 'hv/*' 'bench/*' 'trace/*')" hv/linux/kernel.h \
	"LINUX_VERSION_CODE is in one file only"
done_testing
