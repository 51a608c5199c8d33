/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a text that may tell whose machine a run was made on: paths, names of host and user. */
#ifndef RESULTS_PERSONAL_H
#define RESULTS_PERSONAL_H

#include <stdbool.h>

#define PERSONAL_LEFT_OUT "(left out)"
#define PERSONAL_NAMES	  16

/* Names that are left out wherever they are words of a text. */
struct personal {
	char name[PERSONAL_NAMES][65];
	int names;
};

/* Ignores names of one character, root's, and those that no longer fit. */
void personal_add(struct personal *personal, const char *name, int length);
/* Adds this machine's name, and the user's: of the process, and of sudo or su before it. */
void personal_add_machine(struct personal *personal);
/* Adds the host in the default name of a run's folder: <UTC time>-<host>-<target>. */
void personal_add_folder(struct personal *personal, const char *path, const char *target);

/*
 * Copies of `text` with PERSONAL_LEFT_OUT in place of names, or of paths: of all from the first
 * word with a slash to the last one and the colon after it, because paths may have blanks. The
 * caller frees; NULL: no memory.
 */
char *personal_without_names(const struct personal *personal, const char *text);
char *personal_without_paths(const char *text);

#endif
