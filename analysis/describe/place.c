// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../output/table.h"

static void put_machine(const struct run *run, FILE *out)
{
	static const char *const dmi[] = {"host.dmi.vendor", "host.dmi.product"};
	const char *between = ", ", *name = run_string(run, "host.name");

	fputs(name, out);
	if (!*name)
		between = "";
	for (size_t i = 0; i < sizeof(dmi) / sizeof(*dmi); i++) {
		const char *part = run_string(run, dmi[i]);

		if (*part)
			fprintf(out, "%s%s", between, part);
		between = *part ? " " : between;
	}
}

static void put_labels(const struct run *run, FILE *out, bool first)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)run_get(run, "labels"), key, value) {
		if (!json_is_string(value))
			continue;
		fprintf(out, "%s%s=%s", first ? "labels: " : " ", key, json_string_value(value));
		first = false;
	}
}

char *describe_place(const struct run *run, char *text, size_t size)
{
	char *machine = NULL, *labels = NULL;
	size_t bytes;
	FILE *out = memory_stream(&machine, &bytes);

	put_machine(run, out);
	memory_end(out, &machine);
	out = memory_stream(&labels, &bytes);
	put_labels(run, out, true);
	memory_end(out, &labels);
	snprintf(text, size, "%s%s%s", machine, *machine && *labels ? "; " : "", labels);
	free(machine);
	free(labels);
	return table_clean(text);
}
