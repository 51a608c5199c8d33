// SPDX-License-Identifier: GPL-2.0-or-later
#include "kinds.h"

#include <string.h>

#include "distribution.h"
#include "figure.h"
#include "lines.h"
#include "parts.h"
#include "places.h"
#include "shift.h"

static double height_cdf(const struct figure *figure)
{
	(void)figure;
	return 7.5;
}

static double height_box(const struct figure *figure)
{
	return 0.4 + figure->storms * (0.22 + 0.28 * figure->runs);
}

static size_t rows_cdf(const struct figure *figure)
{
	return (figure->count + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static double height_legs(const struct figure *figure)
{
	return 0.4 + figure->count * 0.4;
}

static size_t rows_legs(const struct figure *figure)
{
	enum leg leg[PLOT_PARTS];

	return (plot_parts(figure, leg) + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_box(const struct figure *figure)
{
	return figure->runs > 1 ? (figure->runs + KEY_COLUMNS - 1) / KEY_COLUMNS : 0;
}

static double height_line(const struct figure *figure)
{
	(void)figure;
	return 7.0;
}

static double height_generations(const struct figure *figure)
{
	return 0.4 + figure->storms * (0.25 + 0.25 * figure->runs);
}

static size_t rows_timeline(const struct figure *figure)
{
	return (figure->count + 1 + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_storms(const struct figure *figure)
{
	return (figure->storms + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_runs(const struct figure *figure)
{
	return (figure->runs + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

/* Properties of kinds that draw a line per storm. */
#define LINE_OF_STORMS                                                                          \
	.per = PER_STORM, .max_lines = 8, .default_lines = 4, .max_runs = PLOT_MAX_RUNS,        \
	.upright = true, .intervals = true, .data = plot_data_line, .height = height_line,      \
	.key_rows = rows_storms,                                                                \
	.caption = "Solid, filled: p50; dashed, open: p99; centres of the repeats; bars: 95 % " \
		   "intervals"

extern const char figure_cdf[], figure_box[], figure_legs[], figure_timeline[],
	figure_generations[], figure_scaling[], figure_sweep[], figure_shift[];

static const struct plot_kind kinds[] = {
	{.name = "cdf",
	 .script = figure_cdf,
	 .script_name = "cdf.gp",
	 .per = PER_SERIES,
	 .max_lines = 12,
	 .default_lines = 8,
	 .max_runs = 8,
	 .data = plot_data_cdf,
	 .caption = "Share of records up to each value",
	 .height = height_cdf,
	 .key_rows = rows_cdf},
	{.name = "box",
	 .script = figure_box,
	 .script_name = "box.gp",
	 .per = PER_RUN,
	 .max_runs = 8,
	 .data = plot_data_box,
	 .caption = "Bar: the storm's figure, the centre of its repeats' medians; of all records "
		    "box: p25 to p75; whiskers: p1 to p99; circle: p99.9",
	 .height = height_box,
	 .key_rows = rows_box},
	{.name = "timeline",
	 .script = figure_timeline,
	 .script_name = "timeline.gp",
	 .per = PER_SERIES,
	 .max_lines = 8,
	 .default_lines = 3,
	 .max_runs = 8,
	 .upright = true,
	 .samples = true,
	 .data = plot_data_timeline,
	 .caption = "Sampled records in the order of their operations, one repeat after the other; "
		    "circled: disturbed",
	 .height = height_cdf,
	 .key_rows = rows_timeline},
	{.name = "generations",
	 .script = figure_generations,
	 .script_name = "generations.gp",
	 .per = PER_RUN,
	 .max_runs = 8,
	 .intervals = true,
	 .time = true,
	 .places = plot_places_cpu,
	 .data = plot_data_generations,
	 .caption = "Filled: p50, open: p99, centres of the repeats, with 95 % intervals",
	 .height = height_generations,
	 .key_rows = rows_runs},
	{.name = "scaling",
	 .script = figure_scaling,
	 .script_name = "scaling.gp",
	 .places = plot_places_vcpus,
	 LINE_OF_STORMS},
	{.name = "sweep",
	 .script = figure_sweep,
	 .script_name = "sweep.gp",
	 .places = plot_places_setting,
	 LINE_OF_STORMS},
	{.name = "shift",
	 .script = figure_shift,
	 .script_name = "shift.gp",
	 .per = PER_SERIES,
	 .max_lines = 6,
	 .default_lines = 4,
	 .max_runs = 7,
	 .upright = true,
	 .against_first = true,
	 .data = plot_data_shift,
	 .caption = "Change of each quantile of all records against the first run: centre of the "
		    "repeats, by the method of compare; band: 95 %, cut off where it is wider than "
		    "the axis, which "
		    "shows all of it from 5 to 95 %",
	 .height = height_line,
	 .key_rows = rows_cdf},
	{.name = "legs",
	 .script = figure_legs,
	 .script_name = "legs.gp",
	 .per = PER_RUN,
	 .max_runs = 8,
	 .stacked = true,
	 .data = plot_data_legs,
	 .caption = "p50 of the legs, end to end: their sum need not be the round trip's p50",
	 .height = height_legs,
	 .key_rows = rows_legs},
	{0},
};

const char *plot_kind_name(size_t index)
{
	return kinds[index].name;
}

const struct plot_kind *plot_kind_find(const char *name)
{
	for (const struct plot_kind *kind = kinds; kind->name; kind++)
		if (!strcmp(name, kind->name))
			return kind;
	return NULL;
}
