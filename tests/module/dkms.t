#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# DKMS builds exitstorm.ko of what `make module-install` puts into /usr/src: in folders of this test's own, for a kernel
# whose headers are there unpacked. $DKMS: another dkms than the machine's.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
dkms=${DKMS:-dkms}
command -v "$dkms" >/dev/null || skip_all "no dkms (package dkms)"
[ -s build/module/headers ] || skip_all "no kernel headers were fetched"
[ "$(id -u)" = 0 ] || skip_all "dkms wants to be root"
read -r release headers <build/module/headers
version=$(sed -n 's/^VERSION := //p' Makefile)

ok "make module-install into a folder" make -s module-install DESTDIR="$tmp/root"
sources=$tmp/root/usr/src
ok "it has what DKMS reads" grep -q "^PACKAGE_VERSION=\"$version\"" "$sources/exitstorm-$version/dkms.conf"
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
	"it is for that kernel"
ok "dkms remove" run_dkms remove --all
is "$(find "$tmp/tree" -name 'exitstorm.ko*')" "" "and nothing of it is left"
ok "make module-uninstall" make -s module-uninstall DESTDIR="$tmp/root"
nok "takes the sources away" [ -e "$sources/exitstorm-$version" ]
done_testing
