// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about /dev/kvm, the hypervisor below this machine, and KVM's HLT polling. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "findings_list.h"
#include "hypervisor.h"
#include "kvm_kind.h"
#include "sysfs.h"

static void no_kvm(struct findings *findings, const struct cpu *cpu)
{
	const char *module = cpu->svm ? "kvm_amd" : "kvm_intel";
	struct finding *finding;

	if (cpu->vmx || cpu->svm) {
		finding = finding_add(findings, FINDING_BLOCKER, "kvm",
				      "There is no /dev/kvm, though the CPU has %s: the module is "
				      "not loaded, or the firmware has switched it off.",
				      cpu->svm ? "SVM" : "VMX");
		finding_help(finding, "sudo modprobe %s", module);
		finding_undo(finding, "sudo modprobe -r %s", module);
	} else if (cpu->virtual) {
		finding = finding_add(
			findings, FINDING_BLOCKER, "kvm",
			"There is no /dev/kvm: this machine is a VM without VMX and SVM. Its host "
			"must enable nesting and start it with -cpu host.");
		finding_help(finding,
			     "on its host: sudo modprobe kvm_intel nested=1   # or kvm_amd");
	} else {
		finding_add(findings, FINDING_BLOCKER, "kvm",
			    "There is no /dev/kvm, and the CPU shows neither VMX nor SVM; the "
			    "firmware may have switched them off.");
	}
}

static void kvm_refused(struct findings *findings, const char *path, int error)
{
	struct finding *finding;
	struct group *group;
	struct stat status;

	if ((error == EACCES || error == EPERM) && stat(path, &status) == 0) {
		group = status.st_mode & S_IWGRP ? getgrgid(status.st_gid) : NULL;
		finding = finding_add(
			findings, FINDING_BLOCKER, "kvm",
			"No permission to open /dev/kvm: it is for root%s%s. Run as root, or:",
			group ? " and the group " : " only", group ? group->gr_name : "");
		if (group) {
			finding_help(finding, "sudo usermod -aG %s $USER   # then log in again",
				     group->gr_name);
			finding_undo(finding, "sudo gpasswd -d $USER %s", group->gr_name);
		} else {
			finding_help(finding, "sudo setfacl -m u:$USER:rw /dev/kvm");
			finding_undo(finding, "sudo setfacl -x u:$USER /dev/kvm");
		}
		return;
	}
	finding = finding_add(findings, FINDING_BLOCKER, "kvm", "/dev/kvm cannot be opened: %s.",
			      strerror(error));
	finding_help(finding, "sudo dmesg | grep -i kvm   # says why");
}

static void usable_kvm(struct findings *findings)
{
	const char *module = kvm_module();
	char nested[16] = "";
	bool on;

	if (module)
		sysfs_text(nested, sizeof(nested), "/sys/module/%s/parameters/nested", module);
	on = *nested == 'Y' || *nested == '1';
	finding_add(findings, FINDING_GOOD, "kvm", "/dev/kvm opens%s. Module: %s%s.",
		    geteuid() == 0 ? " (as root)" : "", module ? module : "unknown",
		    !*nested ? ""
		    : on     ? ", nested guests allowed"
			     : ", nested guests not allowed");
	if (module && strcmp(module, "kvm_pvm") == 0)
		finding_add(
			findings, FINDING_NOTE, "kvm-pvm",
			"This KVM is kvm-pvm, which works without VMX and SVM. The figures are "
			"those of its exits, not of the hardware's. If it interprets the guest, "
			"guest_native of the run is false.");
}

static void check_kvm(struct findings *findings, const struct cpu *cpu)
{
	char path[PATH_MAX];
	int fd = open(sysfs_path(path, sizeof(path), "/dev/kvm"), O_RDWR | O_CLOEXEC);
	int error = errno;

	if (fd >= 0) {
		close(fd);
		usable_kvm(findings);
	} else if (error == ENOENT) {
		no_kvm(findings, cpu);
	} else {
		kvm_refused(findings, path, error);
	}
}

/* One note for each interface, because the features of several do not fit into one text. */
static void list_features(struct findings *findings, const struct hypervisor *hypervisor)
{
	const struct hypervisor_feature *feature = hypervisor->feature;
	struct finding *finding = NULL;
	size_t used = 0;

	for (size_t i = 0; i < hypervisor->features; i++) {
		if (i == 0 || strcmp(feature[i].interface, feature[i - 1].interface) != 0) {
			finding = finding_add(
				findings, FINDING_NOTE, "paravirt",
				"%s advertises features that change exits:", feature[i].interface);
			used = strlen(finding->text);
		}
		used += snprintf(finding->text + used, sizeof(finding->text) - used, " %s",
				 feature[i].name);
		if (used >= sizeof(finding->text))
			used = sizeof(finding->text) - 1;
	}
}

static void check_confidential(struct findings *findings, const struct hypervisor *hypervisor)
{
	const char *kind = hypervisor_confidential(hypervisor->confidential);

	if (!kind)
		finding_add(findings, FINDING_NOTE, "confidential",
			    "The CPU offers SEV. Whether this VM has it is told by MSR C0010131H "
			    "only: as root, with the kernel's module msr.");
	else if (hypervisor->confidential != CONFIDENTIAL_NO)
		finding_add(findings, FINDING_NOTE, "confidential",
			    "This VM is confidential (%s, by %s)%s. Where this kernel itself "
			    "handles an operation (#VC, #VE) before it asks the hypervisor, that "
			    "is part of the figure.",
			    kind, hypervisor->confidential_by,
			    hypervisor->paravisor ? ", with a paravisor" : "");
}

static void check_hypervisor(struct findings *findings)
{
	struct hypervisor hypervisor;
	char text[256];

	if (!hypervisor_read(&hypervisor))
		return;
	hypervisor_text(&hypervisor, text, sizeof(text));
	finding_add(findings, FINDING_WARNING, "hypervisor",
		    "This machine is a VM of %.80s. The time that this hypervisor needs in "
		    "an exit is part of the figures.",
		    text);
	list_features(findings, &hypervisor);
	check_confidential(findings, &hypervisor);
}

/* The time that a vCPU's thread polls after HLT before it sleeps. */
static void check_halt_poll(struct findings *findings)
{
	struct finding *finding;
	long long ns;

	if (!sysfs_number(&ns, "/sys/module/kvm/parameters/halt_poll_ns") || ns == 0)
		return;
	finding = finding_add(findings, FINDING_NOTE, "halt_poll",
			      "KVM polls up to %lld us after HLT before it sleeps; hlt_wake and "
			      "ipi_halt measure that too.",
			      ns / 1000);
	finding_help(finding, "echo 0 | sudo tee /sys/module/kvm/parameters/halt_poll_ns");
	finding_undo(finding, "echo %lld | sudo tee /sys/module/kvm/parameters/halt_poll_ns", ns);
}

void findings_kvm(struct findings *findings)
{
	struct cpu cpu;

	cpu_read(&cpu);
	check_kvm(findings, &cpu);
	check_hypervisor(findings);
	check_halt_poll(findings);
}
