/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One boot of the image in Bochs: its files, its process, what it writes. */
#ifndef BENCH_TARGETS_BOCHS_H
#define BENCH_TARGETS_BOCHS_H

#include <sys/types.h>

#include "../image/decode.h"

struct bochs {
	char folder[256];
	bool keep;  /* the folder stays: EXITSTORM_KEEP */
	pid_t pid;  /* 0: not running */
	int status; /* as waitpid has it, once it is over */
	int serial; /* what the image has sent so far; -1: nothing yet */
};

/* Bochs' whole name of a model. */
const char *bochs_model(u8 model);
/* Writes all that Bochs reads and starts it. 0, or -errno and why. */
int bochs_boot(struct bochs *bochs, const struct wire_plan *wire, char *why);
/* True: it has ended, whatever way. */
bool bochs_over(struct bochs *bochs);
/* What became of the process, where that is not as it should be; else "". */
void bochs_fate(const struct bochs *bochs, char *text, size_t size);
/* All that has come since the last call. 1: something, 0: nothing, -errno: the sink's. */
int bochs_read(struct bochs *bochs, struct decoder *decoder);
/* The last line of Bochs' log that says what was wrong with a VM entry or with its set-up, or "".
 */
void bochs_quote(const struct bochs *bochs, char *quote, size_t size);
/* Ends it if it runs, and removes its files. */
void bochs_end(struct bochs *bochs);

#endif
