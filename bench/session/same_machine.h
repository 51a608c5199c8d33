/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an interrupted run can be continued on this machine. */
#ifndef BENCH_SESSION_SAME_MACHINE_H
#define BENCH_SESSION_SAME_MACHINE_H

#include <jansson.h>
#include <stdbool.h>

/* host{} of run.json on this machine. A new reference; NULL: no memory. */
json_t *machine_host(bool anonymous);
/*
 * Compares host{} of a run with this machine. -EXDEV and why: CPU, microcode, kernel, hypervisor or
 * mitigations differ. 0: `said` (RUN_WHY bytes) is "", or names other settings that have changed.
 */
int same_machine(const json_t *host, bool anonymous, char *said, char *why);

#endif
