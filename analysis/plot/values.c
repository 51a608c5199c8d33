// SPDX-License-Identifier: GPL-2.0-or-later
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/table.h"
#include "../output/units.h"
#include "axes.h"
#include "parts.h"
#include "text.h"

#define CAPTION_WIDTH 112  /* characters of the caption's font in a line */
#define CAPTION_CM    0.34 /* a line's height */
#define KEY_CM	      0.48 /* a legend's line */
#define AXIS_CM	      1.25 /* tics and the axis' title */

static const char *site_of(const struct figure *figure, const struct series *series)
{
	return series->storm->leg[plot_leg(figure, series->storm)].site;
}

static bool sites_differ(const struct figure *figure)
{
	for (size_t i = 1; i < figure->count; i++)
		if (strcmp(site_of(figure, &figure->series[i]), site_of(figure, figure->series)))
			return true;
	return false;
}

/* A legend names only properties in which series differ; the caption has the others. */
static void series_title(const struct figure *figure, const struct series *series, char *text,
			 size_t size)
{
	char run[PLOT_TEXT];

	describe_name(series->run, run, sizeof(run));
	if (figure->runs == 1)
		snprintf(text, size, "%s", series->storm->name);
	else if (figure->storms == 1)
		snprintf(text, size, "%s", run);
	else
		snprintf(text, size, "%s, %s", series->storm->name, run);
	if (sites_differ(figure))
		snprintf(text + strlen(text), size - strlen(text), " [%s]",
			 site_of(figure, series));
}

/* A run's entry in a legend; begins with its CPU where CPUs are compared. */
static void run_title(const struct figure *figure, size_t index, char *text, size_t size)
{
	size_t used = 0;

	if (figure->place) {
		snprintf(text, size, "%s (", figure->place[index].label);
		used = strlen(text);
	}
	describe_name(figure->run[index], text + used, size - used);
	used = strlen(text);
	if (figure->place && used + 1 < size)
		strcpy(text + used, ")");
}

static void put_array(FILE *file, const char *name, size_t count)
{
	fprintf(file, "array %s[%zu]\n", name, count ? count : 1);
}

static void put_names(const struct figure *figure, FILE *file)
{
	bool stacked = figure->plot->kind->stacked;
	char text[2 * PLOT_TEXT];

	fprintf(file, "SERIES = %zu\nSTORMS = %zu\nRUNS = %zu\n", figure->count, figure->storms,
		figure->runs);
	put_array(file, "TITLE", figure->count);
	put_array(file, "RUN", figure->runs);
	for (size_t i = 0; i < figure->count; i++) {
		series_title(figure, &figure->series[i], text, sizeof(text));
		fprintf(file, "TITLE[%zu] = ", i + 1);
		plot_words(figure, file, text);
		putc('\n', file);
	}
	for (size_t i = 0; i < figure->runs; i++) {
		run_title(figure, i, text, sizeof(text));
		fprintf(file, "RUN[%zu] = ", i + 1);
		plot_words(figure, file, text);
		putc('\n', file);
	}
	put_array(file, "STORM", figure->storms);
	for (size_t i = 0; i < figure->storms; i++) {
		fprintf(file, "STORM[%zu] = ", i + 1);
		plot_words(figure, file, figure->storm[i]);
		putc('\n', file);
	}
	if (figure->plot->kind->upright)
		return;
	fprintf(file, "set ytics (");
	/* One row per storm, or per series. */
	for (size_t i = 0; i < (stacked ? figure->count : figure->storms); i++) {
		fputs(i ? ", " : "", file);
		if (stacked)
			series_title(figure, &figure->series[i], text, sizeof(text));
		plot_text(figure, file, stacked ? text : figure->storm[i], true);
		fprintf(file, " %zu", i);
	}
	fprintf(file, ")\n");
}

/* Removes the property that the horizontal axis shows. */
static void leave_out_place(const struct figure *figure, char *text)
{
	char key[80], *found, *end;

	if (!figure->place || !figure->plot->kind->upright)
		return;
	/* "n = 2,000 x 5 repeats, 2 vCPUs" */
	if (!strcmp(figure->place_name, "vCPUs") && (found = strrchr(text, ',')) &&
	    strstr(found, " vCPU"))
		*found = '\0';
	snprintf(key, sizeof(key), "%s=", figure->place_name);
	found = strstr(text, key);
	if (!found || (found > text && found[-1] != ' '))
		return;
	end = found + strcspn(found, " ");
	if (*end)
		memmove(found, end + 1, strlen(end + 1) + 1);
	else
		found[-(found > text)] = '\0'; /* it was the last: removes the blank before it */
}

/* Whether the figure draws the storm of a run. */
static bool is_drawn(const void *arg, const struct run_storm *storm)
{
	const struct figure *figure = arg;

	for (size_t i = 0; i < figure->count; i++)
		if (figure->series[i].storm == storm)
			return true;
	return false;
}

static void describe_run(const struct figure *figure, const struct run *run, char *text,
			 size_t size)
{
	char part[PLOT_TEXT];
	size_t used = 0;
	char *(*const parts[])(const struct run *, char *,
			       size_t) = {NULL,		 describe_host,	    describe_clock,
					  describe_plan, describe_settings, describe_kernel};

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i])
			parts[i](run, part, sizeof(part));
		else
			describe_target_of(run, is_drawn, figure, part, sizeof(part));
		leave_out_place(figure, part);
		if (!*part)
			continue;
		snprintf(text + used, size - used, "%s%s",
			 !used	  ? ""
			 : i == 1 ? " on "
				  : "; ",
			 part);
		used = strlen(text);
	}
	if (*describe_incomplete(run, part, sizeof(part)))
		snprintf(text + used, size - used, "; %s", part);
}

static void caption_text(const struct figure *figure, FILE *out)
{
	char one[4 * PLOT_TEXT], first[4 * PLOT_TEXT] = "", number[32];
	bool stacked = figure->plot->kind->stacked, differ = false;
	enum leg legs[PLOT_PARTS] = {figure->leg};
	size_t parts = stacked ? plot_parts(figure, legs) : 1;
	double maximum = 0;

	fprintf(out, "%s. ", figure->plot->kind->caption);
	for (size_t i = 0; i < parts; i++)
		fprintf(out, "%s%s: %s", i ? "; " : "", leg_name[legs[i]], leg_text[legs[i]]);
	fprintf(out, " (stamps: %s%s).",
		sites_differ(figure) ? "see the names" : site_of(figure, figure->series),
		stacked && describe_has(figure->series->storm, LEG_TO_USER) ? ", kvm-tracepoint"
									    : "");
	for (size_t i = 0; i < figure->count; i++)
		maximum = fmax(maximum, figure->series[i].max);
	if (figure->end && !stacked && !figure->plot->kind->against_first && maximum > figure->high)
		fprintf(out, " The axis ends past %s; the maximum is %s.", figure->end,
			figure->ns ? units_ns(number, sizeof(number), maximum, 1e9)
				   : units_ticks(number, sizeof(number), maximum));
	for (size_t i = 0; i < figure->runs; i++) {
		describe_run(figure, figure->run[i], one, sizeof(one));
		if (!i)
			memcpy(first, one, sizeof(first));
		differ |= strcmp(first, one) != 0;
	}
	for (size_t i = 0; i < (differ ? figure->runs : 1); i++) {
		describe_run(figure, figure->run[i], one, sizeof(one));
		if (differ) {
			char name[PLOT_TEXT];

			describe_name(figure->run[i], name, sizeof(name));
			fprintf(out, "\n%s: ", name);
		} else {
			putc('\n', out);
		}
		fprintf(out, "%s.", one);
	}
}

static double width_cm(const struct figure *figure)
{
	return figure->plot->width_cm > 0 ? figure->plot->width_cm : PLOT_WIDTH_CM;
}

/* The factor for lengths that depend on the font's size. */
static double font_scale(const struct figure *figure)
{
	return figure->plot->font_pt > 0 ? figure->plot->font_pt / PLOT_FONT_PT : 1;
}

/* A TeX document keeps its font; only its size is set. */
static void put_font(const struct figure *figure, FILE *file, double part)
{
	double size = figure->plot->format->font * font_scale(figure) * part;

	if (figure->plot->format->tex)
		fprintf(file, "'\\fontsize{%.2f}{%.2f}\\selectfont'", size, size * 1.2);
	else
		fprintf(file, "'%s,%g'",
			figure->plot->font_name ? figure->plot->font_name : PLOT_FONT, size);
}

/* Writes the caption, wrapped. Returns its lines. */
static size_t put_caption(const struct figure *figure, FILE *file)
{
	char *text = NULL, *wrapped = NULL, *line, *next;
	size_t size, lines = 0;
	int columns = CAPTION_WIDTH * width_cm(figure) / PLOT_WIDTH_CM / font_scale(figure);
	FILE *out = memory_stream(&text, &size);

	caption_text(figure, out);
	memory_end(out, &text);
	out = memory_stream(&wrapped, &size);
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		table_wrap(out, line, columns > 20 ? columns : 20, 0);
	}
	memory_end(out, &wrapped);
	fprintf(file, "CAPTION = ''");
	for (line = wrapped; *line; line = next, lines++) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		fputs(lines ? ".\"\\n\"." : ".", file);
		plot_words(figure, file, line);
	}
	putc('\n', file);
	free(text);
	free(wrapped);
	return lines;
}

/* Rounded to whole pixels, or to 0.01 cm. */
static double length(const struct plot_format *format, double cm)
{
	double units = cm * format->per_cm;

	return format->per_cm > 1 ? round(units) : round(units * 100) / 100;
}

static void put_terminal(const struct figure *figure, FILE *file, size_t lines)
{
	const struct plot_format *format = figure->plot->format;
	size_t rows = figure->plot->kind->key_rows(figure);
	bool head = describe_emulated(figure->run[0]);
	double scale = font_scale(figure), caption = lines * CAPTION_CM * scale;
	double bottom = 0.3 + caption + (rows * KEY_CM + AXIS_CM) * scale;
	double top = ((figure->plot->kind->upright ? 0.4 : AXIS_CM) + head * KEY_CM) * scale;
	double height = figure->plot->kind->height(figure) + bottom + top;

	fprintf(file, "set encoding utf8\n");
	fprintf(file, "set terminal %s size %g%s,%g%s font ", format->terminal,
		length(format, width_cm(figure)), format->unit, length(format, height),
		format->unit);
	put_font(figure, file, 1);
	fprintf(file, " linewidth %g", format->line);
	fprintf(file, "\nload 'output'\n");
	fprintf(file, "CAPTION_FONT = ");
	put_font(figure, file, 0.78);
	fprintf(file, "\nPOINT = %g\nKEY_ROWS = %zu\nKEY_COLUMNS = %d\n", format->point, rows,
		KEY_COLUMNS);
	fprintf(file, "WIDTH_CM = %g\n", width_cm(figure) / scale);
	/* gnuplot's screen coordinates: parts of the figure's height. */
	fprintf(file, "CAPTION_TOP = %.4f\nKEY_TOP = %.4f\nPANEL_BOTTOM = %.4f\nPANEL_TOP = %.4f\n",
		(0.1 + caption) / height, (0.3 + caption + rows * KEY_CM * scale) / height,
		bottom / height, 1 - top / height);
}

int plot_values(const struct figure *figure, FILE *file)
{
	size_t lines = put_caption(figure, file);
	char clock[PLOT_TEXT];

	if (!lines)
		return -ENOMEM;
	put_terminal(figure, file, lines);
	put_names(figure, file);
	plot_axes(figure, file);
	plot_assign(figure, file, "HEAD", "%s",
		    describe_emulated(figure->run[0])
			    ? describe_clock(figure->run[0], clock, sizeof(clock))
			    : "");
	return ferror(file) ? -EIO : 0;
}
