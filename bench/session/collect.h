/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collects what a target reports into a run: histograms and records are written to the run folder
 * at once, results become storms[] of run.json. --vary has one per variant, all open together.
 */
#ifndef BENCH_SESSION_COLLECT_H
#define BENCH_SESSION_COLLECT_H

#include <jansson.h>

#include "../../analysis/stats/inference.h"
#include "../../results/run.h"
#include "../runner/runner.h"
#include "../targets/target.h"

struct collect;

/*
 * writer NULL: no run folder, storms[] only. target, plan and writer must outlive the result.
 * NULL: no memory.
 */
struct collect *collect_new(const struct target *target, const struct plan *plan,
			    struct run_writer *writer);
void collect_free(struct collect *collect);
/* From now on reports go to the writer, too. */
void collect_write_to(struct collect *collect, struct run_writer *writer);

/* Fills in the sink that the target reports to. */
void collect_sink(struct collect *collect, struct run_sink *sink);
/* Makes the storm part of storms[], even if no result is reported for it. */
void collect_expect(struct collect *collect, const struct storm *storm);
/* Results so far: one per storm, vCPU and repeat. */
u64 collect_results(const struct collect *collect);
/* True: the storm was skipped or has failed, further repeats are pointless. */
bool collect_over(const struct collect *collect, const struct storm *storm);
/* The worst status of the results so far; STORM_MEASURED before the first. */
enum storm_status collect_status(const struct collect *collect, const struct storm *storm);
/*
 * The logarithms of a storm's medians so far, one per repeat, of the leg that stands for it; of
 * undisturbed records where most repeats have some. The caller calls sample_free().
 */
void collect_sample(const struct collect *collect, const struct storm *storm,
		    struct sample *sample);
/* The reason, after one of the sink's functions has returned an error. */
const char *collect_error(const struct collect *collect);

/* run.json's storms[] and controls{}, new references; NULL: no memory. */
json_t *collect_storms(const struct collect *collect);
json_t *collect_controls(const struct collect *collect);
/*
 * Before collect_storms: labels target{} with the clock that the targets found. If it is said to
 * count instructions on one CPU and storm null had more than one value, null has failed.
 */
void collect_check_clock(struct collect *collect, json_t *target);

#endif
