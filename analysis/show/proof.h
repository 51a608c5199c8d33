/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words about exits that are proven and not counted: runs of target guest. */
#ifndef ANALYSIS_SHOW_PROOF_H
#define ANALYSIS_SHOW_PROOF_H

#include <stdio.h>

#include "../../results/run.h"

/* The heading of storms with status no_exit. */
const char *show_no_exit(const struct run *run);
/* False: exits are counted in this run, and there is nothing to say. */
bool show_note_proof(const struct run *run, FILE *out);
/* A sentence of the methods paragraph; nothing for runs that count exits. */
void show_say_proof(const struct run *run, FILE *out);

#endif
