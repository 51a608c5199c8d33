// SPDX-License-Identifier: GPL-2.0-or-later
#include "baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/describe/differences.h"
#include "../../results/memory.h"
#include "../../results/temporary.h"
#include "runs.h"

/*
 * Where these differ, so do the figures, whatever is under test. The kernel, mitigations,
 * parameters of modules and microcode are what a gate is for.
 */
static const char *const must_match[] = {
	"target.name",	   "target.kvm_kind",  "target.nesting", "target.clock",
	"host.cpu.vendor", "host.cpu.family",  "host.cpu.model", "host.cpu.stepping",
	"host.cpu.brand",  "host.hypervisor",  "host.smt",	 "host.governor",
	"host.turbo",	   "host.cpus.online", "settings",	 "plan.exits",
	"plan.repeats",	   "plan.warmup",      "plan.vcpus",	 "plan.cpus",
	"tool.version",
};

static bool same(const json_t *one, const json_t *other)
{
	return one == other || (one && other && json_equal(one, other));
}

bool baseline_check(const struct run *base, const struct run *run)
{
	for (size_t i = 0; i < sizeof(must_match) / sizeof(must_match[0]); i++) {
		const json_t *before = run_get(base, must_match[i]);
		const json_t *now = run_get(run, must_match[i]);
		char *was, *is;

		if (same(before, now))
			continue;
		was = differences_text(before);
		is = differences_text(now);
		cli_fail("%s cannot be compared with the baseline: %s was %.100s and is %.100s; "
			 "--refresh measures a new baseline",
			 why_path(run->path), must_match[i], was, is);
		free(was);
		free(is);
		return true;
	}
	return false;
}

int baseline_open(const char *folder, char **like, char **target, u32 *runs)
{
	char *path = (char *)folder;
	struct runs opened;
	int status;

	if (access(folder, F_OK))
		return cli_fail("%s: %s; 'exitstorm gate --baseline %s --refresh' measures it",
				why_path(folder), strerror(errno), folder);
	status = runs_open(&opened, &path, 1);
	if (status == STATUS_OK && opened.count < SERIES_MIN)
		status = cli_fail("%s has %zu runs, a baseline has at least %d", why_path(folder),
				  opened.count, SERIES_MIN);
	for (size_t i = 1; i < opened.count && status == STATUS_OK; i++)
		if (baseline_check(opened.run[0], opened.run[i]))
			status = STATUS_FAILED;
	if (status == STATUS_OK) {
		*like = memory_text(opened.run[0]->path);
		*target = memory_text(run_string(opened.run[0], "target.name"));
		*runs = opened.count;
	}
	runs_close(&opened);
	return status;
}

/* The folder is replaced as a whole, unless it holds something else than runs. */
static int put_in_place(struct temporary *new, const char *folder)
{
	char *like, *target;
	u32 runs;
	int status, err;

	if (access(folder, F_OK)) {
		err = temporary_rename(new, folder);
		return err ? cli_fail("%s: %s", why_path(folder), strerror(-err)) : STATUS_OK;
	}
	status = baseline_open(folder, &like, &target, &runs);
	if (status != STATUS_OK)
		return status;
	free(like);
	free(target);
	if (renameat2(AT_FDCWD, new->path, AT_FDCWD, folder, RENAME_EXCHANGE))
		return cli_fail("%s: %s", why_path(folder), strerror(errno));
	temporary_remove(new); /* the runs of before */
	return STATUS_OK;
}

int baseline_refresh(const char *folder, const struct request *request, const struct series *series)
{
	char *parent = memory_text(folder), *slash;
	struct temporary new;
	int status, err;

	while ((slash = strrchr(parent, '/')) && slash > parent && !slash[1])
		*slash = '\0';
	slash = strrchr(parent, '/');
	if (slash)
		slash[slash == parent] = '\0';
	err = temporary_folder(&new, slash ? parent : ".", ".exitstorm-baseline", 0777);
	free(parent);
	if (err)
		return cli_fail("%s: cannot be made: %s", why_path(folder), strerror(-err));
	status = series_measure(request, new.path, series);
	if (status == STATUS_OK)
		status = put_in_place(&new, folder);
	if (status == STATUS_OK)
		printf("%s\n", folder);
	temporary_remove(&new);
	return cli_finish(status);
}
