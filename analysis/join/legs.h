/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legs and histograms of a joined storm. */
#ifndef ANALYSIS_JOIN_LEGS_H
#define ANALYSIS_JOIN_LEGS_H

#include "guest.h"

/*
 * Legs of the records that were joined: histograms to the writer, medians into repeats[], figures
 * into `legs`. The round trip's site is that of the guest's run.
 */
int join_legs_write(const struct join_guest *guest, size_t storm, json_t *repeats, json_t *legs,
		    struct run_writer *writer, char *why);
/* Copies the histograms of all other legs; `all`: of all legs. */
int join_legs_copy(const struct run *run, const struct run_storm *storm, bool all,
		   struct run_writer *writer, char *why);
/* A leg that the records give anew. */
bool join_leg_is_new(enum leg leg);

#endif
