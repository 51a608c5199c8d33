/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UUID and the labels of a run, by which a store knows it. */
#ifndef BENCH_SESSION_IDENTITY_H
#define BENCH_SESSION_IDENTITY_H

#include <jansson.h>
#include <stdbool.h>

#include "../../trace/types.h"

#define IDENTITY_BYTES 65 /* 64 hexadecimal digits and a NUL */

/* A random id of a session. */
void identity_random(char id[IDENTITY_BYTES]);
/* The same for every file with this content. 0 or -errno. */
int identity_of_file(const char *path, char id[IDENTITY_BYTES]);
/*
 * The UUID of a session's run: the same when it is continued by another process. Version 8
 * (RFC 9562, "UUID Version 8"), its bits are of a SHA-256.
 */
json_t *identity_uuid(const char *id, u32 variant);

/*
 * Adds "KEY=VALUE", or several with commas between them, to the object. NULL, or what is wrong with
 * it. A key has letters, digits, "_", "-" and "."; a value is text without control characters.
 */
const char *identity_add_labels(json_t *labels, const char *text);
/* Is it an id such as these functions make? */
bool identity_valid(const char *id);
/* Are these labels such as identity_add_labels() makes? */
bool identity_labels_valid(const json_t *labels);

#endif
