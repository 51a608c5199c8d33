// SPDX-License-Identifier: GPL-2.0-or-later
#include "axes.h"

#include <math.h>
#include <string.h>

#include "../describe/describe.h"
#include "../output/units.h"
#include "parts.h"
#include "text.h"

#define TICS 6

/* The horizontal axis, on which each run has its place. */
static void put_places(const struct figure *figure, FILE *file)
{
	const struct place *place = figure->place;
	size_t last = figure->runs - 1;
	double low = place[0].at, high = place[last].at;
	double margin = figure->place_number ? fmax((high - low) * 0.05, low * 0.02) : 0.4;

	plot_assign(figure, file, "PLACES", "%s", figure->place_name);
	fprintf(file, "set xtics (");
	for (size_t i = 0; i < figure->runs; i++) {
		fputs(i ? ", " : "", file);
		plot_text(figure, file, place[i].label, true);
		fprintf(file, " %.9g", place[i].at);
	}
	fprintf(file, ")\n");
	if (figure->place_log)
		fprintf(file, "set logscale x\nset xrange [%.9g:%.9g]\n",
			low / pow(high / low, 0.04), high * pow(high / low, 0.04));
	else
		fprintf(file, "set xrange [%.9g:%.9g]\n", low - margin, high + margin);
}

/* One tic of an axis. `level` 1: a minor tic, without a label. */
static void put_tic(FILE *file, bool first, double at, const char *label, int level)
{
	fputs(first ? "" : ", ", file);
	plot_quote(file, label);
	fprintf(file, " %.9g %d", at, level);
}

static char *tic_label(char *text, size_t size, double value, bool time)
{
	char ascii[24], *u;

	if (!time)
		return value < 1e6 ? units_ticks(text, size, value)
				   : units_short(text, size, value);
	units_ns(ascii, sizeof(ascii), value, 1e9);
	u = strstr(ascii, " us");
	if (u)
		*u = '\0';
	snprintf(text, size, "%s%s", ascii,
		 u ? " \302\265s" : ""); /* U+00B5, which all fonts have */
	return text;
}

/* Removes zeros after a decimal point: 22.0 us becomes 22 us, 22,000 stays. */
static char *trim_zeroes(char *text)
{
	char *point = strchr(text, '.'), *end;

	if (!point)
		return text;
	end = point + 1 + strspn(point + 1, "0123456789");
	while (end[-1] == '0' || end[-1] == '.') {
		bool all = end[-1] == '.';

		memmove(end - 1, end, strlen(end) + 1);
		end--;
		if (all)
			break;
	}
	return text;
}

/* Tics at round values of value = position * factor. */
static void put_log_tics(FILE *file, double low, double high, double factor, bool time)
{
	double decades = log10(high / low);
	bool first = true;
	char text[32];

	for (int e = floor(log10(low * factor)); e <= ceil(log10(high * factor)); e++) {
		for (int digit = 1; digit < 10; digit++) {
			double value = digit * pow(10, e), at = value / factor;
			bool major = digit == 1 || (decades < 2.2 && (digit == 2 || digit == 5)) ||
				     (decades < 0.9 && (digit == 3 || digit == 7));

			if (at < low * 0.999999 || at > high * 1.000001)
				continue;
			put_tic(file, first, at,
				major ? trim_zeroes(tic_label(text, sizeof(text), value, time))
				      : "",
				!major);
			first = false;
		}
	}
}

static void put_linear_tics(FILE *file, double low, double high, double factor, bool time)
{
	static const double steps[] = {1, 2, 2.5, 5, 10};
	double rough = (high - low) * factor / TICS, power = pow(10, floor(log10(rough)));
	double step = 10 * power;
	bool first = true;
	char text[32];

	for (size_t i = sizeof(steps) / sizeof(*steps); i--;)
		if (steps[i] * power >= rough)
			step = steps[i] * power;
	for (double value = ceil(low * factor / step) * step; value <= high * factor * 1.000001;
	     value += step) {
		put_tic(file, first, value / factor,
			trim_zeroes(tic_label(text, sizeof(text), value, time)), 0);
		first = false;
	}
}

static void put_axis(const struct figure *figure, FILE *file, const char *axis, double factor,
		     bool time)
{
	fprintf(file, "set %stics (", axis);
	if (figure->log)
		put_log_tics(file, figure->low, figure->high, factor, time);
	else
		put_linear_tics(file, figure->low, figure->high, factor, time);
	fprintf(file, ")\nset %srange [%.9g:%.9g]\n", axis, figure->low, figure->high);
	if (figure->log)
		fprintf(file, "set logscale %s\n", axis);
}

void plot_axes(const struct figure *figure, FILE *file)
{
	const char *unit = figure->ns ? "time" : "TSC ticks", *what = leg_name[figure->leg];
	double hz = describe_hz(figure->run[0]);
	bool upright = figure->plot->kind->upright;
	char leg[PLOT_TEXT];

	if (!figure->ns && describe_emulated(figure->run[0]))
		unit = strcmp(run_string(figure->run[0], "target.clock"), "instructions")
			       ? "emulated ticks"
			       : "instructions";
	snprintf(leg, sizeof(leg), "%s", what);
	if (figure->plot->kind->stacked)
		plot_put_parts(figure, file, leg, sizeof(leg));
	for (char *c = leg; *c; c++)
		if (*c == '_')
			*c = ' ';
	plot_assign(figure, file, upright ? "YLABEL" : "XLABEL", "%s (%s)", leg, unit);
	put_axis(figure, file, upright ? "y" : "x", 1, figure->ns);
	fprintf(file, "%s = %d\n", upright ? "RIGHT_AXIS" : "TOP_AXIS", !figure->ns && hz > 0);
	if (!figure->ns && hz > 0)
		put_axis(figure, file, upright ? "y2" : "x2", 1e9 / hz, true);
	if (figure->place && upright)
		put_places(figure, file);
}
