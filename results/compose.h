/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Composes JSON so that no part of it is dropped silently. jansson reports a failure (no memory,
 * text that is not UTF-8) to the caller of one function, and a document without that member is
 * still a document. Here each failure ends the process by fatal(), so that nothing returns NULL.
 */
#ifndef RESULTS_COMPOSE_H
#define RESULTS_COMPOSE_H

#include <jansson.h>
#include <stdio.h>

/* Has jansson allocate by memory_get(), in the whole process. Comes before all else of jansson. */
void compose_begin(void);

/* These take over the reference to `value`. */
void compose_set(json_t *object, const char *key, json_t *value);
void compose_add(json_t *array, json_t *value);
/* Sets all members of `more`, whose reference it takes over. */
void compose_update(json_t *object, json_t *more);

/* New references. "s" of compose_pack() must be UTF-8: "o" with compose_text() if it may not. */
json_t *compose_pack(const char *format, ...);
/* Bytes that are not UTF-8 or do not print become '?'. NULL: null. */
json_t *compose_text(const char *text);
json_t *compose_text_or_null(const char *text); /* null also for "" */
json_t *compose_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
json_t *compose_copy(const json_t *value); /* deep; NULL: null */

/*
 * As json_dumps(), in ASCII: terminals interpret some characters beyond it. To be freed.
 */
char *compose_print(const json_t *json, size_t flags);
/*
 * Writes the document and a newline. 0 or -errno. json_dumpf() takes no notice of a write that fails
 * in a key of an object (jansson 2.14), and later ones may succeed.
 */
int compose_dump(const json_t *json, FILE *file, size_t flags);
/* The same into a file that must not be there before. */
int compose_write(const json_t *json, const char *path, size_t flags);

#endif
