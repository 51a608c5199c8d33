// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about the CPU's effect on timing: TSC, frequency, SMT, idle states, mitigations. */
#include <stdio.h>
#include <string.h>

#include "environment.h"
#include "findings_list.h"
#include "sysfs.h"

#define SYS_CPU "/sys/devices/system/cpu"

static void check_tsc(struct findings *findings)
{
	const char *source;
	double hz = cpu_tsc_hz(&source);
	struct cpu cpu;
	char clock[32];

	cpu_read(&cpu);
	if (cpu.tsc_invariant)
		finding_add(findings, FINDING_GOOD, "tsc",
			    "The TSC is invariant; it counts %.3f MHz (%s).", hz / 1e6,
			    source ? source : "not known");
	else
		finding_add(findings, FINDING_WARNING, "tsc",
			    "The TSC is not invariant (CPUID 80000007H EDX[8] is 0): the length of "
			    "a tick may change with the core's frequency.");
	/* Paravirtual clocks (kvm-clock, Hyper-V) are based on the TSC and count as good. */
	if (sysfs_text(clock, sizeof(clock),
		       "/sys/devices/system/clocksource/clocksource0/current_clocksource") &&
	    (strcmp(clock, "hpet") == 0 || strcmp(clock, "acpi_pm") == 0 ||
	     strcmp(clock, "jiffies") == 0))
		finding_help(
			finding_add(findings, FINDING_WARNING, "clocksource",
				    "The kernel's clock source is %s, not the TSC: it may have "
				    "found the TSC unstable.",
				    clock),
			"sudo dmesg | grep -i tsc   # says why");
}

static void check_governor(struct findings *findings)
{
	struct finding *finding;
	char governor[128];

	if (!environment_governor(governor, sizeof(governor))) {
		finding_add(findings, FINDING_NOTE, "governor",
			    "The core's frequency cannot be read or set here (no cpufreq): "
			    "firmware or a hypervisor controls it.");
		return;
	}
	if (strcmp(governor, "performance") == 0) {
		finding_add(findings, FINDING_GOOD, "governor", "The governor is performance.");
		return;
	}
	finding =
		finding_add(findings, FINDING_WARNING, "governor",
			    "The governor is %.60s: the core's frequency follows the load, so the "
			    "same work takes a varying number of ticks.",
			    governor);
	finding_help(finding,
		     "echo performance | sudo tee " SYS_CPU "/cpu*/cpufreq/scaling_governor");
	if (!strchr(governor, ','))
		finding_undo(finding,
			     "echo %s | sudo tee " SYS_CPU "/cpu*/cpufreq/scaling_governor",
			     governor);
}

static void check_turbo(struct findings *findings)
{
	int turbo = environment_turbo();
	bool pstate = sysfs_exists(SYS_CPU "/intel_pstate/no_turbo");
	struct finding *finding;

	if (turbo < 0)
		return;
	if (!turbo) {
		finding_add(findings, FINDING_GOOD, "turbo", "Turbo is off.");
		return;
	}
	finding = finding_add(findings, FINDING_WARNING, "turbo",
			      "Turbo is on: the core's frequency depends on temperature and on the "
			      "other cores' load, the TSC's does not.");
	if (pstate) {
		finding_help(finding, "echo 1 | sudo tee " SYS_CPU "/intel_pstate/no_turbo");
		finding_undo(finding, "echo 0 | sudo tee " SYS_CPU "/intel_pstate/no_turbo");
	} else {
		finding_help(finding, "echo 0 | sudo tee " SYS_CPU "/cpufreq/boost");
		finding_undo(finding, "echo 1 | sudo tee " SYS_CPU "/cpufreq/boost");
	}
}

static void check_smt(struct findings *findings)
{
	struct finding *finding;
	long long active;
	struct cpu cpu;

	if (!sysfs_number(&active, SYS_CPU "/smt/active"))
		return;
	if (!active) {
		cpu_read(&cpu);
		finding_add(findings, FINDING_GOOD, "smt", "No core shows a second thread%s.",
			    cpu.virtual ? " (a hypervisor may hide it)" : "");
		return;
	}
	finding = finding_add(
		findings, FINDING_WARNING, "smt",
		"SMT is on: work on a core's other thread slows the measured one. A run "
		"uses one thread per core, but other processes may use the second.");
	finding_help(finding, "echo off | sudo tee " SYS_CPU "/smt/control");
	finding_undo(finding, "echo on | sudo tee " SYS_CPU "/smt/control");
}

static void check_hybrid(struct findings *findings)
{
	char big[128], small[128];

	if (!sysfs_text(big, sizeof(big), "/sys/devices/cpu_core/cpus") ||
	    !sysfs_text(small, sizeof(small), "/sys/devices/cpu_atom/cpus"))
		return;
	finding_help(finding_add(findings, FINDING_WARNING, "hybrid",
				 "The cores differ: %.60s are P-cores, %.60s are E-cores. Figures "
				 "of the two must not be mixed.",
				 big, small),
		     "exitstorm run --cpu %s", big);
}

struct sleep {
	char deepest[64], state[64];
	long long latency_us;
	char first[64]; /* the shallowest state above DEEP_US */
};

/* Wake-up latency from which on a state visibly adds to figures of microseconds. */
#define DEEP_US 2

static void add_state(void *arg, const char *name)
{
	struct sleep *sleep = arg;
	long long latency_us, disabled = 0;

	if (!sysfs_number(&latency_us, SYS_CPU "/cpu0/cpuidle/%s/latency", name) ||
	    latency_us <= DEEP_US)
		return;
	sysfs_number(&disabled, SYS_CPU "/cpu0/cpuidle/%s/disable", name);
	if (disabled)
		return;
	if (!*sleep->first)
		snprintf(sleep->first, sizeof(sleep->first), "%s", name);
	if (latency_us >= sleep->latency_us) {
		sleep->latency_us = latency_us;
		snprintf(sleep->state, sizeof(sleep->state), "%s", name);
		sysfs_text(sleep->deepest, sizeof(sleep->deepest), SYS_CPU "/cpu0/cpuidle/%s/name",
			   name);
	}
}

static void check_cstates(struct findings *findings)
{
	struct sleep sleep = {};
	struct finding *finding;
	char states[64];

	sysfs_each(SYS_CPU "/cpu0/cpuidle", add_state, &sleep);
	if (!*sleep.first)
		return;
	finding = finding_add(findings, FINDING_WARNING, "cstates",
			      "Idle cores sleep as deep as %s and take up to %lld us to wake: this "
			      "is part of hlt_wake, ipi and timers. Writing 0 to "
			      "/dev/cpu_dma_latency and keeping it open prevents that too.",
			      sleep.deepest, sleep.latency_us);
	/* state1 … state3 -> state[1-3]: no driver has more than ten states. */
	snprintf(states, sizeof(states), "state[%.1s-%.1s]", sleep.first + strlen("state"),
		 sleep.state + strlen("state"));
	finding_help(finding, "echo 1 | sudo tee " SYS_CPU "/cpu*/cpuidle/%s/disable", states);
	finding_undo(finding, "echo 0 | sudo tee " SYS_CPU "/cpu*/cpuidle/%s/disable", states);
}

struct names {
	char text[160];
	size_t count;
};

static void add_vulnerability(void *arg, const char *name)
{
	struct names *names = arg;
	char text[512];
	size_t length = strlen(names->text);

	if (!sysfs_text(text, sizeof(text), SYS_CPU "/vulnerabilities/%s", name) ||
	    strncmp(text, "Mitigation", 10) != 0)
		return;
	names->count++;
	snprintf(names->text + length, sizeof(names->text) - length, "%s%s", length ? ", " : "",
		 name);
}

static void check_mitigations(struct findings *findings)
{
	struct names names = {};

	sysfs_each(SYS_CPU "/vulnerabilities", add_vulnerability, &names);
	if (names.count)
		finding_add(findings, FINDING_NOTE, "mitigations",
			    "%zu mitigation%s active; the work that %s at an exit is part of its "
			    "cost: %s.",
			    names.count, names.count == 1 ? " is" : "s are",
			    names.count == 1 ? "it does" : "they do", names.text);
}

void findings_cpu(struct findings *findings)
{
	check_tsc(findings);
	check_governor(findings);
	check_turbo(findings);
	check_smt(findings);
	check_hybrid(findings);
	check_cstates(findings);
	check_mitigations(findings);
}
