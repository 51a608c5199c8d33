// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's tracepoints by its BTF, and the reasons for which it refuses programs. */
#include "kvm_trace_private.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

static char last_warning[200]; /* of libbpf, or the verifier's message if there is one */
static bool verifier_spoke;

/* The last line of the verifier's log before its statistics: why it rejects the program. */
static char *verifier_message(char *log)
{
	char *end = strstr(log, "\nprocessed "), *line;

	if (!strstr(log, "BEGIN PROG LOAD LOG") || !end)
		return NULL;
	*end = '\0';
	line = strrchr(log, '\n');
	return line ? line + 1 : log;
}

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text, *line;

	if (level != LIBBPF_WARN || verifier_spoke || vasprintf(&text, format, arguments) < 0)
		return 0;
	line = verifier_message(text);
	verifier_spoke = line;
	if (!line)
		line = text;
	snprintf(last_warning, sizeof(last_warning), "%.*s", (int)strcspn(line, "\n"), line);
	free(text);
	return 0;
}

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
	libbpf_set_print(keep_warning);
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

/* Reasons for failures */

enum { CAP_SYS_ADMIN = 21, CAP_PERFMON = 38, CAP_BPF = 39 };

static u64 capabilities(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long long effective = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	if (status)
		fclose(status);
	return effective;
}

static bool first_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	bool read = file && fgets(text, size, file);

	if (file)
		fclose(file);
	return read;
}

static const char *missing_capabilities(void)
{
	u64 has = capabilities();
	bool bpf = has >> CAP_BPF & 1, perfmon = has >> CAP_PERFMON & 1;

	if (has >> CAP_SYS_ADMIN & 1 || (bpf && perfmon))
		return NULL;
	return bpf ? "CAP_PERFMON" : perfmon ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
}

/* In lockdown the verifier only reports that helpers which read kernel memory are unknown. */
static bool is_locked_down(char *why)
{
	char lockdown[128];

	if (!first_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)) ||
	    !strstr(lockdown, "[confidentiality]"))
		return false;
	snprintf(why, KVM_TRACE_WHY,
		 "the kernel is locked down (lockdown=confidentiality): until the next boot eBPF "
		 "may "
		 "not read its memory");
	return true;
}

static void why_refused(enum kvm_way way, char *why)
{
	const char *missing = missing_capabilities();
	char paranoid[32] = "";

	if (missing) {
		snprintf(why, KVM_TRACE_WHY,
			 "loading these eBPF programs takes root, or CAP_BPF and CAP_PERFMON: %s "
			 "%s missing",
			 missing, strchr(missing, ' ') ? "are" : "is");
		return;
	}
	if (is_locked_down(why))
		return;
	first_line("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof(paranoid));
	paranoid[strcspn(paranoid, "\n")] = '\0';
	if (way == KVM_WAY_TRACEPOINT && !(capabilities() >> CAP_SYS_ADMIN & 1))
		snprintf(why, KVM_TRACE_WHY,
			 "the kernel does not open its trace events: tracefs must be readable "
			 "(/sys/kernel/tracing), and it takes CAP_PERFMON or sysctl "
			 "kernel.perf_event_paranoid at -1 (now %s)",
			 paranoid);
	else
		snprintf(why, KVM_TRACE_WHY,
			 "the kernel refuses eBPF although the capabilities are there: a "
			 "container's "
			 "seccomp filter or security module forbids bpf(2)");
}

int kernel_explain(int error, const char *hook, enum kvm_way way, char *why)
{
	const char *what = hook ? hook : "the eBPF programs";

	/* EACCES at load with all capabilities is the verifier's: an error in a program. */
	if (error == -EPERM || (error == -EACCES && (hook || missing_capabilities())))
		why_refused(way, why);
	else if (is_locked_down(why))
		return error;
	else if (error == -ENOENT && way == KVM_WAY_TRACEPOINT &&
		 !is_there("/sys/kernel/tracing/events") &&
		 !is_there("/sys/kernel/debug/tracing/events"))
		snprintf(why, KVM_TRACE_WHY,
			 "attaching by tracepoint needs tracefs: mount -t tracefs nodev "
			 "/sys/kernel/tracing");
	else if (error == -ENOENT && hook)
		snprintf(why, KVM_TRACE_WHY, "this kernel has no tracepoint %s", hook);
	else if (error == -ENOSYS)
		snprintf(why, KVM_TRACE_WHY, "this kernel has no eBPF (bpf(2): %s)",
			 strerror(-error));
	else if (error == -ENOMEM)
		snprintf(why, KVM_TRACE_WHY, "no memory for the eBPF maps");
	else
		snprintf(why, KVM_TRACE_WHY, "%s cannot be %s by %s: %s%s%.180s", what,
			 hook ? "attached" : "loaded", kvm_way_name[way], strerror(-error),
			 *last_warning ? ": " : "", last_warning);
	return error;
}
