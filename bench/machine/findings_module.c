// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Findings about exitstorm.ko: the obstacles to loading it and their remedies, in the order in
 * which to apply them. They are notes reason no other target depends on the module.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "findings_list.h"
#include "sysfs.h"

#define SUBJECT "module"

/* The lines of kernels that exitstorm.ko compiled for and was loaded on, the oldest first. */
static const struct {
	unsigned major, minor;
} tried[] = {
#define KERNEL(major, minor, debian, gcc, flavours, beds) {major, minor},
#include "../../hv/linux/kernels.def"
#undef KERNEL
};
#define TRIED (sizeof(tried) / sizeof(*tried))

static void no_hardware(struct findings *findings, const struct cpu *cpu)
{
	if (cpu->virtual) {
		finding_add(
			findings, FINDING_NOTE, SUBJECT,
			"exitstorm.ko cannot run here: this machine is a VM without VMX and SVM.");
		return;
	}
	finding_help(finding_add(findings, FINDING_NOTE, SUBJECT,
				 "exitstorm.ko cannot run here: CPUID shows neither VMX nor SVM. "
				 "If the CPU has one of them, enable it in the firmware's set-up."),
		     "sudo systemctl reboot --firmware-setup");
}

/* The kernel's release; major and minor are 0 where it has another form. */
struct release {
	char text[128];
	unsigned major, minor;
};

static struct release this_kernel(void)
{
	struct release release = {0};

	if (!sysfs_text(release.text, sizeof(release.text), "/proc/sys/kernel/osrelease") ||
	    sscanf(release.text, "%u.%u", &release.major, &release.minor) != 2)
		release.major = release.minor = 0;
	return release;
}

static bool is_before(const struct release *release, unsigned major, unsigned minor)
{
	return release->major < major || (release->major == major && release->minor < minor);
}

static bool was_tried(const struct release *release)
{
	for (size_t i = 0; i < TRIED; i++)
		if (tried[i].major == release->major && tried[i].minor == release->minor)
			return true;
	return false;
}

/* Notes a kernel that exitstorm.ko was not tried on. False: it is too old for any. */
static bool check_kernel(struct findings *findings, const struct release *release)
{
	unsigned major = tried[TRIED - 1].major, minor = tried[TRIED - 1].minor;
	bool newer = !is_before(release, major, minor);

	if (!release->major || was_tried(release))
		return true;
	if (is_before(release, tried[0].major, tried[0].minor)) {
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "exitstorm.ko cannot run here: it is for Linux %u.%u and later, and "
			    "this is %.60s.",
			    tried[0].major, tried[0].minor, release->text);
		return false;
	}
	finding_add(
		findings, FINDING_NOTE, SUBJECT,
		"exitstorm.ko was not tried on Linux %u.%u%s%s: `make module` tries it, and the "
		"load decides. DKMS does not build it for this kernel.",
		release->major, release->minor,
		newer ? ", which is newer than all that it was" : "", newer ? " tried on" : "");
	return true;
}

/* The word in the flags of /proc/cpuinfo. `known`: there are flags. */
static bool cpu_flag(const char *word, bool *known)
{
	char path[PATH_MAX], line[1 << 14], spaced[32];
	FILE *file = fopen(sysfs_path(path, sizeof(path), "/proc/cpuinfo"), "re");
	bool has = false;

	*known = false;
	snprintf(spaced, sizeof(spaced), " %s ", word);
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "flags", 5)) {
			*known = true;
			line[strcspn(line, "\n")] = ' ';
			has |= strstr(line, spaced) != NULL;
		}
	if (file)
		fclose(file);
	return has;
}

/* CPUID shows the feature but /proc/cpuinfo does not: the firmware has locked it off. */
static bool locked_off(const struct cpu *cpu)
{
	bool known, has = cpu_flag(cpu->svm ? "svm" : "vmx", &known);

	return known && !has;
}

/* Since 6.19 the kernel exports to KVM only what these need (hv/linux/kernel.h). */
static void check_exports(struct findings *findings, const struct cpu *cpu,
			  const struct release *release)
{
	struct finding *finding;
	bool known;

	if (!release->major || is_before(release, 6, 19))
		return;
	if (cpu_flag("fred", &known)) {
		finding = finding_add(findings, FINDING_NOTE, SUBJECT,
				      "This kernel delivers events by FRED and lets only KVM pass "
				      "them on: a run of exitstorm.ko is refused.");
		finding_help(finding, "boot it with fred=off");
	}
	if (cpu->vmx && !cpu->svm)
		finding_add(
			findings, FINDING_NOTE, SUBJECT,
			"On this kernel exitstorm.ko has VMX on within a batch only: irqs=on is "
			"refused.");
}

static void check_firmware(struct findings *findings, const struct cpu *cpu)
{
	if (locked_off(cpu))
		finding_help(finding_add(findings, FINDING_NOTE, SUBJECT,
					 "The firmware has locked %s off; enable it in the "
					 "firmware's set-up.",
					 cpu->svm ? "SVM" : "VMX"),
			     "sudo systemctl reboot --firmware-setup");
}

/* The major version of the gcc that built the kernel; 0: another compiler, or unknown. */
static unsigned kernel_gcc(void)
{
	char text[512];
	const char *gcc, *end;
	unsigned major = 0;

	if (!sysfs_text(text, sizeof(text), "/proc/version"))
		return 0;
	gcc = strstr(text, "gcc"); /* "(gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld ...)" */
	end = gcc ? strchr(gcc, ',') : NULL;
	while (end && end > gcc && end[-1] != ' ')
		end--;
	return end && sscanf(end, "%u.", &major) == 1 ? major : 0;
}

struct gcc {
	unsigned major;
	char folder[64];
	bool found;
};

static void look_at_gcc_version(void *arg, const char *name)
{
	struct gcc *gcc = arg;

	gcc->found |= (unsigned)strtoul(name, NULL, 10) == gcc->major;
}

static void look_at_gcc_target(void *arg, const char *name)
{
	struct gcc *gcc = arg;

	snprintf(gcc->folder, sizeof(gcc->folder), "/usr/lib/gcc/%.40s", name);
	sysfs_each(gcc->folder, look_at_gcc_version, gcc);
}

/* Kbuild wants the compiler that built the kernel: another generation may not know its options. */
static void check_compiler(struct findings *findings)
{
	struct gcc gcc = {.major = kernel_gcc()};
	struct finding *finding;

	if (gcc.major == 0)
		return;
	sysfs_each("/usr/lib/gcc", look_at_gcc_target, &gcc);
	if (gcc.found)
		return;
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "This kernel was built by gcc %u, which is not here: its headers may "
			      "ask for it.",
			      gcc.major);
	finding_help(finding, "sudo apt install gcc-%u", gcc.major);
	finding_undo(finding, "sudo apt remove gcc-%u", gcc.major);
}

static void check_headers(struct findings *findings, const struct release *release)
{
	struct finding *finding;

	if (!*release->text || sysfs_exists("/lib/modules/%s/build/Makefile", release->text)) {
		check_compiler(findings);
		return;
	}
	finding =
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "To build exitstorm.ko the headers of this kernel (%.60s) are missing.",
			    release->text);
	finding_help(finding, "sudo apt install linux-headers-%.100s", release->text);
	finding_undo(finding, "sudo apt remove linux-headers-%.100s", release->text);
}

/* Four bytes of attributes, then the value (UEFI specification, "Globally Defined Variables"). */
static bool secure_boot(void)
{
	char path[PATH_MAX], bytes[5] = {0};
	FILE *file = fopen(sysfs_path(path, sizeof(path),
				      "/sys/firmware/efi/efivars/"
				      "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"),
			   "re");
	bool on = file && fread(bytes, 1, sizeof(bytes), file) == sizeof(bytes) && bytes[4] == 1;

	if (file)
		fclose(file);
	return on;
}

/*
 * A kernel under lockdown or with sig_enforce refuses modules without a known signature. Secure
 * Boot brings lockdown with it in the kernels of distributions.
 */
static void check_signing(struct findings *findings)
{
	char text[128], lockdown[32] = "none", enforce[8] = "", reason[64];
	struct finding *finding;
	bool known = sysfs_text(text, sizeof(text), "/sys/kernel/security/lockdown");

	if (known)
		sysfs_choice(text, lockdown, sizeof(lockdown));
	sysfs_text(enforce, sizeof(enforce), "/sys/module/module/parameters/sig_enforce");
	if (strcmp(lockdown, "none"))
		snprintf(reason, sizeof(reason), "lockdown: %s", lockdown);
	else if (*enforce == 'Y')
		strcpy(reason, "sig_enforce");
	else if (!known && secure_boot())
		strcpy(reason, "most do under Secure Boot, which is on");
	else
		return;
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "This kernel loads signed modules only (%s): the key that DKMS signs "
			      "with must be enrolled for Secure Boot.",
			      reason);
	finding_help(finding, "sudo mokutil --import /var/lib/dkms/mok.pub   # then reboot");
	finding_undo(finding, "sudo mokutil --delete /var/lib/dkms/mok.pub   # then reboot");
}

struct holders {
	char text[160];
	u32 count;
};

static void look_at_descriptor(void *arg, const char *name)
{
	const char **folder = arg; /* /proc/PID/fd; set to NULL if a descriptor is of /dev/kvm */
	char path[PATH_MAX], link[64];
	ssize_t length;

	if (!*folder)
		return;
	sysfs_path(path, sizeof(path), "%s/%s", *folder, name);
	length = readlink(path, link, sizeof(link) - 1);
	if (length == (ssize_t)strlen("/dev/kvm") && !strncmp(link, "/dev/kvm", length))
		*folder = NULL;
}

static void look_at_process(void *arg, const char *name)
{
	struct holders *holders = arg;
	char folder[64], command[32] = "?";
	const char *left = folder;
	size_t used = strlen(holders->text);

	if (*name < '0' || *name > '9')
		return;
	snprintf(folder, sizeof(folder), "/proc/%.20s/fd", name);
	sysfs_each(folder, look_at_descriptor, &left);
	if (left)
		return;
	sysfs_text(command, sizeof(command), "/proc/%.20s/comm", name);
	if (holders->count++ < 3)
		snprintf(holders->text + used, sizeof(holders->text) - used, "%s%.20s (%s)",
			 used ? ", " : "", command, name);
}

/* KVM enables VMX or SVM with its first VM; since Linux 6.12 when it is loaded. */
static void check_kvm_owner(struct findings *findings, const struct cpu *cpu)
{
	const char *kvm = cpu->svm ? "kvm_amd" : "kvm_intel";
	struct holders holders = {0};
	struct finding *finding;

	if (!sysfs_exists("/sys/module/%s", kvm))
		return;
	sysfs_each("/proc", look_at_process, &holders);
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "KVM is loaded (%s): exitstorm.ko cannot run while KVM uses %s. "
			      "/dev/kvm is open in %u "
			      "process%s%s%s%s.",
			      kvm, cpu->svm ? "SVM" : "VMX", holders.count,
			      holders.count == 1 ? "" : "es", holders.count ? ": " : "",
			      holders.text, holders.count > 3 ? ", …" : "");
	finding_help(finding, "%ssudo modprobe -r %s", holders.count ? "end those, then: " : "",
		     kvm);
	finding_undo(finding, "sudo modprobe %s", kvm);
}

static void look_for_perf(void *arg, const char *name)
{
	char command[32];

	if (*name >= '0' && *name <= '9' &&
	    sysfs_text(command, sizeof(command), "/proc/%.20s/comm", name) &&
	    !strcmp(command, "perf"))
		snprintf(arg, 21, "%.20s", name);
}

/* The debug store's addresses are translated by the page tables that are in use: the guest's. */
static void check_perf(struct findings *findings, const struct cpu *cpu)
{
	struct finding *finding;
	char pid[21] = "";
	bool known;

	if (!cpu->svm && cpu_flag("pebs", &known))
		sysfs_each("/proc", look_for_perf, pid);
	if (!*pid)
		return;
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "perf runs (process %s): if it samples by PEBS, perf record's "
			      "default, the CPU would write the samples into a guest of "
			      "exitstorm.ko.",
			      pid);
	finding_help(finding, "end it, or sample without PEBS: perf record -e cycles");
}

static void check_loaded(struct findings *findings, const struct cpu *cpu,
			 const struct release *release)
{
	struct finding *finding;

	if (sysfs_exists("/sys/module/exitstorm")) {
		finding = finding_add(findings, FINDING_GOOD, SUBJECT, "exitstorm.ko is loaded.");
		finding_help(finding, "exitstorm run -t module");
		finding_undo(finding, "sudo modprobe -r exitstorm");
		return;
	}
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "exitstorm.ko could run here, for raw %s; it is not loaded.%s",
			      cpu->svm ? "SVM" : "VMX",
			      was_tried(release) ? " It was tried on this line of kernels." : "");
	finding_help(finding, "make module && sudo make module-install && sudo modprobe exitstorm");
	finding_undo(finding, "sudo modprobe -r exitstorm && sudo make module-uninstall");
}

void findings_module(struct findings *findings, const struct cpu *cpu)
{
	struct release release = this_kernel();

	if (!cpu->vmx && !cpu->svm) {
		no_hardware(findings, cpu);
		return;
	}
	if (!sysfs_exists("/proc/modules")) {
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "exitstorm.ko cannot run here: this kernel loads no modules.");
		return;
	}
	if (!check_kernel(findings, &release))
		return;
	check_exports(findings, cpu, &release);
	check_firmware(findings, cpu);
	check_headers(findings, &release);
	check_signing(findings);
	check_kvm_owner(findings, cpu);
	check_perf(findings, cpu);
	check_loaded(findings, cpu, &release);
}
