/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two states of the machine, each set by a command, measured in turn: A B, B A, A B, ... The
 * repeats of one round are a pair.
 */
#ifndef BENCH_CLI_AB_H
#define BENCH_CLI_AB_H

#include "../session/guardian.h"
#include "request.h"

enum ab_end { AB_DECIDED, AB_ROUNDS, AB_TIME, AB_NOTHING, AB_ENDS };

struct ab {
	const char *command[2], *undo; /* of A and B; undo may be NULL */
	u32 max_rounds;
	double max_time; /* seconds; 0: no limit */
	double margin;	 /* 0.01 is 1 % */
	bool equal;	 /* A against A: both sides are command[0] */
	struct guardian guardian;

	/* Of the measurement under way. */
	enum ab_end end;
	u32 rounds;
	double began;
	json_t *steps[2]; /* the commands that were run, by side */
	struct session_rounds hooks;
};

/*
 * Measures a session that has one variant: makes it two, of the given names. Returns STATUS_OK, or
 * the status after a message; *stopped: by a signal. The caller closes the session.
 */
int ab_measure(struct ab *ab, struct session *session, const char *const name[2], bool *stopped);
/* Adds ab{} to each variant's run.json. undone: how the undo command has ended, or NULL. */
int ab_record(struct ab *ab, struct session *session, const struct guardian_step *undone);
/* Prints what A against A has shown: the differences that this machine can tell apart. */
int ab_print_equal(const struct ab *ab, const struct session *session);
/* One line on stderr: how many rounds there were, and why not more. */
void ab_tell_end(const struct ab *ab);
void ab_free(struct ab *ab);

#endif
