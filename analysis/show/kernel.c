// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/units.h"
#include "../stats/figures.h"

/* In the order of a round trip. */
static const enum leg legs[] = {LEG_TO_KERNEL, LEG_TO_USER,   LEG_HANDLER,
				LEG_IN_KERNEL, LEG_FROM_USER, LEG_TO_GUEST};
#define KERNEL_LEGS (sizeof(legs) / sizeof(*legs))

bool show_storm_has_kernel(const struct run_storm *storm)
{
	return describe_has(storm, LEG_TO_USER) || describe_has(storm, LEG_IN_KERNEL);
}

bool show_has_kernel(const struct run *run)
{
	for (size_t i = 0; i < run->storms; i++)
		if (show_storm_has_kernel(&run->storm[i]))
			return true;
	return false;
}

size_t show_kernel_legs(const struct run *run, enum leg used[LEGS])
{
	size_t count = 0;

	for (size_t i = 0; i < KERNEL_LEGS; i++)
		for (size_t j = 0; j < run->storms; j++)
			if (show_storm_has_kernel(&run->storm[j]) &&
			    describe_has(&run->storm[j], legs[i])) {
				used[count++] = legs[i];
				break;
			}
	return count;
}

struct table *show_kernel(const struct run *run)
{
	char title[256], stamps[200], number[32];
	struct describe_mixed mixed = describe_mixed(run);
	enum leg used[LEGS];
	size_t count = show_kernel_legs(run, used);
	struct table *table;

	snprintf(title, sizeof(title), "Parts of the round trip, p50 - %s",
		 describe_kernel(run, stamps, sizeof(stamps)));
	table = table_new(title);
	if (!table)
		return NULL;
	table_column(table, "storm", false);
	if (mixed.cpl || mixed.mode)
		table_column(table, "guest", false);
	for (size_t i = 0; i < count; i++)
		table_column(table, leg_name[used[i]], true);
	for (size_t j = 0; j < run->storms; j++) {
		const struct run_storm *storm = &run->storm[j];

		if (!show_storm_has_kernel(storm))
			continue;
		table_row(table);
		table_cell(table, "%s", storm->name);
		if (mixed.cpl || mixed.mode)
			table_cell(table, "%s", describe_guest(run, storm, number, sizeof(number)));
		for (size_t i = 0; i < count; i++)
			table_cell(table, "%s",
				   describe_has(storm, used[i])
					   ? units_ticks(number, sizeof(number),
							 figures_p50(&storm->leg[used[i]]))
					   : "-");
	}
	return table;
}
