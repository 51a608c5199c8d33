/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there: where none is left, these end the process by fatal(). All is freed by
 * free(). */
#ifndef RESULTS_MEMORY_H
#define RESULTS_MEMORY_H

#include <stddef.h>
#include <stdio.h>

void *memory_get(size_t size);
void *memory_new(size_t count, size_t size); /* zeroed, also for a count of 0 */
void *memory_resize(void *memory, size_t count, size_t size);
char *memory_text(const char *text); /* a copy */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A stream into memory: *text is there after memory_end(), which gets the same `text`. */
FILE *memory_stream(char **text, size_t *size);
void memory_end(FILE *stream, char *const *text);

#endif
