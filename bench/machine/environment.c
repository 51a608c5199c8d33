// SPDX-License-Identifier: GPL-2.0-or-later
/* host{} of run.json. */
#include "environment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../results/compose.h"
#include "cpu.h"
#include "cpu_set.h"
#include "host_names.h"
#include "hypervisor.h"
#include "hypervisor_json.h"
#include "sysfs.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#define SYS_CPU	    "/sys/devices/system/cpu"
#define MAX_SYMBOLS 20000

/* A field of /proc/cpuinfo, of the first CPU. */
static json_t *cpuinfo(const char *field)
{
	char text[4096], *line, *value;
	size_t length = strlen(field);

	if (!sysfs_text(text, sizeof(text), "/proc/cpuinfo"))
		return json_null();
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		value = strchr(line, ':');
		if (value && strncmp(line, field, length) == 0 &&
		    strspn(line + length, " \t") == (size_t)(value - line) - length) {
			value += strspn(value, ": \t");
			value[strcspn(value, "\n")] = '\0';
			return compose_text_or_null(value);
		}
	}
	return json_null();
}

static json_t *host_cpu(const struct cpu *cpu)
{
	const char *microarchitecture, *codename, *source;
	double hz = cpu_tsc_hz(&source);

	cpu_generation(cpu->vendor, cpu->family, cpu->model, cpu->stepping, &microarchitecture,
		       &codename);
	return compose_pack("{so si si si so so so so so so sb}", "vendor",
			    compose_text_or_null(cpu->vendor), "family", (int)cpu->family, "model",
			    (int)cpu->model, "stepping", (int)cpu->stepping, "microcode",
			    cpuinfo("microcode"), "brand", compose_text_or_null(cpu->brand),
			    "codename", compose_text_or_null(codename), "microarchitecture",
			    compose_text_or_null(microarchitecture), "tsc_hz",
			    hz > 0 ? json_real(hz) : json_null(), "tsc_source",
			    compose_text_or_null(source), "tsc_invariant", (int)cpu->tsc_invariant);
}

static json_t *host_kernel(void)
{
	struct utsname name;
	char text[sizeof(name)];

	if (uname(&name) != 0) {
		sysfs_add_unread("uname", errno);
		return json_null();
	}
	snprintf(text, sizeof(text), "%s %s %s %s", name.sysname, name.release, name.version,
		 name.machine);
	return compose_text_or_null(text);
}

/* Bochs has no hypervisor leaf but its BIOS has a name; old QEMUs with that BIOS have the leaf. */
static bool in_bochs(const struct cpu *cpu)
{
	char vendor[64];

	return !cpu->virtual &&
	       sysfs_text(vendor, sizeof(vendor), "/sys/class/dmi/id/bios_vendor") &&
	       strstr(vendor, "Bochs");
}

bool environment_emulated(void)
{
	struct cpu cpu;

	cpu_read(&cpu);
	return in_bochs(&cpu) || (cpu.virtual && !strcmp(cpu.hypervisor, "TCGTCGTCGTCG"));
}

bool environment_hypervisor(char *text, size_t size)
{
	struct hypervisor hypervisor;

	if (!hypervisor_read(&hypervisor))
		return false;
	hypervisor_text(&hypervisor, text, size);
	return true;
}

static json_t *host_hypervisor(void)
{
	char text[256];

	return environment_hypervisor(text, sizeof(text)) ? compose_text_or_null(text)
							  : json_null();
}

static void add_mitigation(void *object, const char *name)
{
	compose_set(object, name, sysfs_json(SYS_CPU "/vulnerabilities/%s", name));
}

struct module {
	json_t *params;
	const char *name;
};

static void add_param(void *arg, const char *name)
{
	struct module *module = arg;
	char key[256];

	snprintf(key, sizeof(key), "%s.%s", module->name, name);
	compose_set(module->params, key,
		    sysfs_json("/sys/module/%s/parameters/%s", module->name, name));
}

static void add_module(void *params, const char *name)
{
	struct module module = {params, name};
	char folder[320];

	if (strncmp(name, "kvm", 3) != 0)
		return;
	snprintf(folder, sizeof(folder), "/sys/module/%s/parameters", name);
	sysfs_each(folder, add_param, &module);
}

/* null: there is no such folder, or it is empty. */
static json_t *collect(const char *folder, void (*entry)(void *, const char *))
{
	json_t *object = json_object();

	if (sysfs_each(folder, entry, object))
		return object;
	json_decref(object);
	return json_null();
}

struct governors {
	char text[128];
};

static void add_governor(void *arg, const char *name)
{
	struct governors *all = arg;
	char governor[32];
	size_t length = strlen(all->text);

	if (sysfs_text(governor, sizeof(governor), SYS_CPU "/%s/cpufreq/scaling_governor", name) &&
	    !strstr(all->text, governor))
		snprintf(all->text + length, sizeof(all->text) - length, "%s%s", length ? ", " : "",
			 governor);
}

bool environment_governor(char *text, size_t size)
{
	struct governors all = {""};

	sysfs_each(SYS_CPU, add_governor, &all);
	snprintf(text, size, "%s", all.text);
	return *all.text;
}

static json_t *host_governor(void)
{
	char text[128];

	return environment_governor(text, sizeof(text)) ? compose_text_or_null(text) : json_null();
}

int environment_turbo(void)
{
	long long value;

	if (sysfs_number(&value, SYS_CPU "/intel_pstate/no_turbo"))
		return value == 0;
	if (sysfs_number(&value, SYS_CPU "/cpufreq/boost"))
		return value != 0;
	return -1;
}

static json_t *host_turbo(void)
{
	int turbo = environment_turbo();

	return turbo < 0 ? json_null() : json_boolean(turbo);
}

static void add_cstate(void *states, const char *name)
{
	long long disabled = 0, latency_us = 0;
	char state[64];

	if (!sysfs_text(state, sizeof(state), SYS_CPU "/cpu0/cpuidle/%s/name", name))
		return;
	sysfs_number(&disabled, SYS_CPU "/cpu0/cpuidle/%s/disable", name);
	sysfs_number(&latency_us, SYS_CPU "/cpu0/cpuidle/%s/latency", name);
	compose_add(states,
		    compose_pack("{so sb sI}", "name", compose_text_or_null(state), "enabled",
				 disabled == 0, "latency_us", (json_int_t)latency_us));
}

/* Of CPU 0; all CPUs have the same states on most machines. */
static json_t *host_cstates(void)
{
	json_t *states, *driver = sysfs_json(SYS_CPU "/cpuidle/current_driver");

	if (json_is_null(driver))
		return driver;
	states = json_array();
	sysfs_each(SYS_CPU "/cpu0/cpuidle", add_cstate, states);
	return compose_pack("{so so so}", "driver", driver, "governor",
			    sysfs_json(SYS_CPU "/cpuidle/current_governor_ro"), "states", states);
}

static json_t *host_thp(void)
{
	char text[128], choice[32];

	if (sysfs_text(text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/enabled") &&
	    sysfs_choice(text, choice, sizeof(choice)))
		return compose_text_or_null(choice);
	return json_null();
}

static void add_node(void *nodes, const char *name)
{
	if (strncmp(name, "node", 4) == 0 && name[4] >= '0' && name[4] <= '9')
		compose_set(nodes, name, sysfs_json("/sys/devices/system/node/%s/cpulist", name));
}

static json_t *host_load1(void)
{
	char text[128];

	return sysfs_text(text, sizeof(text), "/proc/loadavg") ? json_real(atof(text))
							       : json_null();
}

bool environment_stat(unsigned long long ticks[8])
{
	char text[4096];

	return sysfs_text(text, sizeof(text), "/proc/stat") &&
	       sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
		      &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) == 8;
}

static json_t *host_steal(void)
{
	unsigned long long ticks[8];

	return environment_stat(ticks) ? json_integer(ticks[7]) : json_null();
}

#define SYMBOLS "/proc/kallsyms"

/*
 * How far the kernel's text lies above its link address, CONFIG_PHYSICAL_START at its default of 16
 * MiB. null: not x86-64's layout, or hidden (sysctl kernel.kptr_restrict).
 */
static json_t *host_kaslr_offset(void)
{
	const unsigned long long linked = 0xffffffff81000000;
	char path[256], line[512], name[128];
	unsigned long long at = 0;
	FILE *symbols = fopen(sysfs_path(path, sizeof(path), SYMBOLS), "re");
	bool found = false;

	if (!symbols)
		sysfs_add_unread(SYMBOLS, errno);
	errno = 0;
	/* Symbols are sorted by address: only per-CPU offsets lie before the text. */
	for (int i = 0; symbols && i < MAX_SYMBOLS && !found && fgets(line, sizeof(line), symbols);
	     i++)
		found = sscanf(line, "%llx %*c %127s", &at, name) == 2 && !strcmp(name, "_text");
	if (symbols && ferror(symbols))
		sysfs_add_unread(SYMBOLS, errno);
	if (symbols)
		fclose(symbols);
	return found && at >= linked ? compose_format("0x%llx", at - linked) : json_null();
}

/* Names of this boot. They tell which runs are of one machine. */
static void add_boot(json_t *host, bool anonymous)
{
	compose_set(host, "boot_id", anonymous ? json_null() : sysfs_json(ENVIRONMENT_BOOT_ID));
	compose_set(host, "kaslr_offset", anonymous ? json_null() : host_kaslr_offset());
}

json_t *environment_host(bool anonymous)
{
	json_t *host;
	struct cpu cpu;

	cpu_read(&cpu);
	host = compose_pack(
		"{so so so so so so so so so so so so so s{so so so} ss so so}", "cpu",
		host_cpu(&cpu), "kernel", host_kernel(), "cmdline",
		/* Command lines name disks, hosts and addresses. */
		anonymous ? json_null() : sysfs_json("/proc/cmdline"), "hypervisor",
		host_hypervisor(), "below", hypervisor_json(), "mitigations",
		collect(SYS_CPU "/vulnerabilities", add_mitigation), "kvm_params",
		collect("/sys/module", add_module), "governor", host_governor(), "turbo",
		host_turbo(), "smt", sysfs_json(SYS_CPU "/smt/control"), "cstates", host_cstates(),
		"thp", host_thp(), "numa", collect("/sys/devices/system/node", add_node), "cpus",
		"online", sysfs_json(SYS_CPU "/online"), "isolated",
		sysfs_json(SYS_CPU "/isolated"), "nohz_full", sysfs_json(SYS_CPU "/nohz_full"),
		"compiler", COMPILER, "load1", host_load1(), "steal_ticks", host_steal());
	host_names_add(host, anonymous);
	add_boot(host, anonymous);
	return host;
}

void environment_add_unread(json_t *host)
{
	json_t *unread = sysfs_unread();

	if (unread)
		compose_set(host, "not_known", unread);
}

double environment_tsc_hz(void)
{
	const char *source;

	return cpu_tsc_hz(&source);
}

/* True: of the threads of its core that this process may use, it is the first. */
static bool first_thread(unsigned short cpu, const cpu_set_t *allowed, size_t bytes)
{
	unsigned short sibling[64];
	char list[256];
	size_t count, i;

	if (!sysfs_text(list, sizeof(list), SYS_CPU "/cpu%u/topology/thread_siblings_list", cpu))
		return true;
	count = sysfs_cpu_list(list, sibling, 64);
	for (i = 0; i < count && i < 64; i++) {
		if (sibling[i] < cpu && cpu_set_has(sibling[i], bytes, allowed))
			return false;
	}
	return true;
}

size_t environment_cpus(unsigned short *cpu, size_t room)
{
	size_t bytes, count = 0, i;
	cpu_set_t *allowed = cpu_set_allowed(&bytes);
	bool zero = false;

	if (!allowed)
		return 0;
	for (i = 0; i < 8 * bytes && i <= USHRT_MAX && count < room; i++) {
		if (!CPU_ISSET_S(i, bytes, allowed) || !first_thread(i, allowed, bytes))
			continue;
		if (i == 0)
			zero = true;
		else
			cpu[count++] = i;
	}
	/* CPU 0 handles the interrupts that have no other affinity. */
	if (zero && count < room)
		cpu[count++] = 0;
	CPU_FREE(allowed);
	return count;
}
