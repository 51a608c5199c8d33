/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's trace (exitstorm trace --record) as streams of exits, one a vCPU. */
#ifndef ANALYSIS_JOIN_HOST_H
#define ANALYSIS_JOIN_HOST_H

#include "../../results/run.h"
#include "clock.h"
#include "match.h"

/*
 * Once loaded, times are those of the guest's clock, but for a shift: 0 where the clock is known,
 * else one between low and high, which the order of stamps has to find (low > high: not found yet).
 */
struct join_vcpu {
	struct join_stream stream;
	size_t room;
	struct join_clock clock;
	const json_t *json; /* of trace.vcpus[] */
	s64 low, high;
};

/* The reason of a join_exit is an index of run->storm[]. */
struct join_host {
	const struct run *run;
	struct join_vcpu *vcpu;
	size_t vcpus;
	size_t unended; /* exits whose kvm_entry was not seen: they are in no stream */
	u64 error;	/* ticks, of the trace's clock */
};

/* 0, or -errno and why: no trace of single exits, or one that has lost some. */
int join_host_load(const struct run *run, struct join_host *host, char *why);
/* Converts all times once more: from a guest's clock to that of its own guest. */
void join_host_convert(struct join_host *host, const struct join_clock *clock);
void join_host_free(struct join_host *host);

/* Events of the host that a reason may be, which the guest did not cause. */
enum join_event { JOIN_EXIT, JOIN_INTERRUPT, JOIN_NMI, JOIN_SMI };
enum join_event join_host_event(const struct join_host *host, u32 reason);

#endif
