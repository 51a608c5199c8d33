#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libperf.sh: the last step of setup.sh. libperf is part of the kernel's source and rarely packaged. If
# pkg-config does not find it, it is built from the package linux-source of Debian or Ubuntu into
# build/libperf (one download of about 140 MB, 3 MB of it unpacked). Without libperf only
# `run --set counters=` is missing. SETUP=no: prints that and does nothing.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
into=$top/build/libperf

known()
{
	PKG_CONFIG_PATH=$into/lib/pkgconfig:${PKG_CONFIG_PATH:-} pkg-config --exists libperf 2>/dev/null
}

without()
{
	echo "setup: $1" >&2
	echo "  without libperf: no counters of events (run --set counters=)" >&2
	exit 0
}

# The package that the metapackage linux-source depends on.
package()
{
	apt-cache depends linux-source 2>/dev/null | sed -n 's/.*Depends: \(linux-source-[^ ]*\)/\1/p' |
		head -n 1
}

known && exit 0
[ "${SETUP:-}" != no ] || without "not built, because of SETUP=no: libperf"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
	without "no libperf here; tools/lib/perf of a kernel's source has it (make install)"

name=$(package)
if [ -z "$name" ]; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq </dev/null >/dev/null 2>&1
	name=$(package)
fi
[ -n "$name" ] || without "no package linux-source to build libperf from"

mkdir -p "$top/build" && work=$(mktemp -d "$top/build/.libperf.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# The parts of tools/ that tools/lib/perf needs to build.
parts="build scripts include arch/x86/include lib/perf lib/api lib/str_error_r.c lib/zalloc.c"

build()
{
	cd "$work" || return 1
	# If the user _apt cannot write to the folder, apt warns and downloads as root.
	timeout 900 apt-get download -qq "$name" || return 1
	mkdir deb source made || return 1
	dpkg-deb --fsys-tarfile "$name"_*.deb | tar -x -C deb --wildcards '*.tar.*' || return 1
	rm -f "$name"_*.deb
	tarball=$(find deb -name 'linux-source-*.tar.*' -type f | head -n 1)
	[ -n "$tarball" ] || return 1
	folder=$(basename "$tarball" | sed 's/\.tar\..*//')
	# Not all versions have all parts, so tar's errors are ignored; the build fails if one is needed.
	# shellcheck disable=SC2046,SC2086
	tar -xf "$tarball" -C source --strip-components=1 \
		$(printf "$folder/tools/%s " $parts) || [ -d source/tools/lib/perf ] || return 1
	make -s -C source/tools/lib/perf prefix="$work/made" libdir="$work/made/lib" \
		install_lib install_headers install_pkgconfig || return 1
	# Static only, so that an installed command does not need build/.
	rm -f made/lib/*.so*
	cp source/tools/lib/api/libapi.a made/lib &&
		sed -i -e 's|^prefix=.*|prefix=${pcfiledir}/../..|' -e 's|^libdir=.*|libdir=${prefix}/lib|' \
			-e 's|^Libs:.*|& -lapi|' made/lib/pkgconfig/libperf.pc || return 1
	rm -rf "$into" && mv made "$into"
}

echo "setup: builds libperf from $name (a download of about 140 MB, once)"
(build) >"$work/log" 2>&1 </dev/null || {
	tail -n 5 "$work/log" >&2
	without "libperf could not be built from $name"
}
known || without "libperf was built from $name, and pkg-config does not see it"
echo "setup: libperf is in build/libperf"
