/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells what the TSC counts on this CPU, by sequences of known instructions between two RDTSCs:
 * time of hardware, instructions of an emulator, or neither. Freestanding: image, module and
 * command share it.
 */
#ifndef TRACE_CLOCK_CHECK_H
#define TRACE_CLOCK_CHECK_H

#include "types.h"

enum clock_kind { CLOCK_TSC, CLOCK_INSTRUCTIONS, CLOCK_EMULATED };
#define CLOCK_KINDS (CLOCK_EMULATED + 1)

/* The ticks of one sequence, of all rounds. */
struct clock_reading {
	u32 instructions; /* from one RDTSC, without it, to the next one */
	u64 min, max;
};

/* Sequences that the judgement compares by name; the others are for the error only. */
enum clock_sequence { CLOCK_NONE, CLOCK_NOP, CLOCK_ADD, CLOCK_IMUL, CLOCK_OTHERS };
#define CLOCK_SEQUENCES 16
#define CLOCK_LENGTH	1000 /* instructions of the three long sequences; CLOCK_NONE has none */

struct clock_readings {
	struct clock_reading of[CLOCK_SEQUENCES];
	u32 count; /* at least CLOCK_OTHERS */
	u32 step;  /* smallest step of the clock, in ticks; 1: no larger one was seen */
	u32 tcg;   /* 1: the CPU has the hypervisor signature of QEMU's TCG */
};

struct clock_finding {
	u32 kind;	    /* enum clock_kind */
	u32 step;	    /* as above */
	u32 cpus;	    /* CPUs that ran meanwhile; set by the caller of clock_classify */
	u32 error;	    /* the max of |ticks - instructions|; ~0: that or more */
	u32 nop, add, imul; /* min ticks of the long sequences; ~0: that or more */
};

/* On the calling CPU. Interrupts should be off: those of all rounds count as error. */
void clock_read(struct clock_readings *readings);
/*
 * CLOCK_INSTRUCTIONS: the error is below one step. CLOCK_TSC: beside the stamps, a dependent chain
 * of IMUL takes at least twice as long as one of ADD, and NOPs take time too, as on every x86-64
 * CPU (latencies 3 to 5 and 1; at most 16 NOPs per cycle). CLOCK_EMULATED: neither. A translator
 * like TCG has no code for a NOP.
 */
void clock_classify(const struct clock_readings *readings, struct clock_finding *finding);
/*
 * Combines the findings of two boots into *finding. Their kinds differ: CLOCK_EMULATED. Else the
 * one with fewer CPUs is kept, in equal numbers that with the greater error.
 */
void clock_combine(struct clock_finding *finding, const struct clock_finding *other);

#endif
