/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as its callers see it: a VM with its vCPUs, run batch by batch.
 *
 * Freestanding: no libc. Functions return 0 or -errno; those that take `why` put one line there
 * (HV_WHY bytes) that says what happened, where, and what the user can do.
 */
#ifndef HV_HV_H
#define HV_HV_H

#include "../trace/types.h"
#include "exit.h"
#include "guest.h"

#define HV_WHY	     256
#define HV_MIN_DELAY 6 /* instructions that the delay of raw backends has at least */

struct hv_vm;
struct hv_vcpu;
struct hv_backend;

/*
 * Where the loops of storms run: in a VM of ours, or in place, in the machine that this program
 * runs in. In place, nothing counts exits: they are another hypervisor's.
 */
enum hv_place {
	HV_PLACE_VM,
	HV_PLACE_USER,	 /* a process, CPL 3 */
	HV_PLACE_KERNEL, /* a running kernel, CPL 0 */
	HV_PLACE_IMAGE,	 /* the bootable image, CPL 0, with nothing else running */
};

/* 32-bit: protected mode with paging, for task switches, which 64-bit mode does not have. */
enum hv_mode { HV_MODE_64, HV_MODE_32 };

struct hv_config {
	const struct hv_backend *backend;
	const void *image; /* starts with struct guest_header */
	u32 image_size;	   /* bytes */
	u32 vcpus;
	u8 cpl;		   /* 0 or 3: where the storm runs */
	u8 mode;	   /* enum hv_mode */
	bool irqchip;	   /* an interrupt controller emulated by the hypervisor */
	bool x2apic;	   /* with irqchip: APIC in x2APIC mode */
	bool no_vpid;	   /* raw backends: translations without a tag (VPID, ASID), flushed on each
			      entry */
	bool vmload_batch; /* SVM: VMLOAD and VMSAVE once per batch, not on each exit */
	bool unrestricted; /* VMX: the "unrestricted guest" control */
	bool stored_tsc;   /* VMX: exits store the TSC in an MSR area; it is kernel_in of the record
			    */
	bool irqs_off;	   /* the host's interrupts are disabled during a batch */
	u64 slat_page_bytes; /* of second-level mappings; 0: 4 KiB */
};

enum hv_path { HV_PATH_FULL, HV_PATH_FAST };

/* The action on an expected exit. */
enum hv_action {
	HV_ACTION_NONE, /* the hypervisor's interface has completed it */
	/*
	 * No guest instruction at all: enter and leave at once, `count` times, at most
	 * GUEST_RING_RECORDS. Record i has the stamps after return i and before entry i + 1.
	 */
	HV_ACTION_IMMEDIATE,
};

/* One batch. Between the stamps nothing outside hv is called. */
struct hv_loop {
	u32 count;	/* expected exits that reach the caller's host; 0: none does */
	u32 raw_reason; /* of the expected exits */
	enum hv_path path;
	u64 next_rip; /* of the fast path; 0: the backend finds it, or takes the full path */
	enum hv_action action;
	bool stamped; /* host_in and host_out go into the records */
	bool waits; /* the guest waits for other vCPUs: the host's interrupts stay enabled, irqs_off
		       or not */
	/*
	 * Records are numbered by expected exits, not by guest_shared.index: for guests that cannot
	 * stamp. Only where the backend sees every exit.
	 */
	bool counted;
	/*
	 * Added to the full path on each exit: instructions, an even number from HV_MIN_DELAY on
	 * (kvm: ticks). Less: nothing.
	 */
	u32 delay;
};

/* Can a raw backend execute this delay, exactly? */
static inline bool hv_delay_fits(u32 instructions)
{
	return !instructions || (instructions >= HV_MIN_DELAY && !(instructions % 2));
}

/* Why hv_run returned before the batch was complete. */
struct hv_exit {
	enum exit_kind kind;
	u32 raw_reason;
	u64 qualification, rip;
	char why[HV_WHY];
};

/* The hypervisor's own counters of a vCPU; monotonic. `valid` has one bit per known counter. */
struct hv_counts {
	u32 valid;
	u64 exits;	/* HV_COUNT_EXITS */
	u64 emulated;	/* HV_COUNT_EMULATED: guest instructions that the hypervisor interpreted */
	u64 interrupts; /* HV_COUNT_INTERRUPTS: exits for an interrupt of the host */
	u64 expected;	/* HV_COUNT_EXPECTED: exits for the raw reason that hv_loop named */
};
#define HV_COUNT_EXITS	    1
#define HV_COUNT_EMULATED   2
#define HV_COUNT_INTERRUPTS 4
#define HV_COUNT_EXPECTED   8

/*
 * An in-kernel device at a port or guest-physical address, instead of the caller. Coalesced writes
 * are buffered per VM until hv_run returns: a batch may make at most HV_COALESCED_WRITES of them
 * (all vCPUs together); the next write exits as if it were not coalesced.
 */
#define HV_COALESCED_WRITES 169
/*
 * Devices of the machine that this program runs in, for storms in place: hv finds the device and
 * lets the loops read it at guest_shared.arg[1], a port or an address. They are read only where
 * that has no effect. `address` is one of these, or a port; .match: skipped where it reads as all
 * ones.
 */
enum hv_machine_device {
	HV_MACHINE_PM_TIMER = 0x10000, /* port, by the kernel's list of ports */
	HV_MACHINE_HPET,	       /* its main counter */
	HV_MACHINE_IO_APIC,	       /* its index register */
	HV_MACHINE_VIRTIO,	       /* a PCI device's number of queues, or a magic number */
	HV_MACHINE_MSR,		       /* arg[1]: a file to read MSRs from; high half: /dev/zero */
};
struct hv_device {
	enum { HV_DEVICE_EVENTFD, HV_DEVICE_COALESCED, HV_DEVICE_MACHINE } type;
	bool port; /* a port, not memory */
	u64 address;
	u32 size;   /* bytes; EVENTFD: 0 is any size */
	bool match; /* EVENTFD: only writes of .value */
	u64 value;
};

/*
 * State of the vCPU's part of GUEST_FILL, restored between batches, untimed. After UNMAPPED not
 * every page faults: KVM may map neighbours of a page that the host has mapped (8 at once in 6.x).
 * The first CLEAN only enables dirty logging: pages that have not been written since are not mapped
 * yet.
 */
enum hv_pages {
	HV_PAGES_ABSENT,	/* neither the hypervisor nor the host maps them */
	HV_PAGES_UNMAPPED,	/* mapped by the host, not by the hypervisor */
	HV_PAGES_CLEAN,		/* mapped, and the next write is logged as the first */
	HV_PAGES_UNLOGGED,	/* raw backends: writable, dirty flag clear */
	HV_PAGES_MISCONFIGURED, /* raw backends: misconfigured entries */
	HV_PAGES_SUB_PAGE,	/* raw backends: sub-page permissions, which allow no write */
};

/* Features of a VM, for hv_enable. VMX and SVM unless stated otherwise. */
enum hv_feature {
	HV_FEATURE_HYPERCALL_EXIT, /* KVM_HC_MAP_GPA_RANGE goes to userspace; raw: each VMCALL exits
				    */
	HV_FEATURE_RDTSC_EXIT,	   /* RDTSC and RDTSCP exit: the guest cannot stamp */
	/*
	 * ARM: each VMCALL of the guest causes one event, at the next entry or guest instruction.
	 */
	HV_FEATURE_ARM_INTERRUPT_WINDOW, /* VMX: the window; SVM: a virtual interrupt, VINTR */
	HV_FEATURE_ARM_NMI_WINDOW,	 /* VMX */
	HV_FEATURE_ARM_MONITOR_TRAP,	 /* VMX: monitor trap flag */
	HV_FEATURE_ARM_TIMER,		 /* VMX: preemption timer at 0 */
	HV_FEATURE_ARM_INTERRUPT,	 /* an interrupt of the host that is pending at entry */
	HV_FEATURE_ARM_INTERRUPT_ACKNOWLEDGED, /* VMX: the same, acknowledged by the exit */
	HV_FEATURE_ARM_BAD_STATE,	       /* the next entry fails on its guest state, once */
	HV_FEATURE_ARM_BAD_MSR,		       /* VMX: ... on its MSR-load list */
	HV_FEATURE_ARM_TPR,		       /* VMX: TPR shadow, and a threshold of 1 */
	HV_FEATURE_ARM_EOI,		       /* VMX: a virtual interrupt in service */
	HV_FEATURE_ARM_DIRTY_LOG,	       /* page-modification log with one free entry */
	HV_FEATURE_ARM_INIT, /* VMX: this and the next need an idle CPU, which sends the signal */
	HV_FEATURE_ARM_SIPI,
	/* VMX: VMCLEAR on each VMCALL, so that the next entry is a VMLAUNCH */
	HV_FEATURE_LAUNCH,
	/* Optional hardware features. */
	HV_FEATURE_APIC_ACCESS,	   /* VMX: virtualize APIC accesses */
	HV_FEATURE_APIC_WRITE,	   /* VMX: APIC-register virtualization; SVM: AVIC */
	HV_FEATURE_PAUSE_LOOP,	   /* PAUSE-loop exiting, PAUSE filter: single ones do not exit */
	HV_FEATURE_EPTP_SWITCHING, /* VMX: VMFUNC 0 */
	HV_FEATURE_SHADOW_VMCS,	   /* VMX: the guest's VMREAD and VMWRITE do not exit */
	HV_FEATURE_USER_WAIT,	   /* VMX: UMWAIT and TPAUSE, which exit if RDTSC does */
	HV_FEATURE_ENCLS,	   /* VMX */
	HV_FEATURE_BUS_LOCK,	   /* VMM bus-lock detection, bus lock threshold */
	HV_FEATURE_IDLE_HLT,	   /* SVM */
	HV_FEATURE_HOST_APIC, /* the guest's local APIC is the host's: the guest sends the host NMIs
			       */
	HV_FEATURE_XSAVES,    /* VMX: XSAVES and XRSTORS of a supervisor state exit */
	HV_FEATURE_NOTIFY,    /* VMX: instruction timeout */
	HV_FEATURE_LOADIWKEY, /* VMX */
	HV_FEATURE_MSR_IMMEDIATE, /* VMX: RDMSR and WRMSRNS with an immediate operand */
	HV_FEATURE_MSR_LIST,	  /* VMX: RDMSRLIST and WRMSRLIST */
	HV_FEATURE_SUB_PAGE,	  /* VMX: sub-page write permissions */
	HV_FEATURE_RDPRU,	  /* SVM, and the next two */
	HV_FEATURE_MCOMMIT,
	HV_FEATURE_INVLPGB,	/* and TLBSYNC */
	HV_FEATURE_AVIC,	/* SVM */
	HV_FEATURE_GETSEC,	/* VMX, safer mode extensions: the guest may set CR4.SMXE */
	HV_FEATURE_LARGE_PAGES, /* in place: GUEST_LARGE is of 2 MiB pages */
	HV_FEATURE_SIGNAL,	/* in place: a handler of GUEST_SIGNAL */
	HV_FEATURE_EXCEPTION_EXIT = 0x100, /* + vector, 0 to 31: the exception exits */
};

/* The vendor whose instructions the backend itself executes; NONE for KVM. */
enum hv_vendor { HV_VENDOR_NONE, HV_VENDOR_INTEL, HV_VENDOR_AMD };

/* 0, or -errno and why this backend is not usable here. */
int hv_probe(const struct hv_backend *backend, char *why);

/*
 * On a CPU where the backend is enabled (hv/backend.h, cpu_on). 0 and *vm; or NULL, why, and
 * -EINVAL (wrong config or image), -EOPNOTSUPP (not supported by this CPU or backend), -ENOMEM, or
 * KVM's error.
 */
int hv_vm_create(struct hv_vm **vm, const struct hv_config *config, char *why);
void hv_vm_destroy(struct hv_vm *vm); /* NULL is ignored */

/*
 * Before the first hv_run. 0, or why and -EOPNOTSUPP (not supported by this backend, CPU or
 * kernel), -ENOMEM, or KVM's error.
 */
int hv_enable(struct hv_vm *vm, enum hv_feature feature, char *why);
int hv_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);
/* On the vCPU's CPU, between batches. Errors as hv_enable. */
int hv_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);

/*
 * The hardware controls of a VM, by the manual's names; a bit's value is 1 or 0. A backend always
 * gives the same list in the same order, in strings that are never freed.
 */
struct hv_control {
	const char *group, *name; /* shorter than HV_CONTROL_GROUP and HV_CONTROL_NAME */
	u64 value;
};
#define HV_CONTROLS	 256 /* at most */
#define HV_CONTROL_GROUP 16
#define HV_CONTROL_NAME	 40
/* Fills up to HV_CONTROLS entries and returns their number; 0: none are known. */
u32 hv_controls(const struct hv_vm *vm, struct hv_control *controls);

struct hv_vcpu *hv_vcpu(struct hv_vm *vm, u32 index); /* NULL: no such vCPU */
struct hv_vm *hv_vcpu_vm(struct hv_vcpu *vcpu);
u32 hv_vcpu_index(const struct hv_vcpu *vcpu);
/* The backend sees each VM exit: all of them can be stamped, and hv_counts has exact numbers. */
bool hv_every_exit(const struct hv_vm *vm);
enum hv_place hv_place(const struct hv_vm *vm);
const char *hv_title(const struct hv_vm *vm); /* of the backend, for messages */
const struct hv_config *hv_vm_config(const struct hv_vm *vm);
enum hv_vendor hv_vm_vendor(const struct hv_vm *vm);
/* In guest memory: the guest can write to it at any time. */
struct guest_shared *hv_shared(struct hv_vcpu *vcpu);
struct record *hv_ring(struct hv_vcpu *vcpu); /* GUEST_RING_RECORDS of them */
/* Host address of the vCPU's part of GUEST_FILL, whether the guest has it mapped or not. */
u8 *hv_fill(struct hv_vcpu *vcpu);

/* The storm's code in the image by name; NULL: not in it. */
const struct guest_storm *hv_guest_storm(const struct hv_vm *vm, const char *name);
/* Points the IDT's gate of a vector to a handler in the image. Before the first hv_run. */
void hv_set_gate(struct hv_vm *vm, u8 vector, u64 handler);

/*
 * Enters the guest until it reports the end of its batch (OUT to GUEST_PORT_DONE): 0. -EPROTO: an
 * unexpected exit. -EINTR: hv_kick; another call continues the batch and its count
 * (HV_ACTION_IMMEDIATE starts again). -EBADE: the batch is complete, but the number of expected
 * exits, unexpected->qualification, is not loop->count. -EOPNOTSUPP: the backend has no such path.
 * -EHWPOISON: a machine check, which the host has handled; the whole run has to end. Other -errno:
 * KVM_RUN itself failed.
 * On every error *unexpected says why.
 */
int hv_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
/*
 * Makes hv_run return -EINTR soon, or the next hv_run if none is running. Async-signal-safe: for a
 * signal handler of the vCPU's own thread.
 */
void hv_kick(struct hv_vcpu *vcpu);

/* Since the vCPU was created. 0, with the counts that there are; or -errno: they cannot be read. */
int hv_counts(struct hv_vcpu *vcpu, struct hv_counts *counts);
/* The raw reason of an exit of this kind that reaches the caller; ~0: none does. */
u32 hv_raw_reason(const struct hv_vm *vm, enum exit_kind kind);

#endif
