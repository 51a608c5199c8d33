/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's view of the storms. Each storm is a row of one of the .def files in this folder. The
 * row also has the guest's code: see ../guest/loops.h.
 */
#ifndef BENCH_STORMS_STORM_H
#define BENCH_STORMS_STORM_H

#include "../../hv/hv.h"
#include "../plan/plan.h"

/* The legs that a storm can have. */
enum storm_legs {
	LEGS_SYNC,	/* all */
	LEGS_ASYNC,	/* timers, interrupts: all but the exit leg */
	LEGS_NORESUME,	/* triple fault: all but the resume leg */
	LEGS_ENTRYFAIL, /* entry_fail only */
	LEGS_NOGUEST,	/* the guest runs without stamps, or not at all: guest_visit, handler */
};

enum storm_need {
	NEED_CPL0 = 1 << 0,
	NEED_CPL3 = 1 << 1,
	NEED_IRQCHIP = 1 << 2,
	NEED_NO_IRQCHIP = 1 << 3,
	NEED_X2APIC = 1 << 4,
	NEED_PAIR = 1 << 5,	  /* vCPUs in pairs; the odd one runs the partner's loop */
	NEED_VCPUS = 1 << 6,	  /* at least two vCPUs, each runs the storm */
	NEED_RAW = 1 << 9,	  /* raw VMX or SVM: KVM hides the exit, or does not handle it */
	NEED_VMX = 1 << 10,	  /* raw VMX: SVM has no such exit */
	NEED_SVM = 1 << 11,	  /* raw SVM: VMX has no such exit */
	NEED_OTHER_CPU = 1 << 12, /* one vCPU, and a CPU without one */
	NEED_IN_PLACE = 1 << 13,  /* no VM: what the hypervisor below charges */
	ASKED_ONLY = 1 << 14,	  /* in place only if it is named: it disturbs other CPUs */
	BASELINE = 1 << 7,	  /* must not exit: others are compared with it */
	SHARED_BATCH = 1 << 8,	  /* max_batch is divided among the vCPUs */
};

/*
 * The places where a storm may also run without a VM of ours. Its body must be harmless there: no
 * state that is not as before, no memory but the shared page, the ring and GUEST_FILL, no host that
 * stamps, arms or sets up anything but .rearm.
 */
enum storm_place {
	IN_USER = 1 << HV_PLACE_USER,
	IN_KERNEL = 1 << HV_PLACE_KERNEL,
	IN_IMAGE = 1 << HV_PLACE_IMAGE,
	AT_CPL0 = IN_KERNEL | IN_IMAGE,
	ANYWHERE = IN_USER | IN_KERNEL | IN_IMAGE,
};

/* CPUs that have no execution of an operation in a guest without an exit. */
enum storm_exits {
	EXITS_VMX =
		1 << 0, /* Intel SDM Vol. 3, "Instructions That Cause VM Exits Unconditionally" */
	EXITS_SVM = 1 << 1, /* AMD APM Vol. 3: the instruction is #UD unless it is intercepted */
};

struct storm {
	const char *name, *text;
	const char *peer; /* kvm-unit-tests' name of the same operation, or NULL */
	enum exit_kind kind;
	u8 legs;	  /* enum storm_legs */
	u8 mode;	  /* enum hv_mode */
	bool user;	  /* KVM hands the exit to user space, where we stamp it */
	u32 vmx_reason;	  /* basic exit reason, if the kind has several; 0: it has one */
	u32 svm_code;	  /* the same of SVM's exit codes */
	u16 exits_per_op; /* on raw VMX and SVM; on KVM it is measured */
	u16 max_batch;	  /* maximum of operations per batch; 0: the ring's size */
	u32 needs;	  /* enum storm_need */
	u8 places;	  /* enum storm_place */
	u8 exits;	  /* enum storm_exits */
	/*
	 * Core cycles that the operation takes at most where it does not exit; 0: no bound is
	 * known, as for PAUSE, whose delay is the CPU's choice. Sources: uops.info and Agner Fog's
	 * instruction tables, the slowest x86-64 CPU there. These have no instruction that needs
	 * CPL 0, and neither do the manuals: only the architecture and a host's count prove those.
	 */
	u32 native_cycles;
	u64 arg[4]; /* copied to guest_shared.arg */
	/* Untimed, once per VM before its first entry. -EOPNOTSUPP and why[HV_WHY]: skip. */
	int (*prepare)(struct hv_vm *vm, const struct storm *storm, char *why);
	/* Untimed, before each batch. */
	int (*rearm)(struct hv_vcpu *vcpu, char *why);
};

extern const struct storm storms[];
extern const u32 storm_count;

const struct storm *storm_find(const char *name); /* NULL: unknown */

/* The guest image, which begins with struct guest_header. */
extern const u8 guest_image[], guest_image_end[];
/*
 * Replaces the LFENCEs of the guest's stamps by the instruction of setting `fence` (FENCE_*), in a
 * copy of the image that no VM uses yet. -EINVAL: the image does not have the expected
 * instructions.
 */
int storm_fence(void *image, u32 size, u8 fence);
/* Replaces VMCALL by VMMCALL, the hypercall instruction of AMD. As above. */
int storm_vmmcall(void *image, u32 size);

#endif
