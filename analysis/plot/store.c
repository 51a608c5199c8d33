// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "gnuplot.h"
#include "store_cells.h"
#include "text.h"

#define MAX_ROWS   120 /* of groups and storms */
#define ROW_CM	   0.42
#define CELL_CM	   0.3	/* a row of a heatmap */
#define CAPTION_CM 0.34 /* a line of the caption */
#define AXIS_CM	   1.5	/* tics and the axis' title */
#define STORM_CM   3.2	/* names of storms, upright */
#define US_FROM	   2e3	/* ns */
#define LOG_FROM   20.0 /* a greater ratio of maximum and minimum has a logarithmic axis */

extern const char figure_groups[], figure_heatmap[];

const char *const plot_store_kinds[STORE_KINDS] = {"generations", "box", "heatmap"};

static const char *const caption[STORE_KINDS] = {
	"Filled: p50 with its 95 % interval from machine to machine (of one machine, from run to "
	"run); open: p99",
	"p50 of the machines of a group, or of the runs of one machine: minimum to maximum, box "
	"p25 to "
	"p75, bar the median",
	"p50 of each group against the median of all groups with this storm and clock",
};

struct drawing {
	struct store_cells cells;
	enum plot_store_kind kind;
	const struct query *query;
	struct figure figure; /* for the escapes of its format */
	double low, high;     /* of all that is drawn */
};

static int check_rows(struct drawing *drawing, char *why)
{
	const struct store_cells *cells = &drawing->cells;

	if (!cells->count)
		return why_say(why, -ENODATA, "no run of the store has such figures");
	if (drawing->kind == STORE_HEATMAP)
		return 0;
	for (size_t i = 1; i < cells->count; i++)
		if (strcmp(cells->cell[i].clock, cells->cell[0].clock) ||
		    cells->cell[i].unit != cells->cell[0].unit)
			return why_say(why, -EDOM,
				       "the groups have different clocks, which do not go into one "
				       "figure: --where target.clock=%.60s",
				       cells->cell[0].clock);
	if (cells->count > MAX_ROWS)
		return why_say(
			why, -EDOM,
			"%zu groups and storms are too many for a figure with a row for each "
			"(at most %d): --storms and --where choose fewer, -k heatmap takes all",
			cells->count, MAX_ROWS);
	return 0;
}

static void put_row(struct drawing *drawing, size_t row, FILE *file)
{
	const struct store_cell *cell = &drawing->cells.cell[row];
	const double value[2][5] = {
		{cell->p50, cell->low, cell->high, cell->p99, NAN},
		{cell->quantile[0], cell->quantile[1], cell->quantile[2], cell->quantile[3],
		 cell->quantile[4]},
	};
	const double *put = value[drawing->kind == STORE_BOX];

	fprintf(file, "%zu %zu", row, cell->group);
	for (size_t i = 0; i < 5; i++) {
		fprintf(file, isfinite(put[i]) ? " %.9g" : " NaN", put[i]);
		if (!(put[i] > 0))
			continue;
		drawing->low = fmin(drawing->low, put[i]);
		drawing->high = fmax(drawing->high, put[i]);
	}
	putc('\n', file);
}

static void put_rows(struct drawing *drawing, FILE *file)
{
	drawing->low = INFINITY;
	drawing->high = 0;
	for (size_t i = 0; i < drawing->cells.count; i++)
		put_row(drawing, i, file);
}

/* "host.cpu.codename, settings.vpid" */
static void put_caption(const struct drawing *drawing, FILE *file)
{
	const struct store_cells *cells = &drawing->cells;
	const struct store_cell *first = cells->cell;
	char text[2 * PLOT_TEXT];
	size_t used;

	fputs("CAPTION = ", file);
	plot_words(&drawing->figure, file, caption[drawing->kind]);
	snprintf(text, sizeof(text), "%zu groups by", cells->groups);
	for (size_t i = 0; i < drawing->query->keys; i++) {
		used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%s %.80s", i ? "," : "",
			 drawing->query->by[i]);
	}
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used,
		 ", up to %zu runs each; %s%s%.40s (stamps: %.40s); clock: %.40s", cells->runs,
		 cells->storms == 1 ? first->storm : "", cells->storms == 1 ? ", " : "", first->leg,
		 first->site, first->clock);
	fputs(".\"\\n\".", file);
	plot_words(&drawing->figure, file, text);
	putc('\n', file);
}

static void put_tics(const struct drawing *drawing, char axis, size_t count,
		     const char *(*name)(const struct store_cells *, size_t), FILE *file)
{
	fprintf(file, "set %ctics (", axis);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", file);
		plot_text(&drawing->figure, file, name(&drawing->cells, i), true);
		fprintf(file, " %zu", i);
	}
	fputs(")\n", file);
}

static double height_of(const struct drawing *drawing)
{
	const struct store_cells *cells = &drawing->cells;

	return drawing->kind == STORE_HEATMAP ? CELL_CM * fmax(cells->rows, 12)
					      : ROW_CM * fmax(cells->count, 4);
}

static void put_values(const struct drawing *drawing, FILE *file)
{
	const struct plot *plot = drawing->figure.plot;
	const struct plot_format *format = plot->format;
	double points = plot->font_pt > 0 ? plot->font_pt / PLOT_FONT_PT : 1;
	double bottom = 2 * CAPTION_CM + 0.3 +
			(drawing->kind == STORE_HEATMAP ? STORM_CM : AXIS_CM) * points;
	double height = height_of(drawing) * points + bottom + 0.4;
	double width = plot->width_cm > 0 ? plot->width_cm : PLOT_WIDTH_CM;
	bool us = drawing->cells.cell->unit == QUERY_NS && drawing->high > US_FROM;
	const char *font = plot->font_name ? plot->font_name : PLOT_FONT;

	fprintf(file, "set encoding utf8\nset terminal %s size %g%s,%g%s", format->terminal,
		round(width * format->per_cm), format->unit, round(height * format->per_cm),
		format->unit);
	if (!format->tex)
		fprintf(file, " font '%s,%g'", font, format->font * points);
	fprintf(file, " linewidth %g\nload 'output'\n", format->line);
	fprintf(file, format->tex ? "CAPTION_FONT = ''\n" : "CAPTION_FONT = '%s,%g'\n", font,
		format->font * points * 0.78);
	fprintf(file,
		"POINT = %g\nCAPTION_TOP = %.4f\nPANEL_BOTTOM = %.4f\nPANEL_TOP = %.4f\n"
		"XLABEL = '%s'\nSCALE = %g\nLOG = %d\nBOX = %d\nRANGE = %.6g\nCOLUMNS = %zu\nROWS "
		"= %zu\n",
		format->point, (0.2 + 2 * CAPTION_CM) / height, bottom / height, 1 - 0.3 / height,
		us ? "\302\265s" : query_unit_name[drawing->cells.cell->unit], us ? 1e3 : 1.0,
		drawing->high > LOG_FROM * drawing->low, drawing->kind == STORE_BOX,
		drawing->cells.range, drawing->cells.columns,
		drawing->kind == STORE_HEATMAP ? drawing->cells.rows : drawing->cells.count);
	put_caption(drawing, file);
	if (drawing->kind == STORE_HEATMAP) {
		put_tics(drawing, 'x', drawing->cells.columns, store_cells_column, file);
		put_tics(drawing, 'y', drawing->cells.rows, store_cells_row, file);
	} else {
		put_tics(drawing, 'y', drawing->cells.count, store_cells_name, file);
	}
}

static int write_file(struct drawing *drawing, const struct gnuplot *gnuplot, const char *name,
		      void (*put)(struct drawing *, FILE *), char *why)
{
	FILE *file = gnuplot_file(gnuplot, name, why);

	if (!file)
		return -EIO;
	put(drawing, file);
	return gnuplot_close(file, name, why);
}

static void put_words(struct drawing *drawing, FILE *file)
{
	put_values(drawing, file);
}

static void put_output(struct drawing *drawing, FILE *file)
{
	(void)drawing;
	fputs("set output 'figure'\n", file);
}

static void put_script(struct drawing *drawing, FILE *file)
{
	fputs(drawing->kind == STORE_HEATMAP ? figure_heatmap : figure_groups, file);
}

static void put_cells(struct drawing *drawing, FILE *file)
{
	store_cells_put(&drawing->cells, file);
}

static int draw(struct drawing *drawing, char *why)
{
	const struct plot *plot = drawing->figure.plot;
	bool heatmap = drawing->kind == STORE_HEATMAP;
	const char *script = heatmap ? "heatmap.gp" : "groups.gp";
	struct gnuplot gnuplot = {0};
	int error = gnuplot_begin(&gnuplot, why);

	if (!error)
		error = write_file(drawing, &gnuplot, "series1", heatmap ? put_cells : put_rows,
				   why);
	if (!error)
		error = write_file(drawing, &gnuplot, "values", put_words, why);
	if (!error)
		error = write_file(drawing, &gnuplot, "output", put_output, why);
	if (!error)
		error = write_file(drawing, &gnuplot, script, put_script, why);
	if (!error)
		error = gnuplot_run(&gnuplot, script, why);
	if (!error)
		error = gnuplot_replace_file(&gnuplot, plot->out, why);
	if (!error && plot->data)
		error = gnuplot_keep(&gnuplot, plot->out, why);
	gnuplot_end(&gnuplot);
	return error;
}

int plot_store(struct store *store, const struct query *query, enum plot_store_kind kind,
	       const struct plot *plot, char *why)
{
	struct drawing drawing = {.kind = kind, .query = query, .figure = {.plot = plot}};
	int error = store_cells_read(store, query, &drawing.cells, why);

	if (!error)
		error = check_rows(&drawing, why);
	if (!error && kind == STORE_HEATMAP)
		store_cells_relate(&drawing.cells);
	if (!error)
		error = draw(&drawing, why);
	store_cells_free(&drawing.cells);
	return error;
}
