/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU time that other processes and the hypervisor took during a run: it disturbs the figures. */
#ifndef BENCH_SESSION_BACKGROUND_LOAD_H
#define BENCH_SESSION_BACKGROUND_LOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "journal.h"

#define BACKGROUND_CPUS 512

struct background_load {
	unsigned long long ticks[8]; /* /proc/stat at the start, see environment_stat() */
	/* The measured CPUs and their siblings, and cpu_stat() of them. */
	unsigned short near[BACKGROUND_CPUS];
	size_t near_count;
	unsigned long long near_ticks[8];
	bool near_known;
	double own;   /* CPU seconds of this process and its children until then */
	double began; /* CLOCK_MONOTONIC, seconds */
	bool known;   /* .ticks could be read */
};
/* The CPUs that vCPUs are pinned to; none: they are not pinned. */
void background_load_begin(struct background_load *load, const unsigned short *cpu, size_t count);
/* Taken so far, after what other processes of the same run have measured before. */
struct journal_time background_load_time(const struct background_load *load,
					 const struct journal_time *before);
/*
 * meanwhile{} of run.json, a new reference: the average number of CPUs that other processes kept
 * busy ("others") and that the hypervisor below took away ("stolen"), of the whole machine and, as
 * measured{}, of the measured CPUs and their siblings. null: cannot be read.
 */
json_t *background_load_json(const struct background_load *load, const struct journal_time *time);

#endif
