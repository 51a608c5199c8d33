/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list that the checks in bench/machine/findings_*.c append to. */
#ifndef BENCH_MACHINE_FINDINGS_LIST_H
#define BENCH_MACHINE_FINDINGS_LIST_H

#include <stddef.h>

#include "cpu.h"
#include "finding.h"

struct findings {
	struct finding *finding;
	size_t count, room;
};

/*
 * Appends a finding and returns it, so that the caller can add help and undo. Never NULL: with a
 * full list the finding is a static one that is not part of the list.
 */
struct finding *finding_add(struct findings *findings, enum finding_level level,
			    const char *subject, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void finding_help(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_undo(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The checks, each in the file of its name. */
void findings_kvm(struct findings *findings);
void findings_module(struct findings *findings, const struct cpu *cpu);
void findings_cpu(struct findings *findings);
void findings_system(struct findings *findings);

#endif
