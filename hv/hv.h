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

#define HV_WHY 256

struct hv_vm;
struct hv_vcpu;
struct hv_backend;

/* 32-bit: protected mode with paging, for what 64-bit mode does not have: task switches. */
enum hv_mode { HV_MODE_64, HV_MODE_32 };

struct hv_config {
	const struct hv_backend *backend;
	const void *image; /* starts with struct guest_header */
	u32 image_size;	   /* bytes */
	u32 vcpus;
	u8 cpl;		     /* 0 or 3: where the storm runs */
	u8 mode;	     /* enum hv_mode: what the guest runs in */
	bool irqchip;	     /* an interrupt controller made by the hypervisor */
	bool x2apic;	     /* with irqchip: APIC in x2APIC mode */
	bool no_vpid;	     /* the backend's own tables only: no tags of translations */
	bool vmload_batch;   /* SVM: VMLOAD and VMSAVE once a batch, not on each exit */
	bool unrestricted;   /* VMX: paging and protected mode are not insisted on */
	bool msr_store;	     /* VMX: exits store the TSC, stamped records have it as kernel_in */
	bool irqs_off;	     /* the host's interrupts wait until a batch is over */
	u64 slat_page_bytes; /* of second-level mappings; 0: 4 KiB */
};

enum hv_path { HV_PATH_FULL, HV_PATH_LEAN };

/* What is done with an exit that was expected. */
enum hv_action {
	HV_ACTION_NONE, /* the hypervisor's interface has completed it */
	/*
	 * No guest instruction at all: enter and leave at once, `count` times, at most
	 * GUEST_RING_RECORDS. Record i has the stamps after return i and before entry i + 1.
	 */
	HV_ACTION_IMMEDIATE,
};

/* One batch: no call out of hv between the stamps. */
struct hv_loop {
	u32 count;	/* expected exits that reach the caller's host; 0: none does */
	u32 raw_reason; /* what each is expected to be */
	enum hv_path path;
	u64 next_rip; /* of the lean path; 0: the backend finds it, or takes the full path */
	enum hv_action action;
	bool stamped; /* host_in and host_out go into the records */
	bool waits; /* for others, nobody knows how long: interrupts come, whatever irqs_off says */
	/*
	 * Records are numbered by expected exits, not by guest_shared.index: for guests that cannot
	 * stamp. Only where the backend sees every exit.
	 */
	bool counted;
	u32 delay; /* added to the full path on each exit: instructions, even (kvm: ticks) */
};

/* Why hv_run came back before the batch was done. */
struct hv_exit {
	enum exit_kind kind;
	u32 raw_reason;
	u64 qualification, rip;
	char why[HV_WHY];
};

/* What the hypervisor itself counts for a vCPU; monotonic. `valid` has a bit for each known. */
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
 * What answers at a port or guest-physical address instead of the caller's host. Coalesced writes
 * wait in one buffer of the whole VM, which hv_run empties on return: a batch may make at most
 * HV_COALESCED_WRITES of them (all vCPUs together), the next one exits as if not coalesced.
 */
#define HV_COALESCED_WRITES 169
struct hv_device {
	enum { HV_DEVICE_EVENTFD, HV_DEVICE_COALESCED } type;
	bool port; /* a port, not memory */
	u64 address;
	u32 size;   /* bytes; EVENTFD: 0 is any size */
	bool match; /* EVENTFD: only writes of .value */
	u64 value;
};

/*
 * What the vCPU's GUEST_FILL is made to be again, untimed, between batches. KVM may map neighbours
 * of a page that the host has (8 at once in 6.x): after UNMAPPED not every page is a fault. The
 * first CLEAN only begins the logging: what has never been written since is not mapped yet.
 */
enum hv_pages {
	HV_PAGES_ABSENT,	/* neither the hypervisor nor the host maps them */
	HV_PAGES_UNMAPPED,	/* the host has them mapped, the hypervisor has not */
	HV_PAGES_CLEAN,		/* mapped, and the next write is logged as the first */
	HV_PAGES_UNLOGGED,	/* the backend's own tables only: writable, dirty flag clear */
	HV_PAGES_MISCONFIGURED, /* the backend's own tables only: entries that mean nothing */
	HV_PAGES_SUB_PAGE,	/* ... sub-page permissions decide about writes, and allow none */
};

/* What a VM has beyond the usual, for hv_enable. Where nothing else is said: VMX and SVM. */
enum hv_feature {
	HV_FEATURE_HYPERCALL_EXIT, /* KVM_HC_MAP_GPA_RANGE goes to userspace; raw: each VMCALL exits
				    */
	HV_FEATURE_RDTSC_EXIT,	   /* RDTSC and RDTSCP exit: the guest has no clock */
	/* The guest's VMCALL sets it off, it happens at the next entry or instruction. */
	HV_FEATURE_ARM_INTERRUPT_WINDOW, /* VMX: the window; SVM: a virtual interrupt, VINTR */
	HV_FEATURE_ARM_NMI_WINDOW,	 /* VMX */
	HV_FEATURE_ARM_MONITOR_TRAP,	 /* VMX: monitor trap flag */
	HV_FEATURE_ARM_TIMER,		 /* VMX: preemption timer at 0 */
	HV_FEATURE_ARM_INTERRUPT,	 /* one of the host's, which waits for the guest */
	HV_FEATURE_ARM_INTERRUPT_ACKNOWLEDGED, /* VMX: the same, acknowledged by the exit */
	HV_FEATURE_ARM_BAD_STATE,	       /* the next entry fails by its state, once */
	HV_FEATURE_ARM_BAD_MSR,		       /* VMX: by its MSR-load list, once */
	HV_FEATURE_ARM_TPR,		       /* VMX: TPR shadow, and a threshold of 1 */
	HV_FEATURE_ARM_EOI,		       /* VMX: a virtual interrupt in service */
	HV_FEATURE_ARM_DIRTY_LOG,	       /* PML: room for one entry more */
	HV_FEATURE_ARM_INIT, /* VMX: these two need a CPU that runs no vCPU: it sends them */
	HV_FEATURE_ARM_SIPI,
	/* VMX: each VMCALL is answered so that the next entry is the first of its VMCS: VMLAUNCH.
	 */
	HV_FEATURE_LAUNCH,
	/* Virtualisation that hardware has and not every CPU. */
	HV_FEATURE_APIC_ACCESS,	   /* VMX: virtualize APIC accesses */
	HV_FEATURE_APIC_WRITE,	   /* VMX: APIC-register virtualization; SVM: AVIC */
	HV_FEATURE_PAUSE_LOOP,	   /* PAUSE-loop exiting, PAUSE filter: single ones do not exit */
	HV_FEATURE_EPTP_SWITCHING, /* VMX: VMFUNC 0 */
	HV_FEATURE_SHADOW_VMCS,	   /* VMX: the guest's VMREAD and VMWRITE do not exit */
	HV_FEATURE_USER_WAIT,	   /* VMX: UMWAIT and TPAUSE, which exit with RDTSC */
	HV_FEATURE_ENCLS,	   /* VMX */
	HV_FEATURE_BUS_LOCK,	   /* VMM bus-lock detection, bus lock threshold */
	HV_FEATURE_IDLE_HLT,	   /* SVM */
	HV_FEATURE_HOST_APIC, /* the guest's local APIC is the host's own: it sends the host NMIs */
	HV_FEATURE_XSAVES,    /* VMX: XSAVES and XRSTORS of a supervisor state exit */
	HV_FEATURE_NOTIFY,    /* VMX: instruction timeout */
	HV_FEATURE_LOADIWKEY, /* VMX */
	HV_FEATURE_MSR_IMMEDIATE, /* VMX: RDMSR and WRMSRNS with an immediate operand */
	HV_FEATURE_SUB_PAGE,	  /* VMX: sub-page write permissions */
	HV_FEATURE_RDPRU,	  /* SVM, and the next two */
	HV_FEATURE_MCOMMIT,
	HV_FEATURE_INVLPGB, /* and TLBSYNC */
	HV_FEATURE_AVIC,    /* SVM */
	HV_FEATURE_GETSEC,  /* VMX, safer mode extensions: the guest may set CR4.SMXE */
	HV_FEATURE_EXCEPTION_EXIT = 0x100, /* + vector, 0 to 31: the exception exits */
};

/* Whose virtualisation the backend uses itself; of KVM it does not matter. */
enum hv_vendor { HV_VENDOR_NONE, HV_VENDOR_INTEL, HV_VENDOR_AMD };

/* 0, or -errno and why this backend cannot be used here. */
int hv_probe(const struct hv_backend *backend, char *why);

/*
 * On a CPU that the backend is on (hv/backend.h, cpu_on). 0 and *vm; or NULL and -EINVAL (config or
 * image is wrong), -EOPNOTSUPP (this CPU or backend cannot), -ENOMEM, or what KVM said; and why.
 */
int hv_vm_create(struct hv_vm **vm, const struct hv_config *config, char *why);
void hv_vm_destroy(struct hv_vm *vm); /* NULL is fine */

/*
 * Both before the first hv_run. -EOPNOTSUPP, and why: this backend, CPU or kernel has no such
 * thing; -ENOMEM; or what KVM said.
 */
int hv_enable(struct hv_vm *vm, enum hv_feature feature, char *why);
int hv_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);
/* On the vCPU's CPU, between batches. Errors as above. */
int hv_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);

/*
 * What hardware is told to do in a VM, by the manual's names: a bit's value is 1 or 0. What the
 * backend knows is always the same list in the same order; names are there for good.
 */
struct hv_control {
	const char *group, *name; /* shorter than HV_CONTROL_GROUP and HV_CONTROL_NAME */
	u64 value;
};
#define HV_CONTROLS	 256 /* at most */
#define HV_CONTROL_GROUP 16
#define HV_CONTROL_NAME	 40
/* Fills HV_CONTROLS of them as far as there are any, and says how many; 0: none are known. */
u32 hv_controls(const struct hv_vm *vm, struct hv_control *controls);

struct hv_vcpu *hv_vcpu(struct hv_vm *vm, u32 index); /* NULL: there are not so many */
struct hv_vm *hv_vcpu_vm(struct hv_vcpu *vcpu);
u32 hv_vcpu_index(const struct hv_vcpu *vcpu);
/* Each VM exit comes to the backend: all can be stamped, and hv_counts has them one by one. */
bool hv_every_exit(const struct hv_vm *vm);
const char *hv_title(const struct hv_vm *vm); /* of the backend, in sentences */
const struct hv_config *hv_vm_config(const struct hv_vm *vm);
enum hv_vendor hv_vm_vendor(const struct hv_vm *vm);
/* In guest memory: the guest may write to it at any time. */
struct guest_shared *hv_shared(struct hv_vcpu *vcpu);
struct record *hv_ring(struct hv_vcpu *vcpu); /* GUEST_RING_RECORDS of them */
/* The host's view of what the vCPU has of GUEST_FILL; the guest may have it mapped or not. */
u8 *hv_fill(struct hv_vcpu *vcpu);

/* The storm's code in the image by name; NULL: not in it. */
const struct guest_storm *hv_guest_storm(const struct hv_vm *vm, const char *name);
/* Has the IDT's gate of a vector lead to a handler in the image. Before the first hv_run. */
void hv_set_gate(struct hv_vm *vm, u8 vector, u64 handler);

/*
 * Enters the guest until it says that its batch is done (GUEST_PORT_DONE): returns 0.
 * -EPROTO: something unexpected, see *unexpected. -EINTR: hv_kick came first; the batch may be
 * gone on with by another call, which counts on (HV_ACTION_IMMEDIATE begins anew). -EBADE: the
 * batch is done, but with fewer or more expected exits than loop->count; unexpected->qualification
 * says how many. -EOPNOTSUPP: the backend has no such path. Any of them: unexpected->why has it in
 * words.
 */
int hv_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
/*
 * Makes hv_run return -EINTR soon, or the next hv_run if none is under way. Async-signal-safe: from
 * a signal handler of the vCPU's own thread.
 */
void hv_kick(struct hv_vcpu *vcpu);

/* Since the vCPU was made. 0; -errno: the kernel did not tell, then nothing is valid. */
int hv_counts(struct hv_vcpu *vcpu, struct hv_counts *counts);
/* The raw reason of an exit of this kind that reaches the caller's host; ~0: it does not. */
u32 hv_raw_reason(const struct hv_vm *vm, enum exit_kind kind);

#endif
