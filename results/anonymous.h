/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run that does not tell whose it is. */
#ifndef RESULTS_ANONYMOUS_H
#define RESULTS_ANONYMOUS_H

#include <jansson.h>

/*
 * Reduces run.json to the members in a list of those that tell nothing of host and user; all others
 * go, as do process, pid and tid of a trace. Of texts that name what failed, paths are left out,
 * and the names of this machine, its user, and the host in the default name of the run's folder
 * `path` (NULL: it has none). 0, or -ENOMEM: the JSON is then half done.
 */
int anonymous_strip(json_t *json, const char *path);

#endif
