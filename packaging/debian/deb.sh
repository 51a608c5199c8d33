#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deb.sh VERSION FOLDER: builds Debian packages of the last commit of this tree into FOLDER. The version has
# the time and the name of the commit, so that a later commit is a later package.
set -eu
version=$1
into=$(mkdir -p "$2" && cd "$2" && pwd)
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
commit=$(git rev-parse --short HEAD)
full=$version+git$(git log -1 --format=%cd --date=format:%Y%m%d%H%M%S).$commit
source=$into/exitstorm-$full
rm -rf "$source"
mkdir "$source"
git archive HEAD | tar -x -C "$source"
mv "$source/packaging/debian" "$source/debian"
rm -r "$source/packaging"
mkdir -p "$source/build"
# .commit: what `exitstorm --version` and each run name.
echo "$commit" >"$source/build/.commit"
[ ! -d build/libperf ] || cp -a build/libperf "$source/build"
{
	printf 'exitstorm (%s) unstable; urgency=medium\n\n  * Built from commit %s.\n\n' "$full" "$commit"
	git log -1 --format=' -- The exitstorm authors <maintainers@exitstorm.invalid>  %cd' --date=rfc
} >"$source/debian/changelog"
(cd "$source" && GIT_CEILING_DIRECTORIES=$into dpkg-buildpackage -us -uc -b) >"$into/build.log" 2>&1 || {
	tail -n 20 "$into/build.log" >&2
	exit 1
}
rm -rf "$source"
ls "$into"/*_"$full"_*.deb
