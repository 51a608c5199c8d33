// SPDX-License-Identifier: GPL-2.0-or-later
#include "tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../results/compose.h"
#include "../describe/describe.h"
#include "../describe/place.h"
#include "../describe/guest.h"
#include "../output/units.h"
#include "../show/kernel.h"
#include "../stats/figures.h"
#include "html.h"

#define CELL 64

static void put_ticks(FILE *out, double ticks)
{
	char text[CELL];

	report_number(out, ticks, units_ticks(text, sizeof(text), ticks));
}

static void put_text(FILE *out, const char *text)
{
	fputs("<td class=\"text\">", out);
	report_text(out, text);
	fputs("</td>", out);
}

static void put_leg(FILE *out, const struct run_storm *storm, enum leg leg)
{
	put_ticks(out, describe_has(storm, leg) ? figures_p50(&storm->leg[leg]) : NAN);
}

static void put_half(FILE *out, double low, double high)
{
	double percent = figures_half(low, high);
	char text[CELL];

	report_number(out, percent, units_half(text, sizeof(text), percent));
}

static void put_tail(FILE *out, const struct run_leg *leg, enum run_quantile quantile)
{
	const struct run_figure *figure = &leg->figure[quantile];

	put_ticks(out, figures_tail(leg, quantile));
	put_half(out, figure->repeats ? figure->low : NAN, figure->repeats ? figure->high : NAN);
}

static void put_storm(const struct run *run, const struct run_storm *storm, FILE *out)
{
	enum leg main = describe_main_leg(storm);
	const struct run_leg *leg = &storm->leg[main];
	double hz = describe_hz(run);
	char text[CELL];

	fputs("<tr><th scope=\"row\" class=\"text\">", out);
	report_text(out, storm->name);
	fputs("</th>", out);
	put_text(out, storm->kind);
	put_text(out, leg_name[main]);
	put_text(out, leg->site);
	put_text(out, *describe_guest(run, storm, text, sizeof(text)) ? text : "-");
	put_ticks(out, figures_p50(leg));
	report_number(out, hz > 0 ? figures_p50(leg) / hz : NAN,
		      units_ns(text, sizeof(text), figures_p50(leg), hz > 0 ? hz : 1));
	put_half(out, leg->ci_low, leg->ci_high);
	put_tail(out, leg, RUN_P99);
	put_tail(out, leg, RUN_P999);
	put_ticks(out, leg->all.max);
	put_leg(out, storm, LEG_EXIT);
	put_leg(out, storm, LEG_HANDLER);
	put_leg(out, storm, LEG_RESUME);
	put_text(out, describe_has(storm, LEG_EXIT) ? storm->leg[LEG_EXIT].site : "-");
	put_ticks(out, describe_control(storm));
	put_ticks(out, leg->all.count);
	put_ticks(out, storm->disturbed);
	fputs("</tr>\n", out);
}

void report_storms(const struct run *run, size_t index, FILE *out)
{
	static const struct {
		const char *text;
		bool left;
	} heads[] = {
		{"storm", true},       {"kind", true},	       {"leg", true},
		{"stamps", true},      {"guest", true},	       {"p50", false},
		{"time", false},       {"\302\261 %", false},  {"p99", false},
		{"\302\261 %", false}, {"p99.9", false},       {"\302\261 %", false},
		{"max", false},	       {"exit", false},	       {"handler", false},
		{"resume", false},     {"their stamps", true}, {"control", false},
		{"n", false},	       {"disturbed", false},
	};
	char clock[128], place[512];

	fputs("<p class=\"legend\">", out);
	if (*describe_place(run, place, sizeof(place))) {
		fputs("Machine: ", out);
		report_text(out, place);
		fputs(". ", out);
	}
	report_text(out, describe_clock(run, clock, sizeof(clock)));
	fputs(". Ticks. p50, exit, handler, resume: the centre of the repeats' medians of "
	      "undisturbed "
	      "records; p99, p99.9: of their quantiles of all records; \302\261: half of the 95 % "
	      "interval across the repeats; max: of all records. Compare only what has the same "
	      "leg "
	      "and stamps.</p>\n",
	      out);
	fprintf(out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"storms of run "
		"%zu\">\n<table class=\"sortable\">\n<thead><tr>",
		index + 1);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>", heads[i].left ? " class=\"text\"" : "",
			heads[i].text);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < run->storms; i++)
		if (describe_measured(&run->storm[i]))
			put_storm(run, &run->storm[i], out);
	fputs("</tbody>\n</table>\n</div>\n", out);
}

void report_kernel(const struct run *run, size_t index, FILE *out)
{
	enum leg used[LEGS];
	size_t count = show_kernel_legs(run, used);
	char stamps[200];

	if (!show_has_kernel(run))
		return;
	fputs("<h3>Parts of the round trip</h3>\n"
	      "<p class=\"legend\">p50 of each, in ticks; ",
	      out);
	report_text(out, describe_kernel(run, stamps, sizeof(stamps)));
	fprintf(out,
		".</p>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"parts of the "
		"round trip, run %zu\">\n"
		"<table class=\"sortable\">\n"
		"<thead><tr><th scope=\"col\" class=\"text\">storm</th>",
		index + 1);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "<th scope=\"col\">%s</th>", leg_name[used[i]]);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		if (!show_storm_has_kernel(storm))
			continue;
		fputs("<tr><th scope=\"row\" class=\"text\">", out);
		report_text(out, storm->name);
		fputs("</th>", out);
		for (size_t j = 0; j < count; j++)
			put_leg(out, storm, used[j]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
}

static void put_value(const char *name, const json_t *value, FILE *out)
{
	char *text = json_is_string(value) ? NULL
					   : compose_print(value, JSON_ENCODE_ANY | JSON_COMPACT |
									  JSON_REAL_PRECISION(10));

	fputs("<tr><th scope=\"row\">", out);
	report_text(out, name);
	fputs("</th><td>", out);
	report_text(out, json_is_string(value) ? json_string_value(value)
			 : json_is_null(value) ? "not known"
					       : text);
	fputs("</td></tr>\n", out);
	free(text);
}

/* One row per member, with its path: "cpu.brand". */
static void put_object(const char *prefix, const json_t *object, int depth, FILE *out)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		char name[256];

		snprintf(name, sizeof(name), "%s.%s", prefix, key);
		if (json_is_object(value) && depth < 3)
			put_object(name, value, depth + 1, out);
		else
			put_value(name, value, out);
	}
}

void report_environment(const struct run *run, FILE *out)
{
	static const char *const parts[] = {"tool",	"target",   "host",
					    "settings", "controls", "plan"};

	fputs("<details><summary>Environment, settings and plan</summary>\n"
	      "<table class=\"environment\"><tbody>\n",
	      out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		put_object(parts[i], run_get(run, parts[i]), 0, out);
	fputs("</tbody></table>\n</details>\n", out);
}
