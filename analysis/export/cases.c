// SPDX-License-Identifier: GPL-2.0-or-later
/* Formats with a result per storm: JUnit, TAP, and a summary in Markdown. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../compare/numbers.h"
#include "../compare/verdict.h"
#include "../describe/describe.h"
#include "../output/units.h"
#include "../stats/figures.h"
#include "formats.h"

enum format_result { RESULT_OK, RESULT_FAILED, RESULT_SKIPPED, RESULT_ERROR };

/* A storm's result in a comparison or, without one, in a run. */
struct format_case {
	char name[FORMAT_NAME];
	enum format_result result;
	char text[320]; /* one line: figures, or the reason */
};

struct cases {
	struct format_case *list;
	size_t count;
};

static struct format_case *add(struct cases *cases, enum format_result result)
{
	struct format_case *one;

	cases->list = memory_resize(cases->list, cases->count + 1, sizeof(*cases->list));
	one = &cases->list[cases->count++];
	*one = (struct format_case){.result = result};
	return one;
}

static enum format_result result_of(const struct format_data *data, const struct compare_cell *cell)
{
	if (cell->verdict == VERDICT_UNCLEAR && data->doubt_fails)
		return compare_is_doubtful(cell, data->fail_above) ? RESULT_ERROR : RESULT_OK;
	if (cell->verdict == VERDICT_UNCLEAR)
		return data->unclear_fails ? RESULT_ERROR : RESULT_SKIPPED;
	if (cell->verdict != VERDICT_SLOWER)
		return RESULT_OK;
	return expm1(cell->shift.log) * 100 > data->fail_above ? RESULT_FAILED : RESULT_OK;
}

static void add_cell(const struct format_data *data, struct cases *cases,
		     const struct compare_row *row, size_t input)
{
	const struct compare *compare = data->compare;
	const struct compare_cell *cell = &row->cell[input];
	struct format_case *one = add(cases, result_of(data, cell));
	char ratio[COMPARE_CELL], interval[COMPARE_CELL], verdict[COMPARE_CELL];
	char base[COMPARE_CELL], now[COMPARE_CELL];

	compare_put_ratio(ratio, cell->shift.log);
	compare_put_interval(interval, &cell->shift);
	compare_put_verdict(verdict, cell, compare->groups);
	compare_put_value(compare, base, row->cell[compare->base].value);
	compare_put_value(compare, now, cell->value);
	snprintf(one->name, sizeof(one->name), "%s%.70s%s%s", "", row->storm->name,
		 compare->all_legs ? "/" : "", compare->all_legs ? leg_name[row->leg] : "");
	if (compare->inputs > 2)
		snprintf(one->name + strlen(one->name), sizeof(one->name) - strlen(one->name),
			 " %.90s", compare->input[input].label);
	snprintf(one->text, sizeof(one->text), "%s: %s -> %s %s, ratio %s (95 %%: %s)", verdict,
		 base, now, compare_unit_name[compare->unit], ratio, interval);
}

static void add_comparison(const struct format_data *data, struct cases *cases)
{
	const struct compare *compare = data->compare;

	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++)
			if (j != compare->base && compare->row[i].cell[j].there)
				add_cell(data, cases, &compare->row[i], j);
	for (size_t i = 0; i < compare->omissions; i++) {
		struct format_case *one =
			add(cases, compare_is_lost(compare, &compare->omitted[i]) ? RESULT_ERROR
										  : RESULT_SKIPPED);

		snprintf(one->name, sizeof(one->name), "%s", compare->omitted[i].storm);
		snprintf(one->text, sizeof(one->text), "not compared: %s", compare->omitted[i].why);
	}
}

static void add_storm(const struct format_data *data, struct cases *cases, const struct run *run,
		      const struct run_storm *storm)
{
	enum leg leg = describe_main_leg(storm);
	bool failed = !strcmp(storm->status, "failed");
	struct format_case *one;
	char ticks[32], time[32];

	if (data->wanted && !data->wanted(data->arg, storm->name))
		return;
	one = add(cases, failed ? RESULT_FAILED : leg == LEGS ? RESULT_SKIPPED : RESULT_OK);
	snprintf(one->name, sizeof(one->name), "%.70s", storm->name);
	if (leg == LEGS)
		snprintf(one->text, sizeof(one->text), "%.20s: %.200s", storm->status,
			 storm->why ? storm->why : "no reason given");
	else
		snprintf(one->text, sizeof(one->text), "%s, p50 %s ticks, %s", leg_name[leg],
			 units_ticks(ticks, sizeof(ticks), figures_p50(&storm->leg[leg])),
			 units_ns(time, sizeof(time), figures_p50(&storm->leg[leg]),
				  describe_hz(run)));
}

/* A case per storm, to be freed. */
static struct format_case *format_cases(const struct format_data *data, size_t *count)
{
	struct cases cases = {0};

	if (data->compare)
		add_comparison(data, &cases);
	for (size_t i = 0; !data->compare && i < data->input[0].run[0]->storms; i++)
		add_storm(data, &cases, data->input[0].run[0], &data->input[0].run[0]->storm[i]);
	for (size_t i = 0; i < cases.count; i++) {
		why_clean(cases.list[i].name);
		why_clean(cases.list[i].text);
	}
	*count = cases.count;
	return cases.list;
}

static size_t count_of(const struct format_case *cases, size_t count, enum format_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += cases[i].result == result;
	return n;
}

/* The form that Jenkins, GitLab and GitHub's reporters read: <testsuites>, <testsuite>, <testcase>.
 */
int format_junit(const struct format_data *data, FILE *out, char *why)
{
	static const char *const element[] = {[RESULT_FAILED] = "failure",
					      [RESULT_SKIPPED] = "skipped",
					      [RESULT_ERROR] = "error"};
	const char *suite = data->compare ? "exitstorm compare" : "exitstorm run";
	size_t count;
	struct format_case *cases = format_cases(data, &count);

	(void)why;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	for (int inner = 0; inner < 2; inner++)
		fprintf(out,
			"%s<testsuite%s name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\""
			"%s>\n",
			inner ? " " : "", inner ? "" : "s", suite, count,
			count_of(cases, count, RESULT_FAILED), count_of(cases, count, RESULT_ERROR),
			"");
	for (size_t i = 0; i < count; i++) {
		fputs("  <testcase classname=\"exitstorm\" name=\"", out);
		format_xml(out, cases[i].name);
		fputs("\">", out);
		if (element[cases[i].result]) {
			fprintf(out, "<%s message=\"", element[cases[i].result]);
			format_xml(out, cases[i].text);
			fputs("\"/>", out);
		} else {
			fputs("<system-out>", out);
			format_xml(out, cases[i].text);
			fputs("</system-out>", out);
		}
		fputs("</testcase>\n", out);
	}
	fputs(" </testsuite>\n</testsuites>\n", out);
	free(cases);
	return 0;
}

int format_tap(const struct format_data *data, FILE *out, char *why)
{
	size_t count;
	struct format_case *cases = format_cases(data, &count);

	(void)why;
	fprintf(out, "TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		bool bad = cases[i].result == RESULT_FAILED || cases[i].result == RESULT_ERROR;
		bool skipped = cases[i].result == RESULT_SKIPPED;

		fprintf(out, "%sok %zu - %s%s%s\n", bad ? "not " : "", i + 1, cases[i].name,
			skipped ? " # SKIP " : "", skipped ? cases[i].text : "");
		if (!skipped)
			fprintf(out, "# %s\n", cases[i].text);
	}
	free(cases);
	return 0;
}

static void summary_list(const struct format_case *cases, size_t count, enum format_result result,
			 const char *title, FILE *out)
{
	if (!count_of(cases, count, result))
		return;
	fprintf(out, "\n%s\n\n", title);
	for (size_t i = 0; i < count; i++) {
		if (cases[i].result != result)
			continue;
		fprintf(out, "- `%s`: ", cases[i].name);
		for (const char *c = cases[i].text; *c; c++)
			fprintf(out, strchr("<>&*_`|[]", *c) ? "\\%c" : "%c", *c);
		putc('\n', out);
	}
}

int format_summary(const struct format_data *data, FILE *out, char *why)
{
	static const struct {
		enum format_result result;
		const char *title;
	} parts[] = {
		{RESULT_FAILED, "**Failed**"},
		{RESULT_ERROR, "**Not decided, or lost**"},
		{RESULT_SKIPPED, "Not judged"},
		{RESULT_OK, "Passed"},
	};
	size_t count, failed, errors;
	struct format_case *cases = format_cases(data, &count);

	(void)why;
	failed = count_of(cases, count, RESULT_FAILED);
	errors = count_of(cases, count, RESULT_ERROR);
	fprintf(out, "### exitstorm: %s\n\n%zu of %zu storms passed",
		failed ? "failed" : errors ? "not decided, or storms are lost" : "passed", count_of(cases, count, RESULT_OK), count);
	if (data->compare && data->fail_above >= 0)
		fprintf(out, "; one fails if it is slower by more than %g %%", data->fail_above);
	fputs(".\n", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		summary_list(cases, count, parts[i].result, parts[i].title, out);
	free(cases);
	return 0;
}
