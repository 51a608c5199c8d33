#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
#
# What is said where /dev/kvm cannot be used. In a mount namespace of its own /dev is made to be
# what each case wants.
. "$(dirname "$0")/../lib.sh"

own=-m
[ "$(id -u)" = 0 ] || own=-rm
unshare $own true 2>/dev/null || skip_all "no mount namespace of our own to be had (unshare)"

# with_dev COMMAND [AS...]: runs a storm where COMMAND has filled an empty /dev, by way of AS.
cat >"$tmp/with_dev" <<'EOF'
command=$1
shift
mount -t tmpfs none /dev && eval "$command" &&
	exec "$@" "$EXITSTORM_COPY" run -t kvm -s rdtsc -n 100 -o "$EXITSTORM_RUNS"
EOF
# Another user may not reach the build folder.
chmod 755 "$tmp"
cp "$EXITSTORM" "$tmp/exitstorm"
EXITSTORM_COPY=$tmp/exitstorm
export EXITSTORM_COPY

with_dev="unshare $own sh $tmp/with_dev"

# shellcheck disable=SC2086 # words on purpose
{
fails 1 "no /dev/kvm" $with_dev :
like "$err" "no /dev/kvm: load kvm_intel or kvm_amd .*firmware" "it says what to load and switch on"

fails 1 "a file in its place" $with_dev "touch /dev/kvm"
like "$err" "not KVM's device" "it says that this is no device"

fails 1 "a path that leads nowhere" $with_dev "touch /dev/x && ln -s /dev/x/y /dev/kvm"
like "$err" "opening /dev/kvm failed: Not a directory" "any other error has its name"

if [ "$(id -u)" = 0 ]; then
	# Major and minor do not matter: the permission is looked at first.
	fails 1 "no permission" $with_dev "mknod -m 600 /dev/kvm c 10 232" \
		setpriv --reuid=65534 --regid=65534 --clear-groups
	like "$err" "no permission to open /dev/kvm: join its group" "it names the group"
fi
}

nok "nothing is left behind" test -e "$EXITSTORM_RUNS"
done_testing
