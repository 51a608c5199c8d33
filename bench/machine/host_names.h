/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How this machine is called: members of host{} of run.json by which runs of a fleet are told
 * apart. */
#ifndef BENCH_MACHINE_HOST_NAMES_H
#define BENCH_MACHINE_HOST_NAMES_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Sets name, machine_id, dmi{} and instance_type of host{}; null: cannot be read, or anonymous
 * (name and machine_id). No serial number is read.
 */
void host_names_add(json_t *host, bool anonymous);

#endif
