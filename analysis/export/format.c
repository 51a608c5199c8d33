// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../describe/describe.h"
#include "../stats/repeats.h"

static void set_unit(struct format_figure *figure)
{
	double hz = describe_hz(figure->run);
	bool counts = !strcmp(run_string(figure->run, "target.clock"), "instructions");

	figure->unit = hz > 0 ? "ns" : counts ? "instructions" : "ticks";
	figure->scale = hz > 0 ? 1e9 / hz : 1;
}

static int one_leg(struct format_figure *figure,
		   int (*one)(void *arg, const struct format_figure *figure), void *arg, char *why)
{
	bool clean = false;
	int error = repeats_have_clean(figure->run, figure->storm, figure->leg, &clean, why);

	if (!error)
		error = repeats_sample(figure->run, figure->storm, figure->leg, RUN_P50, clean,
				       &figure->sample, why);
	if (error)
		return error == -ENODATA ? 0 : error;
	error = one(arg, figure);
	sample_free(&figure->sample);
	return error;
}

static bool wanted_leg(const struct format_data *data, const struct format_figure *figure)
{
	if (data->all_legs)
		return true;
	return data->leg == LEGS ? figure->main : figure->leg == data->leg;
}

static int one_storm(const struct format_data *data, struct format_figure *figure,
		     int (*one)(void *arg, const struct format_figure *figure), void *arg,
		     char *why)
{
	int error = 0;

	for (int leg = 0; leg < LEGS && !error; leg++) {
		figure->leg = leg;
		figure->main = describe_main_leg(figure->storm) == (enum leg)leg;
		if (describe_has(figure->storm, leg) && wanted_leg(data, figure))
			error = one_leg(figure, one, arg, why);
	}
	return error;
}

int format_each(const struct format_data *data,
		int (*one)(void *arg, const struct format_figure *figure), void *arg, char *why)
{
	int error = 0;

	for (size_t i = 0; i < data->inputs; i++)
		for (size_t j = 0; j < data->input[i].runs; j++) {
			struct format_figure figure = {.label = data->input[i].label,
						       .run = data->input[i].run[j]};

			set_unit(&figure);
			for (size_t k = 0; k < figure.run->storms && !error; k++) {
				figure.storm = &figure.run->storm[k];
				if (!data->wanted || data->wanted(data->arg, figure.storm->name))
					error = one_storm(data, &figure, one, arg, why);
			}
		}
	return error;
}

const char *format_name(const struct format_figure *figure, char name[FORMAT_NAME])
{
	snprintf(name, FORMAT_NAME, "%.80s%s%.70s%s%s", figure->label ? figure->label : "",
		 figure->label ? "/" : "", figure->storm->name, figure->main ? "" : "/",
		 figure->main ? "" : leg_name[figure->leg]);
	return why_clean(name);
}

double format_value(const struct format_figure *figure, size_t index)
{
	return exp(figure->sample.log[index]) * figure->scale;
}

void format_xml(FILE *out, const char *text)
{
	static const char *const entity[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};

	for (size_t length; *text; text += length ? length : 1) {
		length = why_printable(text);
		if (!length)
			putc('?', out);
		else if ((unsigned char)*text < 128 && entity[(unsigned char)*text])
			fputs(entity[(unsigned char)*text], out);
		else
			fwrite(text, 1, length, out);
	}
}
