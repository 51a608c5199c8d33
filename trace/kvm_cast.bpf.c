// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kvm.bpf.c for kernels with bpf_rdonly_cast (6.2), which reads memory without a helper call. A
 * separate object: to resolve a kfunc that does not exist libbpf opens all modules' BTF, which
 * needs CAP_SYS_ADMIN.
 */
#define KVM_HAVE_CAST
#include "kvm.bpf.c"
