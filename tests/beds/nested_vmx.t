#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# long: QEMU on a kernel's KVM in Bochs takes four minutes of CPU time for all storms
# beside: others
# Every storm of raw VMX on a kvm_intel in Bochs: beds/linux/nested_vmx.t, of which `make check` runs nine storms.
. "$(dirname "$0")/bed.sh"
bed_needs bochs busybox grub-mkrescue xorriso mformat qemu-system-x86_64
BED_TEST_LIMIT=3400 BED_ENV="BED_TEST_LIMIT=3300 STORMS=all MEASURED=94" exec "$(dirname "$0")/run" bochs-vmx nested_vmx.t
