/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One boot of the image in an emulator: its files, its process, what it writes on its serial line.
 * What is different from emulator to emulator is a struct emulator.
 */
#ifndef BENCH_TARGETS_BOOT_H
#define BENCH_TARGETS_BOOT_H

#include <sys/types.h>

#include "../wire/decode.h"

struct boot;

struct emulator {
	const char *name, *program; /* as people call it; the executable, of $PATH */
	bool alone; /* its clock is the real one: nothing else may run, and repeats are spread */
	/* Writes what it reads into the boot's folder. The plan is there already. 0, or -errno. */
	int (*files)(const struct boot *boot, const struct wire_plan *wire, char *why);
	/* In the new process, in the folder: becomes the emulator, or returns. */
	void (*become)(const struct wire_plan *wire);
	/* What it says was wrong, or "". */
	void (*quote)(const struct boot *boot, char *quote, size_t size);
};

struct boot {
	const struct emulator *emulator;
	char folder[256];
	bool keep;  /* the folder stays: EXITSTORM_KEEP */
	pid_t pid;  /* 0: not running */
	int status; /* as waitpid has it, once it is over */
	int serial; /* what the image has sent so far; -1: nothing yet */
};
#define BOOT_PATH (sizeof(((struct boot *)0)->folder) + 32)

/* In each boot's folder. */
#define BOOT_PLAN   "plan"   /* a frame that holds the plan */
#define BOOT_SERIAL "serial" /* what the image sends */
#define BOOT_STDERR "stderr" /* what the emulator says */

extern const u8 image_bin[], image_bin_end[], image_rom[], image_rom_end[];

bool boot_in_path(const char *program);
int boot_write(const struct boot *boot, const char *name, const void *data, size_t bytes,
	       char *why);
/* The plan as the image reads it. */
#define BOOT_PLAN_BYTES (sizeof(struct frame) + sizeof(struct wire_plan))
void boot_plan(const struct wire_plan *wire, u8 *file);
/* Writes all that the emulator reads and starts it. 0, or -errno and why. */
int boot_start(struct boot *boot, const struct emulator *emulator, const struct wire_plan *wire,
	       char *why);
/* True: it has ended, whatever way. */
bool boot_over(struct boot *boot);
/* What became of the process, where that is not as it should be; else "". */
void boot_fate(const struct boot *boot, char *text, size_t size);
/* All that has come since the last call. 1: something, 0: nothing, -errno: the sink's. */
int boot_read(struct boot *boot, struct decoder *decoder);
/* Ends it if it runs, and removes its files. */
void boot_end(struct boot *boot);

#endif
