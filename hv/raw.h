/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backends that own the hardware, vmx and svm, do these things the same way: they number and
 * count the exits of a batch, they learn whether a loop can take the fast path, and they say how
 * the batch ended. Everything here runs before the first entry of a batch or after its last exit,
 * but for raw_learn.
 */
#ifndef HV_RAW_H
#define HV_RAW_H

#include "backend.h"

/*
 * A batch's last exit handler returns one of these, all others return 0: enter again. Values below
 * are left to entries that fail (hv/vmx/frame.h).
 */
enum raw_end {
	RAW_DONE = 16,	   /* the guest has written to GUEST_PORT_DONE */
	RAW_FAULT,	   /* the guest has written to GUEST_PORT_FAULT */
	RAW_UNEXPECTED,	   /* an exit without a handler, or that the handler could not complete */
	RAW_KICKED,	   /* hv_kick */
	RAW_MACHINE_CHECK, /* #MC: the host has to handle it */
};

/* A batch as the assembly of hv/vmx and hv/svm reads it, in the frame of either. */
struct raw_batch {
	volatile u32 *index; /* of the operation under way: which record is its own */
	struct record *ring; /* GUEST_RING_RECORDS */
	u64 next_rip;	     /* path=fast: of the instruction after the one that exits */
	u32 raw_reason;	     /* of the exits that are expected */
	u32 count;	     /* expected exits so far */
};

/* The offsets in struct raw_batch, for frame.h. */
#define RAW_BATCH_IS(frame, member, offset)                                                     \
	_Static_assert(offsetof(frame, batch) + offsetof(struct raw_batch, member) == (offset), \
		       "frame.h: batch." #member)

struct raw_vcpu {
	u64 exits, interrupts, expected; /* since the vCPU was created, see struct hv_counts */
	u64 others;			 /* handled exits of this batch beside the expected ones */
	volatile bool kicked;
	bool fast; /* this batch takes the fast path */
	u64 apic;  /* the guest's local APIC is the host's, at this linear address; 0: it is not */
	/*
	 * The fast path has one constant next_rip, so the loop may exit at one instruction only. Of
	 * the last loop that was learned: its address, its exits' reason, how many instructions of
	 * it exit, and the RIP after the last one.
	 */
	u64 site_loop, site_rip;
	u32 sites, site_reason;
};

/* 0, or -EOPNOTSUPP and why: settings that no raw backend has. */
int raw_config_check(const struct hv_vm *vm, char *why);

/* Clears the batch's records and counts; the caller sets batch->raw_reason. */
void raw_batch_begin(struct hv_vcpu *hv, struct raw_vcpu *raw, struct raw_batch *batch,
		     const struct hv_loop *loop);

enum raw_path {
	RAW_FULL,
	RAW_FAST,
	RAW_LEARN, /* full, and every expected exit is given to raw_learn */
};
/*
 * The path of a batch that runs the loop at guest address `code`. can_be_fast: the exit handler
 * does nothing that the fast path could not. Sets batch->next_rip and raw->fast.
 */
enum raw_path raw_path_choose(struct raw_vcpu *raw, struct raw_batch *batch,
			      const struct hv_loop *loop, u64 code, bool can_be_fast);
/* An expected exit; next_rip is of the instruction after it. not_fast: it rules out the fast path.
 */
void raw_learn(struct raw_vcpu *raw, u64 next_rip, bool not_fast);

/* Taken before the host handles an interrupt in a batch. */
struct raw_events {
	u32 of_self; /* host_interrupts_of_self */
	u32 nmis;    /* where the guest's local APIC is the host's, as icr_high */
	u32 icr_high;
};
void raw_interrupt_begin(const struct raw_vcpu *raw, struct raw_events *before);
/*
 * The host's handlers may send IPIs: without the destination that the guest has written, its next
 * NMI would go to the CPU that they were for.
 */
void raw_apic_restore(const struct raw_vcpu *raw, const struct raw_events *before);
/*
 * After an exit `reason` by an interrupt of the host's, when the host has handled it. Any but that
 * of host_interrupt_self is counted as such and flags the record; a storm of interrupts, whose
 * expected exits have this reason, has counted it as its own. The guest gets back what it has
 * written to the host's ICR, and learns by RAX that its NMI has come in the host's handlers, which
 * counts as the exit that is missing. Returns raw_kick_end.
 */
int raw_interrupt_end(struct raw_vcpu *raw, struct raw_batch *batch, struct record *record,
		      u32 reason, const struct raw_events *before, u64 *rax);
/* The result of a handler of the host's interrupts and NMIs: hv_kick's may be among them. */
static inline int raw_kick_end(const struct raw_vcpu *raw)
{
	return raw->kicked ? RAW_KICKED : 0;
}

/*
 * How the batch ended, with a machine check that no exit reported taken into account: one that the
 * guest got by its own IDT, because an emulator or a hypervisor below does not intercept #MC.
 */
int raw_end_of(int end);
/*
 * Adds a batch to the counts. 0, or -errno as hv_run with *unexpected filled; RAW_UNEXPECTED: the
 * caller has to describe the last exit.
 */
int raw_batch_end(struct hv_vcpu *hv, struct raw_vcpu *raw, const struct raw_batch *batch,
		  const struct hv_loop *loop, int end, struct hv_exit *unexpected);

/* Backend functions (hv/backend.h), or most of them. */
int raw_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);
int raw_counts(const struct raw_vcpu *raw, struct hv_counts *counts);

#endif
