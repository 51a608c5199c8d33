/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of run.json besides its storms, as pairs of a path and a value. */
#ifndef ANALYSIS_STORE_FLATTEN_H
#define ANALYSIS_STORE_FLATTEN_H

#include <jansson.h>

/*
 * Calls back for each member of a run that is a number, a string, a boolean or an array, with its
 * path ("host.cpu.codename"), but not for those of storms[]. A result that is not 0 ends the loop
 * and is returned.
 */
int flatten(const json_t *run, int (*member)(void *arg, const char *path, const json_t *value),
	    void *arg);

#endif
