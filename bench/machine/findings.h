/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How findings are made; for bench/machine/findings*.c only, callers see environment.h. */
#ifndef BENCH_MACHINE_FINDINGS_H
#define BENCH_MACHINE_FINDINGS_H

#include "cpu.h"
#include "environment.h"

struct findings {
	struct finding *finding;
	size_t count, room;
};

/* Appends one; the caller may add help and undo. With no room left it goes to a spare one. */
struct finding *finding_add(struct findings *findings, enum finding_level level,
			    const char *subject, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void finding_help(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_undo(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* By file: what can be run here, what the CPU does to timing, what the system does. */
void findings_kvm(struct findings *findings);
void findings_module(struct findings *findings, const struct cpu *cpu);
void findings_cpu(struct findings *findings);
void findings_system(struct findings *findings);

#endif
