/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a runner's integers to a run: histograms and records go straight to the run folder,
 * results become run.json's storms[]. One for each run, many may be open at once (--vary).
 */
#ifndef BENCH_SESSION_COLLECT_H
#define BENCH_SESSION_COLLECT_H

#include <jansson.h>

#include "../../results/run.h"
#include "../runner/runner.h"
#include "../targets/target.h"

struct collect;

/*
 * `writer` may be NULL: nothing but storms[] is made. `plan` must outlive it. NULL: no memory.
 */
struct collect *collect_new(const struct target *target, const struct plan *plan,
			    struct run_writer *writer);
void collect_free(struct collect *collect);

/* Fills in the sink that the target reports to. */
void collect_sink(struct collect *collect, struct run_sink *sink);
/* A storm that is part of the run, even if nothing is ever heard of it. */
void collect_expect(struct collect *collect, const struct storm *storm);
/* Results so far: one per storm, vCPU and repeat. */
u64 collect_results(const struct collect *collect);
/* Skipped or failed: it need not be repeated. */
bool collect_over(const struct collect *collect, const struct storm *storm);
/* So far; STORM_MEASURED before anything is known. */
enum storm_status collect_status(const struct collect *collect, const struct storm *storm);
const char *collect_why(const struct collect *collect, const struct storm *storm);
/* What went wrong where a sink's function has failed. RUN_WHY bytes. */
const char *collect_error(const struct collect *collect);

/* run.json's storms[] and controls{}, new references; NULL: no memory. */
json_t *collect_storms(const struct collect *collect);
json_t *collect_controls(const struct collect *collect);

#endif
