// SPDX-License-Identifier: GPL-2.0-or-later
/* Formats that trackers of benchmarks read: an entry per repeat, or a value with its interval. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../describe/describe.h"
#include "formats.h"

struct list {
	json_t *json;
	FILE *out;
	char *why;
};

static int print(json_t *json, FILE *out)
{
	char *text = compose_print(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12));

	fprintf(out, "%s\n", text);
	free(text);
	json_decref(json);
	return 0;
}

/* Google Benchmark, docs/user_guide.md, "Output Formats"; tools/gbench/report.py reads it. */

static json_t *gbench_context(const struct run *run)
{
	double hz = describe_hz(run);

	return compose_pack("{s:o, s:o, s:f, s:b, s:s}", "date",
			    compose_text(run_string(run, "started")), "executable",
			    compose_format("exitstorm %s", run_string(run, "tool.version")),
			    "mhz_per_cpu", hz > 0 ? round(hz / 1e6) : 0.0, "cpu_scaling_enabled", 0,
			    "library_build_type", "release");
}

static int gbench_figure(void *arg, const struct format_figure *figure)
{
	struct list *list = arg;
	char name[FORMAT_NAME];

	if (strcmp(figure->unit, "ns"))
		return why_say(list->why, -EDOM,
			       "gbench has times only: this run's clock counts %s", figure->unit);
	format_name(figure, name);
	for (size_t i = 0; i < figure->sample.n; i++) {
		double value = format_value(figure, i);

		compose_add(list->json,
			    compose_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:f, s:s}",
					 "name", name, "run_name", name, "run_type", "iteration",
					 "repetitions", (int)figure->sample.n, "repetition_index",
					 (int)i, "threads",
					 (int)fmax(1, describe_number(figure->run, "plan.vcpus")),
					 "iterations",
					 (json_int_t)describe_number(figure->run, "plan.exits"),
					 "real_time", value, "cpu_time", value, "time_unit", "ns"));
	}
	return 0;
}

int format_gbench(const struct format_data *data, FILE *out, char *why)
{
	struct list list = {.json = compose_pack("[]"), .why = why};
	int error = format_each(data, gbench_figure, &list, why);

	if (error) {
		json_decref(list.json);
		return error;
	}
	return print(compose_pack("{s:o, s:o}", "context", gbench_context(data->input[0].run[0]),
				  "benchmarks", list.json),
		     out);
}

/* Bencher: "Bencher Metric Format"; "latency" is its measure of nanoseconds. */

static int bmf_figure(void *arg, const struct format_figure *figure)
{
	struct list *list = arg;
	char name[FORMAT_NAME];
	double low, high;
	json_t *metric;

	sample_interval(&figure->sample, &low, &high);
	metric =
		compose_pack("{s:f}", "value", exp(sample_centre(&figure->sample)) * figure->scale);
	if (isfinite(low) && isfinite(high)) {
		compose_set(metric, "lower_value", json_real(exp(low) * figure->scale));
		compose_set(metric, "upper_value", json_real(exp(high) * figure->scale));
	}
	compose_set(list->json, format_name(figure, name),
		    compose_pack("{s:o}", strcmp(figure->unit, "ns") ? figure->unit : "latency",
				 metric));
	return 0;
}

int format_bmf(const struct format_data *data, FILE *out, char *why)
{
	struct list list = {.json = compose_pack("{}")};
	int error = format_each(data, bmf_figure, &list, why);

	if (!error)
		return print(list.json, out);
	json_decref(list.json);
	return error;
}

/* Go: "Benchmark Data Format", which benchstat reads; /key=value are its sub-name keys. */

static int gobench_figure(void *arg, const struct format_figure *figure)
{
	const struct list *list = arg;

	for (size_t i = 0; i < figure->sample.n; i++) {
		fprintf(list->out, "BenchmarkExit/storm=%s/leg=%s", figure->storm->name,
			leg_name[figure->leg]);
		if (figure->label) {
			fputs("/run=", list->out);
			for (const char *c = figure->label; *c; c++)
				putc(strchr("/ =-", *c) || (unsigned char)*c < ' ' ? '_' : *c,
				     list->out);
		}
		fprintf(list->out, "-%.0f %.0f %.10g %s/op\n",
			fmax(1, describe_number(figure->run, "plan.vcpus")),
			describe_number(figure->run, "plan.exits"), format_value(figure, i),
			figure->unit);
	}
	return 0;
}

int format_gobench(const struct format_data *data, FILE *out, char *why)
{
	struct list list = {.out = out};
	char host[512];

	describe_host(data->input[0].run[0], host, sizeof(host));
	fprintf(out, "goos: linux\ngoarch: amd64\npkg: exitstorm\ncpu: %s\n", why_clean(host));
	return format_each(data, gobench_figure, &list, why);
}
