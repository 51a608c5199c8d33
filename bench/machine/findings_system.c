// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about the system's effect on timing: load, scheduler, timer tick, memory management. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "environment.h"
#include "findings_list.h"
#include "sysfs.h"

static void check_load(struct findings *findings)
{
	struct finding *finding;
	char text[128];
	double load;

	if (!sysfs_text(text, sizeof(text), "/proc/loadavg"))
		return;
	load = atof(text);
	if (load < 0.5) {
		finding_add(findings, FINDING_GOOD, "load", "The machine is quiet: load %.2f.",
			    load);
		return;
	}
	finding = finding_add(findings, FINDING_WARNING, "load",
			      "Other work is running: load %.2f in the last minute. It takes CPU "
			      "time and cache from the measurement.",
			      load);
	finding_help(finding, "ps -eo pcpu,pid,comm --sort=-pcpu | head   # which processes");
}

static void check_steal(struct findings *findings)
{
	unsigned long long ticks[8], total = 0;
	double percent;
	int i;

	if (!environment_stat(ticks))
		return;
	for (i = 0; i < 8; i++)
		total += ticks[i];
	percent = total ? 100.0 * ticks[7] / total : 0;
	if (percent >= 0.005)
		finding_add(findings, FINDING_WARNING, "steal",
			    "The hypervisor took away %.2f %% of the CPU time since boot (steal). "
			    "Records that this disturbs cannot be flagged.",
			    percent);
}

static void check_quota(struct findings *findings)
{
	char file[512];
	double cpus;

	if (cgroup_cpu_quota(&cpus, file, sizeof(file)))
		finding_add(findings, FINDING_WARNING, "quota",
			    "A cgroup limits this process to the time of %.*f CPUs (%.160s): when "
			    "that is used up, the vCPUs stop for the rest of the period.",
			    cpus < 0.95 ? 2 : 1, cpus, file);
}

static void check_isolation(struct findings *findings)
{
	char isolated[256] = "", tickless[256] = "";
	struct finding *finding;
	unsigned short cpu[64];
	size_t count = environment_cpus(cpu, 64);

	sysfs_text(isolated, sizeof(isolated), "/sys/devices/system/cpu/isolated");
	sysfs_text(tickless, sizeof(tickless), "/sys/devices/system/cpu/nohz_full");
	if (strcmp(tickless, "(null)") == 0)
		*tickless = '\0';
	if (*isolated && *tickless) {
		finding = finding_add(findings, FINDING_GOOD, "isolation",
				      "CPUs %.80s are isolated, CPUs %.80s run without a tick.",
				      isolated, tickless);
		finding_help(finding, "exitstorm run --cpu %s", isolated);
		return;
	}
	finding = finding_add(findings, FINDING_NOTE, "isolation",
			      "%s: the scheduler and the timer tick interrupt measurements. Such "
			      "records are flagged if this is seen.",
			      *isolated	  ? "Isolated CPUs still have the timer tick"
			      : *tickless ? "No CPU is isolated"
					  : "No CPU is isolated, none is without the timer tick");
	if (count > 1) {
		finding_help(finding,
			     "boot with isolcpus=domain,managed_irq,%u nohz_full=%u rcu_nocbs=%u",
			     cpu[0], cpu[0], cpu[0]);
		finding_undo(finding, "boot without them");
	}
}

static void check_thp(struct findings *findings)
{
	static const char file[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	struct finding *finding;
	char text[128], choice[32];

	if (!sysfs_text(text, sizeof(text), "%s", file) ||
	    !sysfs_choice(text, choice, sizeof(choice)) || strcmp(choice, "always") != 0)
		return;
	finding = finding_add(
		findings, FINDING_NOTE, "thp",
		"Transparent huge pages are enabled for all memory (always); khugepaged "
		"may run during a measurement.");
	finding_help(finding, "echo madvise | sudo tee %s", file);
	finding_undo(finding, "echo %s | sudo tee %s", choice, file);
}

/* Files in /proc and /sys whose feature disturbs timing unless they hold 0. */
static const struct knob {
	const char *subject, *file, *text;
} knobs[] = {
	{"ksm", "/sys/kernel/mm/ksm/run",
	 "KSM merges and write-protects guest pages, which adds page faults."},
	{"numa_balancing", "/proc/sys/kernel/numa_balancing",
	 "NUMA balancing unmaps pages to sample their use, which adds page faults."},
	{"nmi_watchdog", "/proc/sys/kernel/nmi_watchdog",
	 "The NMI watchdog uses a performance counter and causes NMIs."},
};

static void check_knobs(struct findings *findings)
{
	struct finding *finding;
	long long value;
	size_t i;

	for (i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
		if (!sysfs_number(&value, "%s", knobs[i].file) || value == 0)
			continue;
		finding =
			finding_add(findings, FINDING_NOTE, knobs[i].subject, "%s", knobs[i].text);
		finding_help(finding, "echo 0 | sudo tee %s", knobs[i].file);
		finding_undo(finding, "echo %lld | sudo tee %s", value, knobs[i].file);
	}
}

void findings_system(struct findings *findings)
{
	check_load(findings);
	check_steal(findings);
	check_quota(findings);
	check_isolation(findings);
	check_thp(findings);
	check_knobs(findings);
}
