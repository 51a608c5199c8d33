// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/store/add.h"
#include "../../results/memory.h"
#include "../../results/why.h"

/* Runs of a transaction: what a kill may lose, and how long another collect waits. */
#define TRANSACTION 200

struct collect_values {
	const char *output;
	bool quiet;
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "DIR...",
	 .min = 1,
	 .max = UINT32_MAX,
	 .complete = COMPLETE_FOLDER,
	 .text = "runs, and folders with runs anywhere below them; links are not followed"},
	{.letter = 'o',
	 .name = "output",
	 .value = "STORE",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .complete = COMPLETE_FILE,
	 .at = offsetof(struct collect_values, output),
	 .text = "the store, which is made if it is not there"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct collect_values, quiet),
	 .text = "print no counts"},
	{},
};

struct collector {
	struct store store;
	struct store_writer *writer;
	size_t added[STORE_THERE + 1], damaged, pending;
};

static int begin(struct collector *collector)
{
	char why[RUN_WHY];

	return store_do(&collector->store, "BEGIN IMMEDIATE", why) ? cli_fail("%s", why)
								   : STATUS_OK;
}

static int commit(struct collector *collector)
{
	char why[RUN_WHY];

	collector->pending = 0;
	return store_do(&collector->store, "COMMIT", why) ? cli_fail("%s", why) : STATUS_OK;
}

/* A damaged run is named and left out; an error of the store ends it all. */
static int add(struct collector *collector, const char *path)
{
	enum store_added added;
	char why[RUN_WHY];
	int error = store_add(collector->writer, path, &added, why), status;

	if (error == -ECANCELED)
		return cli_fail("%s", why);
	if (error) {
		cli_warn("left out: %s", why);
		collector->damaged++;
		return STATUS_OK;
	}
	collector->added[added]++;
	if (++collector->pending < TRANSACTION)
		return STATUS_OK;
	status = commit(collector);
	return status == STATUS_OK ? begin(collector) : status;
}

static void leave_out(struct collector *collector, const char *path, int error)
{
	cli_warn("left out: %s: %s", why_path(path), strerror(error));
	collector->damaged++;
}

/* 1: it is the folder of a run, 0: not, -errno: unknown. */
static int is_run(const FTSENT *entry)
{
	char *path = memory_format("%s/run.json", entry->fts_accpath);
	int is = !access(path, F_OK) ? 1 : errno == ENOENT ? 0 : -errno;

	free(path);
	return is;
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
	return strcmp((*one)->fts_name, (*other)->fts_name);
}

static int visit(struct collector *collector, FTS *tree, FTSENT *entry)
{
	int status = STATUS_OK, is;
	bool hidden;

	switch (entry->fts_info) {
	case FTS_D:
		/* Hidden folders are temporary ones. */
		hidden = entry->fts_level && entry->fts_name[0] == '.';
		is = hidden ? 0 : is_run(entry);
		if (hidden || is)
			fts_set(tree, entry, FTS_SKIP);
		if (is < 0)
			leave_out(collector, entry->fts_path, -is);
		else if (is)
			status = add(collector, entry->fts_path);
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		leave_out(collector, entry->fts_path, entry->fts_errno);
		break;
	case FTS_F:
	case FTS_SL:
	case FTS_DEFAULT:
		if (!entry->fts_level)
			status = cli_fail("%s: is not a folder", why_path(entry->fts_path));
		break;
	}
	return status;
}

static int walk(struct collector *collector, char *const *folders)
{
	FTS *tree = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	int status = STATUS_OK;
	FTSENT *entry = NULL;

	if (!tree)
		return cli_fail("%s", strerror(errno));
	errno = 0;
	while (status == STATUS_OK && (entry = fts_read(tree))) {
		status = visit(collector, tree, entry);
		errno = 0;
	}
	if (status == STATUS_OK && !entry && errno)
		status = cli_fail("%s", strerror(errno));
	fts_close(tree);
	return status;
}

static int collect(struct collector *collector, char *const *folders)
{
	const size_t *added = collector->added;
	char why[RUN_WHY];
	int status = begin(collector);
	bool begun = status == STATUS_OK;

	if (begun)
		status = walk(collector, folders);
	/* Runs that were added before an error are whole; its message is enough. */
	if (begun && !sqlite3_get_autocommit(collector->store.db)) {
		if (status == STATUS_OK)
			status = commit(collector);
		else
			store_do(&collector->store, "COMMIT", why);
	}
	if (status == STATUS_OK && !collector->damaged &&
	    !(added[STORE_ADDED] + added[STORE_REPLACED] + added[STORE_THERE]))
		status = cli_fail("there is no run in %s", why_path(folders[0]));
	return status == STATUS_OK && collector->damaged ? STATUS_FAILED : status;
}

static int run_collect(int argc, char **argv)
{
	struct collect_values chosen = {0};
	int status = options_parse(&cmd_collect, argc, argv, &chosen);
	struct collector collector = {0};
	char why[RUN_WHY];

	if (status != OPTIONS_PARSED)
		return status;
	if (store_create(chosen.output, &collector.store, why))
		return cli_fail("%s", why);
	if (store_writer_new(&collector.store, &collector.writer, why))
		status = cli_fail("%s", why);
	else
		status = collect(&collector, argv + optind);
	if (!chosen.quiet) {
		why_say(why, 0, "%s: %zu runs added, %zu replaced, %zu there already, %zu left out",
			why_path(chosen.output), collector.added[STORE_ADDED],
			collector.added[STORE_REPLACED], collector.added[STORE_THERE],
			collector.damaged);
		puts(why);
	}
	store_writer_free(collector.writer);
	store_close(&collector.store);
	return status;
}

const struct command cmd_collect = {
	.name = "collect",
	.usage = "DIR... -o STORE",
	.text = "put the figures of many runs into one SQLite database",
	.options = options,
	.notes = "A run that is in the store already is not added again. Histograms and samples\n"
		 "stay in the runs.\n",
	.run = run_collect,
};
