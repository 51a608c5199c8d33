/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_in and kernel_out of the record: stamps by eBPF programs on KVM's tracepoints, for threads
 * of this process, converted to TSC ticks. Not freestanding.
 */
#ifndef TRACE_STAMPS_H
#define TRACE_STAMPS_H

#include "record.h"
#include "stamps_ring.h"

#define STAMPS_WHY 256

/* The tracepoints. Software KVMs such as kvm-pvm do not fire kvm_exit and kvm_entry. */
enum stamps_place {
	STAMPS_AT_EXIT,	   /* kvm_exit and kvm_entry: next to the hardware's exit and entry */
	STAMPS_AT_SYSCALL, /* kvm_userspace_exit and the entry of the system call KVM_RUN */
	STAMPS_PLACES
};

extern const struct stamps_place_name {
	const char *in, *out;
} stamps_place_name[STAMPS_PLACES];
extern const char *const stamps_clock_name[STAMPS_CLOCKS];

/* NULL, or the reason why this build has no stamps. */
extern const char *const stamps_missing;

struct stamps;

/*
 * Loads and attaches the programs for up to `threads` threads, with the clock that has the smallest
 * error on this machine. The kernel detaches them when the process ends. -errno and why.
 */
int stamps_open(struct stamps **stamps, u32 threads, enum stamps_place place, char *why);
/* The same with a clock of the caller's choice. */
int stamps_open_clock(struct stamps **stamps, u32 threads, enum stamps_place place,
		      enum stamps_clock clock, char *why);
void stamps_close(struct stamps *stamps); /* NULL is fine */

/* Stamps the calling thread from now on; it must not change its CPU. A slot, or -errno and why. */
int stamps_join(struct stamps *stamps, char *why);

/* Called by the slot's thread around a batch. */
void stamps_begin(struct stamps *stamps, u32 slot);
/*
 * Puts into each record the first stamp after its guest_out and the last before its guest_in.
 * one_clock: guest and host have the same TSC. Otherwise stamps are assigned by the host's only.
 */
void stamps_end(struct stamps *stamps, u32 slot, struct record *record, u32 records,
		bool one_clock);

/* Stamps of a slot's thread since stamps_begin. */
u64 stamps_seen(const struct stamps *stamps, u32 slot);
enum stamps_place stamps_place(const struct stamps *stamps);
enum stamps_clock stamps_clock(const struct stamps *stamps);
/* How often the kernel has skipped a program: up to so many stamps are missing. */
u64 stamps_missed(const struct stamps *stamps);
/* Maximum error of a stamp in ticks, over all batches so far. */
u32 stamps_error(const struct stamps *stamps);

#endif
