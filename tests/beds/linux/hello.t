#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beds: qemu-svm bochs-vmx qemu-svm:6.12 qemu-svm:newest
# The bed itself: kernel, CPU and tools, and KVM can be loaded and unloaded.
. "$(dirname "$0")/../../lib.sh"

case $EXITSTORM_BED in
qemu-svm) flag=svm ;;
*) flag=vmx ;;
esac
like "$(cat /proc/cpuinfo)" "^flags.* $flag( |\$)" "the CPU has $flag"
nok "no KVM is loaded" test -e /dev/kvm
ok "modprobe $EXITSTORM_BED_MODULE" modprobe "$EXITSTORM_BED_MODULE"
ok "... gives /dev/kvm" have_kvm
run "$EXITSTORM" --version
is "$status" 0 "exitstorm runs"
ok "rmmod $EXITSTORM_BED_MODULE" rmmod "$EXITSTORM_BED_MODULE"
nok "... removes /dev/kvm" test -e /dev/kvm
done_testing
