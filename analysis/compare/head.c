// SPDX-License-Identifier: GPL-2.0-or-later
#include "head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/differences.h"

#define LINE	    512
#define MAX_TEXT    72 /* bytes shown of a value that differs */
#define MAX_COMMAND 240

/* Where differences are printed to, and how many were. */
struct lines {
	FILE *out;
	const struct compare *compare;
	size_t hidden;
};

static void put_difference(void *arg, const char *path, const json_t *const *values)
{
	struct lines *lines = arg;

	if (compare_is_volatile(path))
		return;
	fprintf(lines->out, "  %s: ", path);
	for (size_t i = 0; i < lines->compare->inputs; i++) {
		char *text = differences_text(values[i]);

		if (text && lines->compare->inputs > 2)
			fprintf(lines->out, "%s%s: ", i ? "; " : "",
				lines->compare->input[i].label);
		else if (i)
			fprintf(lines->out, " -> ");
		if (text)
			fprintf(lines->out, "%.*s%s", MAX_TEXT, text,
				strlen(text) > MAX_TEXT ? "..." : "");
		free(text);
	}
	putc('\n', lines->out);
	lines->hidden++;
}

static int put_differences(const struct compare *compare, FILE *out)
{
	const json_t **json = memory_new(compare->inputs, sizeof(*json));
	struct lines lines = {.out = out, .compare = compare};
	int found;

	for (size_t i = 0; i < compare->inputs; i++)
		json[i] = compare->input[i].run[0]->json;
	/* The base's value first, in whichever order the runs were given. */
	if (compare->inputs == 2 && compare->base == 1) {
		json[0] = compare->input[1].run[0]->json;
		json[1] = compare->input[0].run[0]->json;
	}
	fprintf(out, "Differences%s:\n",
		compare->groups ? " (between the first runs of the groups)" : "");
	found = differences_each(json, compare->inputs, put_difference, &lines);
	if (found >= 0 && !lines.hidden)
		fprintf(out, "  nothing\n");
	free(json);
	return found < 0 ? found : 0;
}

static void put_input(const struct compare *compare, size_t index, FILE *out)
{
	const struct compare_input *input = &compare->input[index];
	char text[LINE];

	fprintf(out, "%s%s: ", input->label, index == compare->base ? " (base)" : "");
	for (size_t i = 0; i < input->runs; i++)
		fprintf(out, "%s%s", i ? ", " : "", input->run[i]->path);
	fprintf(out, "; %s", describe_target(input->run[0], text, sizeof(text)));
	fprintf(out, " on %s; ", describe_host(input->run[0], text, sizeof(text)));
	fprintf(out, "%s\n", describe_plan(input->run[0], text, sizeof(text)));
	if (*run_string(input->run[0], "ab.command"))
		fprintf(out, "  before each repeat: %.*s\n", MAX_COMMAND,
			run_string(input->run[0], "ab.command"));
	for (size_t i = 0; i < input->runs; i++)
		if (*describe_incomplete(input->run[i], text, sizeof(text)))
			fprintf(out, "  %s: %s\n", input->run[i]->path, text);
}

int compare_put_head(const struct compare *compare, FILE *out)
{
	char text[LINE];

	for (size_t i = 0; i < compare->inputs; i++)
		put_input(compare, i, out);
	fprintf(out, "clock: %s\n",
		describe_clock(compare->input[compare->base].run[0], text, sizeof(text)));
	if (*compare->forced)
		fprintf(out, "FORCED: %s\n", compare->forced);
	return put_differences(compare, out);
}
