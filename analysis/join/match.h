/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations of a guest, by its two stamps, beside the exits of its vCPU, by a host's. Pure
 * functions. All times are ticks; a shift is added to the host's to get the guest's.
 */
#ifndef ANALYSIS_JOIN_MATCH_H
#define ANALYSIS_JOIN_MATCH_H

#include <stddef.h>

#include "../../trace/record.h"

/* kvm_exit, and the kvm_entry after it: the guest executes nothing between them. */
struct join_exit {
	u64 in, out;
	u32 reason; /* any number that tells reasons apart */
};

/* The exits of a vCPU, in the order of their times. */
struct join_stream {
	struct join_exit *exit;
	size_t count;
};

/* Exits of a stream, from index `first` on. */
struct join_found {
	size_t first, count;
};

/*
 * The exits within an operation. An exit belongs to it by its middle, which decides rightly as long
 * as the clocks differ by less than half of the time that the host needs for the exit.
 */
struct join_found join_find(const struct join_stream *stream, s64 shift,
			    const struct record *operation);

/*
 * How well a stream fits operations. As the guest executes nothing during an exit, each exit within
 * an operation has guest_out <= in + shift and out + shift <= guest_in: what all of them allow.
 */
struct join_fit {
	size_t hits;	/* operations with exits, all of which lie between its stamps */
	size_t without; /* operations without an exit */
	size_t against; /* operations with an exit that lies across a stamp */
	s64 low, high;	/* the shifts that the hits allow; low > high: none, by some ticks */
};

/* With this shift, and clocks that are known to `error` ticks. */
struct join_fit join_fit(const struct join_stream *stream, s64 shift, u64 error,
			 const struct record *operation, size_t count);

/*
 * Finds the shift from the order of stamps alone. Operations are sorted by time, and most of them
 * exit. 0; -ENOENT: no shift fits nine of ten operations; -EEXIST: several that are not
 * neighbours fit equally well. error: of the host's clock in itself.
 */
int join_order(const struct join_stream *stream, u64 error, const struct record *operation,
	       size_t count, struct join_fit *fit);

#endif
