/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How target guest could prove the exit of each storm of a process on this CPU, for doctor. */
#ifndef BENCH_CLI_PROOFS_H
#define BENCH_CLI_PROOFS_H

#include <jansson.h>

void proofs_print(void (*entry)(const char *subject, const char *text, int width), int width);
/* {"architecture": [names of storms], "cost": [...], "unknown": [...]} */
json_t *proofs_json(void);

#endif
