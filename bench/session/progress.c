// SPDX-License-Identifier: GPL-2.0-or-later
#include "progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../analysis/output/units.h"
#include "../../results/memory.h"
#include "../machine/clock.h"

#define EVERY_SECONDS 0.2
#define MIN_PART      0.05 /* of a unit: below, most of the time spent was calibration */

int progress_begin(struct progress *progress, bool shown, size_t kinds, unsigned int units)
{
	*progress = (struct progress){.shown = shown, .kinds = kinds};
	progress->seconds = memory_new(kinds, sizeof(*progress->seconds));
	progress->done = memory_new(kinds, sizeof(*progress->done));
	progress->left = memory_new(kinds, sizeof(*progress->left));
	for (size_t i = 0; i < kinds; i++)
		progress->left[i] = units;
	return 0;
}

/* At most once per EVERY_SECONDS. */
static void print(struct progress *progress)
{
	double now = clock_seconds(), left;
	char text[32];

	if (!progress->shown || now - progress->printed < EVERY_SECONDS)
		return;
	progress->printed = now;
	left = progress_left(progress);
	fprintf(stderr, "\r\033[K%.60s", progress->text);
	if (left >= 0)
		fprintf(stderr, ", %s left", units_duration(text, sizeof(text), left));
	fflush(stderr);
}

void progress_unit(struct progress *progress, size_t kind, const char *text)
{
	progress->kind = kind;
	progress->unit_began = clock_seconds();
	progress->part = 0;
	snprintf(progress->text, sizeof(progress->text), "%s", text);
	print(progress);
}

void progress_unit_done(struct progress *progress)
{
	double *mean = &progress->seconds[progress->kind];

	/* On a shared machine one unit may take several times as long as the next. */
	*mean +=
		(clock_seconds() - progress->unit_began - *mean) / ++progress->done[progress->kind];
	progress->left[progress->kind]--;
}

void progress_skip(struct progress *progress, size_t kind)
{
	if (progress->left[kind])
		progress->left[kind]--;
}

void progress_drop(struct progress *progress, size_t kind)
{
	progress->left[kind] = 0;
}

/* Seconds left of the current unit, from its own progress once that is > MIN_PART. */
static double unit_left(const struct progress *progress, double expected)
{
	double spent = clock_seconds() - progress->unit_began;

	if (progress->part > MIN_PART)
		return spent / progress->part - spent;
	return expected > spent ? expected - spent : 0;
}

void progress_ends(struct progress *progress, double ends)
{
	progress->ends = ends;
}

double progress_left(const struct progress *progress)
{
	double left = 0, known = 0, mean = 0, now = clock_seconds();

	if (progress->ends > 0)
		return progress->ends > now ? progress->ends - now : 0;
	for (size_t i = 0; i < progress->kinds; i++) {
		known += progress->seconds[i] > 0;
		mean += progress->seconds[i];
	}
	if (!known && progress->part <= MIN_PART)
		return -1;
	if (known)
		mean /= known;
	else
		mean = (clock_seconds() - progress->unit_began) / progress->part;
	for (size_t i = 0; i < progress->kinds; i++) {
		double unit = progress->seconds[i] > 0 ? progress->seconds[i] : mean;
		unsigned int units = progress->left[i];

		if (i == progress->kind && units) {
			left += unit_left(progress, unit);
			units--;
		}
		left += units * unit;
	}
	return left;
}

void progress_part(struct progress *progress, double part)
{
	progress->part = part;
	print(progress);
}

void progress_end(struct progress *progress)
{
	if (progress->shown && progress->printed > 0)
		fputs("\r\033[K", stderr);
	free(progress->seconds);
	free(progress->done);
	free(progress->left);
	progress->seconds = NULL;
	progress->left = NULL;
}
