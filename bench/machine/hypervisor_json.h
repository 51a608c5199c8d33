/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.below of run.json. */
#ifndef BENCH_MACHINE_HYPERVISOR_JSON_H
#define BENCH_MACHINE_HYPERVISOR_JSON_H

#include <jansson.h>

/* A new reference; null: no hypervisor was found. */
json_t *hypervisor_json(void);

#endif
