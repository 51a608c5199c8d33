/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of run.json, checked. `where` is the path of the object that holds `key`, for messages.
 * Functions return 0 or -errno and put one line into `why` (RUN_WHY bytes).
 */
#ifndef RESULTS_FIELDS_H
#define RESULTS_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "../trace/types.h"

/* -EBADMSG: "run.json: <where>.<key> <what>". */
int field_wrong(char *why, const char *where, const char *key, const char *what);
/* A string that must be there; the caller frees the copy. */
int field_string(const json_t *object, const char *key, const char *where, char **copy, char *why);
/* NULL for null, and where there is no such member. */
int field_string_or_null(const json_t *object, const char *key, const char *where, char **copy,
			 char *why);
/* 0 for null, and where there is no such member, unless it is `needed`. */
int field_count(const json_t *object, const char *key, const char *where, bool needed, u64 *count,
		char *why);
/* NAN for null and NULL. */
int field_ticks(const json_t *value, const char *where, const char *key, double *ticks, char *why);
/* Checks limits before jansson allocates: -EFBIG: too many values, -EBADMSG: nested too deep. */
int field_check_text(const char *text, size_t size, char *why);

#endif
