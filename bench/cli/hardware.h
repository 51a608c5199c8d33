/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges, by the run of a selftest, the checks that only hardware can pass. */
#ifndef BENCH_CLI_HARDWARE_H
#define BENCH_CLI_HARDWARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "../../trace/types.h"

#define HARDWARE_CPUS 1024

enum hardware_verdict { HARDWARE_PASS, HARDWARE_FAIL, HARDWARE_NOT_HERE };

struct hardware_finding {
	enum hardware_verdict verdict;
	char detail[256];
};

/* Of the machine, beside the run: flags of /proc/cpuinfo, IA32_SPEC_CTRL before and after it. */
struct hardware_facts {
	char flags[8192];
	u32 cpus; /* whose IA32_SPEC_CTRL could be read; 0: none */
	u64 before[HARDWARE_CPUS], after[HARDWARE_CPUS];
};

void hardware_before(struct hardware_facts *facts);
void hardware_after(struct hardware_facts *facts);

u32 hardware_checks(void); /* their number */
const char *hardware_name(u32 check);
const char *hardware_word(enum hardware_verdict verdict);
/* `run`: the members of run.json. */
void hardware_check(u32 check, const json_t *run, const struct hardware_facts *facts,
		    struct hardware_finding *finding);
/* The table of tests/hardware.md, as Markdown. */
void hardware_print_table(FILE *out);

#endif
