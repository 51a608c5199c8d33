/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks data against the plan that it belongs to, and against what has arrived before. A capture
 * is a file that may be made up with valid checksums: collectors rely on these bounds. Functions
 * return 0, or -EPROTO: the data is refused; -ENOMEM. Not freestanding.
 */
#ifndef BENCH_WIRE_PARTS_H
#define BENCH_WIRE_PARTS_H

#include "wire.h"

/* The state of one storm. Those of a report are an array, storm_count of them. */
struct decoder_storm {
	u32 asked, results; /* asked: results expected; results: received */
	u32 records;
	bool planned;	  /* a plan asks for it; decoder_expect, or a PLAN frame */
	bool begun, over; /* over: skipped or failed, no more results follow */
	bool damaged;	  /* a frame of it was lost or refused */
	bool refused;	  /* one was refused */
	u32 *arrived;	  /* [repeat * vcpus + vcpu], see parts.c; NULL: nothing yet */
};

/* Whether the plan has the storm, and the storm the repeat and vCPU. */
bool parts_planned(const struct plan *plan, const struct decoder_storm *states, u16 storm,
		   const struct wire_part *part);
/* One histogram per leg and kind, of legs that the storm has, before the part's result. */
int parts_histogram(const struct plan *plan, struct decoder_storm *states, u16 storm,
		    const struct wire_histogram *head);
/* As many records as the plan asks for, before the part's result. */
int parts_records(const struct plan *plan, struct decoder_storm *states, u16 storm,
		  const struct wire_part *part, u32 count);
/* Whether counts of all parts of a plan can be added up, and each number is one of JSON. */
bool parts_result_valid(const struct storm_result *result);
/* One result per part, whose counts cannot overflow when those of all parts are added up. */
int parts_result(const struct plan *plan, struct decoder_storm *states,
		 const struct storm_result *result);
void parts_free(struct decoder_storm *states);

#endif
