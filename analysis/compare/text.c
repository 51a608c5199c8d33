// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison for people: what differs, the table, what its words mean. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "../describe/describe.h"
#include "../describe/differences.h"
#include "../output/units.h"

#define LINE	  512
#define IDLE	  0.5 /* a load average that disturbs nobody */
#define MOST_TEXT 72  /* of a value that differs */

/* Lines go to a stream, to be wrapped, or to the notes of a table. */
struct lines {
	FILE *out;
	const struct compare *compare;
	size_t hidden;
};

bool compare_passing(const char *path)
{
	return !strcmp(path, "host.steal_ticks");
}

static void put_difference(void *arg, const char *path, const json_t *const *values)
{
	struct lines *lines = arg;

	if (compare_passing(path))
		return;
	fprintf(lines->out, "  %s: ", path);
	for (size_t i = 0; i < lines->compare->sides; i++) {
		char *text = differences_text(values[i]);

		if (text && lines->compare->sides > 2)
			fprintf(lines->out, "%s%s: ", i ? "; " : "", lines->compare->side[i].label);
		else if (i)
			fprintf(lines->out, " -> ");
		if (text)
			fprintf(lines->out, "%.*s%s", MOST_TEXT, text,
				strlen(text) > MOST_TEXT ? "..." : "");
		free(text);
	}
	putc('\n', lines->out);
	lines->hidden++;
}

static int put_differences(const struct compare *compare, FILE *out)
{
	const json_t **json = calloc(compare->sides, sizeof(*json));
	struct lines lines = {.out = out, .compare = compare};
	int found;

	if (!json)
		return -ENOMEM;
	for (size_t i = 0; i < compare->sides; i++)
		json[i] = compare->side[i].run[0]->json;
	/* From base to new, whichever was named first. */
	if (compare->sides == 2 && compare->base == 1) {
		json[0] = compare->side[1].run[0]->json;
		json[1] = compare->side[0].run[0]->json;
	}
	fprintf(out, "What differs%s:\n",
		compare->groups ? " (between the first runs of the groups)" : "");
	found = differences_each(json, compare->sides, put_difference, &lines);
	if (found >= 0 && !lines.hidden)
		fprintf(out, "  nothing\n");
	free(json);
	return found < 0 ? found : 0;
}

static void put_side(const struct compare *compare, size_t index, FILE *out)
{
	const struct compare_side *side = &compare->side[index];
	char text[LINE];

	fprintf(out, "%s%s: ", side->label, index == compare->base ? " (base)" : "");
	for (size_t i = 0; i < side->runs; i++)
		fprintf(out, "%s%s", i ? ", " : "", side->run[i]->path);
	fprintf(out, "; %s", describe_target(side->run[0], text, sizeof(text)));
	fprintf(out, " on %s; ", describe_host(side->run[0], text, sizeof(text)));
	fprintf(out, "%s\n", describe_plan(side->run[0], text, sizeof(text)));
}

static int put_head(const struct compare *compare, FILE *out)
{
	char text[LINE];

	for (size_t i = 0; i < compare->sides; i++)
		put_side(compare, i, out);
	fprintf(out, "clock: %s\n",
		describe_clock(compare->side[compare->base].run[0], text, sizeof(text)));
	if (*compare->forced)
		fprintf(out, "FORCED: %s\n", compare->forced);
	return put_differences(compare, out);
}

/* Storms with the same reason share a line. */
void compare_put_omitted(const struct compare *compare, FILE *out)
{
	for (size_t i = 0; i < compare->omissions; i++) {
		const struct compare_omitted *omitted = compare->omitted;
		bool before = false;

		for (size_t j = 0; j < i; j++)
			before |= !strcmp(omitted[i].why, omitted[j].why);
		if (before)
			continue;
		fprintf(out, "Not compared, %s: %s", omitted[i].why, omitted[i].storm);
		for (size_t j = i + 1; j < compare->omissions; j++)
			if (!strcmp(omitted[i].why, omitted[j].why))
				fprintf(out, ", %s", omitted[j].storm);
		putc('\n', out);
	}
}

static bool any_verdict(const struct compare *compare, enum verdict verdict)
{
	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->sides; j++)
			if (j != compare->base && compare->row[i].cell[j].there &&
			    compare->row[i].cell[j].verdict == verdict)
				return true;
	return false;
}

static bool any_row_with(const struct compare *compare, bool clean)
{
	for (size_t i = 0; i < compare->rows; i++)
		if (compare->row[i].clean == clean)
			return true;
	return false;
}

/* What a busy machine does to one run it need not do to the next. */
static void put_busy(const struct compare *compare, FILE *out)
{
	double most = 0, load = 0;
	bool known = true, apart = false;

	for (size_t i = 0; i < compare->sides; i++) {
		for (size_t j = 0; j < compare->side[i].runs; j++) {
			const struct run *run = compare->side[i].run[j];

			known &= !isnan(describe_others(run));
			most = describe_busy(run) ? fmax(most, describe_others(run)) : most;
			if (strcmp(run_string(run, "target.clock"), "instructions"))
				load = fmax(load, describe_number(run, "host.load1"));
		}
		apart |= compare_is_busy(compare, i);
	}
	if (most > 0 && most < 1e6)
		fprintf(out, "BUSY: others had up to %.2f CPUs while it was measured. %s\n", most,
			apart ? "The runs were not taken in turn: what others did may be the "
				"difference, and nothing in the runs tells how much. run --vary "
				"takes runs in turn; groups of runs have it in their spread."
			: compare->groups ? "What changed from run to run is in the groups' spread."
					  : "The runs were taken in turn, so that it met all.");
	else if (!known && load > IDLE && load < 1e6)
		fprintf(out,
			"BUSY: the load was up to %.2f when the runs began. What others do may be "
			"the difference between runs; run --vary takes its runs in turn.\n",
			load);
}

static bool any_of_target(const struct compare *compare, const char *name)
{
	for (size_t i = 0; i < compare->sides; i++)
		for (size_t j = 0; j < compare->side[i].runs; j++)
			if (!strcmp(run_string(compare->side[i].run[j], "target.name"), name))
				return true;
	return false;
}

/* The module goes straight from exit to entry. */
static void put_mitigations(const struct compare *compare, FILE *out)
{
	if (any_of_target(compare, "module") && any_of_target(compare, "kvm"))
		fprintf(out, "A module run has none of the mitigations that KVM itself makes on exits and "
			     "entries (L1D flush, VERW, IBPB, filling the return stack): what they cost is "
			     "part of the difference.\n");
}

void compare_put_notes(const struct compare *compare, FILE *out)
{
	const char *unit = compare->groups ? "runs" : "repeats";

	compare_put_omitted(compare, out);
	fprintf(out,
		"ratio: of the medians of %s, geometric means, in %s, with its 95 %% interval "
		"(Welch's t on logarithms of %s' medians). p99: ratio of the pooled p99, without "
		"an "
		"interval.\n",
		unit, compare_unit_name[compare->unit], unit);
	fprintf(out,
		"same: the interval lies within +-%g %%. faster, slower: p < %g by Holm over %zu "
		"comparison%s.\n",
		compare->margin * 100, INFERENCE_ALPHA, compare->tests,
		compare->tests == 1 ? "" : "s");
	if (any_verdict(compare, VERDICT_UNCLEAR))
		fprintf(out,
			"unclear: neither; (N): about N %s a side would settle it at this spread; "
			"(1 "
			"%.*s): one has no spread, make at least 5; (clock): no number would, the "
			"clock's step hides it%s.\n",
			unit, (int)strlen(unit) - 1, unit,
			compare_unclear(compare, BECAUSE_BUSY) ? "; (busy): see below" : "");
	if (any_row_with(compare, true))
		fprintf(out, "Of undisturbed records%s.\n",
			any_row_with(compare, false) ? ", where all repeats have some" : "");
	if (!compare->groups)
		fprintf(out, "The intervals are of these runs. What changes from one run to the "
			     "next is seen in groups of runs (A1,A2,A3 B1,B2,B3).\n");
	put_mitigations(compare, out);
	put_busy(compare, out);
}

void compare_put_ratio(char *text, double log)
{
	double ratio = exp(log);

	if (isfinite(ratio) && ratio < 1e5)
		snprintf(text, COMPARE_CELL, "%.*f",
			 ratio < 9.9995	 ? 3
			 : ratio < 99.95 ? 2
					 : 0,
			 ratio);
	else
		snprintf(text, COMPARE_CELL, isfinite(ratio) ? "%.3g" : "-", ratio);
}

void compare_put_interval(char *text, const struct shift *shift)
{
	char low[COMPARE_CELL], high[COMPARE_CELL];

	compare_put_ratio(low, shift->low);
	compare_put_ratio(high, shift->high);
	snprintf(text, COMPARE_CELL, isnan(shift->low) ? "-" : "%.20s..%.20s", low, high);
}

void compare_put_verdict(char *text, const struct compare_cell *cell, bool groups)
{
	char number[COMPARE_CELL];

	if (cell->because == BECAUSE_NOTHING)
		snprintf(text, COMPARE_CELL, "%s", verdict_name[cell->verdict]);
	else if (cell->because == BECAUSE_ONE)
		snprintf(text, COMPARE_CELL, "unclear (1 %s)", groups ? "run" : "repeat");
	else if (cell->because == BECAUSE_SPREAD)
		snprintf(text, COMPARE_CELL, "unclear (%.20s)",
			 units_ticks(number, sizeof(number), cell->needed));
	else
		snprintf(text, COMPARE_CELL, "unclear (%s)", because_name[cell->because]);
}

void compare_put_value(const struct compare *compare, char *text, double value)
{
	if (compare->unit == COMPARE_NS && value < 1e5)
		snprintf(text, COMPARE_CELL, "%.*f", value < 100 ? 2 : 1, value);
	else
		units_ticks(text, COMPARE_CELL, value);
}

/* Ratio, interval, p99 and verdict. */
static void add_cell(const struct compare *compare, struct table *table,
		     const struct compare_row *row, const struct compare_cell *cell)
{
	char text[COMPARE_CELL];

	compare_put_ratio(text, cell->shift.log);
	table_cell(table, "%s", text);
	compare_put_interval(text, &cell->shift);
	table_cell(table, "%s", text);
	compare_put_ratio(text, log(cell->p99 / row->cell[compare->base].p99));
	table_cell(table, "%s", text);
	compare_put_verdict(text, cell, compare->groups);
	table_cell(table, "%s%s%s", text, *row->note ? "; " : "", row->note);
}

static void add_columns(struct table *table, const char *const *heads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		table_column(table, heads[i], i != 0); /* the name gives way to the width */
}

static void row_name(const struct compare_row *row, char *text, size_t size)
{
	bool plain = row->leg == LEG_ROUND_TRIP;

	snprintf(text, size, "%.64s%s%s", row->storm->name, plain ? "" : " ",
		 plain ? "" : leg_name[row->leg]);
}

static void fill_two(const struct compare *compare, struct table *table)
{
	const char *heads[] = {"storm",
			       compare->side[compare->base].label,
			       compare->side[!compare->base].label,
			       "ratio",
			       "95 %",
			       "p99",
			       "verdict"};
	char text[COMPARE_CELL], name[128];

	add_columns(table, heads, sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_row *row = &compare->row[i];

		table_row(table);
		row_name(row, name, sizeof(name));
		table_cell(table, "%s", name);
		compare_put_value(compare, text, row->cell[compare->base].p50);
		table_cell(table, "%s", text);
		compare_put_value(compare, text, row->cell[!compare->base].p50);
		table_cell(table, "%s", text);
		add_cell(compare, table, row, &row->cell[!compare->base]);
	}
}

static const char *cpu_of(const struct compare_side *side)
{
	const char *codename = run_string(side->run[0], "host.cpu.codename");

	return *codename ? codename : run_string(side->run[0], "host.cpu.brand");
}

/* Where CPUs are compared a row says which it is. */
static void put_label(const struct compare *compare, size_t side, char *text, size_t size)
{
	bool differ = false;

	for (size_t i = 1; i < compare->sides; i++)
		differ |= strcmp(cpu_of(&compare->side[i]), cpu_of(&compare->side[0])) != 0;
	if (differ && !describe_emulated(compare->side[side].run[0]))
		snprintf(text, size, "%.60s, %.60s", cpu_of(&compare->side[side]),
			 compare->side[side].label);
	else
		snprintf(text, size, "%s", compare->side[side].label);
}

/* More than two: each storm has a section, in it a row for each run or value. */
static void fill_many(const struct compare *compare, struct table *table)
{
	static const char *const heads[] = {"run", "p50", "ratio", "95 %", "p99", "verdict"};
	char text[COMPARE_CELL], name[128];

	add_columns(table, heads, sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_row *row = &compare->row[i];

		row_name(row, name, sizeof(name));
		table_section(table, "%s", name);
		for (size_t j = 0; j < compare->sides; j++) {
			const struct compare_cell *cell = &row->cell[j];

			table_row(table);
			put_label(compare, j, name, sizeof(name));
			table_cell(table, "%s", name);
			if (!cell->there) {
				table_cell(table, "-");
				continue;
			}
			compare_put_value(compare, text, cell->p50);
			table_cell(table, "%s", text);
			if (j != compare->base) {
				add_cell(compare, table, row, cell);
				continue;
			}
			table_cell(table, "1");
			table_cell(table, "%s", "");
			table_cell(table, "1");
			table_cell(table, "base");
		}
	}
}

static void each_line(char *lines, void (*line)(void *arg, const char *line), void *arg)
{
	for (char *at = lines, *next; at && *at; at = next) {
		next = at + strcspn(at, "\n");
		if (*next)
			*next++ = '\0';
		if (*at)
			line(arg, at);
	}
}

struct printer {
	FILE *out;
	int width;
};

static void print_line(void *arg, const char *line)
{
	const struct printer *printer = arg;

	table_wrap(printer->out, line, printer->width, strspn(line, " ") + 2);
}

static void note_line(void *arg, const char *line)
{
	table_note(arg, "%s", line);
}

static int texts(const struct compare *compare, char **head, char **notes)
{
	size_t size;
	FILE *out = open_memstream(head, &size);
	int error;

	if (!out)
		return -ENOMEM;
	error = put_head(compare, out);
	error = fclose(out) || error ? -ENOMEM : 0;
	out = error ? NULL : open_memstream(notes, &size);
	if (!out)
		return -ENOMEM;
	compare_put_notes(compare, out);
	return fclose(out) ? -ENOMEM : 0;
}

int compare_print(const struct compare *compare, FILE *out, enum table_form form, int width)
{
	struct printer printer = {.out = out, .width = width};
	char *head = NULL, *notes = NULL;
	struct table *table = NULL;
	int error;

	if (form == TABLE_CSV)
		return compare_csv(compare, out);
	error = texts(compare, &head, &notes);
	if (!error) {
		table = table_new(form == TABLE_TEXT ? NULL : "Comparison, p50 and ratios");
		error = table ? 0 : -ENOMEM;
	}
	if (error)
		goto out;
	if (compare->sides == 2)
		fill_two(compare, table);
	else
		fill_many(compare, table);
	if (form == TABLE_TEXT) {
		for (char *c = head; *c; c++)
			if (*c != '\n' && ((unsigned char)*c < ' ' || *c == 0x7f))
				*c = '?';
		each_line(head, print_line, &printer);
		putc('\n', out);
	} else {
		each_line(head, note_line, table);
		each_line(notes, note_line, table);
	}
	error = table_print(table, out, form, width);
	if (!error && form == TABLE_TEXT) {
		putc('\n', out);
		each_line(notes, print_line, &printer);
	}
out:
	table_free(table);
	free(head);
	free(notes);
	return error;
}
