/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "interrupted" of run.json. */
#ifndef RESULTS_INTERRUPTED_H
#define RESULTS_INTERRUPTED_H

#include <jansson.h>

/* 0: it is not there, or as it should be. Else -EBADMSG or -ENOMEM, and why (RUN_WHY bytes). */
int interrupted_check(const json_t *json, char *why);

#endif
