/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by stamps.bpf.c, which writes, and stamps.c, which reads. */
#ifndef TRACE_STAMPS_RING_H
#define TRACE_STAMPS_RING_H

#include "types.h"

#define STAMPS_SLOTS   64    /* threads at the same time */
#define STAMPS_ENTRIES 32768 /* a power of two: eight per record of a full batch */

/* The clock that the programs read. */
enum stamps_clock {
	STAMPS_KFUNC, /* the TSC, by a kfunc */
	STAMPS_EVENT, /* msr/tsc/: the TSC since the event began */
	STAMPS_KTIME, /* CLOCK_MONOTONIC, in ns */
	STAMPS_CLOCKS
};

enum stamps_kind { STAMP_IN, STAMP_OUT }; /* after an exit, before an entry */

/* The ring of one thread. Written by the kernel; `head` counts all entries ever written. */
struct stamps_ring {
	u64 head;
	u64 entry[STAMPS_ENTRIES]; /* reading of the clock << 1 | enum stamps_kind */
};

/* A reading of the program's clock between two of CLOCK_MONOTONIC; the thread that has asked for
 * it. */
struct stamps_probe {
	u64 before_ns, reading, after_ns;
	u32 tid; /* the kernel's number, whatever the PID namespace */
};

#endif
