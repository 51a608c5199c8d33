/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stamps.bpf.c writes and stamps.c reads. */
#ifndef TRACE_STAMPS_RING_H
#define TRACE_STAMPS_RING_H

#include "types.h"

#define STAMPS_SLOTS   64    /* threads that can be watched at once */
#define STAMPS_ENTRIES 32768 /* a power of two: eight for each record of a full batch */

/* Which clock the programs read. */
enum stamps_clock {
	STAMPS_KFUNC, /* the TSC, by a kfunc */
	STAMPS_EVENT, /* the msr PMU's tsc event: the TSC less what it was when the event began */
	STAMPS_KTIME, /* CLOCK_MONOTONIC, in ns */
	STAMPS_CLOCKS
};

enum stamps_kind { STAMP_IN, STAMP_OUT }; /* out of the guest, towards it */

/* One thread's. Written by the kernel, in its page; `head` counts on for ever. */
struct stamps_ring {
	u64 head;
	u64 entry[STAMPS_ENTRIES]; /* reading of the clock << 1 | enum stamps_kind */
};

/* A reading of the clock between two of CLOCK_MONOTONIC. */
struct stamps_probe {
	u64 before_ns, reading, after_ns;
};

#endif
