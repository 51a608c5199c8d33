/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else went on while a run was measured: the comparison of two runs hangs on it. */
#ifndef BENCH_SESSION_BACKGROUND_LOAD_H
#define BENCH_SESSION_BACKGROUND_LOAD_H

#include <jansson.h>
#include <stdbool.h>

struct meanwhile {
	unsigned long long ticks[8]; /* of /proc/stat, when it began */
	double own, began;	     /* seconds: of this process and its children; of the clock */
	bool known;
};
void meanwhile_begin(struct meanwhile *meanwhile);
/*
 * run.json's meanwhile{}: how many CPUs others kept busy, and how many a hypervisor below took
 * away, on average. null: cannot be read. A new reference.
 */
json_t *meanwhile_json(const struct meanwhile *meanwhile);

#endif
