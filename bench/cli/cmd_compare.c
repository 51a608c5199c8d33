// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/compare/export.h"
#include "../../analysis/compare/text.h"
#include "../../analysis/compare/verdict.h"
#include "inputs.h"

enum form { FORM_TEXT, FORM_CSV, FORM_MARKDOWN, FORM_LATEX, FORM_JSON };
enum { OPTION_FAIL = 256, OPTION_MARGIN, OPTION_BASE, OPTION_UNIT, OPTION_FORCE };

static const struct option options[] = {
	CLI_HELP,
	{"json", no_argument, NULL, 'j'},
	{"csv", no_argument, NULL, 'c'},
	{"markdown", no_argument, NULL, 'm'},
	{"latex", no_argument, NULL, 'L'},
	{"width", required_argument, NULL, 'w'},
	{"storms", required_argument, NULL, 's'},
	{"leg", required_argument, NULL, 'l'},
	{"fail-above", required_argument, NULL, OPTION_FAIL},
	{"margin", required_argument, NULL, OPTION_MARGIN},
	{"base", required_argument, NULL, OPTION_BASE},
	{"unit", required_argument, NULL, OPTION_UNIT},
	{"force", no_argument, NULL, OPTION_FORCE},
	{},
};

struct request {
	enum form form;
	const char *form_given;
	const char *storms, *base;
	double fail_above; /* below 0: never */
	int width;
	struct compare_options options;
};

/* Is it in the list of patterns? */
static bool is_wanted(void *arg, const char *storm)
{
	char *copy = strdup(arg), *rest = copy, *pattern;
	bool wanted = false;

	while (copy && (pattern = strsep(&rest, ",")))
		wanted |= !fnmatch(pattern, storm, 0);
	free(copy);
	return wanted;
}

static int take_number(const char *option, const char *text, double least, double most,
		       double *number)
{
	char *end;

	*number = strtod(text, &end);
	if (end != text && *end == '%')
		end++;
	if (end == text || *end || !(*number >= least && *number <= most))
		return cli_usage(&cmd_compare, "%s wants a number from %g to %g, not '%s'", option,
				 least, most, text);
	return STATUS_OK;
}

static int take_leg(struct compare_options *options)
{
	options->all_legs = !strcmp(optarg, "all");
	options->leg = LEGS;
	for (unsigned int i = 0; i < LEGS; i++)
		if (!strcmp(optarg, leg_name[i]))
			options->leg = i;
	if (options->leg == LEGS && !options->all_legs)
		return cli_usage(&cmd_compare, "--leg: unknown leg '%s'", optarg);
	return STATUS_OK;
}

static int take_unit(struct compare_options *options)
{
	static const char *const names[] = {"ticks", "ns", "cycles"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(optarg, names[i])) {
			options->unit = i;
			return STATUS_OK;
		}
	}
	return cli_usage(&cmd_compare, "--unit: '%s' is none of ticks, ns, cycles", optarg);
}

static int take_form(struct request *request, int option, const char *given)
{
	enum form chosen = strchr("?cmLj", option) - "?cmLj";

	if (request->form_given && request->form != chosen)
		return cli_usage(&cmd_compare, "one form at a time: %s or %s", request->form_given,
				 given);
	request->form_given = given;
	request->form = chosen;
	return STATUS_OK;
}

static int take_option(struct request *request, int option, char **argv)
{
	struct compare_options *chosen = &request->options;
	double number;
	int status;

	switch (option) {
	case 's':
		request->storms = optarg;
		chosen->wanted = is_wanted;
		chosen->arg = optarg;
		return STATUS_OK;
	case 'l':
		return take_leg(chosen);
	case 'w':
		status = take_number("--width", optarg, 40, 10000, &number);
		request->width = number;
		return status;
	case OPTION_FAIL:
		return take_number("--fail-above", optarg, 0, 1e6, &request->fail_above);
	case OPTION_MARGIN:
		status = take_number("--margin", optarg, 0.001, 50, &number);
		chosen->margin = number / 100;
		return status;
	case OPTION_BASE:
		request->base = optarg;
		return STATUS_OK;
	case OPTION_UNIT:
		return take_unit(chosen);
	case OPTION_FORCE:
		chosen->force = true;
		return STATUS_OK;
	default:
		return take_form(request, option, argv[optind - 1]);
	}
}

static int print(const struct compare *compare, const struct request *request)
{
	static const enum table_form form[] = {
		[FORM_TEXT] = TABLE_TEXT,
		[FORM_CSV] = TABLE_CSV,
		[FORM_MARKDOWN] = TABLE_MARKDOWN,
		[FORM_LATEX] = TABLE_LATEX,
	};
	int error, status;
	size_t n;

	error = request->form == FORM_JSON
			? compare_json(compare, stdout)
			: compare_print(compare, stdout, form[request->form], request->width);
	status = cli_finish(error ? cli_fail("%s", strerror(-error)) : STATUS_OK);
	n = request->fail_above >= 0 ? compare_unclear(compare, UNCLEAR_BUSY) : 0;
	if (!status && n)
		cli_warn("%zu of %zu comparisons say nothing: others were at work, and the runs "
			 "were not taken in turn",
			 n, compare->tests);
	n = request->fail_above >= 0 ? compare_regressions(compare, request->fail_above) : 0;
	if (status || !n)
		return status;
	fprintf(stderr, "exitstorm compare: slower by more than %g %%: %zu of %zu comparisons\n",
		request->fail_above, n, compare->tests);
	return STATUS_REGRESSION;
}

static int compare_inputs(struct inputs *inputs, struct request *request)
{
	struct compare *compare;
	char why[RUN_WHY];
	int status;

	if (inputs->count < 2)
		return cli_usage(&cmd_compare, "with what? Give two runs or more");
	if (request->base) {
		request->options.base = inputs_find(inputs, request->base);
		if (request->options.base == inputs->count)
			return cli_usage(&cmd_compare,
					 "--base: '%s' is none of the runs, nor a number from 1 "
					 "to %zu",
					 request->base, inputs->count);
	}
	inputs_label(inputs, request->options.base);
	if (compare_new(inputs->input, inputs->count, &request->options, &compare, why))
		return cli_fail("%s", why);
	status = print(compare, request);
	compare_free(compare);
	return status;
}

static int run_compare(int argc, char **argv)
{
	struct request request = {
		.fail_above = -1,
		.width = cli_width(),
		.options = {.margin = COMPARE_MARGIN, .unit = COMPARE_AUTO, .leg = LEGS},
	};
	int option, status = STATUS_OK;
	struct inputs inputs = {0};

	while ((option = cli_option(&cmd_compare, argc, argv, "s:l:w:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		status = take_option(&request, option, argv);
		if (status)
			return status;
	}
	if (optind == argc)
		return cli_usage(&cmd_compare, "which runs? Give their folders");
	while (status == STATUS_OK && optind < argc)
		status = inputs_add(&inputs, argv[optind++]);
	if (status == STATUS_OK)
		status = compare_inputs(&inputs, &request);
	inputs_close(&inputs);
	return status;
}

const struct command cmd_compare = {
	.name = "compare",
	.usage = "BASE NEW... [OPTION...]",
	.text = "compare runs, storm by storm: faster, slower, same or unclear",
	.help = "  BASE NEW...           a run's folder; A,B,C: a group of runs; a folder that\n"
		"                        holds runs, as 'run --vary' leaves it, is all of them\n"
		"  -s, --storms LIST     only these, by name or pattern (pio_*,cpuid)\n"
		"  -l, --leg LEG         this leg, or 'all' (default: round_trip, or what stands\n"
		"                        for it in all runs)\n"
		"      --margin PERCENT  what 'same' lies within (default 1)\n"
		"      --fail-above PERCENT  exit 3 if a storm is slower by more than this\n"
		"      --base RUN        which is the base: its name or number (default 1)\n"
		"      --unit UNIT       ticks, ns or cycles (core cycles); default: ticks, and\n"
		"                        ns where the runs' clocks have different rates\n"
		"      --force           compare what is not alike, or was measured while others\n"
		"                        were at work, and say so\n"
		"      --json, --csv     all figures, for programs\n"
		"      --markdown, --latex   the table for a README, for a paper (booktabs)\n"
		"  -w, --width COLUMNS   of the table (default: the terminal's, else 80)\n"
		"  -h, --help            this text\n",
	.run = run_compare,
};
