/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks, done. In the folder of the runs a task has its run (or, with `vary`, a folder of runs),
 * and in CAMPAIGN_STATE the files NAME.lock, NAME.log, NAME.failed. The run comes by a rename, so
 * that it is whole or not there. The lock holds until the last process of the task has ended.
 */
#ifndef BENCH_CAMPAIGN_WORK_H
#define BENCH_CAMPAIGN_WORK_H

#include "campaign.h"

enum work_state { WORK_MISSING, WORK_RUNNING, WORK_FAILED, WORK_DONE, WORK_STATES };
extern const char *const work_state_name[WORK_STATES];

/*
 * `why` (RUN_WHY bytes): how the task failed, also of one that is done (a storm of it failed); ""
 * if it did not.
 */
enum work_state work_state(const struct campaign *campaign, const struct campaign_task *task,
			   char *why);
/*
 * Makes the folders, and leaves a copy of the plan there. -EEXIST: they are of another plan.
 */
int work_prepare(const struct campaign *campaign, char *why);
/* Path of that copy; to be freed. */
char *work_plan(const char *runs);
/*
 * Does a task that is not done; one that was interrupted here is continued. -EBUSY: another process
 * does it; -ECHILD: the measurement failed. *path is its run, to be freed.
 */
int work_run(const struct campaign *campaign, const struct campaign_task *task, char **path,
	     char *why);
/* A signal has asked this process to end. */
bool work_stopped(void);

#endif
