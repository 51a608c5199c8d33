/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A group of runs with one plan, one after the other: the run is then the unit of inference. */
#ifndef BENCH_CLI_SERIES_H
#define BENCH_CLI_SERIES_H

#include "request.h"

#define SERIES_MIN 3 /* fewer give no estimate of their spread */

struct series {
	u32 runs;	/* how many; with `seconds` at most */
	double seconds; /* no run begins that would end later, from SERIES_MIN runs on; 0: no limit
			 */
	bool choose;	/* operations and repeats are chosen so that the runs take `seconds` */
};

/*
 * Measures the runs FOLDER/01, FOLDER/02, ... STATUS_OK, or the status after a message: then
 * there may be some of them.
 */
int series_measure(const struct request *request, const char *folder, const struct series *series);

#endif
