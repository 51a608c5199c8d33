/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line on stderr that says what is being done and how long the rest will take. */
#ifndef BENCH_SESSION_PROGRESS_H
#define BENCH_SESSION_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	bool shown; /* false: nothing is ever printed */
	size_t kinds;
	double *seconds;    /* how long a unit of each kind took; 0: not known yet */
	unsigned int *left; /* units of each kind that are still to do */
	double began, printed;
	size_t kind; /* of the unit under way */
	double unit_began;
	double part; /* of that unit that is done, 0 to 1 */
	char text[128];
};

int progress_begin(struct progress *progress, bool shown, size_t kinds, unsigned int units);
void progress_unit(struct progress *progress, size_t kind, const char *text);
void progress_part(struct progress *progress, double part);
void progress_unit_done(struct progress *progress);
void progress_drop(struct progress *progress, size_t kind); /* no more units of this kind */
void progress_print(struct progress *progress);		    /* at most a few times a second */
void progress_end(struct progress *progress);

#endif
