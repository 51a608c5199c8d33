#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# DKMS builds exitstorm.ko from the sources that `make module-install` puts into /usr/src. The test has folders of
# its own and unpacked headers of a kernel. $DKMS: another dkms than the machine's.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
dkms=${DKMS:-dkms}
command -v "$dkms" >/dev/null || skip_all "no dkms (package dkms)"
[ -s build/module/headers ] || skip_all "no kernel headers were fetched"
[ "$(id -u)" = 0 ] || skip_all "dkms wants to be root"
while read -r release headers compiler; do
	[ -n "$(tests/module/toolchain "$compiler" "$headers" 2>&1)" ] || break
	release=
done <build/module/headers
[ -n "$release" ] || skip_all "no kernel headers for a compiler of this machine"
version=$(sed -n 's/^VERSION := //p' Makefile)

ok "make module-install into a folder" make -s module-install DESTDIR="$tmp/root"
sources=$tmp/root/usr/src
ok "... has dkms.conf with the version" grep -q "^PACKAGE_VERSION=\"$version\"" "$sources/exitstorm-$version/dkms.conf"
run_dkms()
{
	action=$1
	shift
	timeout -s KILL 250 "$dkms" "$action" -m exitstorm -v "$version" --dkmstree "$tmp/tree" --sourcetree "$sources" \
		--installtree "$tmp/install" "$@"
}
mkdir "$tmp/tree" "$tmp/install"
ok "dkms add" run_dkms add
ok "dkms build, for $release" run_dkms build -k "$release" --kernelsourcedir "$headers"
module=$(find "$tmp/tree" -name 'exitstorm.ko*' | head -n 1)
like "$(grep -aoE 'vermagic=[^ ]+ ' "$module" 2>/dev/null)" "^vermagic=$(printf '%s' "$release" | sed 's/[+]/[+]/g') " \
	"... for that kernel"
# A kernel that the module was not compiled for: DKMS builds nothing, and its upgrade does not fail.
other=6.5.0-1-amd64
mkdir -p "$tmp/install/$other"
nok "dkms does not build for $other" run_dkms build -k "$other" --kernelsourcedir "$headers"
run timeout -s KILL 250 "$dkms" autoinstall -k "$other" --kernelsourcedir "$headers" --dkmstree "$tmp/tree" \
	--sourcetree "$sources" --installtree "$tmp/install"
case $("$dkms" --version) in
dkms-3.0.10) is "$status" 11 "... which it calls a failure when that kernel is installed: mended in dkms 3.0.11" ;;
*) is "$status" 0 "... nor fails when that kernel is installed" ;;
esac
is "$(find "$tmp/tree" "$tmp/install" -path "*$other*" -name 'exitstorm.ko*')" "" "... and leaves no module for it"
ok "dkms remove" run_dkms remove --all
is "$(find "$tmp/tree" -name 'exitstorm.ko*')" "" "... leaves no module"
ok "make module-uninstall" make -s module-uninstall DESTDIR="$tmp/root"
nok "... removes the sources" [ -e "$sources/exitstorm-$version" ]
done_testing
