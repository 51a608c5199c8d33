/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target, and the guest of each storm as it was measured: its privilege level, and whether the
 * hypervisor ran its instructions natively or interpreted them. Storms of one run may differ in
 * both.
 */
#ifndef ANALYSIS_DESCRIBE_GUEST_H
#define ANALYSIS_DESCRIBE_GUEST_H

#include <stdbool.h>

#include "../../results/run.h"

/* NAN: not known. */
double describe_cpl(const struct run *run, const struct run_storm *storm);
/* "native", "interpreted"; "": not known. */
const char *describe_mode(const struct run *run, const struct run_storm *storm);
/* "CPL 0, interpreted"; "": nothing is known. Returns text. */
char *describe_guest(const struct run *run, const struct run_storm *storm, char *text, size_t size);

bool describe_same_guest(const struct run *run, const struct run_storm *one,
			 const struct run_storm *other);

/*
 * The first of the most storms with figures that share a guest, which a title therefore need not
 * name. NULL: none has figures.
 */
const struct run_storm *describe_usual_guest(const struct run *run);

/* Which of the two a table of the run must have in a column. */
struct describe_mixed {
	bool cpl, mode;
};
struct describe_mixed describe_mixed(const struct run *run);

/* Storms that a text is about; NULL: all with figures. */
typedef bool describe_wanted(const void *arg, const struct run_storm *storm);
/*
 * "guest at CPL 3, run natively; hlt at CPL 0, interpreted": of most storms, then of the others.
 * "": not known. Returns text.
 */
char *describe_guests(const struct run *run, describe_wanted *wanted, const void *arg, char *text,
		      size_t size);

/*
 * "kvm target (kvm-pvm), guest at CPL 3, run natively": the guests of the storms that have figures,
 * or of those that `wanted` chooses.
 */
char *describe_target(const struct run *run, char *text, size_t size);
char *describe_target_of(const struct run *run, describe_wanted *wanted, const void *arg,
			 char *text, size_t size);

#endif
