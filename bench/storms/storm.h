/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The storms as the host sees them. A storm is one row in one of the .def files beside this one
 * (by subject); the row also holds what the guest executes, see loops.h for that side.
 */
#ifndef BENCH_STORMS_STORM_H
#define BENCH_STORMS_STORM_H

#include "../../hv/hv.h"
#include "../plan/plan.h"

/* Which legs a storm can have at all. */
enum storm_legs {
	LEGS_SYNC,	/* all */
	LEGS_ASYNC,	/* timers, interrupts: no exit leg */
	LEGS_NORESUME,	/* triple fault, INIT: no resume leg */
	LEGS_ENTRYFAIL, /* entry_fail only */
	LEGS_NOGUEST,	/* the guest cannot stamp, or does not run: guest_visit, handler */
};

enum storm_need {
	NEED_CPL0 = 1 << 0,
	NEED_CPL3 = 1 << 1,
	NEED_IRQCHIP = 1 << 2,
	NEED_NO_IRQCHIP = 1 << 3,
	NEED_X2APIC = 1 << 4,
	NEED_PAIR = 1 << 5,  /* vCPUs in pairs, the odd one runs the partner's loop */
	NEED_VCPUS = 1 << 6, /* at least two vCPUs, each runs the storm */
	NEED_RAW = 1 << 9,   /* raw VMX or SVM: KVM does not show it, or is not meant to be asked */
	NEED_VMX = 1 << 10,  /* raw VMX: AMD has no such thing */
	NEED_SVM = 1 << 11,  /* raw SVM: Intel has no such thing */
	NEED_OTHER_CPU = 1 << 12, /* one vCPU, and a CPU that runs none */
	BASELINE = 1 << 7,	  /* makes no exit and is not meant to */
	SHARED_BATCH = 1 << 8,	  /* max_batch is of all vCPUs together */
};

struct storm {
	const char *name, *text;
	const char *peer; /* kvm-unit-tests' name of the same operation, or NULL */
	enum exit_kind kind;
	u8 legs;	  /* enum storm_legs */
	u8 mode;	  /* enum hv_mode */
	bool user;	  /* KVM hands it to userspace: the host can stamp it */
	u32 vmx_reason;	  /* on raw VMX, where the kind has several reasons; 0: it has one */
	u32 svm_code;	  /* on raw SVM likewise */
	u16 exits_per_op; /* on raw VMX and SVM; KVM's is measured */
	u16 max_batch;	  /* operations a batch; 0: as many as the ring holds */
	u32 needs;	  /* enum storm_need */
	u64 arg[4];	  /* to guest_shared */
	/* Untimed, once a VM, before the first entry; -EOPNOTSUPP: skipped, and why. */
	int (*prepare)(struct hv_vm *vm, const struct storm *storm, char *why);
	/* Untimed, before each batch. */
	int (*rearm)(struct hv_vcpu *vcpu, char *why);
};

extern const struct storm storms[];
extern const u32 storm_count;

const struct storm *storm_find(const char *name); /* NULL: unknown */

/* The guest's side: starts with struct guest_header. */
extern const u8 guest_image[], guest_image_end[];
/*
 * Has the guest's stamps wait as setting `fence` says (FENCE_*), in a copy of the image that no VM
 * has taken yet. -EINVAL: not the image, or not as it was built.
 */
int storm_fence(void *image, u32 size, u8 fence);
/* Has the guest make its hypercalls by VMMCALL, which is AMD's, in place of VMCALL. As above. */
int storm_vmmcall(void *image, u32 size);

#endif
