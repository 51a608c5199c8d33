/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different between runs, their figures aside: machine, settings, plan, tool. */
#ifndef ANALYSIS_DESCRIBE_DIFFERENCES_H
#define ANALYSIS_DESCRIBE_DIFFERENCES_H

#include <stdio.h>

#include "../../results/run.h"

/* The values at one path, one a document in the order given; NULL: it is not there. */
typedef void difference_found(void *arg, const char *path, const json_t *const *values);

/* Calls back for each value that is not the same in all of `count` documents. How many, or -ENOMEM.
 */
int differences_each(const json_t *const *runs, size_t count, difference_found *found, void *arg);
/* A value as text, the caller frees; strings without their quotes, "-" for what is not there. */
char *differences_text(const json_t *value);
/* What is different between a run and the one that it repeats. */
void differences_print(const struct run *before, const json_t *now, FILE *out);

#endif
