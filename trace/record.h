/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of one operation of a storm, and the legs between its stamps.
 *
 * Stamps are TSC ticks; 0 means that there is no such stamp. One record is one cache line,
 * little-endian, and is the same in guest memory, on the wire and in samples/<storm>.npy.
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include "types.h"

enum record_flag {
	RECORD_LAUNCHED = 1 << 0,      /* entered by VMLAUNCH, not by VMRESUME */
	RECORD_COLD = 1 << 1,	       /* the first of its batch */
	RECORD_FAST_FALLBACK = 1 << 2, /* the fast path met something else and fell into full */
	RECORD_EXTRA_EXIT = 1 << 3,    /* more exits were counted than the operation makes */
	RECORD_IRQ = 1 << 4,
	RECORD_NMI = 1 << 5,
	RECORD_CTXSW = 1 << 6, /* the vCPU's thread was switched out meanwhile */
	RECORD_SMI = 1 << 7,
	RECORD_ENTRY_FAILED = 1 << 8,
};

/* Something else happened between the stamps: left out of the "clean" summaries. */
#define RECORD_DISTURBED (RECORD_EXTRA_EXIT | RECORD_IRQ | RECORD_NMI | RECORD_CTXSW | RECORD_SMI)

struct record {
	u64 guest_out; /* last stamp in the guest before the operation */
	/* eBPF: kvm_exit, or kvm_userspace_exit; check=msr_store: what the VM exit itself stored */
	u64 kernel_in;
	u64 host_in;	/* first stamp in the host after the exit */
	u64 host_out;	/* last stamp in the host before the entry */
	u64 kernel_out; /* eBPF: kvm_entry, or the entry of KVM_RUN */
	u64 guest_in;	/* first stamp in the guest after the operation */
	u32 iteration;	/* index of the operation within the repeat */
	u32 raw_reason; /* in the raw_space of the run: vmx (bit 31 kept), svm, kvm */
	u16 vcpu, repeat;
	u32 flags; /* enum record_flag */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct record) == 64, "a record is one cache line");

enum leg {
#define LEG(ID, name, from, to, text) LEG_##ID,
#include "legs.def"
	LEGS
};

extern const char *const leg_name[LEGS];
extern const char *const leg_text[LEGS];

/* Where in a record a leg's stamps are, in bytes. */
struct record_ends {
	u8 from, to;
};
extern const struct record_ends record_ends[LEGS];

/*
 * The ticks of one leg of one record. False: a stamp is missing, or they are out of order (the
 * clocks of guest and host differ); such a leg is never a figure. LEG_GUEST_VISIT takes the
 * record that follows within the batch (NULL: none). LEG_PERIOD is of a batch, not of a record;
 * LEG_IN_KERNEL of exits that do not reach the host's stamps.
 */
bool record_leg(const struct record *record, const struct record *next, enum leg leg, u64 *ticks);
/* The stamp that a leg begins with; 0: there is none. */
u64 record_leg_from(const struct record *record, enum leg leg);

#endif
