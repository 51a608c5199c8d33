/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run that is being written, for run_write.c and run_save.c. */
#ifndef RESULTS_RUN_WRITER_H
#define RESULTS_RUN_WRITER_H

#include "npy.h"
#include "run.h"
#include "run_folder.h"

enum array_kind { ARRAY_HISTOGRAM, ARRAY_SAMPLES, ARRAY_KINDS };

extern const struct array_kind_row {
	const char *folder, *dtype;
	size_t item_size;
} array_kind[ARRAY_KINDS];

struct array {
	enum array_kind kind;
	char *storm;
	struct npy *npy;
	u64 items;  /* at the last run_count_items() */
	bool dirty; /* since run_save() */
};

struct run_writer {
	struct run_folder folder; /* unless it was made by run_create_in() */
	char *path;		  /* where the files are now */
	struct array *array;
	size_t arrays;
	int (*complete)(struct run *run, char *why); /* NULL: run.json is complete as it is given */
};

/* folder/name and suffix, to be freed. */
char *run_join(const char *folder, const char *name, const char *suffix);
char *run_array_path(const struct run_writer *writer, enum array_kind kind, const char *storm);
/* NULL: there is no such array. */
struct array *run_known_array(const struct run_writer *writer, enum array_kind kind,
			      const char *storm);
/* Room for one array more, not counted yet. */
struct array *run_new_array(struct run_writer *writer, enum array_kind kind, const char *storm);
/* needed: it is made. -ENOTDIR: it is something else. */
int run_array_folder(const struct run_writer *writer, enum array_kind kind, bool needed, char *why);
/* Adds "schema" and "samples", and checks the result as readers do. A new reference, or NULL. */
json_t *run_complete_json(const struct run_writer *writer, const json_t *json, int *error,
			  char *why);
/* Writes the new file `name`. */
int run_write_json(const struct run_writer *writer, const char *name, const json_t *json,
		   char *why);

#endif
