// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Findings about tracing and event counters. Both are opened for a moment, for this process only,
 * because capabilities, lockdown, seccomp and the kernel's configuration all can forbid them. They
 * are notes because no target depends on them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../trace/counters.h"
#include "../../trace/kvm_trace.h"
#include "findings_list.h"
#include "sysfs.h"

static void no_trace(struct findings *findings, int error, const char *why)
{
	struct finding *finding =
		finding_add(findings, FINDING_NOTE, "trace",
			    "No VM can be traced, and no kernel stamp taken (ebpf=on): "
			    "%.400s.",
			    why);

	if (!kvm_trace_built()) {
		finding_help(finding,
			     "make setup && make   # if the named packages can be installed");
	} else if ((error == -EPERM || error == -EACCES) && geteuid() != 0) {
		finding_help(finding,
			     "sudo setcap cap_bpf,cap_perfmon+ep \"$(command -v exitstorm)\"");
		finding_undo(finding, "sudo setcap -r \"$(command -v exitstorm)\"");
	} else if (!sysfs_exists("/sys/module/kvm")) {
		finding_help(finding, "sudo modprobe kvm_intel   # or kvm_amd");
		finding_undo(finding, "sudo modprobe -r kvm_intel   # or kvm_amd");
	}
}

static void check_trace(struct findings *findings)
{
	struct kvm_trace_options options = {.pid = getpid(), .hooks = (1U << KVM_HOOK_COUNT) - 1};
	char why[KVM_TRACE_WHY];
	struct kvm_trace *trace;
	int error = kvm_trace_open(&options, &trace, why);
	enum kvm_way way;

	if (error) {
		no_trace(findings, error, why);
	} else if ((way = kvm_trace_way(trace, KVM_HOOK_EXIT)) != KVM_WAY_NONE) {
		finding_add(findings, FINDING_GOOD, "trace",
			    "VMs can be traced (eBPF, %s): all exits, from kvm_exit to kvm_entry.",
			    kvm_way_name[way]);
	} else {
		finding_add(findings, FINDING_NOTE, "trace",
			    "VMs can be traced (eBPF, %s), but only their exits to userspace: this "
			    "KVM never fires kvm_exit, unlike kvm_intel and kvm_amd.",
			    kvm_way_name[kvm_trace_way(trace, KVM_HOOK_USERSPACE_EXIT)]);
	}
	kvm_trace_close(trace);
}

/* CO-RE needs BTF to find the fields of the kernel's structures. */
static void check_btf(struct findings *findings)
{
	if (kvm_trace_built() && !sysfs_exists("/sys/kernel/btf/vmlinux"))
		finding_add(
			findings, FINDING_NOTE, "btf",
			"This kernel has no BTF (/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF): "
			"eBPF programs cannot find its structures.");
}

static void check_pmu(struct findings *findings)
{
	struct counter_value value[COUNTERS_VALUES];
	struct counters *counters;
	struct finding *finding;
	char why[COUNTERS_WHY];
	long long paranoid;
	u32 count;

	if (counters_missing) {
		finding = finding_add(findings, FINDING_NOTE, "pmu",
				      "No event can be counted: %.180s.", counters_missing);
		finding_help(finding, "make setup && make");
		return;
	}
	if (counters_open(&counters, "cycles", why))
		return;
	count = counters_read(counters, value);
	if (count && value[0].counted) {
		finding_add(findings, FINDING_GOOD, "pmu",
			    "Events of the PMU can be counted%s (run --set counters=cycles).",
			    value[0].side == COUNTER_BOTH ? "" : ", guest and host apart");
	} else if (count) {
		finding = finding_add(
			findings, FINDING_NOTE, "pmu",
			"No event of a PMU can be counted: %.150s. This does not concern "
			"tracepoints and software events.",
			value[0].why);
		if (strstr(value[0].why, "lower than") &&
		    sysfs_number(&paranoid, "/proc/sys/kernel/perf_event_paranoid")) {
			finding_help(finding, "sudo sysctl kernel.perf_event_paranoid=1");
			finding_undo(finding, "sudo sysctl kernel.perf_event_paranoid=%lld",
				     paranoid);
		}
	}
	counters_close(counters);
}

size_t findings_tracing(struct finding *finding, size_t room)
{
	struct findings findings = {.finding = finding, .room = room};

	check_trace(&findings);
	check_btf(&findings);
	check_pmu(&findings);
	return findings.count;
}
