/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A storm of the joined run: its arrays, and its object in run.json. */
#ifndef ANALYSIS_JOIN_STORM_H
#define ANALYSIS_JOIN_STORM_H

#include "count.h"

/*
 * Writes the storm's records and histograms, and sets its member of run.json at *json. A storm of
 * which no operation was joined stays as it was, with its histograms. 0, or -errno and why.
 */
int join_storm_write(struct join_guest *guest, size_t storm, const struct join_host *host,
		     size_t hosts, struct run_writer *writer, json_t **json, char *why);

#endif
