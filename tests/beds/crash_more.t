#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3000
# long: Bochs boots two kernels for each line
# beside: others
# As crash.t: on VMX, with the control without a run, on Linux 6.12, with a KVM that was loaded during the run, and
# after a run.
. "$(dirname "$0")/bed.sh"
bed_needs bochs grub-mkrescue xorriso mformat
CRASHES="run:bochs-vmx without:bochs-vmx kvm:bochs-vmx after:bochs-vmx without:bochs-vmx:6.12 beside:bochs-vmx:6.12
	kvm:bochs-vmx:6.12 without:qemu-svm run:qemu-svm kvm:qemu-svm without:qemu-svm:6.12
	beside:qemu-svm:6.12 kvm:qemu-svm:6.12" exec "$(dirname "$0")/crash.t"
