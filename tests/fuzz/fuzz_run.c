// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the readers of runs: run.json and its output by show and compare, .npy headers, whole
 * arrays. The first byte chooses one. With clang: -fsanitize=fuzzer,address, and libFuzzer has
 * main(). With -DFUZZ_MAIN each file of the command line is run once, to use a corpus with another
 * compiler or to repeat a crash.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../analysis/compare/compare.h"
#include "../../analysis/compare/export.h"
#include "../../analysis/compare/text.h"
#include "../../analysis/compare/verdict.h"
#include "../../analysis/show/export.h"
#include "../../analysis/show/methods.h"
#include "../../analysis/show/show.h"
#include "../../results/npy.h"
#include "../../results/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Shows a run of arbitrary words and numbers, and compares it with itself. */
static void fuzz_analysis(struct run *run)
{
	struct compare_input inputs[] = {{"base", &run, 1}, {"new", &run, 1}};
	struct compare_options options = {
		.margin = COMPARE_MARGIN, .unit = COMPARE_AUTO, .leg = LEGS, .force = true};
	struct compare *compare;
	char why[RUN_WHY] = "";
	static FILE *null;

	if (!null)
		null = fopen("/dev/null", "we");
	if (!null)
		abort();
	for (int form = TABLE_TEXT; form <= TABLE_LATEX; form++)
		show_print(run, null, form, 80);
	show_json(run, null);
	show_methods(run, null, 80);
	for (int all = 0; all < 2; all++) {
		options.all_legs = all;
		if (compare_new(inputs, 2, &options, &compare, why)) {
			if (!why[0] || strchr(why, '\n'))
				abort();
			continue;
		}
		for (int form = TABLE_TEXT; form <= TABLE_LATEX; form++)
			compare_print(compare, null, form, 80);
		compare_json(compare, null);
		/* A run has no difference from itself. */
		if (compare_regressions(compare, 0))
			abort();
		compare_free(compare);
	}
}

static void fuzz_json(const char *text, size_t size)
{
	char why[RUN_WHY] = "";
	struct run *run;

	if (run_parse_text(text, size, &run, why)) {
		if (!why[0] || strchr(why, '\n'))
			abort();
		return;
	}
	for (size_t i = 0; i < run->storms; i++) {
		/* An accepted run can be written and read again. */
		for (size_t leg = 0; leg < LEGS; leg++)
			json_decref(run_leg_json(&run->storm[i].leg[leg]));
		if (run_storm_find(run, run->storm[i].name) != &run->storm[i])
			abort();
	}
	run_string(run, "host.cpu.brand");
	run_string(run, "target.clock");
	fuzz_analysis(run);
	run_close(run);
}

static void fuzz_header(const void *bytes, size_t size)
{
	char why[RUN_WHY] = "";
	size_t offset = 0;
	u64 count = 0;

	if (npy_parse_header(bytes, size, RUN_HISTOGRAM_DTYPE, &count, &offset, why) == 0) {
		if (offset > size)
			abort();
	} else if (!why[0] || strchr(why, '\n')) {
		abort();
	}
}

static void fuzz_array(const void *bytes, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char why[RUN_WHY] = "";
	struct record record;
	struct npy *npy;
	u64 count, seen = 0;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	if (npy_open(fd, "fuzz", RUN_RECORD_DTYPE, sizeof(record), &npy, &count, why))
		return;
	while (npy_read(npy, &record, why) == 1)
		seen++;
	if (seen != count)
		abort();
	npy_close(npy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy, so that ASan sees a read past the end. */
	char *copy;

	if (!size)
		return 0;
	copy = malloc(size - 1 ? size - 1 : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] == '{')
		fuzz_json((const char *)data, size); /* so that a run.json itself is a seed */
	else if (data[0] % 3 == 0)
		fuzz_json(copy, size - 1);
	else if (data[0] % 3 == 1)
		fuzz_header(copy, size - 1);
	else
		fuzz_array(copy, size - 1);
	free(copy);
	return 0;
}

#ifdef FUZZ_MAIN
#include "main.h"
#endif
