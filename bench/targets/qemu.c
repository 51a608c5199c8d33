// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms on raw SVM in QEMU's emulator (TCG), a second implementation beside Bochs; or, where the
 * host's KVM offers nesting, on raw VMX or SVM with the real clock, as a hypervisor within a guest.
 *
 * With one CPU TCG counts instructions (-icount): a tick is one of them, but the one that exits
 * does not count. With more it cannot, and the clock is what the emulator makes of the host's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../machine/environment.h"
#include "boot_queue.h"

#define PROGRAM "qemu-system-x86_64"

/* The module of KVM that says it offers nesting; NULL: none does. */
static const char *nesting_module(void)
{
	static const char *const modules[] = {"kvm_intel", "kvm_amd"};

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		char path[64];
		int value;
		FILE *file;

		snprintf(path, sizeof(path), "/sys/module/%s/parameters/nested", modules[i]);
		file = fopen(path, "re");
		if (!file)
			continue;
		value = fgetc(file);
		fclose(file);
		if ((value == 'Y' || value == '1') && !access("/dev/kvm", R_OK | W_OK))
			return modules[i];
	}
	return NULL;
}

static bool uses_kvm(const struct plan *plan)
{
	u8 accel = plan->setting[SETTING_ACCEL];

	return accel == ACCEL_KVM || (accel == ACCEL_AUTO && nesting_module());
}

static const char *backend_of(const struct plan *plan)
{
	const char *module = nesting_module();

	return uses_kvm(plan) && module && !strcmp(module, "kvm_intel") ? "vmx" : "svm";
}

static int qemu_probe(char *why)
{
	if (boot_in_path(PROGRAM))
		return 0;
	snprintf(why, HV_WHY, "QEMU is not installed (Debian: apt install qemu-system-x86)");
	return -ENOENT;
}

static int qemu_available(const struct plan *plan, const struct storm *storm, char *why)
{
	if (plan->setting[SETTING_ACCEL] == ACCEL_KVM && !nesting_module()) {
		snprintf(why, HV_WHY,
			 "accel=kvm needs a host whose KVM offers nesting (kvm_intel.nested or "
			 "kvm_amd.nested, and /dev/kvm)");
		return -EOPNOTSUPP;
	}
	if (!uses_kvm(plan) && plan->vcpus == 1 && runner_vcpus(storm, plan) > 1) {
		snprintf(why, HV_WHY,
			 "needs %u CPUs, with which QEMU cannot count instructions: a run of its "
			 "own with --vcpus 2",
			 runner_vcpus(storm, plan));
		return -EOPNOTSUPP;
	}
	if (!uses_kvm(plan) && image_hangs_tcg(storm, why))
		return -EOPNOTSUPP;
	return image_available(plan, storm,
			       strcmp(backend_of(plan), "svm") ? HV_VENDOR_INTEL : HV_VENDOR_AMD,
			       why);
}

/* Even with KVM the machine below may be emulated: then so are its ticks. */
static bool emulated(const struct plan *plan)
{
	return !uses_kvm(plan) || environment_emulated();
}

static const char *clock_of(const struct plan *plan)
{
	if (!emulated(plan))
		return "tsc";
	return !uses_kvm(plan) && plan->vcpus == 1 ? "instructions" : "emulated-tsc";
}

/* Who is below the image, level by level: L0 has the hardware. */
static json_t *nesting_of(const struct plan *plan)
{
	const char *raw = strcmp(backend_of(plan), "svm") ? "VMX" : "SVM";
	const char *module = nesting_module();
	char below[192];

	if (!uses_kvm(plan) || !module) /* without one all storms are skipped */
		return json_null();
	if (!environment_hypervisor(below, sizeof(below)))
		return json_sprintf("raw %s at L1, under this host's %s (L0); what L0's kernel and "
				    "mitigations add to an exit is unknown",
				    raw, module);
	return json_sprintf("raw %s at L2, under this machine's %s (L1), under %s (L0); L0's "
			    "kernel and mitigations are unknown",
			    raw, module, below);
}

static json_t *qemu_describe(const struct plan *plan)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:o, s:s, s:s}", "name",
			 target_qemu.name, "backend", backend_of(plan), "emulated", emulated(plan),
			 "clock", clock_of(plan), "clock_granularity", 1, "guest_cpl",
			 plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "nesting",
			 nesting_of(plan), "raw_space", backend_of(plan), "model",
			 uses_kvm(plan) ? "host" : "EPYC");
}

static const char *qemu_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)storm;
	return image_site(backend_of(plan), leg);
}

/* The image's header says where it goes: it needs to be no ELF file. */
static int qemu_files(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	(void)wire;
	return boot_write(boot, "image", image_bin, image_bin_end - image_bin, why);
}

/* MiB: the second GiB is whole, for slat_page=1g; at the end of all lies what is the firmware's. */
static const char *memory(const struct wire_plan *wire)
{
	return wire->plan.setting[SETTING_SLAT_PAGE] == SLAT_PAGE_1G ? "2304" : "64";
}

#define QEMU_COMMON                                                                        \
	PROGRAM, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", \
		memory(wire), "-kernel", "image", "-initrd", BOOT_PLAN, "-serial",         \
		"file:" BOOT_SERIAL, "-device", "isa-debug-exit,iobase=0xf4"
#define QEMU_TCG "-accel", "tcg", "-cpu", "EPYC,+svm"

static void become_tcg(const struct wire_plan *wire)
{
	char cpus[16];

	snprintf(cpus, sizeof(cpus), "%u", wire->cpus);
	if (wire->cpus == 1)
		execlp(PROGRAM, QEMU_COMMON, QEMU_TCG, "-icount", "shift=0,sleep=off",
		       (char *)NULL);
	else
		execlp(PROGRAM, QEMU_COMMON, QEMU_TCG, "-smp", cpus, (char *)NULL);
}

static void become_kvm(const struct wire_plan *wire)
{
	char cpus[16];

	snprintf(cpus, sizeof(cpus), "%u", wire->cpus);
	execlp(PROGRAM, QEMU_COMMON, "-accel", "kvm", "-cpu", "host", "-smp", cpus, (char *)NULL);
}

/* The last line that is more than a warning. */
static void qemu_quote(const struct boot *boot, char *quote, size_t size)
{
	char path[BOOT_PATH], line[512];
	FILE *file;

	*quote = 0;
	snprintf(path, sizeof(path), "%s/%s", boot->folder, BOOT_STDERR);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (*line != '\n' && !strstr(line, "warning:"))
			snprintf(quote, size, "%.*s", (int)strcspn(line, "\n"), line);
	fclose(file);
}

static const struct emulator qemu_tcg = {
	.name = "QEMU",
	.program = PROGRAM,
	.files = qemu_files,
	.become = become_tcg,
	.quote = qemu_quote,
};

static const struct emulator qemu_kvm = {
	.name = "QEMU",
	.program = PROGRAM,
	.alone = true,
	.files = qemu_files,
	.become = become_kvm,
	.quote = qemu_quote,
};

static int qemu_run_all(const struct plan *plan, const struct storm *const *storm, u32 count,
			const struct run_sink *sink, const struct run_monitor *monitor)
{
	return image_run_all(uses_kvm(plan) ? &qemu_kvm : &qemu_tcg, qemu_available, plan, storm,
			     count, sink, monitor);
}

const struct target target_qemu = {
	.name = "qemu",
	.text = "raw SVM in QEMU's emulator, or nested in this host's KVM where it offers that",
	.bit = TARGET_QEMU,
	.emulated = true,
	.samples = 0,
	.probe = qemu_probe,
	.available = qemu_available,
	.describe = qemu_describe,
	.shape = image_shape,
	.site = qemu_site,
	.run_all = qemu_run_all,
};
