// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "../../results/memory.h"

#define MAX_ROWS  100 /* of a heatmap */
#define MIN_RANGE 1.0 /* percent */
#define NAME	  96

/* "Ice Lake-SP, off" */
static char *group_name(const struct query *query, const struct query_group *group)
{
	char text[NAME] = "";

	for (size_t i = 0; i < query->keys; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%s", i ? ", " : "",
			 *group->by[i] ? group->by[i] : "-");
	}
	return memory_text(text);
}

struct reading {
	struct store_cells *cells;
	const struct query *query;
	struct query_group last;
};

static void set_quantiles(struct store_cell *cell, const struct query_figure *figure)
{
	double *sorted = memory_get(figure->units * sizeof(*sorted));

	memcpy(sorted, figure->log, figure->units * sizeof(*sorted));
	gsl_sort(sorted, 1, figure->units);
	for (size_t i = 0; i < CELL_QUANTILES; i++)
		cell->quantile[i] = exp(gsl_stats_quantile_from_sorted_data(
			sorted, 1, figure->units, i / (CELL_QUANTILES - 1.0)));
	free(sorted);
}

static int add(void *arg, const struct query_group *group)
{
	struct reading *reading = arg;
	struct store_cells *cells = reading->cells;
	struct store_cell *cell;

	if (!cells->groups || memcmp(reading->last.by, group->by, sizeof(group->by)))
		cells->groups++;
	reading->last = *group;
	/* Room for the next power of two. */
	if (!(cells->count & (cells->count - 1)))
		cells->cell =
			memory_resize(cells->cell, 2 * cells->count + 1, sizeof(*cells->cell));
	cell = &cells->cell[cells->count];
	*cell = (struct store_cell){.group = cells->groups - 1,
				    .name = group_name(reading->query, group),
				    .unit = group->unit,
				    .p50 = group->p50.value,
				    .low = group->p50.low,
				    .high = group->p50.high,
				    .p99 = group->p99.value,
				    .order = cells->count++};
	memcpy(cell->storm, group->storm, sizeof(cell->storm));
	memcpy(cell->leg, group->leg, sizeof(cell->leg));
	memcpy(cell->site, group->site, sizeof(cell->site));
	memcpy(cell->clock, group->clock, sizeof(cell->clock));
	set_quantiles(cell, &group->p50);
	if (group->p50.runs > cells->runs)
		cells->runs = group->p50.runs;
	return 0;
}

static int measure_order(const struct store_cell *a, const struct store_cell *b)
{
	int order = strcmp(a->storm, b->storm);

	if (!order)
		order = strcmp(a->leg, b->leg);
	if (!order)
		order = strcmp(a->site, b->site);
	if (!order)
		order = strcmp(a->clock, b->clock);
	return order ? order : (int)a->unit - (int)b->unit;
}

static int by_storm(const void *one, const void *other)
{
	const struct store_cell *a = one, *b = other;
	int order = measure_order(a, b);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

int store_cells_read(struct store *store, const struct query *query, struct store_cells *cells,
		     char *why)
{
	struct reading reading = {.cells = cells, .query = query};
	int error = query_run(store, query, add, &reading, why);

	if (error)
		return error;
	qsort(cells->cell, cells->count, sizeof(*cells->cell), by_storm);
	for (size_t i = 0; i < cells->count; i++) {
		struct store_cell *cell = &cells->cell[i];

		cells->columns += !i || measure_order(cell, cell - 1);
		cells->storms += !i || strcmp(cell->storm, cell[-1].storm);
		cell->column = cells->columns - 1;
	}
	/* The name of a row has its storm where there are several. */
	for (size_t i = 0; i < cells->count && cells->storms > 1; i++) {
		struct store_cell *cell = &cells->cell[i];
		char *name = memory_format("%s: %s", cell->storm, cell->name);

		free(cell->name);
		cell->name = name;
	}
	return 0;
}

void store_cells_free(struct store_cells *cells)
{
	for (size_t i = 0; i < cells->count; i++)
		free(cells->cell[i].name);
	for (size_t i = 0; cells->row_name && i < cells->rows; i++)
		free(cells->row_name[i]);
	free(cells->cell);
	free(cells->percent);
	free(cells->row_name);
	free(cells->column_name);
	*cells = (struct store_cells){0};
}

/* The cells from `first` on that are of one column; the logarithm of their median. */
static double median_of(const struct store_cells *cells, size_t first, size_t end)
{
	double *log_p50 = memory_get((end - first) * sizeof(*log_p50)), median;

	for (size_t i = first; i < end; i++)
		log_p50[i - first] = log(cells->cell[i].p50);
	gsl_sort(log_p50, 1, end - first);
	median = gsl_stats_median_from_sorted_data(log_p50, 1, end - first);
	free(log_p50);
	return median;
}

static void name_row(struct store_cells *cells, const struct store_cell *cell)
{
	const char *name = cells->storms > 1 ? cell->name + strlen(cell->storm) + 2 : cell->name;
	size_t row = cell->group / cells->per_row;

	/* The first and the last group of a row. */
	if (!cells->row_name[row]) {
		cells->row_name[row] = memory_text(name);
	} else if (cells->per_row > 1 && cell->group % cells->per_row == cells->per_row - 1 &&
		   !strstr(cells->row_name[row], " .. ")) {
		char *both = memory_format("%s .. %s", cells->row_name[row], name);

		free(cells->row_name[row]);
		cells->row_name[row] = both;
	}
}

static void set_column(struct store_cells *cells, size_t first, size_t end)
{
	double median = median_of(cells, first, end);

	for (size_t i = first; i < end; i++) {
		const struct store_cell *cell = &cells->cell[i];
		double value = 100 * expm1(log(cell->p50) - median);
		double *at = &cells->percent[cell->group / cells->per_row * cells->columns +
					     cell->column];

		if (isnan(*at) || fabs(value) > fabs(*at))
			*at = value;
		name_row(cells, cell);
	}
	cells->column_name[cells->cell[first].column] = cells->cell[first].storm;
}

/* 95 % of the cells are within the range of colours; the others have those of its ends. */
static double range_of(const struct store_cells *cells)
{
	size_t count = 0;
	double *size = memory_get(cells->rows * cells->columns * sizeof(*size)), range;

	for (size_t i = 0; i < cells->rows * cells->columns; i++)
		if (!isnan(cells->percent[i]))
			size[count++] = fabs(cells->percent[i]);
	gsl_sort(size, 1, count);
	range = gsl_stats_quantile_from_sorted_data(size, 1, count, 0.95);
	free(size);
	return fmax(range, MIN_RANGE);
}

void store_cells_relate(struct store_cells *cells)
{
	size_t all;

	cells->per_row = (cells->groups + MAX_ROWS - 1) / MAX_ROWS;
	cells->rows = (cells->groups + cells->per_row - 1) / cells->per_row;
	all = cells->rows * cells->columns;
	cells->percent = memory_get(all * sizeof(*cells->percent));
	cells->row_name = memory_new(cells->rows, sizeof(*cells->row_name));
	cells->column_name = memory_new(cells->columns, sizeof(*cells->column_name));
	for (size_t i = 0; i < all; i++)
		cells->percent[i] = NAN;
	for (size_t i = 0, end; i < cells->count; i = end) {
		for (end = i;
		     end < cells->count && cells->cell[end].column == cells->cell[i].column; end++)
			;
		set_column(cells, i, end);
	}
	cells->range = range_of(cells);
}

void store_cells_put(const struct store_cells *cells, FILE *file)
{
	for (size_t row = 0; row < cells->rows; row++)
		for (size_t column = 0; column < cells->columns; column++) {
			double percent = cells->percent[row * cells->columns + column];

			if (!isnan(percent))
				fprintf(file, "%zu %zu %.4g\n", column, row, percent);
		}
}

const char *store_cells_name(const struct store_cells *cells, size_t cell)
{
	return cells->cell[cell].name;
}

const char *store_cells_row(const struct store_cells *cells, size_t row)
{
	return cells->row_name[row] ? cells->row_name[row] : "";
}

const char *store_cells_column(const struct store_cells *cells, size_t column)
{
	return cells->column_name[column];
}
