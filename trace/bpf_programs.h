/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of loaded eBPF programs, for both kinds of them. */
#ifndef TRACE_BPF_PROGRAMS_H
#define TRACE_BPF_PROGRAMS_H

#include "types.h"

struct bpf_object;
struct btf;

/*
 * How often the kernel skipped one of the object's loaded programs, because a program was active on
 * that CPU already: bpf_prog_info.recursion_misses, since Linux 5.12 (before: 0).
 */
u64 bpf_programs_missed(const struct bpf_object *object);

/*
 * Whether raw_tp and tp_btf programs run with preemption enabled, so that the kernel skips the
 * program of a thread that is scheduled in while another's is preempted. Programs of perf's trace
 * events (SEC("tp")) always run with preemption disabled. vmlinux: the kernel's BTF; NULL: unknown,
 * false.
 */
bool bpf_programs_preempted(const struct btf *vmlinux);

#endif
