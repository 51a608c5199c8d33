// SPDX-License-Identifier: GPL-2.0-or-later
#include "metal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../results/compose.h"
#include "boot.h"
#include "raw_target.h"

#define IMAGE "exitstorm.bin"
#define PLAN  "exitstorm.plan"

static int metal_probe(char *why)
{
	snprintf(why, HV_WHY,
		 "bare metal cannot be run from here: 'exitstorm image' builds a bootable image, "
		 "'exitstorm import' makes a run from its output");
	return -EOPNOTSUPP;
}

static int metal_available(const struct plan *plan, const struct storm *storm, char *why)
{
	return raw_fits(plan, storm, why); /* the vendor of the CPU is not known yet */
}

static json_t *metal_describe(const struct plan *plan)
{
	(void)plan;
	return compose_pack("{s:s}", "name", target_metal.name);
}

static const char *metal_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)storm;
	return raw_site(raw_in_place(plan) ? "none" : "vmx", leg);
}

const struct target target_metal = {
	.name = "metal",
	.text = "raw VMX or SVM on bare metal (experimental): see 'exitstorm image'",
	.bit = TARGET_METAL,
	.places = raw_places,
	.probe = metal_probe,
	.available = metal_available,
	.describe = metal_describe,
	.shape = raw_shape,
	.site = metal_site,
};

static const char grub[] = "# For /etc/grub.d/40_custom (then update-grub), or for the grub.cfg of "
			   "a CD or USB stick:\n"
			   "menuentry \"exitstorm: measure VM exits, then stop\" {\n"
			   "	insmod multiboot2\n"
			   "	multiboot2 /boot/exitstorm/" IMAGE "\n"
			   "	module2 /boot/exitstorm/" PLAN "\n"
			   "}\n";

static const char readme[] =
	"exitstorm on bare metal\n"
	"=======================\n"
	"\n"
	"" IMAGE " is an image for Multiboot 1 and 2 with the hypervisor and the\n"
	"storms, " PLAN " holds the plan of the measurement. Nothing else runs\n"
	"on the machine meanwhile, and no disk is accessed. The machine needs\n"
	"\n"
	"  - VMX or SVM, switched on in the firmware, %u CPU%s, 64 MiB of memory;\n"
	"  - BIOS, or UEFI without Secure Boot, under which GRUB has no multiboot2;\n"
	"  - a serial line at port 0x3f8 (COM1): 115,200 baud, 8 bits, no parity. The\n"
	"    output is binary: a \"serial over LAN\" console must not translate bytes,\n"
	"    and must be COM1 (many are COM2). Nothing appears on a screen.\n"
	"\n"
	"Storms of one CPU run first, with all other CPUs as the firmware left them. Then\n"
	"those that need more start them, and park them in MWAIT or HLT.\n"
	"\n"
	"Raw VMX and raw SVM have so far run in emulators only. The machine may have to\n"
	"be reset by hand; please report the result.\n"
	"\n"
	"1. Copy " IMAGE " and " PLAN " to /boot/exitstorm/ on the\n"
	"   machine, the lines of grub.cfg to the end of /etc/grub.d/40_custom there, and\n"
	"   run update-grub. Or make a CD image for a USB stick, here:\n"
	"\n"
	"     mkdir -p iso/boot/exitstorm iso/boot/grub\n"
	"     cp " IMAGE " " PLAN " iso/boot/exitstorm/\n"
	"     cp grub.cfg iso/boot/grub/\n"
	"     grub-mkrescue -o exitstorm.iso iso\n"
	"\n"
	"2. At the other end of the line, before the machine boots (Ctrl-C at the end):\n"
	"\n"
	"     stty -F /dev/ttyUSB0 115200 raw -echo\n"
	"     cat /dev/ttyUSB0 >capture\n"
	"\n"
	"3. Boot the entry. The line ends with \"exitstorm: all is sent\", or with what\n"
	"   went wrong; then the machine waits to be switched off.\n"
	"\n"
	"4. exitstorm import capture\n"
	"\n"
	"To try it without such a machine (SVM, emulated):\n"
	"\n"
	"  qemu-system-x86_64 -accel tcg -cpu EPYC,+svm -smp %u -kernel " IMAGE " \\\n"
	"    -initrd " PLAN " -display none -serial file:capture -no-reboot \\\n"
	"    -device isa-debug-exit,iobase=0xf4\n";

/* The storms of one CPU, or those of several. */
static void add_storms(const struct plan *plan, const struct storm *const *storm, u32 count,
		       bool several, struct wire_plan *wire)
{
	char ignored[HV_WHY];

	for (u32 i = 0; i < count && wire->storms < WIRE_MAX_STORMS; i++) {
		u32 cpus = runner_cpus(storm[i], plan);

		if (raw_fits(plan, storm[i], ignored) || (cpus > 1) != several)
			continue;
		wire->storm[wire->storms++] = storm[i] - storms;
		if (cpus > wire->cpus)
			wire->cpus = cpus;
	}
}

/* One boot with all storms. Those of one CPU come first, so that the others do not run yet. */
static void wire_of(const struct plan *plan, const struct storm *const *storm, u32 count,
		    struct wire_plan *wire)
{
	*wire = (struct wire_plan){
		.size = sizeof(*wire),
		.tables = wire_tables(),
		.cpus = 1,
		.repeats = plan->repeats,
		.plan = *plan,
	};
	wire->plan.cpu_count = 0; /* plan.cpu names CPUs of this machine, not of the target */
	add_storms(plan, storm, count, false, wire);
	add_storms(plan, storm, count, true, wire);
}

static int write_files(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	char text[sizeof(readme) + 32];
	u8 plan[BOOT_PLAN_BYTES];
	int err;

	boot_plan(wire, plan);
	snprintf(text, sizeof(text), readme, wire->cpus, wire->cpus == 1 ? "" : "s", wire->cpus);
	err = boot_write(boot, IMAGE, image_bin, image_bin_end - image_bin, why);
	if (!err)
		err = boot_write(boot, PLAN, plan, sizeof(plan), why);
	if (!err)
		err = boot_write(boot, "grub.cfg", grub, sizeof(grub) - 1, why);
	if (!err)
		err = boot_write(boot, "README", text, strlen(text), why);
	return err;
}

int metal_write(const struct plan *plan, const struct storm *const *storm, u32 count,
		const char *folder, char *why)
{
	const char *slash = strrchr(folder, '/');
	struct boot boot = {.serial = -1};
	struct wire_plan wire;
	char parent[PATH_MAX];
	int err;

	wire_of(plan, storm, count, &wire);
	if (!wire.storms) {
		snprintf(why, HV_WHY, "none of these storms can run on bare metal");
		return -EOPNOTSUPP;
	}
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - folder) + 1 : 1,
		 slash ? folder : ".");
	err = temporary_folder(&boot.folder, parent, ".exitstorm-image", 0777);
	if (!err) {
		err = write_files(&boot, &wire, why);
		if (err) {
			temporary_remove(&boot.folder);
			return err;
		}
		err = temporary_rename(&boot.folder, folder);
	}
	temporary_remove(&boot.folder);
	if (err)
		snprintf(why, HV_WHY, "%.150s: %s", folder, strerror(-err));
	return err;
}
