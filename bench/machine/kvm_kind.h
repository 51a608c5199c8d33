/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kind of this machine's KVM, by its vendor module. */
#ifndef BENCH_MACHINE_KVM_KIND_H
#define BENCH_MACHINE_KVM_KIND_H

/* The module behind /dev/kvm: "kvm_intel", "kvm_amd" or "kvm_pvm"; NULL: not known. */
const char *kvm_module(void);
/* The name of a module's KVM in texts: "kvm-pvm" of kvm_pvm, else the module's own. NULL: NULL. */
const char *kvm_kind(const char *module);

#endif
