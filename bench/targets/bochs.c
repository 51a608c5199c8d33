// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms on raw VMX in the Bochs emulator: boots the image with a plan, decodes what it reports
 * while it comes. One TSC tick is one instruction there; a VM exit or entry costs none.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../hv/backend.h"
#include "../image/decode.h"
#include "../image/layout.h"
#include "../settings.h"
#include "target.h"

#define PATIENCE_SECONDS 60 /* without a byte from the image: it hangs */
#define LOOK_MS		 20
#define PART_BYTES	 (128 << 10) /* a block of Bochs' memory: see write_image */
#define MAX_PARTS	 3	     /* of its four optramimages; one is the plan */
#define MEMORY_MIB	 64
#define SMP_STEP \
	5 /* with its debugger built in, Bochs lets CPUs take turns by so many instructions */

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

struct bochs {
	char folder[64];
	pid_t pid;
	int serial; /* what the image has sent so far; -1: nothing yet */
};

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char name[4096];

	while (path && *path) {
		size_t length = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/%s", (int)length, path, program);
		if (!access(name, X_OK))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

static int bochs_probe(char *why)
{
	if (in_path("bochs"))
		return 0;
	snprintf(why, HV_WHY, "Bochs is not installed (Debian: apt install bochs bochs-term)");
	return -ENOENT;
}

static void bochs_shape(const struct plan *plan, const struct storm *storm,
			struct hv_config *config)
{
	u8 cpl = plan->setting[SETTING_CPL];

	*config = (struct hv_config){
		.vcpus = runner_vcpus(storm, plan),
		.cpl = cpl == CPL_3 || (cpl == CPL_AUTO && storm->needs & NEED_CPL3) ? 3 : 0,
	};
}

/* What no boot is needed for to know. */
static int bochs_available(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_config config;

	bochs_shape(plan, storm, &config);
	if (storm->needs & (NEED_IRQCHIP | NEED_X2APIC)) {
		snprintf(why, HV_WHY, "raw VMX has no interrupt controller of its own");
		return -EOPNOTSUPP;
	}
	if (storm->needs & (config.cpl ? NEED_CPL0 : NEED_CPL3)) {
		snprintf(why, HV_WHY, "needs cpl=%d, the run has cpl=%d", config.cpl ? 0 : 3,
			 config.cpl);
		return -EOPNOTSUPP;
	}
	return 0;
}

static json_t *bochs_describe(const struct plan *plan)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:n, s:s, s:s}", "name",
			 target_bochs.name, "backend", "vmx", "emulated", 1, "clock",
			 "instructions", "clock_granularity", plan->vcpus > 1 ? SMP_STEP : 1,
			 "guest_cpl", plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native",
			 "nesting", "raw_space", "vmx", "model",
			 models[plan->setting[SETTING_MODEL]]);
}

static const char *bochs_site(const struct storm *storm, enum leg leg)
{
	(void)storm;
	if (leg == LEG_ROUND_TRIP || leg == LEG_PERIOD)
		return "guest";
	return leg < LEGS ? "vmx-asm" : NULL;
}

static int file_write(const struct bochs *bochs, const char *name, const void *data, size_t bytes,
		      char *why)
{
	char path[128];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", bochs->folder, name);
	file = fopen(path, "we");
	good = file && fwrite(data, 1, bytes, file) == bytes;
	if (file && fclose(file))
		good = false;
	if (good)
		return 0;
	snprintf(why, HV_WHY, "%s: %s", path, strerror(errno));
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
		snprintf(config + used, room - used, "optramimage%u: file=%s/%s, address=0x%x\n",
			 part + 1, bochs->folder, name, LAYOUT_IMAGE + part * PART_BYTES);
		used += strlen(config + used);
	}
	return err;
}

static int write_plan(const struct bochs *bochs, const struct plan *plan, const struct storm *storm,
		      u16 repeat, char *why)
{
	static const u8 nothing[1];
	struct wire_plan wire = {
		.size = sizeof(wire),
		.storms = 1,
		.first_repeat = repeat,
		.repeats = 1,
		.plan = *plan,
		.storm = {storm - storms},
	};
	struct frame frame = {.type = WIRE_PLAN, .storm = WIRE_NO_STORM};
	u8 file[sizeof(frame) + sizeof(wire)];

	wire.plan.cpu_count = runner_vcpus(storm, plan);
	/* Here batches need not be long: nothing disturbs, and every exit is counted. */
	wire.plan.max_batch = plan->exits / 32;
	if (wire.plan.max_batch < 64)
		wire.plan.max_batch = 64;
	wire_seal(&frame, &wire, sizeof(wire), nothing, 0);
	memcpy(file, &frame, sizeof(frame));
	memcpy(file + sizeof(frame), &wire, sizeof(wire));
	return file_write(bochs, "plan", file, sizeof(file), why);
}

/* Everything that Bochs reads. */
static int write_files(const struct bochs *bochs, const struct plan *plan,
		       const struct storm *storm, u16 repeat, char *why)
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
		 "romimage: file=%s/rom, address=0xffff0000\n"
		 "vgaromimage: file=%s/vga\n"
		 "optramimage4: file=%s/plan, address=0x%x\n"
		 "com1: enabled=1, mode=file, dev=%s/serial\n"
		 "log: %s/log\n",
		 MEMORY_MIB, models[plan->setting[SETTING_MODEL]], runner_vcpus(storm, plan),
		 bochs->folder, bochs->folder, bochs->folder, LAYOUT_PLAN, bochs->folder,
		 bochs->folder);
	err = write_image(bochs, config, sizeof(config), why);
	if (!err)
		err = file_write(bochs, "bochsrc", config, strlen(config), why);
	if (!err)
		err = file_write(bochs, "rom", image_rom, image_rom_end - image_rom, why);
	if (!err)
		err = file_write(bochs, "vga", vga, sizeof(vga), why);
	if (!err)
		err = file_write(bochs, "commands", commands, strlen(commands), why);
	return err ? err : write_plan(bochs, plan, storm, repeat, why);
}

static void become_bochs(const struct bochs *bochs)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0); /* Ctrl-C is for us: we end it */
	if (chdir(bochs->folder) || null < 0)
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO); /* the display's codes */
	dup2(null, STDERR_FILENO);
	setenv("TERM", "xterm", 1);
	execlp("bochs", "bochs", "-q", "-f", "bochsrc", "-rc", "commands", (char *)NULL);
	_exit(127);
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

/* All that has come since the last call. 1: something, 0: nothing, -errno: the sink's. */
static int read_serial(struct bochs *bochs, struct decoder *decoder)
{
	char path[128], bytes[1 << 14];
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

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* The last line of Bochs' log that says what was wrong with a VM entry, or with its set-up. */
static void quote_log(const struct bochs *bochs, char *quote, size_t size)
{
	char path[128], line[512];
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

/* Decodes until Bochs has ended. 0, or -errno; why where it is not the sink's. */
static int watch(struct bochs *bochs, struct decoder *decoder, char *why)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000};
	double heard = seconds_now();
	int state, some;
	bool over;

	for (;;) {
		over = waitpid(bochs->pid, &state, WNOHANG) == bochs->pid;
		some = read_serial(bochs, decoder);
		if (over) {
			bochs->pid = 0;
			return some < 0 ? some : 0;
		}
		if (some < 0)
			return some;
		if (decoder->sink->stopped(decoder->sink->arg))
			return -ECANCELED;
		if (some)
			heard = seconds_now();
		if (seconds_now() - heard > PATIENCE_SECONDS) {
			snprintf(why, HV_WHY, "Bochs hangs: nothing came for %d s and it was ended",
				 PATIENCE_SECONDS);
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
}

static void end(struct bochs *bochs)
{
	static const char *const names[] = {"bochsrc", "rom", "vga",	 "plan",    "commands",
					    "serial",  "log", "image.0", "image.1", "image.2"};
	char path[128];

	if (bochs->pid > 0) {
		kill(bochs->pid, SIGKILL); /* it takes no notice of SIGTERM */
		waitpid(bochs->pid, NULL, 0);
	}
	if (bochs->serial >= 0)
		close(bochs->serial);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", bochs->folder, names[i]);
		unlink(path);
	}
	rmdir(bochs->folder);
}

static int folder_make(struct bochs *bochs, char *why)
{
	const char *root = getenv("TMPDIR");

	/* Bochs' configuration knows no quotes. */
	if (!root || strlen(root) > 32 || strpbrk(root, " ,\"#\n"))
		root = "/tmp";
	snprintf(bochs->folder, sizeof(bochs->folder), "%s/exitstorm-XXXXXX", root);
	if (mkdtemp(bochs->folder))
		return 0;
	snprintf(why, HV_WHY, "%s: %s", bochs->folder, strerror(errno));
	return -EIO;
}

static int failed(const struct storm *storm, u16 repeat, const struct run_sink *sink,
		  const char *why)
{
	struct storm_result result = {
		.size = sizeof(result),
		.storm = storm - storms,
		.repeat = repeat,
		.status = STORM_FAILED,
		.native = ~0U,
		.raw_reason = ~0U,
	};

	snprintf(result.why, sizeof(result.why), "%s", why);
	return sink->result(sink->arg, &result);
}

/* What became of it, once Bochs is gone. */
static int judge(struct bochs *bochs, struct decoder *decoder, const struct storm *storm,
		 u16 repeat, const struct run_sink *sink)
{
	char why[HV_WHY], quote[HV_WHY], text[2 * HV_WHY + 16];
	int err = decoder_finish(decoder, why);

	if (!err)
		return 0;
	quote_log(bochs, quote, sizeof(quote));
	snprintf(text, sizeof(text), "%s%s%s", why, *quote ? "; Bochs: " : "", quote);
	return failed(storm, repeat, sink, text);
}

static int bochs_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		     const struct run_sink *sink)
{
	struct bochs bochs = {.serial = -1};
	struct decoder decoder;
	char why[HV_WHY] = "no memory";
	int err = bochs_available(plan, storm, why);

	if (err == -EOPNOTSUPP) {
		struct storm_result result = {.size = sizeof(result),
					      .storm = storm - storms,
					      .repeat = repeat,
					      .status = STORM_SKIPPED,
					      .native = ~0U,
					      .raw_reason = ~0U};

		snprintf(result.why, sizeof(result.why), "%s", why);
		return sink->result(sink->arg, &result);
	}
	err = decoder_open(&decoder, sink);
	if (err)
		return err;
	err = folder_make(&bochs, why);
	if (err) {
		decoder_close(&decoder);
		return failed(storm, repeat, sink, why);
	}
	*why = 0;
	err = write_files(&bochs, plan, storm, repeat, why);
	if (!err)
		err = start(&bochs, why);
	if (!err)
		err = watch(&bochs, &decoder, why);
	if (!err)
		err = judge(&bochs, &decoder, storm, repeat, sink);
	else if (*why)
		err = failed(storm, repeat, sink, why);
	end(&bochs);
	decoder_close(&decoder);
	return err;
}

const struct target target_bochs = {
	.name = "bochs",
	.text = "raw VMX in the Bochs emulator: instruction counts, no hardware",
	.bit = TARGET_BOCHS,
	.emulated = true,
	.probe = bochs_probe,
	.available = bochs_available,
	.describe = bochs_describe,
	.shape = bochs_shape,
	.site = bochs_site,
	.run = bochs_run,
};
