/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `compare --store`: groups of runs of a store. */
#ifndef BENCH_CLI_COMPARE_STORE_H
#define BENCH_CLI_COMPARE_STORE_H

#include "../../analysis/output/table.h"
#include "../../trace/record.h"
#include "fail_above.h"

struct compare_store {
	const char *path, *by, *storms, *base; /* by, storms, base NULL: the defaults */
	struct option_list where;
	enum leg leg; /* LEGS: each storm's main leg */
	double margin;
	bool json;
	enum table_form form; /* unless json */
	int width;
	struct fail_above fail_above;
};

/* Returns the status, after a message if there is an error. */
int compare_store(const struct compare_store *request);

#endif
