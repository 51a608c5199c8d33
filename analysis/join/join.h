/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's run and the traces of the machines below it, which saw the same exits, as one run: each
 * operation with the exits that it made, counted, and where its time went.
 */
#ifndef ANALYSIS_JOIN_JOIN_H
#define ANALYSIS_JOIN_JOIN_H

#include "../../results/run.h"

struct join_request {
	const struct run *guest;
	const struct run *host[2]; /* the guest's host first, then that one's; NULL: none */
	json_t *uuid;		   /* of the joined run; taken over */
};

/*
 * Writes the joined run. *path (allocated) is set to its folder. 0, or -errno and why (RUN_WHY
 * bytes).
 */
int join_write(const struct join_request *request, char **path, char *why);

#endif
