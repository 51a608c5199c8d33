// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/replace_file.h"
#include "../../analysis/report/report.h"
#include "../../analysis/report/store.h"
#include "choose.h"
#include "runs.h"
#include "store_query.h"

struct report_options {
	const char *out, *base, *store, *by, *storms;
	struct option_list where;
};

static const struct cli_option options[] = {
	RUNS_OR_STORE_OPERAND,
	STORE_ROW(struct report_options),
	STORE_QUERY_ROWS(struct report_options),
	CHOOSE_ROW(struct report_options, storms),
	{.letter = 'o',
	 .name = "output",
	 .value = "FILE",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct report_options, out),
	 .complete = COMPLETE_FILE,
	 .text = "the HTML file to write; - is standard output"},
	{.name = "base",
	 .value = "RUN",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct report_options, base),
	 .complete = COMPLETE_FOLDER,
	 .text = "the run that the others are compared with: its name or number (default 1); of a "
		 "store, the values of the group, with commas between them (default: the first)"},
	{},
};

/* Writes the content of a page. 0, or -errno and `why`. */
struct page {
	int (*write)(const struct page *page, FILE *file, char *note, char *why);
	const struct runs *runs;
	size_t base;
	struct store *store;
	const struct query *query;
	const struct report_options *chosen;
};

static int write_runs(const struct page *page, FILE *file, char *note, char *why)
{
	return report_write(page->runs->run, page->runs->count, page->base, file, note, why);
}

static int write_groups(const struct page *page, FILE *file, char *note, char *why)
{
	return report_store(page->store, page->query, page->chosen->base, file, note, why);
}

static int write_page(const struct page *page)
{
	const char *out = page->chosen->out;
	char why[RUN_WHY] = "", note[RUN_WHY];
	FILE *file = tmpfile();
	int error;

	if (!file)
		return cli_fail("no temporary file: %s", strerror(errno));
	error = page->write(page, file, note, why);
	if (!error)
		*why = '\0'; /* of storms that were left out */
	if (!error && (fflush(file) || ferror(file) || lseek(fileno(file), 0, SEEK_SET)))
		error = why_say(why, -EIO, "the page cannot be written to a temporary file");
	if (!error)
		error = replace_file(fileno(file), out);
	if (error && !*why)
		why_say(why, error, "%s: cannot be written: %s", why_path(out), strerror(-error));
	fclose(file);
	if (error == -EPIPE && !strcmp(out, "-"))
		return STATUS_PIPE;
	if (error)
		return cli_fail("%s", why);
	if (strcmp(out, "-"))
		printf("%s\n", out);
	/* The page is there but lacks a part: no success. */
	return *note ? cli_fail("%s", note) : STATUS_OK;
}

static int report_runs(const struct report_options *chosen, char *const *path, size_t count)
{
	const char *base = chosen->base ? chosen->base : "1";
	struct runs runs;
	struct page page = {.write = write_runs, .runs = &runs, .chosen = chosen};
	int status = runs_open(&runs, path, count);

	page.base = status == STATUS_OK ? runs_find(&runs, base) : 0;
	if (status == STATUS_OK && page.base == runs.count)
		status = cli_usage("--base: '%s' is none of the runs, nor a number from 1 to %zu",
				   base, runs.count);
	if (status == STATUS_OK)
		status = choose_keep(chosen->storms, runs.run, runs.count);
	if (status == STATUS_OK)
		status = write_page(&page);
	runs_close(&runs);
	return status;
}

static int report_groups(void *arg, struct store *store, const struct query *query)
{
	const struct page page = {
		.write = write_groups, .store = store, .query = query, .chosen = arg};

	return write_page(&page);
}

static int run_report(int argc, char **argv)
{
	struct report_options chosen = {0};
	int status = options_parse(&cmd_report, argc, argv, &chosen);
	struct query query = {.leg = LEGS};

	if (status != OPTIONS_PARSED)
		return status;
	status = store_query_usage(chosen.store, chosen.by, &chosen.where, argc - optind);
	if (status != STATUS_OK || !chosen.store)
		return status == STATUS_OK ? report_runs(&chosen, argv + optind, argc - optind)
					   : status;
	query.storms = chosen.storms;
	return store_query_use(chosen.store, chosen.by, &chosen.where, query, report_groups,
			       &chosen);
}

const struct command cmd_report = {
	.name = "report",
	.usage = "RUN...|--store FILE -o FILE [OPTION...]",
	.text = "write runs as one HTML page",
	.options = options,
	.notes = "The page needs no network: environment, tables that sort, figures, legs and\n"
		 "warnings. Each run is compared with the base, or, where that has another clock,\n"
		 "with the first run that has the same one. Figures need gnuplot.\n",
	.run = run_report,
};
