// SPDX-License-Identifier: GPL-2.0-or-later
/* The properties of the running kernel by its BTF and modules. */
#include "kvm_trace_private.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bpf_explain.h"
#include "bpf_programs.h"
#include "clock.h"

static bool is_there(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0;
}

/* The number of a tracepoint's arguments; -1: it is not in this BTF. */
static int tracepoint_arguments(const struct btf *btf, const char *tracepoint)
{
	const struct btf_type *type;
	char name[64];
	int id;

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -1;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (!btf_is_ptr(type))
		return -1;
	type = btf__type_by_id(btf, type->type);
	/* Without the first, the data of the registration. */
	return btf_is_func_proto(type) ? btf_vlen(type) - 1 : -1;
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

static bool has_member(const struct btf *btf, const char *name, const char *member)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return true;
	return false;
}

static void detect_types(struct kernel *kernel, const struct btf *btf)
{
	int arguments = tracepoint_arguments(btf, "kvm_exit");

	if (arguments >= 0) {
		kernel->btf = true;
		kernel->exit_arguments = arguments;
	}
	if (has_member(btf, "kvm_vcpu", "pid") && has_member(btf, "kvm_vcpu_arch", "last_host_tsc"))
		kernel->put_time = true;
	if (btf__find_by_name_kind(btf, "vcpu_vmx", BTF_KIND_STRUCT) > 0 ||
	    btf__find_by_name_kind(btf, "vcpu_svm", BTF_KIND_STRUCT) > 0)
		kernel->vendor_types = true;
}

/* kvm_exit, kvm_entry and kvm_nested_vmexit fire in kvm_intel and kvm_amd, not in kvm-pvm. */
static int choose_hooks(struct kernel *kernel, u32 hooks, char *why)
{
	const u32 vendor = 1U << KVM_HOOK_EXIT | 1U << KVM_HOOK_ENTRY | 1U << KVM_HOOK_NESTED;

	kernel->hooks = kernel->vmx || kernel->svm ? hooks : hooks & ~vendor;
	if (kernel->hooks & (1U << KVM_HOOK_EXIT | 1U << KVM_HOOK_USERSPACE_EXIT))
		return 0;
	snprintf(why, KVM_TRACE_WHY,
		 "kvm_exit never fires here: neither kvm_intel nor kvm_amd is loaded; "
		 "kvm_userspace_exit would");
	return -ENOENT;
}

int kernel_detect(struct kernel *kernel, u32 hooks, char *why)
{
	static const char *const module[] = {"kvm", "kvm_intel", "kvm_amd"};
	struct btf *vmlinux, *btf;

	*kernel = (struct kernel){0};
	bpf_explain_listen();
	if (!bpf_explain_sysfs()) {
		snprintf(why, KVM_TRACE_WHY,
			 "/sys/module is not there: /sys is not mounted here, or hidden, so which "
			 "KVM "
			 "is loaded cannot be found out");
		return -ENOENT;
	}
	if (!is_there("/sys/module/kvm")) {
		snprintf(why, KVM_TRACE_WHY, "this kernel has no KVM (no module kvm is loaded)");
		return -ENOENT;
	}
	kernel->vmx = is_there("/sys/module/kvm_intel");
	kernel->svm = is_there("/sys/module/kvm_amd");
	if (choose_hooks(kernel, hooks, why))
		return -ENOENT;
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		return 0;
	kernel->preempted = bpf_programs_preempted(vmlinux);
	detect_types(kernel, vmlinux);
	for (size_t i = 0; i < sizeof(module) / sizeof(*module); i++) {
		btf = btf__load_module_btf(module[i], vmlinux);
		if (!btf)
			continue;
		detect_types(kernel, btf);
		btf__free(btf);
	}
	if (!has_function(vmlinux, "bpf_rdonly_cast") || !clock_is_tsc())
		kernel->put_time = false;
	btf__free(vmlinux);
	return 0;
}

int kernel_explain(int error, const char *hook, enum kvm_way way, char *why)
{
	char step[96];

	if (error == -ENOENT && hook &&
	    (way != KVM_WAY_TRACEPOINT || is_there("/sys/kernel/tracing/events/kvm"))) {
		snprintf(why, KVM_TRACE_WHY, "this kernel has no tracepoint %s", hook);
		return error;
	}
	snprintf(step, sizeof(step), "%s %s by %s", hook ? "attaching" : "loading",
		 hook ? hook : "the eBPF programs", kvm_way_name[way]);
	return bpf_explain(error, step, way == KVM_WAY_TRACEPOINT && hook, why, KVM_TRACE_WHY);
}
