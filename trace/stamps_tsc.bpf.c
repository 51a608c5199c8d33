// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stamps.bpf.c for kernels that let eBPF programs read the TSC. An object of its own: to look for a
 * kfunc that is not there takes libbpf through the modules' BTF, for which it needs CAP_SYS_ADMIN.
 */
#define STAMPS_HAVE_KFUNC
#include "stamps.bpf.c"
