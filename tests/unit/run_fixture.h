/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run folder of tests/data, and copies of it with damage. */
#ifndef TESTS_UNIT_RUN_FIXTURE_H
#define TESTS_UNIT_RUN_FIXTURE_H

#include "folder.h"

#include <errno.h>

#include "../../results/run.h"

#define FIXTURE "tests/data/run" /* made up; its arrays were written by NumPy */

static char why[RUN_WHY];

static inline int try_open(const char *path)
{
	struct run *run;
	int error;

	why[0] = 0;
	alarm(60); /* a FIFO must not block */
	error = run_open(path, &run, why);
	alarm(0);
	if (!error)
		run_close(run);
	else
		assert_true(why[0]);
	return error;
}

static inline json_t *fixture(void)
{
	json_t *json = json_load_file(FIXTURE "/run.json", 0, NULL);

	assert_non_null(json);
	return json;
}

static inline void save(json_t *json)
{
	assert_int_equal(json_dump_file(json, in_folder("run.json"), JSON_ENCODE_ANY), 0);
	json_decref(json);
}

#endif
