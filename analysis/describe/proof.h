/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a storm that ran in place (target guest) is believed to exit: exit_proof of run.json. Runs
 * that count exits have none.
 */
#ifndef ANALYSIS_DESCRIBE_PROOF_H
#define ANALYSIS_DESCRIBE_PROOF_H

#include "../../results/run.h"

/* "architecture", "counted", "cost" or "unknown"; "": the storm has no such member. */
const char *describe_proof(const struct run_storm *storm);
/* How many of the run's measured storms that are to exit have this proof. */
size_t describe_proofs(const struct run *run, const char *proof);
/* Exits are not counted in this run: its storms ran in place. */
bool describe_in_place(const struct run *run);

#endif
