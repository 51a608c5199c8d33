/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's run as groups of operations, and the vCPU of a host's trace that each belongs to. */
#ifndef ANALYSIS_JOIN_GUEST_H
#define ANALYSIS_JOIN_GUEST_H

#include "host.h"

/* The machines above each other that can be joined: the guest's host, and that one's. */
#define JOIN_HOSTS 2

/* The operations of a storm, a repeat and a vCPU of which the run has kept the stamps, by time. */
struct join_group {
	size_t storm; /* index in run->storm[] */
	u16 repeat, vcpu;
	struct record *record;
	size_t records, room;
	struct join_vcpu *of[JOIN_HOSTS]; /* NULL: not found */
};

struct join_guest {
	const struct run *run;
	struct join_group *group;
	size_t groups;
};

/* 0, or -errno and why: a run without guest stamps. */
int join_guest_load(const struct run *run, struct join_guest *guest, char *why);
void join_guest_free(struct join_guest *guest);
/* The operation is to exit, by the run alone. */
bool join_guest_exits(const struct join_guest *guest, const struct join_group *group);

/*
 * Finds the vCPU of each group in the trace of host number `level`: the one whose exits lie within
 * its operations. 0, or -errno and why: there is none, or several are as likely.
 */
int join_guest_place(struct join_guest *guest, size_t level, struct join_host *host, char *why);
/* The shift of a vCPU's times, and half of the interval that it can be in. */
s64 join_shift(const struct join_vcpu *vcpu);
u64 join_shift_error(const struct join_vcpu *vcpu);

#endif
