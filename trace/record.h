/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of one operation of a storm, and the legs between its stamps.
 *
 * Stamps are TSC ticks; 0: not taken. One record is one cache line, little-endian, and the same in
 * guest memory, on the wire and in samples/<storm>.npy.
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include "types.h"

enum record_flag {
	RECORD_LAUNCHED = 1 << 0,      /* entered by VMLAUNCH, not by VMRESUME */
	RECORD_COLD = 1 << 1,	       /* the first of its batch */
	RECORD_FAST_FALLBACK = 1 << 2, /* the fast path met another exit */
	RECORD_EXTRA_EXIT = 1 << 3,    /* more exits were counted than the operation causes */
	RECORD_IRQ = 1 << 4,
	RECORD_NMI = 1 << 5,
	RECORD_CTXSW = 1 << 6, /* the vCPU's thread was switched out */
	RECORD_SMI = 1 << 7,
	RECORD_ENTRY_FAILED = 1 << 8,
};

/* Other events between the stamps were noticed: not in the "clean" summaries. */
#define RECORD_DISTURBED (RECORD_EXTRA_EXIT | RECORD_IRQ | RECORD_NMI | RECORD_CTXSW | RECORD_SMI)

struct record {
	u64 guest_out; /* last stamp in the guest before the operation */
	/* eBPF: kvm_exit or kvm_userspace_exit; check=host_load: TSC stored by the VM exit */
	u64 kernel_in;
	u64 host_in;	/* first stamp in the host after the exit */
	u64 host_out;	/* last stamp in the host before the entry */
	u64 kernel_out; /* eBPF: kvm_entry or sys_enter of KVM_RUN */
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

/* Byte offsets of a leg's two stamps in a record. */
struct record_ends {
	u8 from, to;
};
extern const struct record_ends record_ends[LEGS];

/*
 * The ticks of one leg of one record. False: a stamp is missing, or they are out of order, because
 * the clocks of guest and host differ. LEG_GUEST_VISIT ends in `next`, the next record of the batch
 * (NULL: none). LEG_PERIOD is measured per batch, LEG_CONTROL in other
 * batches: always false. LEG_FIRST exists only in the first record of a batch. LEG_IN_KERNEL exists
 * only in records without stamps of the host.
 */
bool record_leg(const struct record *record, const struct record *next, enum leg leg, u64 *ticks);
/* The first stamp of a leg; 0: not taken. */
u64 record_leg_from(const struct record *record, enum leg leg);

#endif
