// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../describe/describe.h"
#include "compare.h"
#include "html.h"
#include "page.h"
#include "tables.h"
#include "../show/notes.h"

/* With fewer repeats intervals are wide. */
#define FEW_REPEATS 5
/* A storm with a larger part of its records disturbed gets a warning. */
#define MUCH_DISTURBED 0.1
/* Load average at the start of a run from which on there is a warning. */
#define BUSY_LOAD 1.0

static void put_name(const struct run *run, FILE *out)
{
	char name[256];

	report_text(out, describe_name(run, name, sizeof(name)));
}

static void put_head(struct run *const *run, size_t runs, FILE *out)
{
	page_begin(out);
	for (size_t i = 0; i < runs; i++) {
		fputs(i ? ", " : "", out);
		put_name(run[i], out);
	}
	page_body(out);
	fputs("<a class=\"skip\" href=\"#run-1\">To the first run</a>\n"
	      "<header><h1>exitstorm report</h1>\n",
	      out);
	fprintf(out, "<p>%zu run%s.</p>\n<nav aria-label=\"contents\"><ul>\n", runs,
		runs == 1 ? "" : "s");
	fputs(runs > 1 ? "<li><a href=\"#together\">The runs together</a></li>\n" : "", out);
	for (size_t i = 0; i < runs; i++) {
		fprintf(out, "<li><a href=\"#run-%zu\">", i + 1);
		put_name(run[i], out);
		fputs("</a></li>\n", out);
	}
	fputs("</ul></nav></header>\n<main>\n", out);
}

static void warn(FILE *out, size_t *count, const char *text)
{
	if (!(*count)++)
		fputs("<div class=\"warnings\"><h3>Warnings</h3>\n<ul>\n", out);
	fputs("<li>", out);
	report_text(out, text);
	fputs("</li>\n", out);
}

static void warn_of_storm(const struct run_storm *storm, FILE *out, size_t *count)
{
	char text[256];

	if (!strcmp(storm->status, "failed")) {
		snprintf(text, sizeof(text), "%s failed: %.180s", storm->name,
			 storm->why ? storm->why : "no reason was recorded");
		warn(out, count, text);
	}
	if (!describe_measured(storm))
		return;
	if (storm->lost) {
		snprintf(text, sizeof(text), "%s: %llu records were lost", storm->name,
			 (unsigned long long)storm->lost);
		warn(out, count, text);
	}
}

static void put_warnings(const struct run *run, FILE *out)
{
	double repeats = describe_number(run, "plan.repeats");
	double load = describe_number(run, "host.load1");
	size_t count = 0, disturbed = 0;
	char text[256];

	if (*describe_incomplete(run, text, sizeof(text)))
		warn(out, &count, text);
	if (describe_emulated(run))
		warn(out, &count, describe_clock(run, text, sizeof(text)));
	if (json_is_false(run_get(run, "host.cpu.tsc_invariant")) && !describe_emulated(run))
		warn(out, &count, "The TSC is not invariant: ticks may not be time.");
	if (repeats < FEW_REPEATS) {
		snprintf(text, sizeof(text), "%.0f repeats: intervals are wide or missing.",
			 repeats);
		warn(out, &count, text);
	}
	if (describe_busy(run)) {
		snprintf(text, sizeof(text), "Other load took %.2f CPUs during the run.",
			 describe_others(run));
		warn(out, &count, text);
	} else if (isnan(describe_others(run)) && load > BUSY_LOAD) {
		snprintf(text, sizeof(text), "The load average was %.2f when the run began.", load);
		warn(out, &count, text);
	}
	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		warn_of_storm(storm, out, &count);
		if (describe_measured(storm))
			disturbed +=
				storm->disturbed >
				MUCH_DISTURBED * storm->leg[describe_main_leg(storm)].all.count;
	}
	if (disturbed) {
		snprintf(text, sizeof(text),
			 "%zu storms with more than %.0f %% of their records disturbed: p99 and "
			 "above show the disturbance.",
			 disturbed, 100 * MUCH_DISTURBED);
		warn(out, &count, text);
	}
	if (count)
		fputs("</ul></div>\n", out);
}

static int put_run(struct run *const *run, size_t index, struct report_figures *figures, FILE *out,
		   char *why)
{
	static const char *const kinds[] = {"box", "legs", "cdf", "timeline"};
	char *title = NULL, *notes = NULL;
	int error = 0;

	if (show_title(run[index], &title) || show_notes(run[index], &notes)) {
		free(title);
		return why_say(why, -ENOMEM, "no memory");
	}
	fprintf(out, "<section id=\"run-%zu\">\n<h2>", index + 1);
	put_name(run[index], out);
	fputs("</h2>\n<p class=\"head\">", out);
	report_text(out, title);
	fputs("</p>\n", out);
	put_warnings(run[index], out);
	fputs("<h3>Storms</h3>\n", out);
	report_storms(run[index], index, out);
	report_kernel(run[index], index, out);
	fputs("<details open><summary>Notes, and storms without a figure</summary>\n"
	      "<div class=\"notes\">",
	      out);
	report_text(out, notes);
	fputs("</div></details>\n", out);
	report_environment(run[index], out);
	fputs("<h3>Figures</h3>\n", out);
	for (size_t i = 0; !error && i < sizeof(kinds) / sizeof(*kinds); i++)
		error = report_figure(figures, kinds[i], &run[index], 1, out, why);
	fputs("</section>\n", out);
	free(title);
	free(notes);
	return error;
}

static int put_together(struct run *const *run, size_t runs, size_t base,
			struct report_figures *figures, FILE *out, char *why)
{
	int error;

	fputs("<section id=\"together\">\n<h2>The runs together</h2>\n", out);
	error = report_compare((struct run **)run, runs, base, figures, out, why);
	fputs("</section>\n", out);
	return error;
}

int report_write(struct run *const *run, size_t runs, size_t base, FILE *out, char *note, char *why)
{
	struct report_figures figures = {.note = note};
	int error = temporary_folder(&figures.folder, temporary_top(), "exitstorm-report", 0700);

	*note = '\0';
	if (error)
		return why_say(why, error, "%s: no temporary folder: %s", temporary_top(),
			       strerror(-error));
	put_head(run, runs, out);
	/* With several runs the comparison comes first. */
	if (runs > 1)
		error = put_together(run, runs, base, &figures, out, why);
	for (size_t i = 0; !error && i < runs; i++)
		error = put_run(run, i, &figures, out, why);
	page_end(out, "the runs");
	temporary_remove(&figures.folder);
	return error;
}
