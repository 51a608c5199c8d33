/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of exits, and the time of each level: of a guest's run that was joined with traces. */
#ifndef ANALYSIS_SHOW_JOINED_H
#define ANALYSIS_SHOW_JOINED_H

#include "../../results/run.h"
#include "../output/table.h"

bool show_has_joined(const struct run *run);
/* NULL: no memory. */
struct table *show_joined(const struct run *run);

#endif
