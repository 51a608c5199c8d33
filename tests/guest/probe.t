#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
#
# Errors where /dev/kvm cannot be used. Each case has its own /dev in a mount namespace.
. "$(dirname "$0")/../lib.sh"

own=-m
[ "$(id -u)" = 0 ] || own=-rm
unshare $own true 2>/dev/null || skip_all "no mount namespace of our own to be had (unshare)"

# with_dev COMMAND [AS...]: lets COMMAND fill an empty /dev, then runs a storm by AS (setpriv ...).
cat >"$tmp/with_dev" <<'EOF'
command=$1
shift
mount -t tmpfs none /dev && eval "$command" &&
	exec "$@" "$EXITSTORM_COPY" run -t kvm -s rdtsc -n 100 -o "$EXITSTORM_RUNS"
EOF
# Another user may have no access to the build folder.
chmod 755 "$tmp"
cp "$EXITSTORM" "$tmp/exitstorm"
EXITSTORM_COPY=$tmp/exitstorm
export EXITSTORM_COPY

with_dev="unshare $own sh $tmp/with_dev"

# shellcheck disable=SC2086 # words on purpose
{
fails 1 "no /dev/kvm" $with_dev :
like "$err" "no /dev/kvm: load kvm_intel or kvm_amd .*firmware" "the error names module and firmware setting"

fails 1 "a regular file /dev/kvm" $with_dev "touch /dev/kvm"
like "$err" "not KVM's device" "the error says that it is not the device"

fails 1 "a broken path" $with_dev "touch /dev/x && ln -s /dev/x/y /dev/kvm"
like "$err" "opening /dev/kvm failed: Not a directory" "other errors have the text of errno"

if [ "$(id -u)" = 0 ]; then
	# Major and minor do not matter: the permission is checked first.
	fails 1 "no permission" $with_dev "mknod -m 600 /dev/kvm c 10 232" \
		setpriv --reuid=65534 --regid=65534 --clear-groups
	like "$err" "no permission to open /dev/kvm: join its group" "the error names the group"
fi
}

nok "no run is left" test -e "$EXITSTORM_RUNS"
done_testing
