/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs, libraries and kernels that are newer than all that the tests ran with are used like
 * others: one line says so, and the checks of each run decide.
 */
#ifndef RESULTS_TRIED_H
#define RESULTS_TRIED_H

#include <stdbool.h>
#include <stddef.h>

/* Line of a version ("QEMU 11.1.2", "v1.7") newer than the newest of tried.def, else false. */
bool tried_newer(const char *program, const char *version, char *line, size_t size);
/* The same as a notice. `version`: NULL or without a number: unknown, no notice. */
void tried_notice(const char *program, const char *version);
/* Of the kernel that runs here. */
void tried_notice_kernel(void);

#endif
