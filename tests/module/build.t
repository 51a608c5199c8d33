#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# exitstorm.ko compiles for every kernel whose headers Debian 12 and its backports offer (`make module-all`, which
# `make check` has called), without a warning; and the table in hv/README.md is that of those.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
[ -s build/module/headers ] || skip_all "no kernel headers were fetched"
while read -r release folder; do
	said=$(cat "build/module/$release/said" 2>/dev/null)
	is "$(cat "build/module/$release/status" 2>/dev/null)" 0 "$release: it compiles"
	unlike "$said" "warning:|error:" "$release: without a warning of the compiler or of objtool"
	like "$(grep -aoE 'vermagic=[^ ]+ ' "build/module/$release/exitstorm.ko")" "^vermagic=$(printf '%s' "$release" | sed 's/[+]/[+]/g') " \
		"$release: for that kernel"
	line=$(printf '%s' "$release" | sed 's/^\([0-9]*\.[0-9]*\)\..*/\1/')
	flavour=$(printf '%s' "$release" | grep -oE '(cloud-|rt-)?amd64$')
	like "$(cat hv/README.md)" "^\\| $line .*\\b$flavour\\b.*\\| (tested|compiles)" "$release: hv/README.md has its line"
done <build/module/headers

# What a file of one kernel only must not do: ask for versions.
is "$(git grep -lE 'LINUX_VERSION_CODE' -- 'hv/*' 'bench/*' 'trace/*')" hv/linux/kernel.h \
	"only one file knows of kernel versions"
done_testing
