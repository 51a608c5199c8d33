// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of kvm_trace.c where eBPF programs could not be built. */
#include "kvm_trace.h"

#include <stdio.h>

const char *const kvm_hook_name[KVM_HOOK_COUNT];
const char *const kvm_way_name[KVM_WAYS];

bool kvm_trace_built(void)
{
	return false;
}

int kvm_trace_open(const struct kvm_trace_options *options, struct kvm_trace **trace, char *why)
{
	(void)options;
	*trace = NULL;
	snprintf(why, KVM_TRACE_WHY,
		 "this exitstorm was built without eBPF: clang, bpftool or libbpf was missing");
	return -ENOTSUP;
}
