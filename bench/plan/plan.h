/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a run: its numbers and settings. Integers of fixed size, the same for process, ioctl
 * and wire. Freestanding.
 */
#ifndef BENCH_PLAN_PLAN_H
#define BENCH_PLAN_PLAN_H

#include "../../trace/types.h"

enum target_bit {
	TARGET_KVM = 1 << 0,
	TARGET_BOCHS = 1 << 1,
	TARGET_QEMU = 1 << 2,
	TARGET_MODULE = 1 << 3,
	TARGET_METAL = 1 << 4,
	TARGET_GUEST = 1 << 5,					  /* this machine is the guest */
	TARGET_IMAGE = TARGET_BOCHS | TARGET_QEMU | TARGET_METAL, /* those that boot the image */
	TARGET_RAW = TARGET_IMAGE | TARGET_MODULE, /* those with our backend: raw VMX or SVM */
	TARGET_ALL = ~0,
};

enum setting {
#define WORD(enumerator, word)
#define NUMBER(ID, max, unit)
#define SETTING(ID, name, targets, values, text) SETTING_##ID,
#include "settings.def"
	SETTINGS
};

/*
 * The indices of each setting's words (CPL_AUTO, CPL_0, CPL_3), and their number (CPL_WORDS). Of a
 * number its maximum, and above it ID_WORDS: what the plan holds is below ID_WORDS in any case.
 */
#define WORD(enumerator, word)			 enumerator,
#define NUMBER(ID, max, unit)			 ID##_MAX = (max),
#define SETTING(ID, name, targets, values, text) enum { values ID##_WORDS };
#include "settings.def"

#define PLAN_MAX_CPUS	 64
#define PLAN_MAX_EXITS	 1000000000000ULL
#define PLAN_MAX_REPEATS 1000
#define PLAN_MAX_SAMPLES 100000000
#define PLAN_COUNTERS	 256 /* bytes of the list of events, with its 0 */
/* The defaults. */
#define PLAN_EXITS   1000
#define PLAN_REPEATS 5
#define PLAN_VCPUS   1
#define PLAN_SAMPLES 10000
#define PLAN_WARMUP  200
#define PLAN_SEED    1

struct plan {
	u64 exits;  /* operations per storm, repeat and vCPU */
	u64 warmup; /* operations before them that are not measured */
	u64 seed;   /* of the choice of samples and the order of repeats */
	u32 repeats;
	u32 vcpus;
	u32 samples;   /* records to keep per storm, over all repeats and vCPUs */
	u32 max_batch; /* maximum of operations per batch; 0: the ring's size */
	u32 steady;    /* the clock counts instructions: few batches suffice */
	u32 cpu_count;
	/* vCPU i runs on cpu[i % cpu_count]; cpu_count 0: the target chooses. */
	u16 cpu[PLAN_MAX_CPUS];
	u32 setting[SETTINGS];	      /* by settings.def: index of the word, or the number */
	char counters[PLAN_COUNTERS]; /* COUNTERS_LIST: the events, with commas between them */
};

#endif
