#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# exitstorm.ko compiles without a warning for every kernel whose headers Debian 12 and its backports offer (by `make
# module-all`, which `make check` calls), and the table in hv/README.md has a line for each of these kernels.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
[ -s build/module/headers ] || skip_all "no kernel headers were fetched"
while read -r release folder; do
	said=$(cat "build/module/$release/said" 2>/dev/null)
	is "$(cat "build/module/$release/status" 2>/dev/null)" 0 "$release: the module compiles"
	unlike "$said" "warning:|error:" "$release: without a warning of the compiler or of objtool"
	like "$(grep -aoE 'vermagic=[^ ]+ ' "build/module/$release/exitstorm.ko")" "^vermagic=$(printf '%s' "$release" | sed 's/[+]/[+]/g') " \
		"$release: the module has its vermagic"
	line=$(printf '%s' "$release" | sed 's/^\([0-9]*\.[0-9]*\)\..*/\1/')
	flavour=$(printf '%s' "$release" | grep -oE '(cloud-|rt-)?amd64$')
	like "$(cat hv/README.md)" "^\\| $line .*\\b$flavour\\b.*\\| (tested|compiles)" "$release: hv/README.md has its line"
done <build/module/headers

# Differences between kernel versions are in one file.
is "$(git grep -lE 'LINUX_VERSION_CODE' -- 'hv/*' 'bench/*' 'trace/*')" hv/linux/kernel.h \
	"LINUX_VERSION_CODE is in one file only"
done_testing
