// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of the hooks and of the ways to attach; in builds without eBPF, too. */
#include "kvm_trace.h"

const char *const kvm_hook_name[KVM_HOOK_COUNT] = {
#define KVM_HOOK(ID, program, category, tracepoint) [KVM_HOOK_##ID] = tracepoint,
	KVM_HOOKS
#undef KVM_HOOK
};

const char *const kvm_way_name[KVM_WAYS] = {
	[KVM_WAY_NONE] = "none",
	[KVM_WAY_TP_BTF] = "tp_btf",
	[KVM_WAY_RAW_TP] = "raw_tp",
	[KVM_WAY_TRACEPOINT] = "tracepoint",
};
