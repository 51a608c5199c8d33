// SPDX-License-Identifier: GPL-2.0-or-later
#include "bpf_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

u64 bpf_programs_missed(const struct bpf_object *object)
{
	struct bpf_program *program;
	u64 missed = 0;

	bpf_object__for_each_program(program, object)
	{
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

/*
 * Since tracepoints are protected by SRCU-fast (guard(srcu_fast_notrace)(&tracepoint_srcu) in
 * include/linux/tracepoint.h) instead of disabled preemption, the kernel has the per-CPU data of
 * that SRCU. Kernels up to 6.12 had an SRCU of this name for another purpose, but not struct
 * srcu_ctr.
 */
bool bpf_programs_preempted(const struct btf *vmlinux)
{
	return vmlinux &&
	       btf__find_by_name_kind(vmlinux, "tracepoint_srcu_srcu_data", BTF_KIND_VAR) > 0 &&
	       btf__find_by_name_kind(vmlinux, "srcu_ctr", BTF_KIND_STRUCT) > 0;
}
