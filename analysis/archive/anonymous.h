/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removal of personal data from a run. */
#ifndef ANALYSIS_ARCHIVE_ANONYMOUS_H
#define ANALYSIS_ARCHIVE_ANONYMOUS_H

#include <jansson.h>

/* Removes from a run.json what may tell whose it is: paths, names of user and host. */
void archive_strip(json_t *json);

#endif
