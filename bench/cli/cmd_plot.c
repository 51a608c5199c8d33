// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/plot.h"

#define MAX_STORMS 256

static const struct option options[] = {
	CLI_HELP,
	{"kind", required_argument, NULL, 'k'},
	{"format", required_argument, NULL, 'f'},
	{"storms", required_argument, NULL, 's'},
	{"leg", required_argument, NULL, 'l'},
	{"output", required_argument, NULL, 'o'},
	{},
};

struct request {
	const char *kind, *format, *leg, *out;
	char *storms; /* a copy that is cut into names */
	char *storm[MAX_STORMS];
	size_t count;
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
			if (*status)
				return CLI_STOP;
			break;
		case 'l':
			request->leg = optarg;
			break;
		case 'o':
			request->out = optarg;
			break;
		default:
			return CLI_STOP;
		}
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
	struct run *run[PLOT_MAX_RUNS];
	size_t opened = 0;
	int error = 0;

	while (!error && opened < count) {
		error = run_open(path[opened], &run[opened], why);
		opened += !error;
	}
	if (!error)
		error = plot_draw(plot, run, count, note, why);
	while (opened)
		run_close(run[--opened]);
	if (error)
		return cli_fail("%s", why);
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
	if (!status && argc - optind > PLOT_MAX_RUNS)
		status = cli_usage(&cmd_plot, "at most %d runs in one figure, not %d",
				   PLOT_MAX_RUNS, argc - optind);
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
	.text = "Draws figures of one or several runs.",
	.help = "  RUN...             folders of up to 8 runs\n"
		"  -k, --kind KIND    cdf: distributions, a line for each storm and run (default)\n"
		"                     box: quantiles, a row for each storm\n"
		"                     legs: medians of exit, handler and resume, end to end\n"
		"  -s, --storms LIST  these storms, with commas between them (default: all, or\n"
		"                     for cdf some of each group)\n"
		"  -l, --leg LEG      exit, handler, resume, round_trip, guest_visit, entry_fail\n"
		"                     or period (default: round_trip, or what stands for it)\n"
		"  -f, --format FMT   pdf, svg or png (default: as FILE ends, else pdf)\n"
		"  -o, --output FILE  where to; - is standard output (default: KIND.FMT here)\n"
		"  -h, --help         this text\n"
		"\n"
		"Needs gnuplot. Ticks and emulated ticks do not go into one figure; runs with\n"
		"different TSC frequencies are drawn in ns.\n",
	.run = run_plot,
};
