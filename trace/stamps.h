/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_in and kernel_out of the record: stamps that eBPF programs take on KVM's tracepoints, for
 * threads of this process, put on the TSC. Not freestanding.
 */
#ifndef TRACE_STAMPS_H
#define TRACE_STAMPS_H

#include "record.h"
#include "stamps_ring.h"

#define STAMPS_WHY 256

/* Which tracepoints: a KVM in software may never fire the first two. */
enum stamps_place {
	STAMPS_AT_EXIT,	   /* kvm_exit and kvm_entry: beside the hardware's exit and entry */
	STAMPS_AT_SYSCALL, /* kvm_userspace_exit and the entry of the system call KVM_RUN */
	STAMPS_PLACES
};

extern const struct stamps_place_name {
	const char *in, *out;
} stamps_place_name[STAMPS_PLACES];
extern const char *const stamps_clock_name[STAMPS_CLOCKS];

/* NULL, or why this build has none. */
extern const char *const stamps_missing;

struct stamps;

/*
 * Loads and attaches the programs for up to `threads` threads; whatever ends the process, they are
 * gone with it. The clock is the one with the least error here. -errno and why.
 */
int stamps_open(struct stamps **stamps, u32 threads, enum stamps_place place, char *why);
/* The same with a clock of the caller's choice. */
int stamps_open_clock(struct stamps **stamps, u32 threads, enum stamps_place place,
		      enum stamps_clock clock, char *why);
void stamps_close(struct stamps *stamps); /* NULL is fine */

/* The calling thread is watched from now on; it must stay on its CPU. A slot, or -errno and why. */
int stamps_join(struct stamps *stamps, char *why);

/* The thread of a slot begins a batch, and ends it. */
void stamps_begin(struct stamps *stamps, u32 slot);
/*
 * Puts into each record the first stamp after its guest_out and the last before its guest_in.
 * one_clock: the guest's stamps are of the same clock; else only the host's tell where a stamp of
 * the kernel belongs.
 */
void stamps_end(struct stamps *stamps, u32 slot, struct record *record, u32 records,
		bool one_clock);

/* Stamps of a slot's thread since stamps_begin. */
u64 stamps_seen(const struct stamps *stamps, u32 slot);
enum stamps_place stamps_place(const struct stamps *stamps);
enum stamps_clock stamps_clock(const struct stamps *stamps);
/* How far a stamp may be off the TSC, in ticks: the worst of all batches so far. */
u32 stamps_error(const struct stamps *stamps);

#endif
