// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kvm.bpf.c for kernels that let eBPF programs read any address without a call (6.2). An object of its
 * own: to look for a kfunc that is not there takes libbpf through the modules' BTF, for which it needs
 * CAP_SYS_ADMIN.
 */
#define KVM_HAVE_CAST
#include "kvm.bpf.c"
