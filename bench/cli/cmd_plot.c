// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/plot/plot.h"
#include "runs.h"

#define MAX_STORMS 256

enum { OPTION_WIDTH = 256, OPTION_FONT, OPTION_DATA };

static const struct option options[] = {
	CLI_HELP,
	{"kind", required_argument, NULL, 'k'},
	{"format", required_argument, NULL, 'f'},
	{"storms", required_argument, NULL, 's'},
	{"leg", required_argument, NULL, 'l'},
	{"output", required_argument, NULL, 'o'},
	{"width", required_argument, NULL, OPTION_WIDTH},
	{"font", required_argument, NULL, OPTION_FONT},
	{"data", no_argument, NULL, OPTION_DATA},
	{},
};

struct request {
	const char *kind, *format, *leg, *out;
	char *storms; /* a copy that is cut into names */
	char *storm[MAX_STORMS];
	size_t count;
	double width_cm, font_pt;
	char font[64];
	bool data;
};

/* "a,b,c" into names; the last -s holds. */
static int split_storms(struct request *request, const char *list)
{
	char *copy = strdup(list), *rest = copy, *name;

	free(request->storms);
	request->storms = copy;
	request->count = 0;
	while (copy && (name = strsep(&rest, ","))) {
		if (!*name)
			return cli_usage(&cmd_plot, "-s: '%s' has an empty name", list);
		if (request->count == MAX_STORMS)
			return cli_usage(&cmd_plot, "-s: more than %d storms", MAX_STORMS);
		request->storm[request->count++] = name;
	}
	return copy ? STATUS_OK : cli_fail("no memory");
}

/* 0: it is not a number from `low` to `high`. */
static double number(const char *text, double low, double high)
{
	char *end;
	double value = strtod(text, &end);

	return end != text && !*end && value >= low && value <= high ? value : 0;
}

static int set_width(struct request *request, const char *text)
{
	request->width_cm = number(text, 5, 100);
	if (!request->width_cm)
		return cli_usage(&cmd_plot, "--width wants centimetres from 5 to 100, not '%s'",
				 text);
	return STATUS_OK;
}

/* "NAME", "NAME,POINTS" or ",POINTS". */
static int set_font(struct request *request, const char *text)
{
	const char *comma = strchr(text, ',');
	int length = comma ? comma - text : (int)strlen(text);

	snprintf(request->font, sizeof(request->font), "%.*s", length, text);
	request->font_pt = comma ? number(comma + 1, 3, 72) : 0;
	if ((comma && !request->font_pt) || length >= (int)sizeof(request->font) ||
	    (length && !plot_font_ok(request->font)) || (!length && !comma))
		return cli_usage(&cmd_plot,
				 "--font wants NAME,POINTS (letters, digits, blanks; 3 to 72 "
				 "points), not '%s'",
				 text);
	return STATUS_OK;
}

static int parse(int argc, char **argv, struct request *request, int *status)
{
	int option;

	while ((option = cli_option(&cmd_plot, argc, argv, "k:f:s:l:o:", options, status)) != -1) {
		switch (option) {
		case 'k':
			request->kind = optarg;
			break;
		case 'f':
			request->format = optarg;
			break;
		case 's':
			*status = split_storms(request, optarg);
			break;
		case 'l':
			request->leg = optarg;
			break;
		case 'o':
			request->out = optarg;
			break;
		case OPTION_WIDTH:
			*status = set_width(request, optarg);
			break;
		case OPTION_FONT:
			*status = set_font(request, optarg);
			break;
		case OPTION_DATA:
			request->data = true;
			break;
		default:
			return CLI_STOP;
		}
		if (*status)
			return CLI_STOP;
	}
	return STATUS_OK;
}

/* "a, b, c" of what there is, for messages. */
static const char *join(char *text, size_t size, const char *(*name)(size_t))
{
	text[0] = '\0';
	for (size_t i = 0; name(i); i++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s", i ? ", " : "", name(i));
	}
	return text;
}

static const char *leg_at(size_t index)
{
	return index < LEGS ? leg_name[index] : NULL;
}

static int resolve(const struct request *request, struct plot *plot)
{
	const char *format = request->format, *dot;
	char names[256];

	plot->kind = plot_kind_find(request->kind);
	if (!plot->kind)
		return cli_usage(&cmd_plot, "-k: unknown kind '%s'; there are %s", request->kind,
				 join(names, sizeof(names), plot_kind_name));
	if (!format && request->out) {
		dot = strrchr(request->out, '.');
		format = dot && !strchr(dot, '/') ? dot + 1 : NULL;
		if (!format || !plot_format_find(format))
			return cli_usage(
				&cmd_plot,
				"-o: the end of '%s' names no format; -f does, or one of %s",
				request->out, join(names, sizeof(names), plot_format_name));
	}
	plot->format = plot_format_find(format ? format : "pdf");
	if (!plot->format)
		return cli_usage(&cmd_plot, "-f: unknown format '%s'; there are %s", format,
				 join(names, sizeof(names), plot_format_name));
	plot->leg = LEGS;
	for (unsigned int i = 0; request->leg && i < LEGS; i++)
		if (!strcmp(request->leg, leg_name[i]))
			plot->leg = i;
	if (request->leg && plot->leg == LEGS)
		return cli_usage(&cmd_plot, "--leg: unknown leg '%s'; there are %s", request->leg,
				 join(names, sizeof(names), leg_at));
	if (request->leg && !strcmp(request->kind, "legs"))
		return cli_usage(&cmd_plot, "--leg: -k legs draws exit, handler and resume");
	plot->storm = request->storm;
	plot->storms = request->count;
	plot->width_cm = request->width_cm;
	plot->font_name = *request->font ? request->font : NULL;
	plot->font_pt = request->font_pt;
	plot->data = request->data;
	if (request->data && request->out && !strcmp(request->out, "-"))
		return cli_usage(&cmd_plot, "--data: beside standard output there is no place");
	return STATUS_OK;
}

/* "<kind>.<format>" here, where the user names no file. */
static void name_output(const struct request *request, struct plot *plot, char *name, size_t size)
{
	snprintf(name, size, "%s.%s", request->kind, plot->format->name);
	plot->out = request->out ? request->out : name;
}

static int draw(const struct plot *plot, char **path, size_t count)
{
	char why[RUN_WHY], note[RUN_WHY];
	struct runs runs;
	int status = runs_open(&runs, path, count);

	if (status == STATUS_OK && plot_draw(plot, runs.run, runs.count, note, why))
		status = cli_fail("%s", why);
	runs_close(&runs);
	if (status != STATUS_OK)
		return status;
	if (*note)
		cli_warn("%s", note);
	if (strcmp(plot->out, "-"))
		printf("%s\n", plot->out);
	return STATUS_OK;
}

static int run_plot(int argc, char **argv)
{
	struct request request = {.kind = "cdf"};
	char name[64];
	struct plot plot = {0};
	int status = STATUS_OK;

	if (parse(argc, argv, &request, &status) == CLI_STOP)
		goto out;
	status = resolve(&request, &plot);
	if (!status && optind == argc)
		status = cli_usage(&cmd_plot, "which runs? Give their folders");
	if (!status) {
		name_output(&request, &plot, name, sizeof(name));
		status = draw(&plot, argv + optind, argc - optind);
	}
	status = cli_finish(status);
out:
	free(request.storms);
	return status;
}

const struct command cmd_plot = {
	.name = "plot",
	.usage = "RUN... [-k KIND] [-s STORM,...] [--leg LEG] [-f FORMAT] [-o FILE]",
	.text = "draw figures of one or several runs",
	.help = "  RUN...             folders of runs, or a folder with runs in it\n"
		"  -k, --kind KIND    cdf: distributions, a line for each storm and run (default)\n"
		"                     box: quantiles, a row for each storm\n"
		"                     legs: medians of exit, handler and resume, end to end\n"
		"                     timeline: sampled records in their order\n"
		"                     generations: p50 and p99 by CPU, in time\n"
		"                     scaling: p50 and p99 by vCPUs, a run for each number\n"
		"                     sweep: p50 and p99 by the setting that runs differ in\n"
		"  -s, --storms LIST  these storms, with commas between them (default: all, or\n"
		"                     where there are too many some of each group)\n"
		"  -l, --leg LEG      exit, handler, resume, round_trip, guest_visit, entry_fail\n"
		"                     or period (default: round_trip, or what stands for it)\n"
		"  -f, --format FMT   pdf, svg, png or tikz (default: as FILE ends, else pdf)\n"
		"  -o, --output FILE  where to; - is standard output (default: KIND.FMT here)\n"
		"      --width CM     of the figure (default: 16)\n"
		"      --font F,PT    its font and size in points (default: Sans,7)\n"
		"      --data         leaves the data and the gnuplot script in FILE.data/\n"
		"  -h, --help         this text\n"
		"\n"
		"Needs gnuplot. Ticks and emulated ticks do not go into one figure; runs with\n"
		"different TSC frequencies are drawn in ns.\n",
	.run = run_plot,
};
