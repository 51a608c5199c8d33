/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom root trusts. A program that root runs, and a folder in which root leaves what it runs later,
 * must not be something that another user can change: environment variables (PATH, TMPDIR) that su
 * and `sudo -E` keep would else decide what root executes.
 */
#ifndef RESULTS_TRUST_H
#define RESULTS_TRUST_H

#include <stdbool.h>

/*
 * True for root of the machine, also by sudo or setuid. Root of a user namespace that is another
 * user outside has no power to lose, and there the system's own files have no owner.
 */
bool trust_is_root(void);
/* True: root alone can add, change or rename anything in the folder, and rename the folder. */
bool trust_folder(const char *path);
/* True as well for a sticky folder (/tmp): what root makes there stays as root made it. */
bool trust_temporary_folder(const char *path);
/* True: root alone can change or replace the file, at the end of its links. */
bool trust_file(const char *path);

#endif
