/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One finding of `exitstorm doctor`. */
#ifndef BENCH_MACHINE_FINDING_H
#define BENCH_MACHINE_FINDING_H

enum finding_level { FINDING_GOOD, FINDING_NOTE, FINDING_WARNING, FINDING_BLOCKER };
struct finding {
	enum finding_level level;
	const char *subject; /* one word: "kvm", "turbo", … */
	char text[512];	     /* the state of the machine, and its effect on timing */
	char help[256];	     /* the command that improves it, or "" */
	char undo[256];	     /* the command that reverts help, or "" */
};

#endif
