// SPDX-License-Identifier: GPL-2.0-or-later
#include "controls.h"

#include <errno.h>
#include <stdlib.h>

#include "../describe/differences.h"
#include "../output/table.h"

/* Adds one row per control. `storm`: NULL for the controls of every VM. */
static int add_rows(struct table *table, const json_t *controls, const char *storm)
{
	const char *group, *name;
	json_t *list, *value;

	json_object_foreach ((json_t *)controls, group, list)
		json_object_foreach (list, name, value) {
			char *text = differences_text(value);

			if (!text)
				return -ENOMEM;
			table_row(table);
			table_cell(table, "%s", storm ? storm : "");
			table_cell(table, "%s", group);
			table_cell(table, "%s", text);
			table_cell(table, "%s", name);
			free(text);
		}
	return 0;
}

int show_controls(const struct run *run, FILE *out, int width)
{
	const json_t *every = run_get(run, "controls");
	struct table *table;
	int error;

	if (!json_object_size(every)) {
		fprintf(out, "The run has no controls: only runs on raw VMX or SVM record them.\n");
		return 0;
	}
	table = table_new("Controls in force; all others are 0");
	if (!table)
		return -ENOMEM;
	table_column(table, "storm", false);
	table_column(table, "group", false);
	table_column(table, "value", true);
	table_column(table, "control", false);
	table_section(table, "In every VM");
	error = add_rows(table, every, NULL);
	table_section(table, "Different in the VM of a storm");
	for (size_t i = 0; i < run->storms && !error; i++)
		error = add_rows(table, json_object_get(run->storm[i].json, "controls"),
				 run->storm[i].name);
	if (!error)
		error = table_print(table, out, TABLE_TEXT, width);
	table_free(table);
	return error;
}
