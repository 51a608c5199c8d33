/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line on stderr: the unit of work under way, and the time that the rest will take. */
#ifndef BENCH_SESSION_PROGRESS_H
#define BENCH_SESSION_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	bool shown; /* false: nothing is printed */
	size_t kinds;
	double *seconds;    /* mean duration of the units of each kind; 0: not known yet */
	unsigned int *done; /* units that it is made of */
	unsigned int *left; /* remaining units of each kind */
	double printed;	    /* clock_seconds() of the last output */
	size_t kind;	    /* of the unit under way */
	double unit_began;
	double part; /* fraction of that unit that is done */
	double ends; /* clock_seconds() at which the work is ended; 0: all units are done */
	char text[128];
};

/* `units` of each of `kinds` kinds of work. -ENOMEM. */
int progress_begin(struct progress *progress, bool shown, size_t kinds, unsigned int units);
void progress_unit(struct progress *progress, size_t kind, const char *text);
void progress_part(struct progress *progress, double part);
void progress_unit_done(struct progress *progress);
void progress_skip(struct progress *progress, size_t kind); /* a unit that is done already */
void progress_drop(struct progress *progress, size_t kind); /* no more units of this kind */
/* All ends at that time by clock_seconds(). */
void progress_ends(struct progress *progress, double ends);
/* Seconds; -1: not known yet. A kind without a finished unit counts as the mean of the others. */
double progress_left(const struct progress *progress);
void progress_end(struct progress *progress);

#endif
