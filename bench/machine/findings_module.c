// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Findings about exitstorm.ko: the obstacles to loading it and their remedies, in the order in
 * which to apply them. They are notes because no other target depends on the module.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "findings_list.h"
#include "sysfs.h"

#define SUBJECT "module"

static void no_hardware(struct findings *findings, const struct cpu *cpu)
{
	struct finding *finding;

	if (cpu->virtual) {
		finding_add(
			findings, FINDING_NOTE, SUBJECT,
			"exitstorm.ko cannot run here: this machine is a VM without VMX and SVM.");
		return;
	}
	finding =
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "exitstorm.ko cannot run here: CPUID shows neither VMX nor SVM. If the "
			    "CPU has one of them, enable it in the firmware's set-up.");
	finding_help(finding, "sudo systemctl reboot --firmware-setup");
}

/* CPUID shows the feature but /proc/cpuinfo does not: the firmware has locked it off. */
static bool locked_off(const struct cpu *cpu)
{
	const char *word = cpu->svm ? " svm " : " vmx ";
	char path[PATH_MAX], line[1 << 14];
	FILE *file = fopen(sysfs_path(path, sizeof(path), "/proc/cpuinfo"), "re");
	bool flags = false, has = false;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "flags", 5)) {
			flags = true;
			line[strcspn(line, "\n")] = ' ';
			has |= strstr(line, word) != NULL;
		}
	if (file)
		fclose(file);
	return flags && !has;
}

static void check_firmware(struct findings *findings, const struct cpu *cpu)
{
	struct finding *finding;

	if (!locked_off(cpu))
		return;
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "The firmware has locked %s off; enable it in the firmware's set-up.",
			      cpu->svm ? "SVM" : "VMX");
	finding_help(finding, "sudo systemctl reboot --firmware-setup");
}

static void check_headers(struct findings *findings)
{
	char release[128];
	struct finding *finding;

	if (!sysfs_text(release, sizeof(release), "/proc/sys/kernel/osrelease") ||
	    sysfs_exists("/lib/modules/%s/build/Makefile", release))
		return;
	finding = finding_add(
		findings, FINDING_NOTE, SUBJECT,
		"To build exitstorm.ko the headers of this kernel (%.60s) are missing.", release);
	finding_help(finding, "sudo apt install linux-headers-%.100s", release);
	finding_undo(finding, "sudo apt remove linux-headers-%.100s", release);
}

/* A kernel under lockdown or with sig_enforce refuses modules without a known signature. */
static void check_signing(struct findings *findings)
{
	char text[128], lockdown[32] = "none", enforce[8] = "";
	struct finding *finding;

	if (sysfs_text(text, sizeof(text), "/sys/kernel/security/lockdown"))
		sysfs_choice(text, lockdown, sizeof(lockdown));
	sysfs_text(enforce, sizeof(enforce), "/sys/module/module/parameters/sig_enforce");
	if (!strcmp(lockdown, "none") && *enforce != 'Y')
		return;
	finding =
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "This kernel loads signed modules only (%s%s): the key that DKMS signs "
			    "with must be enrolled for Secure Boot.",
			    strcmp(lockdown, "none") ? "lockdown: " : "sig_enforce",
			    strcmp(lockdown, "none") ? lockdown : "");
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

static void check_loaded(struct findings *findings, const struct cpu *cpu)
{
	struct finding *finding;

	if (sysfs_exists("/sys/module/exitstorm")) {
		finding = finding_add(findings, FINDING_GOOD, SUBJECT, "exitstorm.ko is loaded.");
		finding_help(finding, "exitstorm run -t module");
		finding_undo(finding, "sudo modprobe -r exitstorm");
		return;
	}
	finding = finding_add(findings, FINDING_NOTE, SUBJECT,
			      "exitstorm.ko could run here, for raw %s; it is not loaded.",
			      cpu->svm ? "SVM" : "VMX");
	finding_help(finding, "make module && sudo make module-install && sudo modprobe exitstorm");
	finding_undo(finding, "sudo modprobe -r exitstorm && sudo make module-uninstall");
}

void findings_module(struct findings *findings, const struct cpu *cpu)
{
	if (!cpu->vmx && !cpu->svm) {
		no_hardware(findings, cpu);
		return;
	}
	if (!sysfs_exists("/proc/modules")) {
		finding_add(findings, FINDING_NOTE, SUBJECT,
			    "exitstorm.ko cannot run here: this kernel loads no modules.");
		return;
	}
	check_firmware(findings, cpu);
	check_headers(findings);
	check_signing(findings);
	check_kvm_owner(findings, cpu);
	check_loaded(findings, cpu);
}
