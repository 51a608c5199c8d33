// SPDX-License-Identifier: GPL-2.0-or-later
#include "bochs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../image/layout.h"

#define PART_BYTES  (128 << 10) /* a block of Bochs' memory: see write_image */
#define MAX_PARTS   3		/* of its four optramimages; one is the plan */
#define MEMORY_MIB  64
#define NOT_STARTED 127
#define PATH_ROOM   (sizeof(((struct bochs *)0)->folder) + 32)

extern const u8 image_bin[], image_bin_end[], image_rom[], image_rom_end[];

/* Bochs' whole names. */
static const char *const models[] = {
	[MODEL_SKYLAKE_X] = "corei7_skylake_x",
	[MODEL_HASWELL] = "corei7_haswell_4770",
	[MODEL_BROADWELL] = "broadwell_ult",
	[MODEL_SANDY_BRIDGE] = "corei7_sandy_bridge_2600k",
	[MODEL_IVY_BRIDGE] = "corei7_ivy_bridge_3770k",
	[MODEL_ICELAKE] = "corei7_icelake_u",
	[MODEL_TIGERLAKE] = "tigerlake",
	[MODEL_RYZEN] = "ryzen",
};

const char *bochs_model(u8 model)
{
	return models[model];
}

static int file_write(const struct bochs *bochs, const char *name, const void *data, size_t bytes,
		      char *why)
{
	char path[PATH_ROOM];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", bochs->folder, name);
	file = fopen(path, "we");
	good = file && fwrite(data, 1, bytes, file) == bytes;
	if (file && fclose(file))
		good = false;
	if (good)
		return 0;
	snprintf(why, HV_WHY, "%.150s: %s", path, strerror(errno));
	return -EIO;
}

/*
 * Bochs 2.7 reads a RAM image to where the memory of its first 128 KiB block is and goes on behind
 * that, where another block may be: so the image is loaded in parts of one block each.
 */
static int write_image(const struct bochs *bochs, char *config, size_t room, char *why)
{
	size_t size = image_bin_end - image_bin, used = strlen(config);
	char name[16];
	int err = 0;

	if (size > MAX_PARTS * PART_BYTES) {
		snprintf(why, HV_WHY, "the image is too large for Bochs (%zu bytes)", size);
		return -EFBIG;
	}
	for (u32 part = 0; part * PART_BYTES < size && !err; part++) {
		size_t left = size - part * PART_BYTES;

		snprintf(name, sizeof(name), "image.%u", part);
		err = file_write(bochs, name, image_bin + part * PART_BYTES,
				 left < PART_BYTES ? left : PART_BYTES, why);
		snprintf(config + used, room - used, "optramimage%u: file=%s, address=0x%x\n",
			 part + 1, name, LAYOUT_IMAGE + part * PART_BYTES);
		used += strlen(config + used);
	}
	return err;
}

static int write_plan(const struct bochs *bochs, const struct wire_plan *wire, char *why)
{
	static const u8 nothing[1];
	struct frame frame = {.type = WIRE_PLAN, .storm = WIRE_NO_STORM};
	u8 file[sizeof(frame) + sizeof(*wire)];

	wire_seal(&frame, wire, sizeof(*wire), nothing, 0);
	memcpy(file, &frame, sizeof(frame));
	memcpy(file + sizeof(frame), wire, sizeof(*wire));
	return file_write(bochs, "plan", file, sizeof(file), why);
}

/* Everything that Bochs reads. */
static int write_files(const struct bochs *bochs, const struct wire_plan *wire, char *why)
{
	/* Bochs insists on a VGA BIOS: an option ROM whose checksum is right; nobody runs it. */
	static const u8 vga[512] = {0x55, 0xaa, 1};
	static const char commands[] = "c\nquit\n";
	char config[4096];
	int err;

	snprintf(config, sizeof(config),
		 "display_library: term\n"
		 "megs: %d\n"
		 "cpu: model=%s, count=%u, ips=1000000, reset_on_triple_fault=0\n"
		 "clock: sync=none\n"
		 "romimage: file=rom, address=0xffff0000\n"
		 "vgaromimage: file=vga\n"
		 "optramimage4: file=plan, address=0x%x\n"
		 "com1: enabled=1, mode=file, dev=serial\n"
		 "log: log\n",
		 MEMORY_MIB, models[wire->plan.setting[SETTING_MODEL]], wire->cpus, LAYOUT_PLAN);
	err = write_image(bochs, config, sizeof(config), why);
	if (!err)
		err = file_write(bochs, "bochsrc", config, strlen(config), why);
	if (!err)
		err = file_write(bochs, "rom", image_rom, image_rom_end - image_rom, why);
	if (!err)
		err = file_write(bochs, "vga", vga, sizeof(vga), why);
	if (!err)
		err = file_write(bochs, "commands", commands, strlen(commands), why);
	return err ? err : write_plan(bochs, wire, why);
}

static void become_bochs(const struct bochs *bochs)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0); /* Ctrl-C is for us: we end it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(bochs->folder) || null < 0)
		_exit(NOT_STARTED);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO); /* the display's codes */
	dup2(null, STDERR_FILENO);
	setenv("TERM", "xterm", 1);
	execlp("bochs", "bochs", "-q", "-f", "bochsrc", "-rc", "commands", (char *)NULL);
	_exit(NOT_STARTED);
}

static int start(struct bochs *bochs, char *why)
{
	bochs->serial = -1;
	bochs->pid = fork();
	if (bochs->pid < 0) {
		snprintf(why, HV_WHY, "cannot start Bochs: %s", strerror(errno));
		return -errno;
	}
	if (!bochs->pid)
		become_bochs(bochs);
	return 0;
}

int bochs_read(struct bochs *bochs, struct decoder *decoder)
{
	char path[PATH_ROOM], bytes[1 << 14];
	bool some = false;
	ssize_t count;
	int err;

	if (bochs->serial < 0) {
		snprintf(path, sizeof(path), "%s/serial", bochs->folder);
		bochs->serial = open(path, O_RDONLY | O_CLOEXEC);
		if (bochs->serial < 0)
			return 0;
	}
	while ((count = read(bochs->serial, bytes, sizeof(bytes))) > 0) {
		some = true;
		err = decoder_feed(decoder, bytes, count);
		if (err)
			return err;
	}
	return some;
}

bool bochs_over(struct bochs *bochs)
{
	if (bochs->pid && waitpid(bochs->pid, &bochs->status, WNOHANG) != bochs->pid)
		return false;
	bochs->pid = 0;
	return true;
}

void bochs_fate(const struct bochs *bochs, char *text, size_t size)
{
	*text = 0;
	if (WIFSIGNALED(bochs->status))
		snprintf(text, size, "Bochs was killed by signal %d (%s)", WTERMSIG(bochs->status),
			 strsignal(WTERMSIG(bochs->status)));
	else if (WEXITSTATUS(bochs->status) == NOT_STARTED)
		snprintf(text, size, "Bochs could not be started");
}

void bochs_quote(const struct bochs *bochs, char *quote, size_t size)
{
	char path[PATH_ROOM], line[512];
	FILE *file;

	*quote = 0;
	snprintf(path, sizeof(path), "%s/log", bochs->folder);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *text = strchr(line, ']');

		if (text && (strstr(text, "VMFAIL") || strstr(text, "VMENTER") ||
			     (strstr(text, ">>PANIC<<") && !strstr(text, "Shutdown port")))) {
			text += 1 + strspn(text + 1, " ");
			snprintf(quote, size, "%.*s", (int)strcspn(text, "\n"), text);
		}
	}
	fclose(file);
}

void bochs_end(struct bochs *bochs)
{
	static const char *const names[] = {"bochsrc", "rom", "vga",	 "plan",    "commands",
					    "serial",  "log", "image.0", "image.1", "image.2"};
	char path[PATH_ROOM];

	if (!*bochs->folder)
		return;
	if (bochs->pid > 0) {
		kill(bochs->pid, SIGKILL); /* it takes no notice of SIGTERM */
		waitpid(bochs->pid, NULL, 0);
	}
	if (bochs->serial >= 0)
		close(bochs->serial);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !bochs->keep; i++) {
		snprintf(path, sizeof(path), "%s/%s", bochs->folder, names[i]);
		unlink(path);
	}
	if (!bochs->keep)
		rmdir(bochs->folder);
}

static int folder_make(struct bochs *bochs, char *why)
{
	const char *keep = getenv("EXITSTORM_KEEP"), *root = getenv("TMPDIR");
	size_t room = sizeof(bochs->folder);

	bochs->keep = keep && *keep;
	if (bochs->keep)
		root = keep;
	else if (!root || !*root)
		root = "/tmp";
	if (snprintf(bochs->folder, room, "%s/exitstorm-bochs-XXXXXX", root) >= (int)room)
		errno = ENAMETOOLONG;
	else if (mkdtemp(bochs->folder))
		return 0;
	snprintf(why, HV_WHY, "%.150s: %s", root, strerror(errno));
	*bochs->folder = 0;
	return -EIO;
}

int bochs_boot(struct bochs *bochs, const struct wire_plan *wire, char *why)
{
	int err;

	*bochs = (struct bochs){.serial = -1};
	err = folder_make(bochs, why);
	if (!err)
		err = write_files(bochs, wire, why);
	return err ? err : start(bochs, why);
}
