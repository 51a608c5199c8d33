/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options and CPU models of the Bochs in $PATH, by its --help: versions differ in both. */
#ifndef BENCH_TARGETS_BOCHS_OFFERS_H
#define BENCH_TARGETS_BOCHS_OFFERS_H

#include <stdbool.h>

/* "Bochs 3.0"; "Bochs" if it does not print its version. */
const char *bochs_version(void);
/* True: its debugger is an option, -debugger, and not always on or absent. */
bool bochs_has_debugger_option(void);
/* True: --help cpu names this model, or no models at all. */
bool bochs_has_model(const char *model);

#endif
