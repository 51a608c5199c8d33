// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms on raw SVM in QEMU's TCG, an implementation independent of Bochs; or, if the host's KVM
 * has nesting enabled, on raw VMX or SVM with the real clock, as a hypervisor at L1.
 *
 * With one CPU TCG's clock counts instructions (-icount), except the one that exits. With several
 * CPUs -icount is not available and TCG derives the TSC from the host's clock.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../../results/program.h"
#include "../../results/tried.h"
#include "../machine/environment.h"
#include "../machine/kvm_kind.h"
#include "boot_queue.h"
#include "raw_target.h"

#define PROGRAM "qemu-system-x86_64"

/* The KVM module that has nesting enabled; NULL: none. */
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
	u32 accel = plan->setting[SETTING_ACCEL];

	return accel == ACCEL_KVM || (accel == ACCEL_AUTO && nesting_module());
}

static const char *backend_of(const struct plan *plan)
{
	const char *module = nesting_module();

	if (raw_in_place(plan))
		return "none";
	return uses_kvm(plan) && module && !strcmp(module, "kvm_intel") ? "vmx" : "svm";
}

static int qemu_probe(char *why)
{
	char path[PATH_MAX];
	int error = program_find(PROGRAM, path);

	if (error)
		program_missing(error, PROGRAM, path,
				"QEMU is not installed (Debian: apt install qemu-system-x86)", why,
				HV_WHY);
	return error;
}

static int qemu_available(const struct plan *plan, const struct storm *storm, char *why)
{
	if (plan->setting[SETTING_ACCEL] == ACCEL_KVM && !nesting_module() && !raw_in_place(plan)) {
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
	if (!uses_kvm(plan) && tcg_hangs(storm, why))
		return -EOPNOTSUPP;
	return raw_available(plan, storm,
			     strcmp(backend_of(plan), "svm") ? HV_VENDOR_INTEL : HV_VENDOR_AMD,
			     why);
}

/* With KVM too, if this machine is itself emulated. */
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

/* target{}.nesting: the hypervisors below the image; L0 runs on the hardware. */
static json_t *nesting_of(const struct plan *plan)
{
	const char *raw = strcmp(backend_of(plan), "svm") ? "VMX" : "SVM";
	const char *module = nesting_module();
	char below[192] = "";

	if (uses_kvm(plan) && raw_in_place(plan))
		return compose_format(
			"the image is the guest of this host's KVM%s%s",
			environment_hypervisor(below, sizeof(below)) ? ", under " : "", below);
	if (!uses_kvm(plan) || !module) /* no module: all storms are skipped */
		return json_null();
	if (!environment_hypervisor(below, sizeof(below)))
		return compose_format(
			"raw %s at L1, under this host's %s (L0); what L0's kernel and "
			"mitigations add to an exit is unknown",
			raw, module);
	return compose_format("raw %s at L2, under this machine's %s (L1), under %s (L0); L0's "
			      "kernel and mitigations are unknown",
			      raw, module, below);
}

/* "QEMU 7.2.22"; "QEMU" if it does not print its version. */
static const char *version(void)
{
	static const char *const command[] = {PROGRAM, "--version", NULL};
	static char text[32];
	char number[24] = "", out[512];

	if (*text)
		return text;
	boot_output(command, out, sizeof(out));
	sscanf(out, "QEMU emulator version %23s", number);
	snprintf(text, sizeof(text), "QEMU%s%s", *number ? " " : "", number);
	return text;
}

static json_t *qemu_describe(const struct plan *plan)
{
	const char *kind = uses_kvm(plan) ? kvm_kind(nesting_module()) : NULL;

	return compose_pack("{s:s, s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:o, s:o, s:s, s:s}", "name",
			    target_qemu.name, "emulator", version(), "backend", backend_of(plan),
			    "emulated", emulated(plan), "clock", clock_of(plan),
			    "clock_granularity", 1, "guest_cpl",
			    plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "kvm_kind",
			    compose_text_or_null(kind), "nesting", nesting_of(plan), "raw_space",
			    backend_of(plan), "model", uses_kvm(plan) ? "host" : "EPYC");
}

static const char *qemu_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)storm;
	return raw_site(backend_of(plan), leg);
}

/* The Multiboot header holds the load address, so a flat binary works. */
static int qemu_write_files(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	(void)wire;
	return boot_write(boot, "image", image_bin, image_bin_end - image_bin, why);
}

/* MiB. slat_page=1g needs one whole GiB below the firmware's tables at the end of memory. */
static const char *memory(const struct wire_plan *wire)
{
	return wire->plan.setting[SETTING_SLAT_PAGE] == SLAT_PAGE_1G ? "2304" : "64";
}

#define QEMU_COMMON                                                                        \
	PROGRAM, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", \
		memory(wire), "-kernel", "image", "-initrd", BOOT_PLAN, "-serial",         \
		"file:" BOOT_SERIAL, "-device", "isa-debug-exit,iobase=0xf4"
#define QEMU_TCG "-accel", "tcg", "-cpu", "EPYC,+svm"

static void exec_tcg(const struct wire_plan *wire)
{
	char cpus[16];

	snprintf(cpus, sizeof(cpus), "%u", wire->cpus);
	program_exec(PROGRAM, (const char *const[]){
				      QEMU_COMMON, QEMU_TCG, wire->cpus == 1 ? "-icount" : "-smp",
				      wire->cpus == 1 ? "shift=0,sleep=off" : cpus, NULL});
}

static void exec_kvm(const struct wire_plan *wire)
{
	char cpus[16];

	snprintf(cpus, sizeof(cpus), "%u", wire->cpus);
	program_exec(PROGRAM, (const char *const[]){QEMU_COMMON, "-accel", "kvm", "-cpu", "host",
						    "-smp", cpus, NULL});
}

/* The last message on stderr that is not a warning. */
static void qemu_error_line(const struct boot *boot, char *error, size_t size)
{
	char path[BOOT_PATH], line[512];
	FILE *file;

	*error = 0;
	snprintf(path, sizeof(path), "%s/%s", boot->folder.path, BOOT_STDERR);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (*line != '\n' && !strstr(line, "warning:"))
			snprintf(error, size, "%.*s", (int)strcspn(line, "\n"), line);
	fclose(file);
}

static const struct emulator qemu_tcg = {
	.name = "QEMU",
	.program = PROGRAM,
	.write_files = qemu_write_files,
	.exec = exec_tcg,
	.error_line = qemu_error_line,
};

static const struct emulator qemu_kvm = {
	.name = "QEMU",
	.program = PROGRAM,
	.exclusive = true,
	.write_files = qemu_write_files,
	.exec = exec_kvm,
	.error_line = qemu_error_line,
};

static int qemu_run_all(const struct plan *plan, const struct storm *const *storm, u32 count,
			u16 first, const struct run_sink *sink, const struct run_monitor *monitor)
{
	tried_notice("QEMU", version());
	return boot_queue_run(uses_kvm(plan) ? &qemu_kvm : &qemu_tcg, qemu_available, plan, storm,
			      count, first, sink, monitor);
}

const struct target target_qemu = {
	.name = "qemu",
	.text = "raw SVM in QEMU's TCG, or raw VMX or SVM in a VM if this host's KVM has nesting "
		"on",
	.bit = TARGET_QEMU,
	.places = raw_places,
	.emulated = true,
	.samples = 0,
	.probe = qemu_probe,
	.available = qemu_available,
	.describe = qemu_describe,
	.shape = raw_shape,
	.site = qemu_site,
	.run_all = qemu_run_all,
};
