/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Differences between runs in tool, target, host, settings, controls, plan and labels, not in
 * figures. */
#ifndef ANALYSIS_DESCRIBE_DIFFERENCES_H
#define ANALYSIS_DESCRIBE_DIFFERENCES_H

#include <stdio.h>

#include "../../results/run.h"

/* The values at one path, one per document in the order given; NULL: the document has none. */
typedef void difference_found(void *arg, const char *path, const json_t *const *values);

/* Calls back for each value that differs among `count` documents. Returns how many, or -ENOMEM. */
int differences_each(const json_t *const *runs, size_t count, difference_found *found, void *arg);
/* A value as text, which the caller frees; strings without quotes, "-" for NULL and null. */
char *differences_text(const json_t *value);
/* Prints the differences between a run and a run that was made with `--like` it. */
void differences_print(const struct run *before, const json_t *now, FILE *out);

#endif
