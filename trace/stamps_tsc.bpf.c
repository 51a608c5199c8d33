// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stamps.bpf.c for kernels with bpf_get_cpu_time_counter. A separate object: to resolve a kfunc
 * that does not exist libbpf opens all modules' BTF, which needs CAP_SYS_ADMIN.
 */
#define STAMPS_HAVE_KFUNC
#include "stamps.bpf.c"
