/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder of a run, or of the runs of --vary, that is being written: a hidden temporary one,
 * renamed when it is complete. A long run is shown as PATH.partial meanwhile, which stays if the
 * process is killed.
 * Functions return 0 or -errno and put one line into `why` (RUN_WHY bytes).
 */
#ifndef RESULTS_RUN_FOLDER_H
#define RESULTS_RUN_FOLDER_H

#include <stdbool.h>

#include "temporary.h"

#define RUN_PARTIAL ".partial"

struct run_folder {
	char *path;		    /* the run's final place */
	char *parent;		    /* the folder of both */
	size_t numbered;	    /* bytes of "-2" at its end, where the name was taken */
	unsigned made;		    /* trailing folders of `parent` that were made for this run */
	struct temporary temporary; /* in `parent` */
	struct fatal_hook hook;	    /* run_folder_remove() */
	bool shown;		    /* as PATH.partial */
};

/* 0 or -errno; -EEXIST: the folder exists and is not empty. The caller frees it also on errors. */
int run_folder_create(struct run_folder *folder, const char *path, char *why);
/*
 * Renames the temporary folder to the final one, when its content is on the disk. Where another
 * process has taken that name meanwhile, to PATH-2, PATH-3, … (folder->path says which).
 */
int run_folder_commit(struct run_folder *folder, char *why);
/* Renames it to PATH.partial, or PATH-2.partial, … (folder->path is PATH-2 then). */
int run_folder_show(struct run_folder *folder, char *why);
/*
 * Takes over PATH.partial, which an interrupted process has left. -EBUSY: the process lives. The
 * caller frees it also on errors.
 */
int run_folder_take(struct run_folder *folder, const char *path, char *why);
/* Removes the temporary folder, unless it is shown, and the parents that were made and are empty.
 */
void run_folder_remove(struct run_folder *folder);
void run_folder_free(struct run_folder *folder);
/* Has a file or folder on the disk. 0 or -errno and why. */
int run_sync(const char *path, char *why);

#endif
