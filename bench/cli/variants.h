/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of a session: one, or with --vary one per value of a setting. */
#ifndef BENCH_CLI_VARIANTS_H
#define BENCH_CLI_VARIANTS_H

#include "../session/session.h"

/*
 * Adds variants of this plan: those of --vary ("KEY=V1,V2"; NULL: the plan itself). STATUS_OK, or
 * the status after a message.
 */
int variants_add(const char *vary, const struct plan *plan, struct session *session);

#endif
