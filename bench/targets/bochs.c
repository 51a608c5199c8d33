// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms on raw VMX or SVM in the Bochs emulator, which boots the image with the plan. Its TSC
 * counts one tick per instruction; a VM exit or entry takes none.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../results/program.h"
#include "../../results/tried.h"
#include "../image/layout.h"
#include "bochs_offers.h"
#include "boot_queue.h"
#include "raw_target.h"

#define MEMORY_MIB 64
#define GIANT_MIB  2048 /* Bochs' maximum; slat_page=1g needs one whole GiB */
/* With the built-in debugger Bochs switches between CPUs after this number of instructions. */
#define SMP_STEP 5

/* Names of the CPU models in Bochs' configuration. */
static const char *const models[] = {
	[MODEL_SKYLAKE_X] = "corei7_skylake_x",
	[MODEL_HASWELL] = "corei7_haswell_4770",
	[MODEL_BROADWELL] = "broadwell_ult",
	[MODEL_SANDY_BRIDGE] = "corei7_sandy_bridge_2600k",
	[MODEL_IVY_BRIDGE] = "corei7_ivy_bridge_3770k",
	[MODEL_ICELAKE] = "corei7_icelake_u",
	[MODEL_TIGERLAKE] = "tigerlake",
	[MODEL_RYZEN] = "ryzen",
	[MODEL_ARRANDALE] = "corei5_arrandale_m520",
	[MODEL_SAPPHIRE_RAPIDS] = "sapphire_rapids",
	[MODEL_ARROW_LAKE] = "arrow_lake",
	[MODEL_WILDCAT_LAKE] = "wildcat_lake",
};

static const char *backend_of(const struct plan *plan)
{
	if (raw_in_place(plan))
		return "none";
	return plan->setting[SETTING_MODEL] == MODEL_RYZEN ? "svm" : "vmx";
}

static int bochs_probe(char *why)
{
	char path[PATH_MAX];
	int error = program_find("bochs", path);

	if (error)
		program_missing(error, "bochs", path,
				"Bochs is not installed (Debian: apt install bochs bochs-term)",
				why, HV_WHY);
	return error;
}

/* Bochs 3.0 has both corrections, and is the first with that option. */
static bool is_old(void)
{
	return !bochs_has_debugger_option();
}

static int bochs_available(const struct plan *plan, const struct storm *storm, char *why)
{
	bool svm = plan->setting[SETTING_MODEL] == MODEL_RYZEN;
	const char *model = models[plan->setting[SETTING_MODEL]];

	if (!bochs_has_model(model)) {
		snprintf(why, HV_WHY, "%s has no CPU model %s", bochs_version(), model);
		return -EOPNOTSUPP;
	}
	if (svm && storm->kind == EXIT_TRIPLE_FAULT && is_old()) {
		snprintf(why, HV_WHY,
			 "%s enters its debugger at a triple fault of an SVM guest (use -t qemu)",
			 bochs_version());
		return -EOPNOTSUPP;
	}
	if (!svm && storm->kind == EXIT_INIT && is_old()) {
		snprintf(why, HV_WHY,
			 "%s keeps an INIT pending after its VM exit until a reset: each entry "
			 "exits at once, the guest makes no progress",
			 bochs_version());
		return -EOPNOTSUPP;
	}
	return raw_available(plan, storm, svm ? HV_VENDOR_AMD : HV_VENDOR_INTEL, why);
}

static json_t *bochs_describe(const struct plan *plan)
{
	return compose_pack("{s:s, s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:n, s:s, s:s}", "name",
			    target_bochs.name, "emulator", bochs_version(), "backend",
			    backend_of(plan), "emulated", 1, "clock", "instructions",
			    "clock_granularity", plan->vcpus > 1 ? SMP_STEP : 1, "guest_cpl",
			    plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "nesting",
			    "raw_space", backend_of(plan), "model",
			    models[plan->setting[SETTING_MODEL]]);
}

static const char *bochs_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)storm;
	return raw_site(backend_of(plan), leg);
}

_Static_assert(BOOT_PLAN_BYTES <= LAYOUT_ROM_BOOT - LAYOUT_ROM_PLAN, "the plan fits its place");

/*
 * One ROM holds image, plan and boot code. Not Bochs' optramimages: 2.7 corrupts one that crosses
 * the end of a 128 KiB block, 3.1 loads all of them to address 0.
 */
static int write_rom(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	size_t image = image_bin_end - image_bin, boot_code = image_rom_end - image_rom;
	u8 *rom;
	int err;

	if (image > LAYOUT_ROM_PLAN || boot_code != LAYOUT_ROM_SIZE - LAYOUT_ROM_BOOT) {
		snprintf(why, HV_WHY, "the image is too large for Bochs' ROM (%zu bytes)", image);
		return -EFBIG;
	}
	rom = calloc(1, LAYOUT_ROM_SIZE);
	if (!rom) {
		snprintf(why, HV_WHY, "no memory");
		return -ENOMEM;
	}
	memcpy(rom, image_bin, image);
	boot_plan(wire, rom + LAYOUT_ROM_PLAN);
	memcpy(rom + LAYOUT_ROM_BOOT, image_rom, boot_code);
	err = boot_write(boot, "rom", rom, LAYOUT_ROM_SIZE, why);
	free(rom);
	return err;
}

static int bochs_write_files(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	/* Bochs requires a VGA BIOS with a valid checksum. This one is never executed. */
	static const u8 vga[512] = {0x55, 0xaa, 1};
	static const char commands[] = "c\nquit\n";
	char config[1024];
	int err;

	snprintf(config, sizeof(config),
		 "display_library: term\n"
		 "megs: %d\n"
		 "cpu: model=%s, count=%u, ips=1000000, reset_on_triple_fault=0\n"
		 "clock: sync=none\n"
		 "romimage: file=rom, address=0x%x\n"
		 "vgaromimage: file=vga\n"
		 "com1: enabled=1, mode=file, dev=serial\n"
		 "log: log\n",
		 wire->plan.setting[SETTING_SLAT_PAGE] == SLAT_PAGE_1G ? GIANT_MIB : MEMORY_MIB,
		 models[wire->plan.setting[SETTING_MODEL]], wire->cpus, LAYOUT_ROM);
	err = boot_write(boot, "bochsrc", config, strlen(config), why);
	if (!err)
		err = write_rom(boot, wire, why);
	if (!err)
		err = boot_write(boot, "vga", vga, sizeof(vga), why);
	if (!err)
		err = boot_write(boot, "commands", commands, strlen(commands), why);
	return err;
}

static void bochs_exec(const struct wire_plan *wire)
{
	static const char *const always[] = {"bochs", "-q",	  "-f", "bochsrc",
					     "-rc",   "commands", NULL};
	static const char *const debugger[] = {"bochs",	    "-q",  "-f",       "bochsrc",
					       "-debugger", "-rc", "commands", NULL};

	(void)wire;
	setenv("TERM", "xterm", 1);
	/*
	 * Without its debugger Bochs 3 runs blocks of instructions and adds their time at the end.
	 * The debugger is always on in Debian's Bochs 2.7, which does not know the option.
	 */
	program_exec("bochs", bochs_has_debugger_option() ? debugger : always);
}

/* The last line of the log about a failed VM entry or a panic of Bochs. */
static void bochs_error_line(const struct boot *boot, char *error, size_t size)
{
	char path[BOOT_PATH], line[512];
	FILE *file;

	*error = 0;
	snprintf(path, sizeof(path), "%s/log", boot->folder.path);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *text = strchr(line, ']');

		if (text && (strstr(text, "VMFAIL") || strstr(text, "VMENTER") ||
			     (strstr(text, ">>PANIC<<") && !strstr(text, "Shutdown port")))) {
			text += 1 + strspn(text + 1, " ");
			snprintf(error, size, "%.*s", (int)strcspn(text, "\n"), text);
		}
	}
	fclose(file);
}

static const struct emulator bochs = {
	.name = "Bochs",
	.program = "bochs",
	.write_files = bochs_write_files,
	.exec = bochs_exec,
	.error_line = bochs_error_line,
};

static int bochs_run_all(const struct plan *plan, const struct storm *const *storm, u32 count,
			 u16 first, const struct run_sink *sink, const struct run_monitor *monitor)
{
	tried_notice("Bochs", bochs_version());
	return boot_queue_run(&bochs, bochs_available, plan, storm, count, first, sink, monitor);
}

const struct target target_bochs = {
	.name = "bochs",
	.text = "raw VMX or SVM in the Bochs emulator: instruction counts, no hardware",
	.bit = TARGET_BOCHS,
	.places = raw_places,
	.emulated = true,
	.samples = 0, /* a record is 64 bytes on an emulated serial line */
	.probe = bochs_probe,
	.available = bochs_available,
	.describe = bochs_describe,
	.shape = raw_shape,
	.site = bochs_site,
	.run_all = bochs_run_all,
};
