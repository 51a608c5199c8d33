// SPDX-License-Identifier: GPL-2.0-or-later
/* Saves a run while it is measured, and continues one that was interrupted. */
#include "compose.h"
#include "memory.h"
#include "run_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void run_moved(struct run_writer *writer, const char *folder)
{
	free(writer->path);
	writer->path = memory_text(folder);
	for (size_t i = 0; i < writer->arrays; i++) {
		const struct array *array = &writer->array[i];
		char *path = run_array_path(writer, array->kind, array->storm);

		npy_moved(array->npy, path);
		free(path);
	}
}

static u64 count_items(struct array *array)
{
	if (array)
		array->items = npy_items(array->npy);
	return array ? array->items : 0;
}

struct run_items run_count_items(struct run_writer *writer, const char *storm)
{
	return (struct run_items){count_items(run_known_array(writer, ARRAY_HISTOGRAM, storm)),
				  count_items(run_known_array(writer, ARRAY_SAMPLES, storm))};
}

/* One without items that count has none in the part of the run that is kept. */
static int keep_array(struct run_writer *writer, enum array_kind kind, const char *storm, u64 items,
		      char *why)
{
	char *path = run_array_path(writer, kind, storm);
	int error = run_array_folder(writer, kind, items, why);

	if (!error && items) {
		struct array *array = run_new_array(writer, kind, storm);

		array->items = items;
		error = npy_continue(path, array_kind[kind].dtype, array_kind[kind].item_size,
				     items, &array->npy, why);
		if (error)
			free(array->storm);
		else
			writer->arrays++;
	} else if (!error && unlink(path) && errno != ENOENT) {
		error = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	}
	free(path);
	return error;
}

int run_keep_arrays(struct run_writer *writer, const char *storm, struct run_items items, char *why)
{
	int error = keep_array(writer, ARRAY_HISTOGRAM, storm, items.rows, why);

	return error ? error : keep_array(writer, ARRAY_SAMPLES, storm, items.records, why);
}

/* interrupted NULL: all items belong to the run. */
static int save_array(struct array *array, json_t *interrupted, char *why)
{
	char *name = memory_format("%s/%s.npy", array_kind[array->kind].folder, array->storm);
	json_t *arrays = json_object_get(interrupted, "arrays");
	int error = 0;

	if (!interrupted)
		count_items(array);
	if (array->dirty)
		error = npy_save(array->npy, array->items, why);
	array->dirty &= error != 0;
	if (interrupted)
		compose_set(arrays, name, json_integer((json_int_t)array->items));
	free(name);
	return error;
}

static int save_arrays(struct run_writer *writer, json_t *interrupted, char *why)
{
	int error = 0;

	if (interrupted)
		compose_set(interrupted, "arrays", json_object());
	for (size_t i = 0; !error && i < writer->arrays; i++)
		error = save_array(&writer->array[i], interrupted, why);
	return error;
}

static int replace_json(const struct run_writer *writer, const json_t *json, char *why)
{
	char *old = run_join(writer->path, "run.json", ""),
	     *new = run_join(writer->path, "run.json.new", "");
	int error;

	unlink(new); /* of a process that was killed here */
	error = run_write_json(writer, "run.json.new", json, why);
	if (!error)
		error = run_sync(new, why);
	if (!error && rename(new, old))
		error = why_say(why, -errno, "%s: %s", why_path(old), strerror(errno));
	if (!error)
		error = run_sync(writer->path, why);
	free(new);
	free(old);
	return error;
}

int run_save(struct run_writer *writer, json_t *json, char *why)
{
	int error = save_arrays(writer, json_object_get(json, "interrupted"), why);
	json_t *whole = error ? NULL : run_complete_json(writer, json, &error, why);

	if (!error)
		error = replace_json(writer, whole, why);
	json_decref(whole);
	json_decref(json);
	return error;
}
