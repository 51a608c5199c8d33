/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exits of a storm's operations, as hosts' traces have them. */
#ifndef ANALYSIS_JOIN_COUNT_H
#define ANALYSIS_JOIN_COUNT_H

#include "guest.h"

/* Sums over the operations of a storm at one host. */
struct join_level {
	u64 exits, ticks; /* ticks: from kvm_exit to kvm_entry, without those of the host below */
};

/*
 * An operation's own reasons are those that at least half of the operations have. All other exits
 * are foreign: interrupts of the host, and what the guest's memory or clock happens to need.
 */
struct join_count {
	u64 operations;	    /* whose vCPU was found */
	u64 exits, foreign; /* at the guest's own host */
	u64 usual;	    /* own exits of an operation, rounded */
	u64 disturbed;	    /* operations with a foreign exit, or more than usual */
	u64 incomplete;	    /* operations with fewer exits than usual */
	u64 ticks;	    /* of all operations, between the guest's stamps */
	struct join_level level[JOIN_HOSTS];
	bool *own; /* by reason; of the guest's own host */
};

/*
 * Counts, and completes the records: kernel_in and kernel_out, of the first and the last of an
 * operation's own exits, and flags of those that are disturbed.
 */
void join_count(struct join_guest *guest, size_t storm, const struct join_host *host, size_t hosts,
		struct join_count *count);
void join_count_free(struct join_count *count);

#endif
