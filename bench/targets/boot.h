/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One boot of the image in an emulator: the files in its folder, its process, its serial line.
 * struct emulator holds the differences between emulators.
 */
#ifndef BENCH_TARGETS_BOOT_H
#define BENCH_TARGETS_BOOT_H

#include <sys/types.h>

#include "../../results/temporary.h"
#include "../wire/decode.h"

struct boot;

struct emulator {
	const char *name, *program; /* for messages; the executable, found in $PATH */
	bool exclusive; /* it has the real clock: one boot at a time, repeats of storms in turn */
	/* Writes the files that it reads into the boot's folder, except the plan. 0, or -errno. */
	int (*write_files)(const struct boot *boot, const struct wire_plan *wire, char *why);
	/* Called in the new process, in the folder: execs the emulator. Returns on failure. */
	void (*exec)(const struct wire_plan *wire);
	/* The last error message that it printed, or "". */
	void (*error_line)(const struct boot *boot, char *error, size_t size);
};

struct boot {
	const struct emulator *emulator;
	struct temporary folder;
	bool keep;  /* do not remove the folder: EXITSTORM_KEEP is set */
	pid_t pid;  /* 0: not running */
	int error;  /* -errno of reading its output */
	int status; /* of waitpid(), after the process has ended */
	int serial; /* file descriptor of BOOT_SERIAL; -1: the file does not exist yet */
	struct fatal_hook hook; /* boot_end() */
};
#define BOOT_PATH (PATH_MAX + 32)

/* Files in the boot's folder. */
#define BOOT_PLAN   "plan"   /* the plan as one frame */
#define BOOT_SERIAL "serial" /* the image's output on COM1 */
#define BOOT_STDERR "stderr" /* the emulator's messages */

extern const u8 image_bin[], image_bin_end[], image_rom[], image_rom_end[];

/* Seconds without output after which an emulator counts as hung: $EXITSTORM_TIMEOUT, or 60. */
double boot_timeout(void);
/* The output of a program on stdout and stderr, within that time; "": nothing. */
void boot_output(const char *const *argv, char *text, size_t size);
/* Writes a file into the boot's folder. 0, or -EIO and why. */
int boot_write(const struct boot *boot, const char *name, const void *data, size_t bytes,
	       char *why);
/* The plan as a frame, as the image reads it. */
#define BOOT_PLAN_BYTES (sizeof(struct frame) + sizeof(struct wire_plan))
void boot_plan(const struct wire_plan *wire, u8 *file);
/* Makes the folder, writes all files and starts the emulator. 0, or -errno and why. */
int boot_start(struct boot *boot, const struct emulator *emulator, const struct wire_plan *wire,
	       char *why);
/* True: the process has ended, with success or not. */
bool boot_over(struct boot *boot);
/* No space is left where the emulator writes: its output is cut off. */
bool boot_disk_full(const struct boot *boot);
/* After boot_over: "", or that the process could not start or was killed by a signal. */
void boot_failure(const struct boot *boot, char *text, size_t size);
/*
 * Feeds new serial output to the decoder. 1: there was some, 0: none, -errno: the sink's.
 * boot->error is set if it is there and cannot be read.
 */
int boot_read(struct boot *boot, struct decoder *decoder);
/* Kills the process if it still runs and removes the folder, unless .keep. */
void boot_end(struct boot *boot);

#endif
